"""Editorial: the backend of a newsroom that publishes a weekly digest in several languages.

A tour of the code, in ten files (ARCHITECTURE.md has the map and walks through one request):

1. `core/workflow.py`: the state machines as tables. `core/decisions.py`: `decide()`, which applies them.
2. `core/permissions.py`: roles, and the table of who may learn what.
3. `core/texts.py`: blocks, units, hashes. `core/sheets.py`: what makes a translation stale.
4. `database/access.py`: one way to read, one way to write. `sql/migrations/0001_audit.sql` stands behind it.
5. `web/pipeline.py`: what every request goes through. `core/refusals.py` has each problem.
6. `commentaries/views.py`: a commentary as one person sees it.
7. `commentaries/transitions.py`: its transitions. The translation desk (`translations/`) reads the same way.
8. `commentaries/publishing.py`: the transitions that readers notice.
9. `published/page_cache.py`: what readers get, from memory.
10. `app.py`: the composition root.
"""
