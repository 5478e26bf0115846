"""The recipes of docs/recipes: what each changes by hand, applied to a copy of the checkout.

A fenced block whose first line names a file is an edit of that file. `diff` blocks have hunks without line numbers:
lines that stay, lines that go (-) and lines that come (+). What stays and goes has to be in the file exactly once. A
hunk that only adds is put at the end of the file. Any other block is a new file. In new migrations, NNNN is the next
number and LAST the migration before it. The block `sh` at the end has the test of the recipe.
"""

import re
import shlex
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).parents[1]
FOLDER = ROOT / "docs" / "recipes"
BLOCK = re.compile(r"^```(\w+)(?: (\S+))?\n(.*?)^```$", re.MULTILINE | re.DOTALL)


class RecipeFault(Exception):
    """A recipe that does not fit the code; the text names the recipe, the file and the lines."""


@dataclass(frozen=True)
class Recipe:
    """One page: the edits by file, in their order, and the arguments of its test."""

    name: str
    edits: list[tuple[str, str, str]] = field(default_factory=list)
    """The kind of the block, the file and the text."""
    test: list[str] = field(default_factory=list)

    @classmethod
    def read(cls, page: Path) -> "Recipe":
        """Read a page. Raises `RecipeFault` where it has no edits or no test."""
        recipe = cls(page.stem)
        for kind, file, text in BLOCK.findall(page.read_text(encoding="utf-8")):
            if file:
                recipe.edits.append((kind, file, text))
            elif kind == "sh":
                command, *arguments = shlex.split(text.replace("\\\n", " "))
                if command == ".venv/bin/pytest":
                    recipe.test.extend(arguments)
        if not recipe.edits or not recipe.test:
            raise RecipeFault(f"docs/recipes/{page.name} has no edits, or no test at its end.")
        return recipe

    @property
    def files(self) -> set[str]:
        """The files that the recipe touches by hand, as the page names them."""
        return {file for _, file, _ in self.edits}

    def apply(self, checkout: Path) -> list[Path]:
        """Make the edits in a checkout, and give the files that changed. Raises `RecipeFault`."""
        last = sorted(path.stem for path in (checkout / "sql" / "migrations").glob("*.sql"))[-1]
        following = f"{int(last[:4]) + 1:04}"
        changed: dict[Path, None] = {}
        for kind, file, text in self.edits:
            path = checkout / file.replace("NNNN", following)
            changed[path] = None
            if kind == "diff":
                self._patch(path, file, text)
            elif path.exists():
                raise RecipeFault(f"docs/recipes/{self.name}.md: {file} is there already.")
            else:
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_text(text.replace("LAST", last), encoding="utf-8")
        return list(changed)

    def _patch(self, path: Path, file: str, text: str) -> None:
        if not path.exists():
            raise RecipeFault(f"docs/recipes/{self.name}.md changes {file}, which is not there.")
        written = path.read_text(encoding="utf-8")
        for hunk in re.split(r"^@@.*\n", text, flags=re.MULTILINE):
            lines = hunk.splitlines()
            if not lines:
                continue
            before = "".join(f"{line[1:]}\n" for line in lines if line[:1] != "+")
            after = "".join(f"{line[1:]}\n" for line in lines if line[:1] != "-")
            if before.strip():
                places = len(re.findall(rf"^{re.escape(before)}", written, flags=re.MULTILINE))
                if places != 1:
                    found = "is not there" if places == 0 else f"is there {places} times"
                    raise RecipeFault(f"docs/recipes/{self.name}.md: in {file} this {found}:\n{before}")
                written = re.sub(rf"^{re.escape(before)}", lambda _: after, written, flags=re.MULTILINE)  # noqa: B023
            else:
                written = f"{written.rstrip()}\n\n{after.strip()}\n"
        path.write_text(written, encoding="utf-8")


def recipes() -> list[Recipe]:
    """Every page of the folder."""
    return [Recipe.read(page) for page in sorted(FOLDER.glob("*.md"))]
