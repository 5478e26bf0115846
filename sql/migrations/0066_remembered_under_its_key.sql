-- The trail tells remembered units apart as their table does: one unit may be remembered of two sources.
-- depends: 0065_forgotten_by_pages

-- migrate: apply

drop trigger trail on remembered_unit;
create trigger trail after insert or update or delete on remembered_unit
for each row execute function write_trail(
    'editorial', 'commentary_id', 'commentary_id,language,unit,source_hash', 'source,target'
);
alter table remembered_unit enable always trigger trail;

-- migrate: rollback
