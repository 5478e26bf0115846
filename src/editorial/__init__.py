"""Editorial: the backend of a newsroom that publishes a weekly digest in several languages.

Read in this order:

1. `core/workflow.py`: the machines as tables, and `decide()`. Who may do what, from which state.
2. `core/permissions.py`: roles, and who sees how much of a commentary.
3. `core/texts.py`: blocks, units, hashes; what makes a translation stale.
4. `db.py`: the one door to the database, and `connections.py`: what is said on one connection.
   `sql/migrations/0001_trail.sql` is what stands behind the door.
5. `web/`: bearer to actor, body to struct, refusal to problem. `core/refusals.py` has the words, and
   `credentials.py` tells who stands behind a token.
6. `desk.py`: a commentary as one person sees it; `tasks.py`: a translation task.
7. `features/moves.py`: the transitions of a commentary; the other features read the same way.
   `publication.py` has those that readers notice, and `worker.py` what happens by itself.
8. `newsstand.py`: a published text as readers see it; `shelf.py` and `notices.py` keep it in memory.
   `acquaintances.py` remembers who asks, for two seconds.
9. `app.py`: the composition root.

A request touches `web/`, one file in `features/`, `core/` and one file in `sql/queries/`.

A new action: `core/states.py`, `core/workflow.py`, `core/labels.py`, `core/sentences.py`, then its command.
A new language: a row in the table `language`, and words in `core/labels.py`, `core/sentences.py` and
`core/comparison/`, which holds a translation against its source.
A new column: a migration, the query that reads it, the struct that shows it.
A new constraint: a migration, and what it says to whom it stops, in `constraints.py`.
"""
