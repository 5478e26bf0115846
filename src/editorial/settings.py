"""The settings: read from the environment once, at start-up, and every fault named at once."""

import difflib
import re
from collections.abc import Iterable, Mapping
from ipaddress import ip_network
from pathlib import Path
from typing import Annotated, Any, Literal, Self, get_origin, get_type_hints
from urllib.parse import parse_qsl, urlsplit

import msgspec
import platformdirs
from msgspec import Meta

from editorial.core.checks import Site
from editorial.core.client_address import Network
from editorial.core.encryption import read_key
from editorial.core.permissions import Role
from editorial.database.multi_host import each_host
from editorial.locales import InterfaceLanguage, languages

# Read by the test suite, which hands its environment down to the servers that it starts.
_NOT_OURS = {"EDITORIAL_TEST_OWNER_URL"}

_PostgresUrl = Annotated[str, Meta(pattern=r"^postgres(ql)?://\S+$")]
_Network = Annotated[str, Meta(pattern=r"^[0-9A-Fa-f.:]+(/[0-9]{1,3})?$")]
_Origin = Annotated[str, Meta(pattern=r"^https?://[A-Za-z0-9._\[\]:-]+$")]


class SettingsError(Exception):
    """The environment has faults; the text names each of them on a line of its own."""


class Settings(msgspec.Struct, frozen=True, kw_only=True):
    """What the environment decides. A variable that is empty counts as not set.

    `port` is read from EDITORIAL_PORT, and so on; only the database's addresses have no prefix.
    """

    database_url: Annotated[_PostgresUrl | None, Meta(description="a postgresql:// address")] = None
    """Where the application connects."""

    database_owner_url: Annotated[_PostgresUrl | None, Meta(description="a postgresql:// address")] = None
    """Where migrations connect, as the schema's owner."""

    database_pooler_url: Annotated[_PostgresUrl | None, Meta(description="a postgresql:// address")] = None
    """A pooler that lends a server for one transaction, for what `serve` is asked."""

    database_replica_url: Annotated[_PostgresUrl | None, Meta(description="a postgresql:// address")] = None
    """A replica, for public pages that are not in memory."""

    allow_superuser: Annotated[bool, Meta(description="true or false")] = False
    """Whether `serve` and `worker` begin although `DATABASE_URL` signs in as a superuser."""

    data_dir: Annotated[Path, Meta(description="the path of a folder")]
    """The folder of the embedded Postgres, the demo's passwords and the key that seals the trail."""

    host: Annotated[str, Meta(pattern=r"^\S+$", description="a host name or an address")] = "127.0.0.1"
    """The address to listen on."""

    port: Annotated[int, Meta(ge=0, le=65535, description="a port from 0 to 65535 (0: any that is free)")] = (
        8000
    )
    """The port; 0 takes any that is free."""

    public_url: Annotated[
        Annotated[str, Meta(pattern=r"^(?=[!-~]+$)https?://[^/?#]+(/[^/?#]+)*$")] | None,
        Meta(description="an http(s) address in ASCII without a slash, query or fragment at its end"),
    ] = None
    """What the outside world calls this API: the server address in its document."""

    site_url: Annotated[
        Annotated[
            str,
            Meta(
                pattern=r"^(?=[!-~]+$)https?://(?=\S*\{language\})(?=\S*\{slug\})([^{}]|\{(language|week|slug)\})+$"
            ),
        ]
        | None,
        Meta(
            description="an http(s) address in ASCII with {language} and {slug} in it, "
            "and {week} where it is wanted"
        ),
    ] = None
    """Where the public site shows a text: `https://digest.example.org/{language}/{week}/{slug}`."""

    site_name: Annotated[
        str, Meta(min_length=1, max_length=100, description="a name of 1 to 100 characters")
    ] = "Editorial"
    """The name of the digest, in feeds and exports."""

    page_cache_mb: Annotated[int, Meta(ge=1, le=4096, description="a number of megabytes from 1 to 4096")] = (
        64
    )
    """Memory of one process for public answers."""

    issuer: Annotated[str, Meta(pattern=r"^\S+$", description="one word or address")] = "editorial"
    """The `iss` of access tokens."""

    cors_origins: Annotated[
        tuple[_Origin, ...],
        Meta(description="origins such as https://desk.example.org, separated by commas"),
    ] = ()
    """Origins of browser front ends, separated by commas."""

    pool_size: Annotated[int, Meta(ge=1, le=200, description="a number of connections from 1 to 200")] = 10
    """Database connections of one process, at the most."""

    trusted_proxies: Annotated[
        tuple[_Network, ...],
        Meta(description="addresses or networks such as 10.0.0.0/8, separated by commas"),
    ] = ()
    """Addresses or networks of proxies whose `X-Forwarded-For` is trusted, separated by commas."""

    sign_in_failures_per_address: Annotated[
        int, Meta(ge=1, le=100_000_000, description="a number of attempts from 1 to 100000000")
    ] = 50
    """Sign-ins that may fail in a quarter of an hour from one address."""

    claim_limit: Annotated[int, Meta(ge=1, le=1000, description="a number of tasks from 1 to 1000")] = 5
    """Translation tasks that one person may hold."""

    claim_hours: Annotated[int, Meta(ge=1, le=8760, description="a number of hours from 1 to 8760")] = 48
    """Hours without a save after which a claim expires."""

    claim_warning_hours: Annotated[
        int, Meta(ge=0, le=8760, description="a number of hours from 0 to 8760")
    ] = 12
    """How many hours before a claim expires its holder is warned."""

    access_token_seconds: Annotated[
        int, Meta(ge=10, le=86400, description="a number of seconds from 10 to 86400")
    ] = 600
    """How many seconds an access token is valid."""

    session_days: Annotated[int, Meta(ge=1, le=365, description="a number of days from 1 to 365")] = 30
    """How many days a person stays signed in."""

    worker_in_serve: Annotated[bool, Meta(description="true or false")] = True
    """Whether `serve` also does the work of a worker (schedules, sealing, mail). Off where `editorial worker`
    runs."""

    metrics_token: Annotated[
        Annotated[str, Meta(pattern=r"^[\x21-\x7e]{16,200}$")] | None,
        Meta(description="16 to 200 visible ASCII characters without a blank"),
    ] = None
    """The bearer token that `/metrics` asks for. Without one it answers this machine alone."""

    totp_required_for: Annotated[
        tuple[Role, ...],
        Meta(description="roles (analyst, coordinator, translator, administrator), separated by commas"),
    ] = ()
    """Roles that need one-time codes at sign-in, such as `coordinator,administrator`."""

    encryption_keys: Annotated[
        tuple[str, ...],
        Meta(description="keys of 32 bytes in base64, separated by commas"),
    ] = ()
    """Keys that encrypt secrets in the database, separated by commas: the first encrypts, all decrypt."""

    smtp_url: Annotated[
        Annotated[str, Meta(pattern=r"^(smtps?://[^\s/?#]+|print:)$")] | None,
        Meta(description="an smtp:// or smtps:// address of a mail server, or print:"),
    ] = None
    """The mail server, `smtp://user:password@host:587` or `smtps://…`; `print:` shows mails on standard error.
"""

    mail_from: Annotated[
        Annotated[str, Meta(pattern=r"^[^@\s<>,]+@[^@\s<>,]+$", max_length=254)] | None,
        Meta(description="a bare mail address"),
    ] = None
    """The address that mails come from; needed with a mail server."""

    mail_language: Annotated[InterfaceLanguage, Meta(description=f"one of {', '.join(languages())}")] = "en"
    """The language of mails to people who have not chosen one: one that has a catalogue, as `be`, `en` or `ru`."""

    password_page_url: Annotated[
        Annotated[str, Meta(pattern=r"^https?://[^\s#]+$")] | None,
        Meta(description="an http(s) address without a fragment"),
    ] = None
    """The front end's page where a link's token sets a password. The token follows as `#token=`."""

    sign_in_retention_days: Annotated[
        int, Meta(ge=1, le=3650, description="a number of days from 1 to 3650")
    ] = 90
    """Days after which an ended session, and what is kept of it, is deleted."""

    log_format: Annotated[Literal["json", "console"], Meta(description="either json or console")] = "console"
    """`console` for people, `json` for machines."""

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

    @property
    def site(self) -> Site:
        """The public site, for the check of links."""
        return Site(self.site_url)

    @property
    def sends_mail(self) -> bool:
        """Whether mail really goes out, so that nobody has to hand over a link."""
        return self.smtp_url is not None and self.smtp_url != "print:"

    def requires_totp(self, roles: Iterable[Role]) -> bool:
        """Whether somebody with these roles has to sign in with one-time codes."""
        return not set(self.totp_required_for).isdisjoint(roles)

    @property
    def trusted_networks(self) -> tuple[Network, ...]:
        """`trusted_proxies` as networks."""
        return networks_of(self.trusted_proxies)

    def __repr__(self) -> str:
        """Name nothing: the addresses carry passwords, and a repr ends up in logs."""
        return "Settings(…)"

    @classmethod
    def read(cls, environ: Mapping[str, str]) -> Self:
        """Read `environ`, of which every EDITORIAL_ variable must be one of ours.

        Raises SettingsError with all the faults; values are not repeated, they may be secret.
        """
        kinds = get_type_hints(cls, include_extras=True)
        names = {variable_of(field): field for field in cls.__struct_fields__}
        faults = [
            _unknown(name, names)
            for name in environ
            if name.startswith("EDITORIAL_") and name not in names and name not in _NOT_OURS
        ]
        values: dict[str, Any] = {}
        for name, field in names.items():
            text = environ.get(name, "").strip()
            if not text:
                continue
            try:
                value = _parse(text, kinds[field])
                _look_into(field, value)
                values[field] = value
            except (msgspec.ValidationError, ValueError):
                faults.append(f"{name} must be {_meaning(kinds[field])}.")
        if not environ.get("EDITORIAL_DATA_DIR", "").strip():
            try:
                values["data_dir"] = Path(platformdirs.user_data_dir("editorial", appauthor=False))
            except RuntimeError:
                # A user of a container may have a number, and no name or home.
                faults.append("EDITORIAL_DATA_DIR is not set, and there is no home that it could be in.")
        for name in ("DATABASE_OWNER_URL", "DATABASE_POOLER_URL", "DATABASE_REPLICA_URL"):
            if environ.get(name) and not environ.get("DATABASE_URL"):
                faults.append(
                    f"{name} is set, but DATABASE_URL is not: the application would use the embedded server."
                )
        faults += [
            f"{variable_of(field)} names several hosts: add target_session_attrs=read-write, "
            "so that the primary is found among them."
            for field in ("database_url", "database_owner_url")
            if field in values and _may_be_a_replica(values[field])
        ]
        if "database_pooler_url" in values and values.get("worker_in_serve", True):
            faults.append(
                "DATABASE_POOLER_URL is set, and EDITORIAL_WORKER_IN_SERVE is not false: "
                "what happens by itself holds its server for longer; run `editorial worker` for it."
            )
        if values.get("smtp_url", "print:") != "print:" and "mail_from" not in values:
            faults.append("EDITORIAL_SMTP_URL is set, but EDITORIAL_MAIL_FROM is not.")
        if faults:
            raise SettingsError("\n".join(sorted(faults)))
        values.setdefault("database_owner_url", values.get("database_url"))
        return cls(**values)


def _look_into(field: str, value: Any) -> None:
    """Raise `ValueError` for what has the right form but no meaning."""
    if field.startswith("database_"):
        each_host(value)
    if field == "trusted_proxies":
        networks_of(value)
    if field == "encryption_keys":
        for key in value:
            read_key(key)


def _may_be_a_replica(url: str) -> bool:
    """Whether an address leads to any of several servers, and not to the primary alone."""
    each = each_host(url)
    wanted = dict(parse_qsl(urlsplit(url).query)).get("target_session_attrs")
    return (len(each) > 1 or wanted == "prefer-standby") and wanted not in {"read-write", "primary"}


def networks_of(written: Iterable[str]) -> tuple[Network, ...]:
    """Addresses and networks, read. Raises `ValueError`."""
    return tuple(ip_network(one) for one in written)


def variable_of(field: str) -> str:
    """The environment variable that a field is read from."""
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
    if get_origin(kind.__origin__) is tuple:
        parts = [part.strip() for part in text.split(",")]
        return msgspec.convert([part for part in parts if part], kind)
    return msgspec.convert(text, kind, strict=False)
