-- What is still to be translated is found without looking through all that ever was.
-- depends: 0062_next_task

-- migrate: apply

create index translation_task_to_do on translation_task (id) where state in ('open', 'claimed', 'submitted');

-- migrate: rollback
