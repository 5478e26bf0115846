"""The settings: what an environment means, and how its faults are told."""

import base64
from pathlib import Path

import pytest

from editorial.core.permissions import Role
from editorial.settings import Settings, SettingsError

KEY = base64.b64encode(bytes(32)).decode()


def faults_of(environ: dict[str, str]) -> list[str]:
    """Read an environment that is at fault, and return the lines of the refusal."""
    with pytest.raises(SettingsError) as refusal:
        Settings.read(environ)
    return str(refusal.value).splitlines()


def test_an_empty_environment_is_enough() -> None:
    settings = Settings.read({})

    assert settings.database_url is None
    assert settings.database_owner_url is None
    assert settings.data_dir.name == "editorial"
    assert (settings.host, settings.port) == ("127.0.0.1", 8000)
    assert settings.public_url is None
    assert settings.issuer == "editorial"
    assert settings.cors_origins == ()
    assert settings.pool_size == 10
    assert (settings.claim_limit, settings.claim_hours) == (5, 48)
    assert (settings.access_token_seconds, settings.session_days) == (600, 30)
    assert (settings.site_name, settings.page_cache_mb) == ("Editorial", 64)
    assert settings.page_address("be", "2024-W30", "ceny") == (
        "http://127.0.0.1:8000/v1/published/be/2024-W30/ceny"
    )


