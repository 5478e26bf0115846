"""The same three requests by FastAPI, Pydantic and SQLAlchemy: its asyncio engine, its ORM, on asyncpg."""

import os
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Annotated, Any, ClassVar, Literal
from uuid import UUID, uuid4

import jwt
import uvicorn
from cryptography.hazmat.primitives.serialization import load_der_private_key
from fastapi import Depends, FastAPI, Header, HTTPException, Query, Request, Response
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer
from pydantic import BaseModel, ConfigDict
from sqlalchemy import DateTime, ForeignKey, ForeignKeyConstraint, select
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, joinedload, mapped_column, relationship, selectinload

engine = create_async_engine(os.environ["PEER_URL_SQLALCHEMY"], pool_size=10, max_overflow=0)
sessions = async_sessionmaker(engine, expire_on_commit=False)
keys: dict[str, Any] = {}


class Base(DeclarativeBase):
    type_annotation_map: ClassVar = {datetime: DateTime(timezone=True)}


class Person(Base):
    __tablename__ = "person"
    id: Mapped[UUID] = mapped_column(primary_key=True)
    display_name: Mapped[str | None]
    state: Mapped[str]
    roles: Mapped[list["PersonRole"]] = relationship()


class PersonRole(Base):
    __tablename__ = "person_role"
    person_id: Mapped[UUID] = mapped_column(ForeignKey("person.id"), primary_key=True)
    role: Mapped[str] = mapped_column(primary_key=True)


class SignedIn(Base):
    __tablename__ = "session"
    id: Mapped[UUID] = mapped_column(primary_key=True)
    ended_at: Mapped[datetime | None]


class SigningKey(Base):
    __tablename__ = "signing_key"
    id: Mapped[str] = mapped_column(primary_key=True)
    private_key: Mapped[bytes]


class Section(Base):
    __tablename__ = "section"
    key: Mapped[str] = mapped_column(primary_key=True)
    labels: Mapped[dict[str, str]] = mapped_column(JSONB)


class Byline(Base):
    __tablename__ = "byline"
    id: Mapped[UUID] = mapped_column(primary_key=True)
    name: Mapped[str]


class Commentary(Base):
    __tablename__ = "commentary"
    id: Mapped[UUID] = mapped_column(primary_key=True)
    version: Mapped[int] = mapped_column()
    state: Mapped[str]
    week: Mapped[str]
    section_key: Mapped[str] = mapped_column("section", ForeignKey("section.key"))
    source_language: Mapped[str]
    author_id: Mapped[UUID] = mapped_column(ForeignKey("person.id"))
    byline_id: Mapped[UUID | None] = mapped_column(ForeignKey("byline.id"))
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]
    author: Mapped[Person] = relationship()
    byline_row: Mapped[Byline | None] = relationship()
    section_row: Mapped[Section] = relationship()
    editions: Mapped[list["Edition"]] = relationship(back_populates="commentary")
    __mapper_args__ = {"version_id_col": version}

    @property
    def source(self) -> "Edition":
        return next(one for one in self.editions if one.is_source)

    @property
    def title(self) -> str:
        return self.source.latest.title if self.source.latest else ""

    @property
    def lead(self) -> str:
        return self.source.latest.lead if self.source.latest else ""

    @property
    def byline(self) -> str | None:
        return self.byline_row.name if self.byline_row else None

    @property
    def section(self) -> str:
        return self.section_key


class Revision(Base):
    __tablename__ = "revision"
    commentary_id: Mapped[UUID] = mapped_column(primary_key=True)
    language: Mapped[str] = mapped_column(primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True)
    title: Mapped[str]
    lead: Mapped[str]
    trend: Mapped[str | None]
    photo: Mapped[dict[str, Any] | None] = mapped_column(JSONB)
    blocks: Mapped[list[dict[str, Any]]] = mapped_column(JSONB, deferred=True)


class Edition(Base):
    __tablename__ = "edition"
    commentary_id: Mapped[UUID] = mapped_column(ForeignKey("commentary.id"), primary_key=True)
    language: Mapped[str] = mapped_column(primary_key=True)
    is_source: Mapped[bool]
    revision: Mapped[int | None]
    live_revision: Mapped[int | None]
    slug: Mapped[str | None]
    status: Mapped[str]
    published_at: Mapped[datetime | None]
    commentary: Mapped[Commentary] = relationship(back_populates="editions")
    latest: Mapped[Revision | None] = relationship(viewonly=True)
    __table_args__ = (
        ForeignKeyConstraint(
            ["commentary_id", "language", "revision"],
            ["revision.commentary_id", "revision.language", "revision.number"],
        ),
    )


class AuditLog(Base):
    __tablename__ = "audit_log"
    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    at: Mapped[datetime]
    actor_id: Mapped[UUID]
    action: Mapped[str]
    object_id: Mapped[UUID]
    before: Mapped[dict[str, Any]] = mapped_column(JSONB)
    after: Mapped[dict[str, Any]] = mapped_column(JSONB)


class EditionOut(BaseModel):
    model_config = ConfigDict(from_attributes=True)
    language: str
    status: str
    slug: str | None
    published_at: datetime | None


class AuthorOut(BaseModel):
    model_config = ConfigDict(from_attributes=True)
    id: UUID
    display_name: str | None


class CommentaryOut(BaseModel):
    model_config = ConfigDict(from_attributes=True)
    id: UUID
    version: int
    state: str
    week: str
    section: str
    source_language: str
    title: str
    lead: str
    byline: str | None
    author: AuthorOut
    editions: list[EditionOut]
    updated_at: datetime


