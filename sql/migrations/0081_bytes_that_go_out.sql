-- Approval and publication hash the bytes of a text again: one byte that differs, and nothing is approved or goes live.
-- depends: 0080_recovery_codes_have_ids

-- migrate: apply

-- The hash that approvals name. The verifier of the trail computes it without this function.
create function content_hash_of(title text, lead text, trend text, photo jsonb, blocks jsonb) returns bytea
language plpgsql immutable parallel safe
set search_path = pg_catalog
as $$
begin
    return sha256(convert_to(jsonb_build_array(title, lead, trend, photo, blocks)::text, 'UTF8'));
end
$$;

create or replace function hash_revision() returns trigger
language plpgsql
set search_path = pg_catalog, public, pg_temp
as $$
begin
    new.content_hash := content_hash_of(new.title, new.lead, new.trend, new.photo, new.blocks);
    return new;
end
$$;

-- Whether the text that an approval names is another one, byte for byte, than the one that was approved.
create function is_altered(approval uuid) returns boolean
language plpgsql stable parallel safe
set search_path = pg_catalog, public, pg_temp
as $$
begin
    return exists (
        select from approval as given
        inner join revision as written
            on written.commentary_id = given.commentary_id
            and written.language = given.language
            and written.number = given.revision
        where given.id = is_altered.approval
            and given.content_hash
            <> content_hash_of(written.title, written.lead, written.trend, written.photo, written.blocks)
    );
end
$$;

-- The reference to the revision compares stored hashes. This one looks at the text itself: with the triggers off, a
-- superuser can change the text and leave its hash.
create function what_is_approved_is_as_written() returns trigger
language plpgsql
set search_path = pg_catalog, public, pg_temp
as $$
begin
    if exists (
        select from revision as written
        where written.commentary_id = new.commentary_id
            and written.language = new.language
            and written.number = new.revision
            and written.content_hash
            <> content_hash_of(written.title, written.lead, written.trend, written.photo, written.blocks)
    ) then
        raise exception 'the text is not the one that was written'
            using errcode = 'check_violation', constraint = 'what_is_approved_is_as_written', table = 'approval';
    end if;
    return new;
end
$$;

create trigger as_written before insert on approval
for each row execute function what_is_approved_is_as_written();
alter table approval enable always trigger as_written;

create function what_goes_live_is_as_approved() returns trigger
language plpgsql
set search_path = pg_catalog, public, pg_temp
as $$
begin
    if (
        tg_op = 'INSERT'
        or (new.live_approval_id, new.live_revision, new.published_at)
        is distinct from (old.live_approval_id, old.live_revision, old.published_at)
    ) and is_altered(new.live_approval_id) then
        raise exception 'the text is not the one that was approved'
            using errcode = 'check_violation', constraint = 'what_goes_live_is_as_approved', table = 'edition';
    end if;
    return new;
end
$$;

create trigger as_approved before insert or update on edition
for each row when (new.live_approval_id is not null) execute function what_goes_live_is_as_approved();
alter table edition enable always trigger as_approved;

revoke all on function
content_hash_of(text, text, text, jsonb, jsonb),
is_altered(uuid),
what_is_approved_is_as_written(),
what_goes_live_is_as_approved()
from public;
grant execute on function content_hash_of(text, text, text, jsonb, jsonb), is_altered(uuid) to editorial_app;

-- migrate: rollback