def test_an_account_without_a_home_names_its_folder(monkeypatch: pytest.MonkeyPatch) -> None:
    # As in a container whose user has a number and no name.
    for name in ("HOME", "XDG_DATA_HOME"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr("os.path.expanduser", lambda path: path)

    assert Settings.read({"EDITORIAL_DATA_DIR": "/var/lib/editorial"}).data_dir == Path("/var/lib/editorial")
    assert faults_of({}) == ["EDITORIAL_DATA_DIR is not set, and there is no home that it could be in."]


def test_every_variable_is_read() -> None:
    settings = Settings.read(
        {
            "DATABASE_URL": "postgresql://editorial_app@db.example.org/newsroom",
            "DATABASE_OWNER_URL": "postgres://keeper@db.example.org/newsroom",
            "DATABASE_POOLER_URL": "postgresql://editorial_app@db1:6432,db2:6432/newsroom",
            "DATABASE_REPLICA_URL": "postgresql://editorial_app@db1,db2/newsroom?target_session_attrs=standby",
            "EDITORIAL_WORKER_IN_SERVE": "false",
            "EDITORIAL_DATA_DIR": "/srv/newsroom",
            "EDITORIAL_HOST": "::1",
            "EDITORIAL_PORT": "0",
            "EDITORIAL_PUBLIC_URL": "https://api.example.org/digest",
            "EDITORIAL_SITE_URL": "https://digest.example.org/{language}/week-{week}/{slug}",
            "EDITORIAL_SITE_NAME": "Belarus in Focus",
            "EDITORIAL_PAGE_CACHE_MB": "16",
            "EDITORIAL_ISSUER": "https://api.example.org",
            "EDITORIAL_CORS_ORIGINS": "https://desk.example.org, http://localhost:5173,",
            "EDITORIAL_POOL_SIZE": "200",
            "EDITORIAL_TRUSTED_PROXIES": "10.0.0.0/8, 2001:db8::1",
            "EDITORIAL_SIGN_IN_FAILURES_PER_ADDRESS": "500",
            "EDITORIAL_TOTP_REQUIRED_FOR": "coordinator,administrator",
            "EDITORIAL_ENCRYPTION_KEYS": f"{KEY},{KEY}",
            "EDITORIAL_SMTP_URL": "smtp://robot:s%40fe@mail.example.org:587",
            "EDITORIAL_MAIL_FROM": "robot@example.org",
            "EDITORIAL_MAIL_LANGUAGE": "be",
            "EDITORIAL_PASSWORD_PAGE_URL": "https://desk.example.org/set-password",
            "EDITORIAL_CLAIM_LIMIT": "7",
            "EDITORIAL_CLAIM_HOURS": "24",
            "EDITORIAL_ACCESS_TOKEN_SECONDS": "60",
            "EDITORIAL_SESSION_DAYS": "14",
            "EDITORIAL_LOG_FORMAT": "json",
            "HOME": "/home/somebody",
        }
    )

    assert settings == Settings(
        database_url="postgresql://editorial_app@db.example.org/newsroom",
        database_owner_url="postgres://keeper@db.example.org/newsroom",
        database_pooler_url="postgresql://editorial_app@db1:6432,db2:6432/newsroom",
        database_replica_url="postgresql://editorial_app@db1,db2/newsroom?target_session_attrs=standby",
        worker_in_serve=False,
        data_dir=Path("/srv/newsroom"),
        host="::1",
        port=0,
        public_url="https://api.example.org/digest",
        site_url="https://digest.example.org/{language}/week-{week}/{slug}",
        site_name="Belarus in Focus",
        page_cache_mb=16,
        issuer="https://api.example.org",
        cors_origins=("https://desk.example.org", "http://localhost:5173"),
        pool_size=200,
        trusted_proxies=("10.0.0.0/8", "2001:db8::1"),
        sign_in_failures_per_address=500,
        totp_required_for=(Role.COORDINATOR, Role.ADMINISTRATOR),
        encryption_keys=(KEY, KEY),
        smtp_url="smtp://robot:s%40fe@mail.example.org:587",
        mail_from="robot@example.org",
        mail_language="be",
        password_page_url="https://desk.example.org/set-password",
        claim_limit=7,
        claim_hours=24,
        access_token_seconds=60,
        session_days=14,
        log_format="json",
    )


def test_migrations_use_the_only_address_there_is() -> None:
    settings = Settings.read({"DATABASE_URL": "postgresql://keeper@db.example.org/newsroom"})

    assert settings.database_owner_url == settings.database_url


def test_an_empty_variable_is_one_that_is_not_set() -> None:
    settings = Settings.read({"DATABASE_URL": "", "EDITORIAL_PORT": " ", "EDITORIAL_HOST": ""})

    assert (settings.database_url, settings.port, settings.host) == (None, 8000, "127.0.0.1")


def test_all_faults_are_named_at_once() -> None:
    faults = faults_of(
        {"EDITORIAL_PORT": "eighty", "EDITORIAL_POOL_SIZE": "0", "EDITORIAL_LOG_FORMAT": "xml"}
    )

    assert faults == [
        "EDITORIAL_LOG_FORMAT must be either json or console.",
        "EDITORIAL_POOL_SIZE must be a number of connections from 1 to 200.",
        "EDITORIAL_PORT must be a port from 0 to 65535 (0: any that is free).",
    ]


def test_a_mistyped_name_does_not_silently_do_nothing() -> None:
    assert faults_of({"EDITORIAL_PROT": "9000", "EDITORIAL_COLOUR": "red"}) == [
        "EDITORIAL_COLOUR is not a setting.",
        "EDITORIAL_PROT is not a setting. Did you mean EDITORIAL_PORT?",
    ]


def test_an_owner_without_an_application_is_a_fault() -> None:
    [fault] = faults_of({"DATABASE_OWNER_URL": "postgresql://keeper@db.example.org/newsroom"})

    assert "DATABASE_URL is not" in fault


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("DATABASE_URL", "mysql://db.example.org/newsroom"),
        ("EDITORIAL_PUBLIC_URL", "https://api.example.org/"),
        ("EDITORIAL_PUBLIC_URL", "api.example.org"),
        ("EDITORIAL_PUBLIC_URL", "https://api.example.org?x=1"),
        ("EDITORIAL_SITE_URL", "https://digest.example.org/"),
        ("EDITORIAL_SITE_URL", "https://digest.example.org/{slug}"),
        ("EDITORIAL_SITE_URL", "https://навіны.бел/{language}/{slug}"),
        ("EDITORIAL_PUBLIC_URL", "https://навіны.бел"),
        ("EDITORIAL_SITE_URL", "https://digest.example.org/{language}/{id}/{slug}"),
        ("EDITORIAL_CORS_ORIGINS", "*"),
        ("EDITORIAL_CORS_ORIGINS", "https://desk.example.org/"),
        ("EDITORIAL_CORS_ORIGINS", "https://desk.example.org https://www.example.org"),
        ("EDITORIAL_TRUSTED_PROXIES", "10.0.0.0/33"),
        ("EDITORIAL_TRUSTED_PROXIES", "10.1.2.3/8"),
        ("EDITORIAL_TRUSTED_PROXIES", "everybody"),
        ("EDITORIAL_TOTP_REQUIRED_FOR", "everybody"),
        ("EDITORIAL_ENCRYPTION_KEYS", "c2hvcnQ="),
        ("EDITORIAL_ENCRYPTION_KEYS", "not base64"),
        ("EDITORIAL_SMTP_URL", "mail.example.org"),
        ("EDITORIAL_MAIL_FROM", "Robot <robot@example.org>"),
        ("EDITORIAL_PASSWORD_PAGE_URL", "https://desk.example.org/#/set"),
        ("EDITORIAL_PORT", "65536"),
        ("EDITORIAL_PORT", "-1"),
        ("EDITORIAL_PORT", "8000.5"),
        ("EDITORIAL_CLAIM_HOURS", "NaN"),
        ("EDITORIAL_SESSION_DAYS", "1e400"),
    ],
)
def test_a_value_that_does_not_fit_is_named(name: str, value: str) -> None:
    [fault] = faults_of({name: value})

    assert fault.startswith(f"{name} must be ")


