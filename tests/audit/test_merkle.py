"""The tree of RFC 9162: the vectors that everybody's implementation is held against, and forged proofs."""

from collections.abc import Callable
from hashlib import sha256
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from editorial.audit.merkle import (
    EMPTY,
    Edge,
    ForgedProof,
    Node,
    check_consistency,
    check_inclusion,
    consistency_ranges,
    hash_of,
    inclusion_ranges,
    kept_of,
    leaf_hash,
    node_hash,
    nodes_of,
    proof_of,
)

# The reference vectors of Certificate Transparency.
LEAVES = [
    leaf_hash(bytes.fromhex(content))
    for content in (
        "",
        "00",
        "10",
        "2021",
        "3031",
        "40414243",
        "5051525354555657",
        "606162636465666768696a6b6c6d6e6f",
    )
]
ROOTS = [
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
]
SUBTREES = {
    "0..1": "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "0..3": "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "0": "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "1": "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7",
    "2..3": "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
    "4": "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
    "4..5": "0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a",
    "4..7": "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4",
    "6..7": "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
}


def in_memory(leaves: list[bytes], node: Node) -> bytes:
    """A node's hash, straight from the leaves."""
    level, place = node
    return hash_of(leaves[place << level : (place + 1) << level])


def inclusion(leaves: list[bytes], index: int, size: int) -> list[bytes]:
    return proof_of(inclusion_ranges(index, size), lambda node: in_memory(leaves, node))


def consistency(leaves: list[bytes], old: int, new: int) -> list[bytes]:
    return proof_of(consistency_ranges(old, new), lambda node: in_memory(leaves, node))


def root(leaves: list[bytes]) -> bytes:
    """MTH of 2.1.1, word for word."""
    if not leaves:
        return sha256(b"").digest()
    if len(leaves) == 1:
        return leaves[0]
    middle = 1
    while middle * 2 < len(leaves):
        middle *= 2
    return sha256(b"\x01" + root(leaves[:middle]) + root(leaves[middle:])).digest()


def test_the_roots_are_those_of_the_reference() -> None:
    edge = Edge(0, [])
    found = [edge.root.hex()]
    for leaf in LEAVES:
        edge.append(leaf)
        found.append(edge.root.hex())
    assert found == ROOTS


@pytest.mark.parametrize(
    ("index", "size", "proof"),
    [
        (0, 1, []),
        (0, 8, ["1", "2..3", "4..7"]),
        (5, 8, ["4", "6..7", "0..3"]),
        (2, 3, ["0..1"]),
        (1, 5, ["0", "2..3", "4"]),
    ],
)
def test_inclusion_is_proved_as_in_the_reference(index: int, size: int, proof: list[str]) -> None:
    assert [one.hex() for one in inclusion(LEAVES, index, size)] == [SUBTREES[one] for one in proof]


@pytest.mark.parametrize(
    ("old", "new", "proof"),
    [
        (1, 1, []),
        (1, 8, ["1", "2..3", "4..7"]),
        (6, 8, ["4..5", "6..7", "0..3"]),
        (2, 5, ["2..3", "4"]),
    ],
)
def test_consistency_is_proved_as_in_the_reference(old: int, new: int, proof: list[str]) -> None:
    assert [one.hex() for one in consistency(LEAVES, old, new)] == [SUBTREES[one] for one in proof]


sizes = st.integers(1, 700)


def some(size: int) -> list[bytes]:
    return [leaf_hash(str(number).encode()) for number in range(size)]


@given(sizes, st.data())
def test_every_leaf_of_every_tree_has_a_proof(size: int, data: st.DataObject) -> None:
    leaves = some(size)
    index = data.draw(st.integers(0, size - 1))
    check_inclusion(leaves[index], index, size, inclusion(leaves, index, size), root(leaves))


@given(sizes, st.data())
def test_every_two_trees_have_a_proof(new: int, data: st.DataObject) -> None:
    leaves = some(new)
    old = data.draw(st.integers(0, new))
    check_consistency(old, root(leaves[:old]), new, root(leaves), consistency(leaves, old, new))


@given(sizes, st.data())
def test_a_tree_grows_from_its_edge_and_keeps_what_its_proofs_need(size: int, data: st.DataObject) -> None:
    leaves = some(size)
    kept = {(0, place): leaf for place, leaf in enumerate(leaves)}
    edge = Edge(0, [])
    for leaf in leaves:
        kept.update(edge.append(leaf))
    assert edge.root == root(leaves)
    assert all(level % 8 == 0 for level, _ in kept)

    def read(node: Node) -> bytes:
        level, (first, end) = kept_of(node)
        return hash_of([kept[level, place] for place in range(first, end)])

    index = data.draw(st.integers(0, size - 1))
    assert proof_of(inclusion_ranges(index, size), read) == inclusion(leaves, index, size)
    assert Edge(index, [read(node) for node in nodes_of((0, index))]).root == root(leaves[:index])


