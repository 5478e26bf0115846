"""The same by FastAPI with SQLAlchemy, and by Django REST Framework, as a good developer writes it.

A public read, 50 texts of a state, and a transition, over the same schema and a copy of the same data, in
`bench/peers/`. Both check the token's signature, session, person and roles in each request, and neither of
them renders the body as HTML. A transition is submit and recall in turn, on a thousand drafts, with a row
lock, the version that was seen and a row of their trail, which one more statement writes: nothing in their
database does, and nothing there keeps four eyes. FastAPI is served by one process of uvicorn (uvloop,
httptools) with a pool of ten connections, as the product is; Django by two of gunicorn with four threads
each. They live in a virtual environment of their own, `.venv-peers`, which the first run makes from
`bench/peers/requirements.txt`. `python -m bench.others [--quick]` runs it alone.
"""

import contextlib
import subprocess
import sys
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

from bench.desk import NO_DRAFT_IN_REVIEW, moving
from bench.parts import loads, newsrooms, servers
from bench.parts.loads import http
from bench.parts.newsrooms import Newsroom
from bench.parts.servers import Server
from bench.parts.tables import Against, Row, measure
from bench.published import published

HERE = Path(__file__).parent / "peers"
HOME = Path(__file__).parent.parent / ".venv-peers"
FASTAPI, DJANGO = "FastAPI + SQLAlchemy", "Django REST Framework"
PREPARE = (
    "create table audit_log (id uuid primary key, at timestamptz not null, actor_id uuid not null, "
    "action text not null, object_id uuid not null, before jsonb not null, after jsonb not null)",
    "create index on audit_log (object_id, at)",
    "grant select, insert on audit_log to editorial_app",
    "alter table commentary disable trigger user",
)


def main(quick: bool) -> None:
    """Measure."""
    loads.wrk()
    sys.stdout.write(f"{__doc__}\n")
    rounds, seconds = (2, 1) if quick else (5, 3)
    install()
    with newsrooms.postgres_of_its_own() as (server, folder), contextlib.ExitStack() as stack:
        newsroom = newsrooms.newsroom(server, newsrooms.Size())
        with servers.product(newsroom.url, folder) as first:
            page = published(first)
            who, author = (newsrooms.token(first.url, role) for role in ("coordinator", "analyst"))
        newsroom.run(NO_DRAFT_IN_REVIEW)
        copied = newsroom.copy("peers")
        copied.run(*PREPARE)
        product = stack.enter_context(servers.product(newsroom.url, folder))
        fastapi, django = stack.enter_context(_fastapi(copied)), stack.enter_context(_django(copied))
        where = [("product", product), (FASTAPI, fastapi), (DJANGO, django)]
        listed, signed_in = "/v1/commentaries?state=published&limit=50", {"Authorization": f"Bearer {who}"}
        sys.stdout.write(f"\n{rounds} rounds of {seconds} s, 32 connections.\n\n")
        rows = [
            Row(
                name="public read, three ways",
                ways={name: _get(one, page.path, seconds, {}) for name, one in where},
                ratios=_against(40, 60),
            ),
            Row(
                name="a transition, three ways",
                ways={
                    name: moving(of, one, author, folder, seconds)
                    for (name, one), of in zip(where, [newsroom, copied, copied], strict=True)
                },
                ratios=[
                    *_against(5, None),
                    Against(upper="product", lower=FASTAPI, of_processor=True),
                ],
            ),
        ]
        if not quick:
            rows.append(
                Row(
                    name="50 of 20,000 texts, three ways",
                    ways={name: _get(one, listed, seconds, signed_in) for name, one in where},
                    ratios=_against(None, None),
                )
            )
        measure(rows, rounds)


def _against(fastapi: float | None, django: float | None) -> list[Against]:
    return [
        Against(upper="product", lower=FASTAPI, aim=fastapi),
        Against(upper="product", lower=DJANGO, aim=django),
    ]


def _get(server: Server, path: str, seconds: int, headers: dict[str, str]) -> loads.Way:
    return lambda: http(server, path, seconds=seconds, headers=headers)


def install() -> None:
    """Make their virtual environment, unless it is there."""
    wanted = (HERE / "requirements.txt").read_text()
    mark = HOME / "installed"
    if mark.exists() and mark.read_text() == wanted:
        return
    subprocess.run([sys.executable, "-m", "venv", "--clear", str(HOME)], check=True)
    pip = [str(HOME / "bin/python"), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    subprocess.run([*pip, "--requirement", str(HERE / "requirements.txt")], check=True)
    mark.write_text(wanted)


def _fastapi(newsroom: Newsroom) -> contextlib.AbstractContextManager[Server]:
    url = newsroom.url.replace("postgresql://", "postgresql+asyncpg://")
    environment = {"PEER_URL_SQLALCHEMY": url, "PEER_PORT": str(servers.free_port())}
    return _peer(["bin/python", str(HERE / "fastapi_app.py")], environment)


def _django(newsroom: Newsroom) -> contextlib.AbstractContextManager[Server]:
    parts = urlsplit(newsroom.url)
    where, port = parse_qs(parts.query), str(servers.free_port())
    environment = {
        "PEER_DATABASE": parts.path.removeprefix("/"),
        "PEER_USER": parts.username or "",
        "PEER_HOST": where["host"][0],
        "PEER_DATABASE_PORT": where["port"][0],
        "PEER_PORT": port,
    }
    gunicorn = [
        "bin/python",
        "-m",
        "gunicorn",
        "--workers",
        "2",
        "--threads",
        "4",
        "--bind",
        f"127.0.0.1:{port}",
    ]
    return _peer([*gunicorn, "--log-level", "error", "drf.wsgi:application"], environment)


def _peer(command: list[str], environment: dict[str, str]) -> contextlib.AbstractContextManager[Server]:
    url = f"http://127.0.0.1:{environment['PEER_PORT']}"
    return servers.answering([str(HOME / command[0]), *command[1:]], url, environment, HERE)


if __name__ == "__main__":
    main("--quick" in sys.argv)
