-- What a person was refused leaves an entry in the trail, and cannot fill it.
-- depends: 0077_coordinators_by_two

-- migrate: apply

-- What was refused to each actor in this hour. It is counted, not recorded: the trail has the entries.
create table refusal_count (
    actor_id uuid,
    refused text,
    counted_hour timestamptz not null,
    primary key (actor_id, refused)
);

comment on table refusal_count is
'What each person and service was refused in this hour: each refusal is one entry an hour, and all of them are sixty.';

-- Writes the entry of a refusal: one for each actor, action and object in an hour, sixty for each actor, and then one
-- that says that there were more. Returns whether it was `recorded` or `known`, or whether the hour is `full`.
create function record_refusal(entry_domain text) returns text
language plpgsql security definer
set search_path = pg_catalog, public, pg_temp
set timezone = 'UTC'
as $$
declare
    context jsonb := acting_context();
    actor uuid := (context ->> 'actor')::uuid;
    this text := concat_ws(' ', context ->> 'action', context ->> 'object_kind', context ->> 'object');
    hour timestamptz := date_trunc('hour', clock_timestamp());
    counted bigint;
begin
    if actor is null or context ->> 'action' is null then
        raise exception 'a change needs an actor and an action'
            using errcode = 'insufficient_privilege', constraint = 'a_change_has_an_actor_and_an_action';
    end if;
    perform pg_advisory_xact_lock(hashtextextended('editorial.refusal ' || actor, 0));
    delete from refusal_count where actor_id = actor and counted_hour < hour;
    if exists (select from refusal_count where actor_id = actor and refused = this) then
        return 'known';
    end if;
    select count(*) into counted from refusal_count where actor_id = actor;
    if counted > 60 then
        return 'full';
    end if;
    if counted = 60 then
        this := 'more_refused';
        perform set_config(
            'editorial.context',
            (context || '{"action": "more_refused", "object_kind": "none", "object": null}')::text,
            true
        );
    end if;
    insert into refusal_count (actor_id, refused, counted_hour) values (actor, this, hour);
    -- Without a commentary: who works on a text does not read in its history who else asked for it.
    perform entry_of_step(entry_domain, null);
    return case when counted = 60 then 'full' else 'recorded' end;
end
$$;

grant execute on function record_refusal(text) to editorial_app;

-- migrate: rollback
