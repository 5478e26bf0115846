"""Forms of words, on a server with a Belarusian dictionary, on one without, and on one that loses it."""

import asyncio
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit
from uuid import uuid4

import asyncpg
import pytest

from bench.parts.newsrooms import Size, fill
from conftest import Run, address, run_sql
from editorial.cli.doctor import examine
from editorial.database import embedded
from editorial.database.migrate import migrate
from editorial.published import dictionary
from servers import run_program

# In the form of hunspell's files, as pg_updatedicts lays them down for Postgres.
AFFIXES = """\
SET UTF-8

SFX M Y 4
SFX M ежы яжа ежы
SFX M ежы ежаў ежы
SFX M ежы яжой ежы
SFX M ежы ежачка ежы

SFX P Y 2
SFX P а у а
SFX P а ы а

SFX V Y 1
SFX V 0 у воз

SFX R Y 1
SFX R ёў ёве ёў
"""
WORDS = "4\nмежы/M\nп'еса/P\nувоз/V\nмагілёў/R\n"
GONE = "The files of the Belarusian dictionary are gone from this server"


class Installation:
    """A Postgres with a folder of dictionaries that is ours to change."""

    def __init__(self, folder: Path) -> None:
        """Copy what a server looks for beside itself; the libraries stay where they are."""
        theirs = embedded.embedded_binaries().parent
        ours = folder / theirs.parent.name / theirs.name
        (ours / "bin").mkdir(parents=True)
        for program in ("postgres", "initdb", "pg_ctl", "psql"):
            shutil.copy2(theirs / "bin" / program, ours / "bin")
        shutil.copytree(theirs / "share", ours / "share", ignore=shutil.ignore_patterns("doc"))
        (ours / "lib").symlink_to(theirs / "lib")
        libraries = theirs.parent.with_name(f"{theirs.parent.name}.libs")
        (folder / libraries.name).symlink_to(libraries)
        self.binaries = ours / "bin"
        self._dictionaries = ours / "share" / "tsearch_data"

    def add_dictionary(self) -> None:
        """Lay the dictionary down, as Debian's pg_updatedicts does."""
        for name, words in (("be_by.affix", AFFIXES), ("be_by.dict", WORDS)):
            (self._dictionaries / name).write_text(words, encoding="utf-8")
            (self._dictionaries / name).chmod(0o644)

    def take_dictionary_away(self) -> None:
        """Uninstall it."""
        for path in self._dictionaries.glob("be_by.*"):
            path.unlink()


@pytest.fixture(scope="module")
def installation(run: Run) -> Installation:
    """Give an installation without the dictionary."""
    return Installation(run.folder / f"installation-{run.worker}")


@pytest.fixture(scope="module")
def own_server(run: Run, installation: Installation) -> Iterator[str]:
    """Give a superuser's address of a server of that installation."""
    with embedded.start(run.folder / f"belarusian-{run.worker}", binaries=installation.binaries) as server:
        asyncio.run(run_sql(server.owner_url, "alter system set fsync = off", "select pg_reload_conf()"))
        yield server.owner_url


async def a_database(own_server: str) -> str:
    """A newsroom's database, migrated."""
    name = f"newsroom_{uuid4().hex}"
    await run_sql(own_server, f"create database {name} template template0")
    await migrate(address(own_server, name))
    return address(own_server, name)


def application_of(url: str) -> str:
    return address(url, urlsplit(url).path.removeprefix("/"), "editorial_app")


async def ask(url: str, question: str, *values: object) -> object:
    connection = await asyncpg.connect(application_of(url))
    try:
        return await connection.fetchval(question, *values)
    finally:
        await connection.close()


async def found(url: str, asked: str) -> object:
    """How many live Belarusian texts have these words."""
    question = (
        "select count(*) from search_document where language = 'be' and words @@ search_query('be', $1)"
    )
    return await ask(url, question, asked)


async def matches(url: str, text: str, asked: str) -> object:
    return await ask(url, "select searchable('be', $1) @@ search_query('be', $2)", text, asked)


