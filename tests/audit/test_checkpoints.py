"""Signed checkpoints: the example of the standard, and notes that must not be believed."""

import base64

import pytest

from editorial.audit.checkpoints import BadNote, Checkpoint, Note, PublicKey, SealKey

# From the documentation of Go's golang.org/x/mod/sumdb/note.
GO_NOTE = (
    "If you think cryptography is the answer to your problem,\n"
    "then you don't know what your problem is.\n"
    "\n"
    "— PeterNeumann "
    "x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n"
)
GO_KEY = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"

# The example of C2SP's tlog-checkpoint.
EXAMPLE = (
    "example.com/behind-the-sofa\n20852163\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n\n"
    "— example.com/behind-the-sofa "
    "Az3grlgtzPICa5OS8npVmf1Myq/5IZniMp+ZJurmRDeOoRDe4URYN7u5/Zhcyv2q1gGzGku9nTo+zyWE+xeMcTOAYQ8=\n"
)

KEY = SealKey("newsroom.example/trail", bytes(range(32)))
OTHER = SealKey("newsroom.example/trail", bytes(range(1, 33)))
CHECKPOINT = Checkpoint("newsroom.example/trail", 3, bytes(32))


def test_the_example_of_the_standard_is_read() -> None:
    note = Note.read(EXAMPLE)
    assert (note.checkpoint.origin, note.checkpoint.size) == ("example.com/behind-the-sofa", 20852163)
    assert base64.b64encode(note.checkpoint.root) == b"CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I="
    assert note.checkpoint.text == note.text


def test_a_key_and_its_signature_are_those_of_the_reference() -> None:
    key = PublicKey.read(GO_KEY)
    assert str(key) == GO_KEY
    text, _, line = GO_NOTE.rpartition("\n\n")
    signature = base64.b64decode(line.split()[-1])
    assert signature[:4] == key.id
    assert key.signed(text + "\n", signature[4:])
    assert not key.signed(text, signature[4:])


def test_what_we_sign_is_what_is_read_again() -> None:
    note = Note.read(CHECKPOINT.note(KEY))
    assert note.opened([KEY.public]) == CHECKPOINT
    assert CHECKPOINT.note(KEY).startswith(
        "newsroom.example/trail\n3\nAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n\n— newsroom.example/trail "
    )


def test_two_keys_sign_one_checkpoint_when_the_one_follows_the_other() -> None:
    note = Note.read(CHECKPOINT.note(KEY, OTHER))
    assert note.signed_by([OTHER.public, KEY.public]) == [KEY.public, OTHER.public]
    assert note.opened([OTHER.public]) == CHECKPOINT


def test_a_key_is_kept_in_one_line_and_never_told() -> None:
    assert SealKey.read(KEY.written() + "\n") == KEY
    assert PublicKey.read(str(KEY.public)) == KEY.public
    assert KEY.seed.hex() not in repr(KEY)


GOOD = CHECKPOINT.note(KEY)


@pytest.mark.parametrize(
    "note",
    [
        GOOD.replace("\n3\n", "\n4\n"),
        GOOD.replace("AAAA=", "AAAE="),
        GOOD.replace("newsroom.example/trail\n3", "newsroom.example/other\n3"),
        CHECKPOINT.note(OTHER),
        CHECKPOINT.note(SealKey("another.example/trail", KEY.seed)),
        # A good signature beside one of the same key that is not.
        GOOD + GOOD.splitlines()[-1][:-6] + "AAAA==\n",
    ],
    ids=["size", "root", "origin", "another key", "another name", "one good and one bad"],
)
def test_a_note_that_the_key_did_not_sign_is_not_opened(note: str) -> None:
    with pytest.raises(BadNote):
        Note.read(note).opened([KEY.public])


@pytest.mark.parametrize(
    "note",
    [
        "",
        GOOD.rstrip("\n"),
        GOOD.replace("\n\n", "\n"),
        GOOD.replace("\n3\n", "\n03\n"),
        GOOD.replace("\n3\n", "\n-3\n"),
        GOOD.replace("\n3\n", "\n9999999999999999999\n"),
        GOOD.replace("AAAA=", "AAAA"),
        GOOD.replace("— newsroom", "- newsroom"),
        GOOD.partition("\n\n")[0] + "\n\n",
        GOOD.partition("\n\n")[0] + "\n\n— newsroom.example/trail AAAA\n",
        GOOD + GOOD.partition("\n\n")[2] * 64,
        "x" * 200_000,
    ],
)
def test_what_is_no_checkpoint_is_refused(note: str) -> None:
    with pytest.raises(BadNote):
        Note.read(note)


@pytest.mark.parametrize(
    "line",
    [
        "",
        GO_KEY.replace("c74f20a3", "c74f20a4"),
        GO_KEY.replace("PeterNeumann", "Peter Neumann"),
        GO_KEY[:-4],
        GO_KEY.replace("+ARpc", "+BRpc"),
        KEY.written(),
    ],
)
def test_what_is_no_key_is_refused(line: str) -> None:
    with pytest.raises(BadNote):
        PublicKey.read(line)


def test_a_public_key_is_no_private_one() -> None:
    with pytest.raises(BadNote):
        SealKey.read(GO_KEY)
