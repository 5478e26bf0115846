-- A trail of any length, written by the triggers that write every trail. Each text leaves five entries: somebody
-- signs in, begins it, changes it twice and submits it.
--
-- Run by the application's role in one transaction, for the texts from bench.first to bench.last, on a database that
-- has a section and sixty analysts.

do $$
declare
    steps constant text[] := array['sign_in', 'create', 'edit', 'revise', 'submit'];
    person uuid;
    session_id uuid;
    text_id uuid;
    step integer;
begin
    for number in current_setting('bench.first')::integer .. current_setting('bench.last')::integer loop
        person := md5('analyst' || number % 60)::uuid;
        session_id := gen_random_uuid();
        text_id := gen_random_uuid();
        for step in 1 .. 5 loop
            perform set_config('editorial.context', jsonb_build_object(
                'actor_kind', 'person', 'actor', person, 'action', steps[step], 'request', 'bench',
                'object_kind', case step when 1 then 'session' else 'commentary' end,
                'object', case step when 1 then session_id else text_id end
            )::text, true);
            if step = 1 then
                insert into session (id, person_id, rotated_at, expires_at, device)
                values (session_id, person, now(), now() + interval '30 days', 'Firefox on Linux');
            elsif step = 5 then
                update commentary set state = 'in_review', updated_at = now() where id = text_id;
            else
                if step = 2 then
                    insert into commentary (id, week, section, source_language, author_id)
                    values (text_id, '2024-W30', 'economy', 'en', person);
                end if;
                insert into revision (commentary_id, language, number, title, lead, trend, blocks, created_by)
                values (
                    text_id, 'en', step - 1, 'Text ' || number, 'Prices held.', 'worse',
                    jsonb_build_array(jsonb_build_object(
                        'type', 'paragraph', 'id', 'first', 'text', repeat('Ports handled less. ', step * 10)
                    )),
                    person
                );
                if step = 2 then
                    insert into edition (commentary_id, language, is_source, revision) values (text_id, 'en', true, 1);
                else
                    update edition set revision = step - 1 where commentary_id = text_id and language = 'en';
                end if;
            end if;
        end loop;
    end loop;
end
$$;