class PublishedOut(BaseModel):
    language: str
    week: str
    section: dict[str, str]
    trend: str | None
    title: str
    lead: str
    blocks: list[dict[str, Any]]
    byline: str | None
    photo: dict[str, Any] | None
    published_at: datetime
    alternates: list[dict[str, str]]


class Transition(BaseModel):
    action: Literal["submit", "recall"]


@asynccontextmanager
async def lifespan(_: FastAPI) -> AsyncIterator[None]:
    async with sessions() as session:
        for key in await session.scalars(select(SigningKey)):
            keys[key.id] = load_der_private_key(key.private_key, None).public_key()
    print(f"http://127.0.0.1:{os.environ['PEER_PORT']}", flush=True)
    yield
    await engine.dispose()


app = FastAPI(lifespan=lifespan)


async def get_session() -> AsyncIterator[AsyncSession]:
    async with sessions() as session:
        yield session


Session = Annotated[AsyncSession, Depends(get_session)]


async def get_person(
    session: Session, bearer: Annotated[HTTPAuthorizationCredentials, Depends(HTTPBearer())]
) -> Person:
    try:
        kid = jwt.get_unverified_header(bearer.credentials)["kid"]
        claims = jwt.decode(bearer.credentials, keys[kid], algorithms=["EdDSA"], audience="editorial")
    except (jwt.PyJWTError, KeyError) as fault:
        raise HTTPException(401) from fault
    signed_in = await session.get(SignedIn, UUID(claims["sid"]))
    person = await session.get(Person, UUID(claims["sub"]), options=[selectinload(Person.roles)])
    if signed_in is None or signed_in.ended_at is not None or person is None or person.state != "active":
        raise HTTPException(401)
    return person


Somebody = Annotated[Person, Depends(get_person)]
WHOLE = (
    joinedload(Commentary.author),
    joinedload(Commentary.byline_row),
    selectinload(Commentary.editions).joinedload(Edition.latest),
)


@app.get("/v1/commentaries")
async def list_commentaries(
    session: Session,
    person: Somebody,
    state: str | None = None,
    limit: Annotated[int, Query(ge=1, le=100)] = 25,
) -> list[CommentaryOut]:
    query = select(Commentary).options(*WHOLE)
    if not any(one.role == "coordinator" for one in person.roles):
        query = query.where(Commentary.author_id == person.id)
    if state is not None:
        query = query.where(Commentary.state == state)
    found = await session.scalars(
        query.order_by(Commentary.created_at.desc(), Commentary.id.desc()).limit(limit)
    )
    return [CommentaryOut.model_validate(one) for one in found.unique()]


@app.post("/v1/commentaries/{id}/transitions")
async def move_commentary(
    id: UUID,
    wanted: Transition,
    session: Session,
    person: Somebody,
    response: Response,
    if_match: Annotated[str, Header()],
) -> CommentaryOut:
    query = select(Commentary).where(Commentary.id == id).options(*WHOLE).with_for_update(of=Commentary)
    commentary = await session.scalar(query)
    if commentary is None or commentary.author_id != person.id:
        raise HTTPException(404)
    if if_match.strip('"') != str(commentary.version):
        raise HTTPException(412)
    before, after = {"submit": ("draft", "in_review"), "recall": ("in_review", "draft")}[wanted.action]
    if commentary.state != before:
        raise HTTPException(409)
    if wanted.action == "submit" and not (commentary.title and commentary.lead):
        raise HTTPException(422)
    commentary.state, commentary.updated_at = after, datetime.now(UTC)
    session.add(
        AuditLog(
            at=datetime.now(UTC),
            actor_id=person.id,
            action=wanted.action,
            object_id=id,
            before={"state": before},
            after={"state": after},
        )
    )
    await session.commit()
    response.headers["ETag"] = f'"{commentary.version}"'
    return CommentaryOut.model_validate(commentary)


@app.get("/v1/published/{language}/{week}/{slug}")
async def get_published(
    language: str, week: str, slug: str, session: Session, request: Request
) -> PublishedOut:
    edition = await session.scalar(
        select(Edition)
        .where(Edition.language == language, Edition.slug == slug, Edition.live_revision.is_not(None))
        .options(
            joinedload(Edition.commentary).options(
                joinedload(Commentary.byline_row),
                joinedload(Commentary.section_row),
                selectinload(Commentary.editions),
            )
        )
    )
    if edition is None or edition.commentary.week != week:
        raise HTTPException(404)
    key = (edition.commentary_id, language, edition.live_revision)
    text = await session.get(Revision, key, options=[selectinload_blocks()])
    commentary = edition.commentary
    return PublishedOut(
        language=language,
        week=week,
        section={"key": commentary.section_key, "label": commentary.section_row.labels[language]},
        trend=text.trend,
        title=text.title,
        lead=text.lead,
        blocks=text.blocks,
        byline=commentary.byline,
        photo=text.photo,
        published_at=edition.published_at,
        alternates=[
            {"language": one.language, "slug": one.slug}
            for one in commentary.editions
            if one.live_revision is not None and one.language != language
        ],
    )


def selectinload_blocks() -> Any:
    from sqlalchemy.orm import undefer

    return undefer(Revision.blocks)


if __name__ == "__main__":
    sys.exit(uvicorn.run(app, port=int(os.environ["PEER_PORT"]), access_log=False, log_level="error"))
