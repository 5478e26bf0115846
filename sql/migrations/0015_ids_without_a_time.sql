-- The ids of commentaries and people are random from now on: a time in them would tell when a text was begun.
-- depends: 0014_behind_bylines

-- migrate: apply

-- Whoever reads a live text on the desk learns its id, and an administrator knows who was signed in at what
-- moment. So a list goes by the row's own time, which only those read who know who wrote it.
drop index commentary_newest_first;
drop index commentary_by_state;
drop index commentary_by_week;
drop index commentary_by_author;
create index commentary_newest_first on commentary (created_at desc, id desc);
create index commentary_by_state on commentary (state, created_at desc, id desc);
create index commentary_by_week on commentary (week, section, created_at desc, id desc);
create index commentary_by_author on commentary (author_id, created_at desc, id desc);

-- migrate: rollback
