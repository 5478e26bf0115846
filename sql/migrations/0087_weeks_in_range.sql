-- A coverage week is a week that there is, in a sensible range; a block is not called as another part of its text is.
-- depends: 0081_bytes_that_go_out

-- migrate: apply

-- The same rule as `core/calendar.py` has. Its end moves on with the years, so that what was taken stays good.
create function is_coverage_week(week text) returns boolean
language sql stable parallel safe
set search_path = pg_catalog
as $$
    select case
        when week ~ '^[0-9]{4}-W(0[1-9]|[1-4][0-9]|5[0-3])$'
            then left(week, 4)::integer between 1990 and extract(year from now() at time zone 'UTC')::integer + 50
                and right(week, 2)::integer
                <= extract(week from make_date(greatest(left(week, 4)::integer, 1), 12, 28))::integer
        else false
    end
$$;

revoke all on function is_coverage_week(text) from public;
grant execute on function is_coverage_week(text) to editorial_app;

-- Texts of weeks that nothing can be computed for go to the week in which they were begun, and the trail says so.
do $$
declare
    one record;
begin
    for one in select id from commentary where not is_coverage_week(week) loop
        perform set_config('editorial.context', jsonb_build_object(
            'actor_kind', 'system', 'action', 'change_week', 'object_kind', 'commentary', 'object', one.id,
            'request', 'migration'
        )::text, true);
        update commentary set week = to_char(created_at at time zone 'UTC', 'IYYY"-W"IW')
        where id = one.id;
    end loop;
    perform set_config('editorial.context', '', true);
end
$$;

alter table commentary drop constraint a_week_is_an_iso_week;
alter table commentary add constraint a_week_is_an_iso_week check (is_coverage_week(week));

-- Older revisions are read with their blocks renamed (`core/texts.py`), and never change.
alter table revision add constraint a_block_is_not_called_as_another_part check (
    not blocks @? '$[*] ? (@.id == "title" || @.id == "lead" || @.id == "photo")'
) not valid;

-- migrate: rollback
