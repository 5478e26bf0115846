-- How much somebody may claim is looked at where it is claimed, in the same statement.
-- depends: 0060_standing

-- migrate: apply

-- Whether somebody may claim one task more, of so many at the most; else it says why not. Their row is locked, so
-- that of two claims at once the second one counts the first, and a deactivation comes before or after, never
-- between. (A plain query would count what was there before it waited.)
create function may_claim(claimant uuid, most integer) returns boolean
language plpgsql volatile
set search_path = pg_catalog, public, pg_temp
as $$
begin
    perform from person where id = claimant and state = 'active' for no key update;
    if not found then
        raise exception 'only who is active claims a task'
            using errcode = 'check_violation', constraint = 'only_who_is_active_claims';
    end if;
    if (select count(*) from translation_task where holder_id = claimant and state = 'claimed') >= most then
        raise exception 'nobody claims more than so many tasks'
            using errcode = 'check_violation', constraint = 'nobody_claims_too_much';
    end if;
    return true;
end
$$;

grant execute on function may_claim(uuid, integer) to editorial_app;

-- migrate: rollback
