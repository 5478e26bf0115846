-- name: list_objects()
-- Everything in the schema that decides what is written, read and refused: kind, name, and the definition as this server
-- prints it. Nothing of extensions, of pogo's tables, or of what Postgres derives for partitions.
with relation as (
    select pg_class.*
    from pg_class
    where pg_class.relnamespace = 'public'::regnamespace
        and pg_class.relkind in ('r', 'p', 'v', 'm', 'f', 'c', 'S')
        and not starts_with(pg_class.relname, '_pogo')
        and not exists (
            select from pg_depend
            where pg_depend.classid = 'pg_class'::regclass
                and pg_depend.objid = pg_class.oid
                and pg_depend.deptype = 'e'
        )
),

routine as (
    select pg_proc.*
    from pg_proc
    where pg_proc.pronamespace = 'public'::regnamespace
        and not exists (
            select from pg_depend
            where pg_depend.classid = 'pg_proc'::regclass
                and pg_depend.objid = pg_proc.oid
                and pg_depend.deptype = 'e'
        )
)

select
    case relation.relkind when 'v' then 'view' when 'S' then 'sequence' when 'c' then 'type' else 'table' end as kind,
    relation.relname as name,
    concat_ws(
        ' ', relation.relkind, relation.relpersistence, relation.relowner::regrole,
        'row security', relation.relrowsecurity, relation.relforcerowsecurity,
        relation.reloptions, case relation.relkind when 'v' then pg_get_viewdef(relation.oid) end
    ) as definition
from relation
union all
select
    'grant', relation.relname || coalesce('.' || given.attname, ''),
    string_agg(
        concat_ws(
            ' ', case given.grantee when 0 then 'public' else given.grantee::regrole::text end,
            given.privilege_type, given.is_grantable
        ),
        ', ' order by given.grantee::regrole::text, given.privilege_type
    )
from relation
cross join lateral (
    select null as attname, one.grantee, one.privilege_type, one.is_grantable
    from aclexplode(relation.relacl) as one
    union all
    select pg_attribute.attname, one.grantee, one.privilege_type, one.is_grantable
    from pg_attribute
    cross join aclexplode(pg_attribute.attacl) as one
    where pg_attribute.attrelid = relation.oid and not pg_attribute.attisdropped
) as given
where given.grantee <> relation.relowner
    -- Another role may be let in to read, as a backup or a report needs.
    and (given.grantee in (0, 'editorial_app'::regrole) or given.privilege_type <> 'SELECT')
group by relation.relname, given.attname
union all
select
    'column', relation.relname || '.' || one.attname,
    concat_ws(
        ' ', format_type(one.atttypid, one.atttypmod), nullif(one.attcollation, 0)::regcollation,
        one.attnotnull, one.attidentity, one.attgenerated,
        pg_get_expr(pg_attrdef.adbin, pg_attrdef.adrelid)
    )
from relation
inner join pg_attribute as one on one.attrelid = relation.oid and one.attnum > 0 and not one.attisdropped
left join pg_attrdef on pg_attrdef.adrelid = one.attrelid and pg_attrdef.adnum = one.attnum
where relation.relkind in ('r', 'p', 'c', 'f')
union all
select
    'constraint', relation.relname || '.' || pg_constraint.conname,
    concat_ws(' ', pg_get_constraintdef(pg_constraint.oid), pg_constraint.convalidated)
from relation
inner join pg_constraint on pg_constraint.conrelid = relation.oid
where pg_constraint.contype <> 'n' and pg_constraint.conparentid = 0
union all
select
    'index', relation.relname || '.' || made.relname,
    concat_ws(
        ' ', pg_get_indexdef(pg_index.indexrelid),
        pg_index.indisunique, pg_index.indisvalid, pg_index.indisready, pg_index.indislive, pg_index.indimmediate
    )
from relation
inner join pg_index on pg_index.indrelid = relation.oid
inner join pg_class as made on made.oid = pg_index.indexrelid
union all
select
    'trigger', relation.relname || '.' || pg_trigger.tgname,
    concat_ws(' ', pg_get_triggerdef(pg_trigger.oid), pg_trigger.tgenabled)
from relation
inner join pg_trigger on pg_trigger.tgrelid = relation.oid
where not pg_trigger.tgisinternal
union all
select
    'reference', relation.relname || '.' || pg_constraint.conname,
    concat_ws(' ', 'is kept by triggers that are', string_agg(distinct pg_trigger.tgenabled::text, ', '))
