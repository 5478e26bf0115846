-- Each recovery code has an id, so that the trail tells the ten codes of a person apart.
-- depends: 0069_trail_by_time

-- migrate: apply

-- The trail named a code by its person alone, since it withholds the hash: ten rows had one name, and the verifier
-- took nine of them for changed. The codes that are there leave under the old name and come back under ids, in one
-- step of the trail, so that their history still explains them.
select set_config(
    'editorial.context', '{"actor_kind": "system", "action": "migrate", "request": "migration"}', true
);

do $$
declare
    kept jsonb := (select coalesce(jsonb_agg(to_jsonb(recovery_code)), '[]'::jsonb) from recovery_code);
begin
    delete from recovery_code;
    drop trigger trail on recovery_code;
    drop trigger no_truncate on recovery_code;
    alter table recovery_code add column id uuid not null default gen_random_uuid();
    alter table recovery_code drop constraint recovery_code_pkey;
    alter table recovery_code add primary key (id);
    alter table recovery_code add constraint a_recovery_code_is_given_once unique (person_id, code_hash);
    call watch('recovery_code', 'accounts', '', 'id', 'code_hash');
    insert into recovery_code (person_id, code_hash, used_at)
    select code.person_id, code.code_hash, code.used_at
    from jsonb_populate_recordset(null::recovery_code, kept) as code;
end
$$;

select set_config('editorial.context', '', true);

-- migrate: rollback
