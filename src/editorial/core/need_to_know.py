"""The page on need to know, drawn from the table that every answer goes by."""

from editorial.core.permissions import MAY_KNOW, TRANSLATION_STATES, Information, Relation

INFORMATION: dict[Information, str] = {
    Information.UNFINISHED_TEXT: "a text in every revision: in draft, in review, discarded, being changed",
    Information.APPROVED_TEXT: "the approved source text, and the editions in one's languages",
    Information.LIVE_TEXT: "what readers see",
    Information.AUTHORSHIP: "who wrote a text, who contributed, and when",
    Information.REVIEWERS: "who reviewed and published it",
    Information.TRANSLATORS: "who translates it, and until when they hold the task",
    Information.HISTORY: "the history of a commentary",
    Information.HISTORY_OF_TASK: "the history of a translation",
    Information.BYLINES: "who stands behind a byline",
    Information.EDITORIAL_TRAIL: "the editorial part of the trail",
    Information.ACCOUNTS_TRAIL: "the accounts' part of the trail: sign-ins, roles, invitations, keys",
    Information.NAMES: "display names and roles of the people here",
    Information.ACCOUNTS: "e-mail addresses, and whether an account can be used",
}
"""Each matter in words."""

RELATIONS: dict[Relation, str] = {
    Relation.ONESELF: "oneself",
    Relation.AUTHOR: "its author",
    Relation.CONTRIBUTOR: "a named contributor",
    Relation.TRANSLATOR: "a translator of its languages",
    Relation.HOLDER: "who holds or held the task",
    Relation.COORDINATOR: "a coordinator",
    Relation.ADMINISTRATOR: "an administrator",
    Relation.COLLEAGUE: "anybody signed in",
    Relation.READER: "anybody at all",
}
"""Each relation in words, in the order of the columns."""

_INTRODUCTION = """\
# Need to know

Who wrote what can mean prison for whoever did. So each person learns what their work needs, and for the
rest there is nothing there. This page is drawn from the table in `src/editorial/core/permissions.py`, by
which every answer goes, and a test keeps it equal to it: change the table, not this page.

A person can stand in several relations at once, and then knows what each of them may."""

_REST = """\
A translator sees the approved text while it stands: in the states {states}. Whoever works on a text is
called by the part that they play ("the author", "a translator into Belarusian") for those who may not
know the name. Where a name would stand, a person who was erased is "an erased person".

What follows from the table, and is tested for every endpoint as every kind of person
(`tests/test_need_to_know.py`):

- What somebody may not see answers like what is not there: 404, with the same bytes, headers and order
  of work. A query carries the rule in its `where`, so that what is hidden is dropped before anything is
  put together.
- What they see but may not do answers 403, with the reason.
- A relation counts while the person has the role that it rests on: an author or contributor is an analyst, a
  holder a translator of the language. Without the role, what came with it is not there: 404 from that moment
  (`tests/test_lost_roles.py`). With the role it is there again.
- No answer has a name, an id or an e-mail of a person whom its reader may not know, and no public answer
  has an id at all. The ids of commentaries, people and bylines are random: a time in them would tell
  when a text was begun, and the accounts' trail who was signed in then.
- Who asks for what is not theirs leaves an entry in the part of the trail whose readers know the thing. It is
  the same, and takes as long, where there is nothing of that id.
- A colleague's `ETag` of a published commentary does not change while it is being revised; a reader's is
  a hash of the bytes that they got. A cursor is sealed: nobody else reads it.
- The log has a line for each request: its method, route, status and id. It has no address that was asked
  for, no client's address, no query and no person.
- Administrators know accounts and nothing of texts. They give the role of coordinator, and a coordinator
  confirms it; they get no link into an account in use, and change neither its address nor its password.
- A sign-in takes as long for a name that nobody has as for a wrong password, and answers with the same
  bytes.
"""


def need_to_know_document() -> str:
    """The whole page, in Markdown."""
    heads = ["", *RELATIONS.values()]
    lines = [_line(heads), _line(["---"] + [":-:"] * len(RELATIONS))]
    lines += [
        _line([told, *("yes" if relation in MAY_KNOW[matter] else "" for relation in RELATIONS)])
        for matter, told in INFORMATION.items()
    ]
    states = ", ".join(f"`{state}`" for state in sorted(TRANSLATION_STATES))
    return "\n".join([_INTRODUCTION, "", *lines, "", _REST.format(states=states)])


def _line(cells: list[str]) -> str:
    return f"| {' | '.join(cells)} |".replace("|  |", "| |")
