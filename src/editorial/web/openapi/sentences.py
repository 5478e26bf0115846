"""The document's words: what it says of itself and of its parts, and what docstrings say of the rest."""

import ast
import inspect
import re
import sys
from collections.abc import Iterable, Sequence
from functools import cache
from itertools import pairwise
from typing import Any

import msgspec

Json = dict[str, Any]

DESCRIPTION = """\
The editorial desk of a newsroom that publishes one digest a week in several languages: commentaries \
are written, reviewed, translated and published here.

Every change of state is a `POST …/transitions`. Each object says in `allowed_actions` what you can do \
with it now, and in `blocked_actions` why you can't do the rest. A write names the version that was \
read in `If-Match`. Refusals are problems (RFC 9457); the `type` of each is an address that explains it.

Sentences for people are in the language that `Accept-Language` asks for, and `Content-Language` says which \
that is. Codes and keys for programs are the same in each language."""

TAGS = {
    "auth": "Sign in, stay signed in, sign out.",
    ".well-known": "The keys that access tokens are signed with.",
    "me": "Who you are, and what you may do.",
    "people": "The people of the newsroom, for administrators.",
    "bylines": "Who stands behind a public name, for coordinators.",
    "service-tokens": "Tokens of the front ends' servers, for administrators.",
    "sections": "The headings of the digest.",
    "glossary": "How the newsroom says its terms and names in another language.",
    "weeks": "The board of one week: what there is, what is missing, and publishing all of it.",
    "publication-checks": "What is looked at before publication, and which of it blocks.",
    "previews": "Texts that are not published yet, as readers would get them.",
    "commentaries": "Commentaries, from the draft to publication.",
    "translation-tasks": "The translators' queue, and the work on each translation.",
    "trail": "Who did what, when and why.",
    "workflow": "The states and actions themselves, with their names in every language.",
    "published": "What readers get, without signing in.",
}
"""What the parts of the API are about, in the order in which one reads of them."""


def tags(paths: Iterable[str]) -> list[Json]:
    """The tags of these paths, in the order in which one reads of them."""
    used = {tag_of(path) for path in paths}
    known = [{"name": tag, "description": told} for tag, told in TAGS.items() if tag in used]
    return known + [{"name": tag} for tag in sorted(used - TAGS.keys())]


def tag_of(path: str) -> str:
    """What part of the API a path belongs to."""
    return next(part for part in path.split("/") if part not in {"", "v1"})


def sentences(docstring: str) -> tuple[str, str]:
    """The first sentence of a docstring, without its full stop, and the rest."""
    first, _, rest = inspect.cleandoc(docstring).partition("\n\n")
    found = re.match(r"(.+?[.!?])(?:\s+|$)(.*)", first, re.DOTALL)
    sentence, more = (found[1], found[2]) if found else (first, "")
    description = "\n\n".join(part for part in (more, rest) if part)
    return " ".join(sentence.split()).removesuffix("."), description


@cache
def tree_of(module: str) -> ast.Module:
    """A module's own text, parsed."""
    return ast.parse(inspect.getsource(sys.modules[module]))


def told_of_members(struct: type) -> dict[str, str]:
    """What the docstrings of a struct's members say, those that it inherits among them."""
    told: dict[str, str] = {}
    for kind in reversed(struct.__mro__):
        if issubclass(kind, msgspec.Struct) and kind is not msgspec.Struct:
            for statement in tree_of(kind.__module__).body:
                if isinstance(statement, ast.ClassDef) and statement.name == kind.__name__:
                    told |= told_in(statement.body)
    return told


def told_in(statements: Sequence[ast.stmt]) -> dict[str, str]:
    """Each name that is followed by a docstring, with what that says."""
    told: dict[str, str] = {}
    for statement, following in pairwise(statements):
        match statement:
            case ast.AnnAssign(target=ast.Name(id=name)) | ast.Assign(targets=[ast.Name(id=name)]):
                match following:
                    case ast.Expr(value=ast.Constant(value=str(words))):
                        told[name] = " ".join(words.split())
    return told