# A text, and what is asked for: found with the dictionary, and without.
ASKED = [
    ("Мяжа закрытая", "межаў", True, True),
    ("Чарга каля межаў", "мяжа", True, True),
    # What only a dictionary can know.
    ("Чарга за мяжой", "межачка", True, False),
    # ў at the beginning, in the text or in what is asked.
    ("Падатак на ўвозу", "увоз", True, True),
    ("Увоз забаронены", "ўвозу", True, True),
    ("Увоз забаронены", "ўвоз", True, True),
    # One apostrophe or another, or none.
    ("Новыя п’есы", "п'еса", True, True),
    ("Новыя п'есы", "пʼеса", True, True),
    ("Новыя п`есы", "п‘есу", True, True),
    ("Новая п’еса", "песа", True, True),
    # ё written as е, and a stress mark.
    ("У Магілёве", "Магілеве", True, True),
    ("У Магілеве", "Магілёве", True, True),
    ("У Магілё\u0301ве", "магілёў", True, True),
    ("Каля аўтобусаў", "аўтобус", True, True),
    ("Каля аутобусау", "аўтобус", True, True),
    ("Каля межаў", "аўтобус", False, False),
    # All of the words, each in its own form; a word that begins alike is another word.
    ("Сем’і палітвязняў чакаюць вызвалення", "сям'я палітвязень вызваленне", True, True),
    ("Сем’і палітвязняў чакаюць вызвалення", "сям'я палітолаг", False, False),
    ("Партызаны ў лесе", "партыя", False, False),
]

# Two forms of one word each, and two words each that only begin alike.
SAME = {
    "be": """
верш вершы, вершаў верш, вершамі верш, сям'я сем'і, сем'яў сям'я, сям’ёй сем'і, сямʼя сем’ям, рынак
рынку, рынкі рынак, бежанец бежанцаў, хлопец хлопцы, палец пальцамі, дзень дня, дні дзён, тыдзень
тыдня, вязень вязняў, палітвязень палітвязняў, палітвязні палітвязнем, песня песень, вішня вішань,
агонь агню, рубель рублёў, камень камяні, вецер ветру, сястра сясцёр, сёстры сястра, касцёр кастры,
акно вокны, акон акно, возера азёры, востраў астравы, вока вочы, вуха вушэй, лодка лодак, суполка
суполак, кніга кнізе, дарога дарозе, рука руцэ, рэспубліка рэспубліцы, палітыка палітыцы, страха
страсе, вёска вёсцы, студэнт студэнце, газета газеце, завод заводзе, горад гарады, гарадоў горад,
рада радзе, мяжа межаў, мяжа межы, вясна вёснаў, рэкі рака, галава галоў, карова кароў, мова моў,
слова слоў, права правоў, умова ўмоў, улада ўладзе, ўвоз увозу, вайна войны, Беларусь Беларуссю,
Беларусі Беларусь, моладзь моладдзю, ноч ноччу, вобласць абласцей, памяць памяці, пытанне пытанняў,
жыццё жыцці, Палессе Палессі, насельніцтва насельніцтве, суддзя суддзяў, партыя партый, партыямі
партыя, музей музеі, Магілёў Магілёве, Магілев Магілёвам, Гомель Гомелі, Орша Воршы, Брэст Брэсце,
санкцыя санкцый, краіна краін, школа школ, новы новага, беларускі беларускай, дарагі дарагія,
палітычных палітычны, лекар лекараў, выбары выбарах, п’еса п'ес, з’езд з'ездзе, аб'ём аб’ёмаў,
інтэрв'ю інтэрв’ю, надвор'е надвор’я, чытаць чытае, скарачаюць скарачаў, друкаваць друкуе,
галасаваць галасавалі, любоў любві, царква цэркваў, людзі людзьмі
""",
    "ru": """
рынок рынка, рынки рынок, отец отца, день дня, конец концы, огонь огня, Беларусь Беларуси, Беларусью
Беларуси, рубль рублей, объём объёма, объем объёмов, учёный ученых, счёт счета, самолёт самолеты,
семья семьи, семьёй семья, партия партий, санкция санкциями, страна стран, окно окон, письмо писем,
сестра сестёр, ночь ночью, город городов, завод заводе, новый нового, выборы выборах, экономика
экономике, политзаключённый политзаключенных, сокращают сокращает, статья статей, судья судьи,
бюджет бюджета, решение решений, власть властью
""",
}
OTHERS = {
    "be": """
Беларусь беларусы, партыя партызан, партыя партнёр, сям'я сем, рынак рыначнік, горад гордасць,
дарога дарма, тэрмінал тэрмін, персанал персона, магілёўскі магіла, дзень дзённік, мова мовазнавец,
верш вяршыня, суд суддзя, вязень вязаць, аўтобус аўтар, школа шкода, краіна край, рада радыё,
граніца граната, мяжа мядзведзь, гандаль гандбол, палітвязень палітолаг, санкцыя санаторый, газ
газета, банкір банкет, увоз вывоз, экспарт эксперт, падатак падарожжа, народ нарыс, рэформа рэферат,
вайна ваенны, закон закат, кошт кашуля, студэнт студыя, улада уладальнік
""",
    "ru": """
партия партизан, рынок рыба, объём объект, объёма объекта, город гордость, страна странник, суд
судно, газ газета, банкир банкет, завод заворот, закон закат, семья семинар, экспорт эксперт,
студент студия, персонал персона, терминал термин, граница граната, налог наличие, власть волость,
война воин, отец отель, день деньги, рубль рубашка, цена ценз, журнал журавль, доход дохлый, вывоз
вызов, труд трус, карта картина, мост мостовая
""",
}


