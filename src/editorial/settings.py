"""The settings: read from the environment once, at start-up, and every fault named at once."""

import difflib
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Literal, Self, get_type_hints
from urllib.parse import urlsplit

import msgspec
import platformdirs
from msgspec import Meta

# Read by the test suite, which hands its environment down to the servers that it starts.
_NOT_OURS = {"EDITORIAL_TEST_OWNER_URL"}

_PostgresUrl = Annotated[str, Meta(pattern=r"^postgres(ql)?://\S+$")]
_Origin = Annotated[str, Meta(pattern=r"^https?://[A-Za-z0-9._\[\]:-]+$")]


class SettingsError(Exception):
    """The environment has faults; the text names each of them on a line of its own."""


class Settings(msgspec.Struct, frozen=True, kw_only=True):
    """What the environment decides. A variable that is empty counts as not set.

    `port` is read from EDITORIAL_PORT, and so on; only the two database addresses have no prefix.
    """

    database_url: Annotated[_PostgresUrl | None, Meta(description="a postgresql:// address")] = None
    """The application's connection; without it the embedded server is started."""

    database_owner_url: Annotated[_PostgresUrl | None, Meta(description="a postgresql:// address")] = None
    """The connection for migrations; where it is not set, `database_url`."""

    data_dir: Annotated[Path, Meta(description="the path of a folder")]
    """Where the embedded server and other things of this installation live."""

    host: Annotated[str, Meta(pattern=r"^\S+$", description="a host name or an address")] = "127.0.0.1"

    port: Annotated[int, Meta(ge=0, le=65535, description="a port from 0 to 65535 (0: any that is free)")] = (
        8000
    )

    public_url: Annotated[
        Annotated[str, Meta(pattern=r"^https?://[^\s/?#]+(/[^\s/?#]+)*$")] | None,
        Meta(description="an http(s) address without a slash, query or fragment at its end"),
    ] = None
    """The address by which the outside world reaches this API."""

    site_url: Annotated[
        Annotated[
            str,
            Meta(pattern=r"^https?://(?=\S*\{language\})(?=\S*\{slug\})([^\s{}]|\{(language|week|slug)\})+$"),
        ]
        | None,
        Meta(
            description="an http(s) address with {language} and {slug} in it, and {week} where it is wanted"
        ),
    ] = None
    """Where the public site shows a commentary; without it, this API's own address of it."""

    site_name: Annotated[
        str, Meta(min_length=1, max_length=100, description="a name of 1 to 100 characters")
    ] = "Editorial"
    """What the digest is called, in feeds and exports."""

    readers_memory_mb: Annotated[
        int, Meta(ge=1, le=4096, description="a number of megabytes from 1 to 4096")
    ] = 64
    """How much memory of one process public answers may take."""

    issuer: Annotated[str, Meta(pattern=r"^\S+$", description="one word or address")] = "editorial"
    """The `iss` of access tokens."""

    cors_origins: Annotated[
        tuple[_Origin, ...],
        Meta(description="origins such as https://desk.example.org, separated by commas"),
    ] = ()

    pool_size: Annotated[int, Meta(ge=1, le=200, description="a number of connections from 1 to 200")] = 10

    claim_limit: Annotated[int, Meta(ge=1, le=1000, description="a number of tasks from 1 to 1000")] = 5
    """How many translation tasks one translator may hold."""

    claim_hours: Annotated[int, Meta(ge=1, le=8760, description="a number of hours from 1 to 8760")] = 48
    """After how many hours without a save a claim runs out."""

    claim_warning_hours: Annotated[
        int, Meta(ge=0, le=8760, description="a number of hours from 0 to 8760")
    ] = 12
    """How many hours before that its holder is warned."""

    access_token_seconds: Annotated[
        int, Meta(ge=10, le=86400, description="a number of seconds from 10 to 86400")
    ] = 600

    session_days: Annotated[int, Meta(ge=1, le=365, description="a number of days from 1 to 365")] = 30

    worker_in_serve: Annotated[bool, Meta(description="true or false")] = True
    """Whether `serve` also does what happens by itself. Off where `editorial worker` runs."""

    metrics_token: Annotated[
        Annotated[str, Meta(pattern=r"^[\x21-\x7e]{16,200}$")] | None,
        Meta(description="16 to 200 visible ASCII characters without a blank"),
    ] = None
    """What /metrics asks for as bearer token. Without one it answers this machine alone."""

    log_format: Annotated[Literal["json", "console"], Meta(description="either json or console")] = "console"

    @property
    def address(self) -> str:
        """The address of this API. Never a request's Host, which is anybody's word."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return self.public_url or f"http://{host}:{self.port}"

    def page_address(self, language: str, week: str, slug: str) -> str:
        """Where the public reads a commentary: on the site, or here."""
        template = self.site_url or f"{self.address}/v1/published/{{language}}/{{week}}/{{slug}}"
        return template.format(language=language, week=week, slug=slug)

    def home_address(self, language: str) -> str:
        """Where the public reads a language: what comes before the week and the slug in a page's address."""
        template = self.site_url or f"{self.address}/v1/published/{{language}}/{{week}}/{{slug}}"
        return re.split(r"\{(?:week|slug)\}", template)[0].format(language=language)

    def tag(self, name: str) -> str:
        """A name for ever and all the world (RFC 4151), which leads nowhere."""
        return f"tag:{urlsplit(self.site_url or self.address).hostname},2024:{name}"

    def __repr__(self) -> str:
        """Name nothing: the addresses carry passwords, and a repr ends up in logs."""
        return "Settings(…)"

    @classmethod
    def read(cls, environ: Mapping[str, str]) -> Self:
        """Read `environ`, of which every EDITORIAL_ variable must be one of ours.

        Raises SettingsError with all the faults; values are not repeated, they may be secret.
        """
        kinds = get_type_hints(cls, include_extras=True)
        names = {_variable(field): field for field in cls.__struct_fields__}
        faults = [
            _unknown(name, names)
            for name in environ
            if name.startswith("EDITORIAL_") and name not in names and name not in _NOT_OURS
        ]
        values: dict[str, Any] = {"data_dir": Path(platformdirs.user_data_dir("editorial", appauthor=False))}
        for name, field in names.items():
            text = environ.get(name, "").strip()
            if not text:
                continue
            try:
                values[field] = _parse(text, kinds[field])
            except msgspec.ValidationError:
                faults.append(f"{name} must be {_meaning(kinds[field])}.")
        if environ.get("DATABASE_OWNER_URL") and not environ.get("DATABASE_URL"):
            faults.append(
                "DATABASE_OWNER_URL is set, but DATABASE_URL is not: "
                "the application would use the embedded server."
            )
        if faults:
            raise SettingsError("\n".join(sorted(faults)))
        values.setdefault("database_owner_url", values.get("database_url"))
        return cls(**values)


def _variable(field: str) -> str:
    return field.upper() if field.startswith("database_") else f"EDITORIAL_{field.upper()}"


def _unknown(name: str, known: Mapping[str, str]) -> str:
    # The prefix, alike in all of them, would make any two names look near.
    ends = {other.removeprefix("EDITORIAL_"): other for other in known}
    near = difflib.get_close_matches(name.removeprefix("EDITORIAL_"), ends, n=1, cutoff=0.7)
    return f"{name} is not a setting." + (f" Did you mean {ends[near[0]]}?" if near else "")


def _meaning(kind: Any) -> str:
    """Return what the field's annotation says a value must be, in words."""
    return next(str(meta.description) for meta in kind.__metadata__ if meta.description)


def _parse(text: str, kind: Any) -> Any:
    """Convert the text of a variable. Raises msgspec.ValidationError when it does not fit."""
    if kind.__origin__ is Path:
        return Path(text).expanduser()
    if kind.__origin__ == tuple[_Origin, ...]:
        parts = [part.strip() for part in text.split(",")]
        return msgspec.convert([part for part in parts if part], kind)
    return msgspec.convert(text, kind, strict=False)
