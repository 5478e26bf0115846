-- A kept answer is a copy of what the trail tells already, and writing of each copy cost more than keeping it.
-- depends: 0021_cursor_key

-- migrate: apply

drop trigger trail on kept_answer;

-- Keeps the answer of a request that changed something, in the transaction of the change: there is an entry
-- in the trail by then. Of a request that changed nothing there is nothing to keep.
create or replace function keep_answer(wanted bytea, answer bytea) returns void
language plpgsql volatile security definer
set search_path = pg_catalog, public, pg_temp
as $$
begin
    if exists (
        select from trail_entry as entry
        where entry.transaction = pg_current_xact_id() and entry.cluster = cluster_identifier()
    ) then
        insert into kept_answer (id, sealed) values (wanted, answer)
        on conflict (id) do update set sealed = excluded.sealed, kept_at = excluded.kept_at;
    end if;
end
$$;

-- Removes what has run out, and nothing else: no answer that still counts goes without a word.
create function forget_old_answers() returns void
language sql volatile security definer
set search_path = pg_catalog, public, pg_temp
begin atomic
    delete from kept_answer where kept_answer.kept_at < clock_timestamp() - interval '24 hours';
end;

revoke delete on kept_answer from editorial_app;
grant execute on function forget_old_answers() to editorial_app;

-- migrate: rollback