def pairs(written: str) -> list[list[str]]:
    return [pair.split() for pair in written.replace("\n", " ").split(",")]


@pytest.fixture(scope="module")
async def servers(installation: Installation, own_server: str) -> tuple[str, str]:
    """Give a database that has the dictionary, and one that has none."""
    installation.take_dictionary_away()
    bare = await a_database(own_server)
    installation.add_dictionary()
    return await a_database(own_server), bare


@pytest.mark.parametrize("language", SAME)
async def test_forms_of_a_word_find_one_another_with_a_dictionary_and_without(
    servers: tuple[str, str], language: str
) -> None:
    question = """
        select array_agg(one.text || ' ' || one.asked)
        from unnest($2::text[], $3::text[]) as one (text, asked)
        where searchable($1, one.text) @@ search_query($1, one.asked) is distinct from $4
    """
    for url in servers:
        for written, found in ((SAME[language], True), (OTHERS[language], False)):
            both = [*pairs(written), *(pair[::-1] for pair in pairs(written))]
            texts, asked = zip(*both, strict=True)
            assert await ask(url, question, language, texts, asked, found) is None
    assert len(pairs(SAME["be"])) >= 60
    assert min(len(pairs(one)) for one in (SAME["ru"], *OTHERS.values())) >= 30


async def test_a_text_in_work_is_read_by_the_same_rule(servers: tuple[str, str]) -> None:
    question = """
        select array_agg(one.text || ' ' || one.asked)
        from unnest($2::text[], $3::text[]) as one (text, asked)
        where searchable($1, 'Слова ' || one.text, one.asked) @@ search_query($1, one.asked)
            is distinct from $4
    """
    for language, alike in SAME.items():
        for written, found in ((alike, True), (OTHERS[language], False)):
            texts, asked = zip(*pairs(written), strict=True)
            assert await ask(servers[1], question, language, texts, asked, found) is None


async def test_a_word_is_found_in_all_the_forms_that_the_dictionary_knows(servers: tuple[str, str]) -> None:
    url, bare = servers
    for text, asked, by_dictionary, without in ASKED:
        assert await matches(url, text, asked) is by_dictionary, (text, asked)
        assert await matches(bare, text, asked) is without, (text, asked)


async def test_a_dictionary_may_come_and_go(
    installation: Installation, own_server: str, tmp_path: Path
) -> None:
    installation.take_dictionary_away()
    url = await a_database(own_server)
    await fill(url, Size(commentaries=60, in_work=0, revisions=1, entries=1))
    everywhere = await found(url, "мяжа")
    assert everywhere
    assert await found(url, "межачка") == 0
    # It comes, and is taken into use.
    installation.add_dictionary()
    assert await dictionary.renew(url) is None
    renewed = await dictionary.reindex(url)
    assert renewed == everywhere
    assert await found(url, "межачка") == everywhere
    assert await dictionary.reindex(url) == 0
    # A dump leaves it out, and goes into a server that does not have it.
    dump, programs = tmp_path / "newsroom.dump", embedded.embedded_binaries()
    written = (str(programs / "pg_dump"), "--format=custom", "--exclude-schema=editorial_dictionary")
    subprocess.run([*written, f"--file={dump}", url], check=True)
    installation.take_dictionary_away()
    again = f"newsroom_{uuid4().hex}"
    await run_sql(url, f"create database {again} template template0")
    restored = address(url, again)
    subprocess.run(
        [str(programs / "pg_restore"), "--exit-on-error", f"--dbname={restored}", str(dump)], check=True
    )
    await migrate(restored)
    for one in (url, restored):
        # A form that is asked for is not looked up any more, and nothing fails.
        assert await found(one, "мяжа") == everywhere
        assert await found(one, "межачка") == 0
    assert not [one for one in await examine(restored, application_of(restored)) if GONE in one.says]
    assert [one.is_well for one in await examine(url, application_of(url)) if GONE in one.says] == [False]
    # What was published when it was there is indexed as if it had never been.
    said = run_program(url, "reindex").splitlines()
    assert said[0].startswith("No Belarusian dictionary is in use: could not open dictionary file")
    assert said[1] == f"Texts that were indexed again: {renewed}."
    assert not [one for one in await examine(url, application_of(url)) if GONE in one.says]
    assert await dictionary.reindex(url) == 0
    assert await found(url, "мяжа") == everywhere