from relation
inner join pg_trigger on pg_trigger.tgrelid = relation.oid
inner join pg_constraint on pg_constraint.oid = pg_trigger.tgconstraint
where pg_trigger.tgisinternal and pg_trigger.tgparentid = 0
group by relation.relname, pg_constraint.conname
union all
select
    'policy', relation.relname || '.' || pg_policy.polname,
    concat_ws(
        ' ', pg_policy.polcmd, pg_policy.polpermissive,
        pg_get_expr(pg_policy.polqual, pg_policy.polrelid), pg_get_expr(pg_policy.polwithcheck, pg_policy.polrelid)
    )
from relation
inner join pg_policy on pg_policy.polrelid = relation.oid
union all
select
    'rule', relation.relname || '.' || pg_rewrite.rulename,
    concat_ws(' ', pg_get_ruledef(pg_rewrite.oid), pg_rewrite.ev_enabled)
from relation
inner join pg_rewrite on pg_rewrite.ev_class = relation.oid
where pg_rewrite.rulename <> '_RETURN'
union all
select
    'partition', format('%s of %s', relation.relname, pg_inherits.inhparent::regclass), 'is attached'
from relation
inner join pg_inherits on pg_inherits.inhrelid = relation.oid
union all
select
    'function', format('%s(%s)', routine.proname, pg_get_function_identity_arguments(routine.oid)),
    concat_ws(
        ' ', routine.prokind, routine.proowner::regrole, pg_language.lanname,
        pg_get_function_arguments(routine.oid), pg_get_function_result(routine.oid),
        routine.provolatile, routine.proparallel, routine.proisstrict, routine.prosecdef, routine.proleakproof,
        routine.proconfig, routine.prosrc, pg_get_function_sqlbody(routine.oid)
    )
from routine
inner join pg_language on pg_language.oid = routine.prolang
union all
select
    'grant', format('%s(%s)', routine.proname, pg_get_function_identity_arguments(routine.oid)),
    string_agg(
        concat_ws(
            ' ', case given.grantee when 0 then 'public' else given.grantee::regrole::text end,
            given.privilege_type, given.is_grantable
        ),
        ', ' order by given.grantee::regrole::text
    )
from routine
cross join aclexplode(coalesce(routine.proacl, acldefault('f', routine.proowner))) as given
where given.grantee <> routine.proowner
group by routine.oid, routine.proname
union all
select
    'grant', 'schema public',
    string_agg(
        concat_ws(
            ' ', case given.grantee when 0 then 'public' else given.grantee::regrole::text end,
            given.privilege_type, given.is_grantable
        ),
        ', ' order by given.grantee::regrole::text, given.privilege_type
    )
from pg_namespace
cross join aclexplode(coalesce(pg_namespace.nspacl, acldefault('n', pg_namespace.nspowner))) as given
where pg_namespace.nspname = 'public'
    and (given.grantee = 'editorial_app'::regrole or (given.grantee = 0 and given.privilege_type <> 'USAGE'))
group by pg_namespace.oid
union all
select
    'type', pg_type.typname,
    concat_ws(' ', pg_type.typtype, pg_type.typowner::regrole, format_type(pg_type.typbasetype, pg_type.typtypmod))
from pg_type
where pg_type.typnamespace = 'public'::regnamespace and pg_type.typtype in ('d', 'e', 'r')
    and not exists (
        select from pg_depend
        where pg_depend.classid = 'pg_type'::regclass and pg_depend.objid = pg_type.oid and pg_depend.deptype = 'e'
    )
union all
select
    'operator', pg_operator.oid::regoperator::text, pg_operator.oprcode::text
from pg_operator
where pg_operator.oprnamespace = 'public'::regnamespace
    and not exists (
        select from pg_depend
        where pg_depend.classid = 'pg_operator'::regclass and pg_depend.objid = pg_operator.oid and pg_depend.deptype = 'e'
    )
union all
select
    'event trigger', pg_event_trigger.evtname,
    concat_ws(' ', pg_event_trigger.evtevent, pg_event_trigger.evtfoid::regprocedure, pg_event_trigger.evtenabled)
from pg_event_trigger
where not exists (
    select from pg_depend
    where pg_depend.classid = 'pg_event_trigger'::regclass
        and pg_depend.objid = pg_event_trigger.oid
        and pg_depend.deptype = 'e'
)
union all
select
    'setting',
    concat_ws(' ', coalesce(nullif(one.setrole, 0)::regrole::text, 'every role'), split_part(setting, '=', 1)),
    setting
from pg_db_role_setting as one
cross join unnest(one.setconfig) as setting
where split_part(setting, '=', 1) in ('session_replication_role', 'search_path', 'row_security', 'check_function_bodies')
    and one.setdatabase in (
        0,
        (
            select pg_database.oid from pg_database
            where pg_database.datname = current_database()
        )
    )
order by kind, name;
