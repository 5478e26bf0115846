-- What is looked for each second is found by an index, whatever Postgres knows of a table's contents.
-- depends: 0069_trail_by_time

-- migrate: apply

-- The cluster comes first: after a restore, the numbers of the cluster that wrote the old entries are larger than those
-- that are given out now, and an index that begins with the number would be read through all of them.
create or replace function guard_part_of_trail(part text) returns void
language plpgsql
set search_path = pg_catalog, public, pg_temp
as $$
begin
    if not exists (
        select from pg_trigger
        where tgrelid = to_regclass(format('public.%I', part)) and tgname = 'no_truncate'
    ) then
        execute format(
            'create trigger no_truncate before truncate on public.%I '
            'for each statement execute function public.refuse_change()', part
        );
    end if;
    execute format('alter table public.%I enable always trigger no_truncate', part);
    execute format('alter table public.%I enable always trigger stays_written', part);
    if starts_with(part, 'trail_entry') then
        execute format(
            'create unique index if not exists %I on public.%I '
            '(cluster, transaction, action, object_id, actor_id, on_behalf_of) nulls not distinct',
            replace(part, 'trail_entry', 'one_entry_for_each_step'), part
        );
    end if;
end
$$;

do $$
declare
    part text;
begin
    for part in
        select relname from pg_inherits
        inner join pg_class on pg_class.oid = inhrelid
        where inhparent = 'trail_entry'::regclass
    loop
        execute format('drop index %I', replace(part, 'trail_entry', 'one_entry_for_each_step'));
        perform guard_part_of_trail(part);
    end loop;
end
$$;

-- By `clock_timestamp()`, which may differ from row to row, no index finds anything: all answers were read each second.
-- Without statistics, Postgres takes those that are to be forgotten for a third of all.
create or replace function forget_old_answers() returns void
language sql security definer
set search_path = pg_catalog, public, pg_temp
set enable_seqscan = off
begin atomic
    delete from kept_answer
    where kept_answer.kept_at < now() - interval '24 hours';
end;

-- Mails that were given up lie there for two weeks, among those that wait.
create index mail_given_up on mail (given_up_at) where given_up_at is not null;
create index mail_that_waits on mail (queued_at) where given_up_at is null;

-- migrate: rollback
