"""Where the folders that travel with the code are found: `sql` and `openapi`."""

from pathlib import Path

_PACKAGE = Path(__file__).parent
_REPOSITORY = _PACKAGE.parent.parent


def folder(name: str) -> Path:
    """Return the folder `name`: inside the package when installed from a wheel, else the clone's.

    Raises FileNotFoundError when neither is there.
    """
    for place in (_PACKAGE, _REPOSITORY):
        found = place / name
        if found.is_dir():
            return found
    raise FileNotFoundError(f"The folder {name} is neither in {_PACKAGE} nor in {_REPOSITORY}.")
