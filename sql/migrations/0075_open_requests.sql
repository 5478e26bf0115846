-- A note is the request for changes that is still open. The trail has those that were answered.
-- depends: 0074_translators

-- migrate: apply

select set_config(
    'editorial.context',
    '{"actor_kind": "system", "action": "migrate", "object_kind": "commentary", "request": "0075_open_requests"}',
    true
);
update commentary set note = null
where note is not null and state not in ('draft', 'discarded');
select set_config(
    'editorial.context',
    '{"actor_kind": "system", "action": "migrate", "object_kind": "translation_task", "request": "0075_open_requests"}',
    true
);
update translation_task set note = null
where note is not null and state not in ('open', 'claimed');
select set_config('editorial.context', '', true);

alter table commentary add constraint a_request_for_changes_is_open_in_a_draft
check (note is null or state in ('draft', 'discarded'));
alter table translation_task add constraint a_request_for_changes_is_open_until_submitted
check (note is null or state in ('open', 'claimed'));

-- migrate: rollback