def test_where_there_are_several_hosts_the_primary_has_to_be_asked_for() -> None:
    several = "postgresql://editorial_app@db1,db2/newsroom"
    asked = f"{several}?target_session_attrs=read-write"
    [fault] = faults_of({"DATABASE_URL": several, "DATABASE_OWNER_URL": asked})
    assert fault.startswith("DATABASE_URL names several hosts: add target_session_attrs=read-write")
    [fault] = faults_of({"DATABASE_URL": asked, "DATABASE_OWNER_URL": f"{several}?target_session_attrs=any"})
    assert fault.startswith("DATABASE_OWNER_URL names several hosts")
    assert Settings.read({"DATABASE_URL": asked}).database_url == asked
    assert Settings.read(
        {"DATABASE_URL": "postgresql://keeper@/newsroom?host=/a,/b&target_session_attrs=primary"}
    )


def test_hosts_and_ports_that_do_not_go_together_are_a_fault() -> None:
    [fault] = faults_of({"DATABASE_URL": "postgresql://keeper@/newsroom?host=/a,/b&port=1,2,3"})
    assert fault.startswith("DATABASE_URL must be")


def test_a_mail_server_without_a_sender_is_a_fault() -> None:
    [fault] = faults_of({"EDITORIAL_SMTP_URL": "smtps://mail.example.org"})

    assert "EDITORIAL_MAIL_FROM is not" in fault
    assert Settings.read({"EDITORIAL_SMTP_URL": "print:"}).sends_mail is False


def test_no_secret_is_repeated() -> None:
    secret = "correct-horse"
    address = f"postgresql://keeper:{secret}@db.example.org/newsroom"

    assert secret not in repr(Settings.read({"DATABASE_URL": address}))
    assert secret not in "".join(faults_of({"DATABASE_URL": f"{address} with a blank"}))


def test_a_pooler_and_a_replica_stand_beside_a_database_and_the_worker_elsewhere() -> None:
    beside = {
        "DATABASE_POOLER_URL": "postgresql://db1:6432,db2:6432/newsroom",
        "DATABASE_REPLICA_URL": "postgresql://db2/newsroom",
    }
    without = "is set, but DATABASE_URL is not: the application would use the embedded server."
    assert faults_of(beside) == [
        "DATABASE_POOLER_URL is set, and EDITORIAL_WORKER_IN_SERVE is not false: "
        "what happens by itself holds its server for longer; run `editorial worker` for it.",
        f"DATABASE_POOLER_URL {without}",
        f"DATABASE_REPLICA_URL {without}",
    ]
