-- name: get_me(person)^
-- What somebody may know of their own account.
select
    person.id,
    person.display_name,
    person.email,
    person.mail_language,
    array(
        select person_role.role from person_role
        where person_role.person_id = person.id
        order by person_role.role
    ) as roles,
    array(
        select person_language.language from person_language
        where person_language.person_id = person.id
        order by person_language.language
    ) as languages,
    exists (
        select from pending_coordinator
        where pending_coordinator.person_id = person.id
    ) as awaits_coordinator
from person
where person.id = :person;

-- name: choose_mail_language(person, mail_language)!
-- In which language somebody is written to.
update person set mail_language = :mail_language
where id = :person;