FORGED_INCLUSION: dict[str, Callable[..., tuple[Any, ...]]] = {
    "another leaf": lambda leaf, index, size, proof, root: (leaf_hash(b"x"), index, size, proof, root),
    "another place": lambda leaf, index, size, proof, root: (leaf, index + 1, size, proof, root),
    "a place outside": lambda leaf, index, size, proof, root: (leaf, size, size, proof, root),
    "a negative place": lambda leaf, index, size, proof, root: (leaf, -1, size, proof, root),
    "a larger tree": lambda leaf, index, size, proof, root: (leaf, index, size * 2, proof, root),
    "a smaller tree": lambda leaf, index, size, proof, root: (leaf, index, size // 2, proof, root),
    "no tree": lambda leaf, index, size, proof, root: (leaf, 0, 0, [], EMPTY),
    "truncated": lambda leaf, index, size, proof, root: (leaf, index, size, proof[:-1], root),
    "without its first hash": lambda leaf, index, size, proof, root: (leaf, index, size, proof[1:], root),
    "too long": lambda leaf, index, size, proof, root: (leaf, index, size, [*proof, root], root),
    "empty": lambda leaf, index, size, proof, root: (leaf, index, size, [], root),
    "swapped siblings": lambda leaf, index, size, proof, root: (leaf, index, size, proof[::-1], root),
    "the sibling for the leaf": lambda leaf, index, size, proof, root: (
        proof[0],
        index,
        size,
        [leaf, *proof[1:]],
        root,
    ),
    "one bit": lambda leaf, index, size, proof, root: (
        leaf,
        index,
        size,
        [bytes([proof[0][0] ^ 1]) + proof[0][1:], *proof[1:]],
        root,
    ),
    "another root": lambda leaf, index, size, proof, root: (leaf, index, size, proof, proof[-1]),
    "the root as its own leaf": lambda leaf, index, size, proof, root: (root, index, size, [], root),
}


@pytest.mark.parametrize("forgery", FORGED_INCLUSION)
@pytest.mark.parametrize(("index", "size"), [(5, 8), (2, 7), (4, 6), (0, 8)])
def test_a_forged_proof_of_inclusion_proves_nothing(forgery: str, index: int, size: int) -> None:
    good = (LEAVES[index], index, size, inclusion(LEAVES, index, size), root(LEAVES[:size]))
    check_inclusion(*good)
    with pytest.raises(ForgedProof):
        check_inclusion(*FORGED_INCLUSION[forgery](*good))


def test_a_node_is_never_taken_for_a_leaf() -> None:
    # Second preimage: two hashes side by side as the content of a leaf, one level further up.
    pair = LEAVES[0] + LEAVES[1]
    tree = root(LEAVES[:4])
    shorter = inclusion(LEAVES, 0, 4)[1:]
    assert node_hash(node_hash(LEAVES[0], LEAVES[1]), *shorter) == tree
    with pytest.raises(ForgedProof):
        check_inclusion(leaf_hash(pair), 0, 2, shorter, tree)
    with pytest.raises(ForgedProof):
        check_inclusion(leaf_hash(b"\x01" + pair), 0, 2, shorter, tree)


FORGED_CONSISTENCY: dict[str, Callable[..., tuple[Any, ...]]] = {
    "another earlier root": lambda old, old_root, new, new_root, proof: (old, proof[0], new, new_root, proof),
    "another later root": lambda old, old_root, new, new_root, proof: (old, old_root, new, old_root, proof),
    "the roots swapped": lambda old, old_root, new, new_root, proof: (old, new_root, new, old_root, proof),
    "the sizes swapped": lambda old, old_root, new, new_root, proof: (new, old_root, old, new_root, proof),
    "another earlier size": lambda old, old_root, new, new_root, proof: (
        old - 1,
        old_root,
        new,
        new_root,
        proof,
    ),
    "another later size": lambda old, old_root, new, new_root, proof: (
        old,
        old_root,
        new * 2,
        new_root,
        proof,
    ),
    "one size, two roots": lambda old, old_root, new, new_root, proof: (new, old_root, new, new_root, []),
    "one size, with a proof": lambda old, old_root, new, new_root, proof: (
        new,
        new_root,
        new,
        new_root,
        proof,
    ),
    "from nothing, with a proof": lambda old, old_root, new, new_root, proof: (
        0,
        EMPTY,
        new,
        new_root,
        proof,
    ),
    "from a wrong nothing": lambda old, old_root, new, new_root, proof: (0, old_root, new, new_root, []),
    "a negative size": lambda old, old_root, new, new_root, proof: (-1, old_root, new, new_root, proof),
    "truncated": lambda old, old_root, new, new_root, proof: (old, old_root, new, new_root, proof[:-1]),
    "without its first hash": lambda old, old_root, new, new_root, proof: (
        old,
        old_root,
        new,
        new_root,
        proof[1:],
    ),
    "too long": lambda old, old_root, new, new_root, proof: (
        old,
        old_root,
        new,
        new_root,
        [*proof, new_root],
    ),
    "empty": lambda old, old_root, new, new_root, proof: (old, old_root, new, new_root, []),
    "swapped": lambda old, old_root, new, new_root, proof: (old, old_root, new, new_root, proof[::-1]),
}


@pytest.mark.parametrize("forgery", FORGED_CONSISTENCY)
@pytest.mark.parametrize(("old", "new"), [(6, 8), (3, 7), (5, 8)])
def test_a_forged_proof_of_consistency_proves_nothing(forgery: str, old: int, new: int) -> None:
    good = (old, root(LEAVES[:old]), new, root(LEAVES[:new]), consistency(LEAVES, old, new))
    check_consistency(*good)
    with pytest.raises(ForgedProof):
        check_consistency(*FORGED_CONSISTENCY[forgery](*good))


@given(st.integers(2, 300), st.data())
def test_a_rewritten_leaf_leads_to_no_proof(new: int, data: st.DataObject) -> None:
    leaves = some(new)
    old = data.draw(st.integers(1, new - 1))
    changed = data.draw(st.integers(0, old - 1))
    rewritten = [*leaves[:changed], leaf_hash(b"rewritten"), *leaves[changed + 1 :]]
    for proof in (consistency(leaves, old, new), consistency(rewritten, old, new)):
        with pytest.raises(ForgedProof):
            check_consistency(old, root(leaves[:old]), new, root(rewritten), proof)
