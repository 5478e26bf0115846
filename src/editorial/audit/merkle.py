"""The Merkle tree of RFC 9162 (2.1): how leaves become one root, and what proves that they did.

A tree is never held as a whole. A node is named by its level (0: the leaves) and its place on that level, and
only complete subtrees are nodes; a range of leaves that a proof needs is put together from a few of them.
Every eighth level is kept, so that whatever node is wanted, at most 256 hashes have to be read for it.
"""

from collections.abc import Callable, Iterable, Sequence
from functools import reduce
from hashlib import sha256

import msgspec

EMPTY = sha256(b"").digest()
"""The root of a tree without leaves."""
STEP = 8
"""Each level that is a multiple of this is kept."""

Node = tuple[int, int]
"""The level and the place of a complete subtree."""
Range = tuple[int, int]
"""The first leaf of a range, and the first one after it."""


class ForgedProof(Exception):
    """A proof that does not prove what it is said to."""


def leaf_hash(content: bytes) -> bytes:
    """The hash of a leaf. Its prefix prevents confusion of a leaf with a node."""
    return sha256(b"\x00" + content).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """The hash of a node above two subtrees."""
    return sha256(b"\x01" + left + right).digest()


def joined(hashes: Sequence[bytes]) -> bytes:
    """The root over complete subtrees that lie side by side, the widest first."""
    return reduce(lambda right, left: node_hash(left, right), reversed(hashes)) if hashes else EMPTY


class Edge(msgspec.Struct):
    """A tree that only grows: of its leaves no more is kept than the complete subtrees along its edge."""

    size: int
    hashes: list[bytes]
    """The widest subtree first."""

    def append(self, leaf: bytes) -> list[tuple[Node, bytes]]:
        """Add a leaf's hash, and return the nodes above it that are complete with it and are to be kept."""
        self.hashes.append(leaf)
        self.size += 1
        kept = []
        level = 0
        while not (self.size >> level) & 1:
            right, left = self.hashes.pop(), self.hashes.pop()
            self.hashes.append(node_hash(left, right))
            level += 1
            if level % STEP == 0:
                kept.append(((level, (self.size >> level) - 1), self.hashes[-1]))
        return kept

    @property
    def root(self) -> bytes:
        """The root as it is now."""
        return joined(self.hashes)


def nodes_of(wanted: Range) -> list[Node]:
    """The complete subtrees that a range consists of, the widest first. It begins where a wide one may."""
    first, end = wanted
    nodes = []
    while first < end:
        level = (end - first).bit_length() - 1
        nodes.append((level, first >> level))
        first += 1 << level
    return nodes


def kept_of(node: Node) -> tuple[int, Range]:
    """The level that is kept, and the range on it, from which a node's hash follows."""
    level, place = node
    below = level % STEP
    return level - below, (place << below, (place + 1) << below)


def hash_of(kept: Sequence[bytes]) -> bytes:
    """A node's hash, from those below it on the level that is kept."""
    hashes = list(kept)
    while len(hashes) > 1:
        hashes = [node_hash(*pair) for pair in zip(hashes[::2], hashes[1::2], strict=True)]
    return hashes[0]


def proof_of(ranges: Iterable[Range], hash_at: Callable[[Node], bytes]) -> list[bytes]:
    """The hashes of a proof, each the root over one of its ranges."""
    return [joined([hash_at(node) for node in nodes_of(wanted)]) for wanted in ranges]


def inclusion_ranges(index: int, size: int) -> list[Range]:
    """What beside a leaf makes up the tree of that size (PATH, 2.1.3.1), the nearest first."""
    first, end = 0, size
    ranges = []
    while end - first > 1:
        middle = first + _widest_below(end - first)
        if index < middle:
            ranges.append((middle, end))
            end = middle
        else:
            ranges.append((first, middle))
            first = middle
    return ranges[::-1]


def consistency_ranges(old: int, new: int) -> list[Range]:
    """What makes up both a tree of size `old` and the later one of size `new` (PROOF, 2.1.4.1)."""
    if old in (0, new):
        return []
    first, end = 0, new
    ranges = []
    while old != end:
        middle = first + _widest_below(end - first)
        if old <= middle:
            ranges.append((middle, end))
            end = middle
        else:
            ranges.append((first, middle))
            first = middle
    # The caller knows the old tree as a whole.
    return ([(first, end)] if first else []) + ranges[::-1]


def check_inclusion(leaf: bytes, index: int, size: int, proof: Sequence[bytes], root: bytes) -> None:
    """See that a leaf is in the tree, at that place (2.1.3.2). Raises `ForgedProof`."""
    if not 0 <= index < size:
        raise ForgedProof("The tree has no such leaf.")
    place, last, found = index, size - 1, leaf
    for sibling in proof:
        if last == 0:
            raise ForgedProof("The proof is too long.")
        if place & 1 or place == last:
            found = node_hash(sibling, found)
            while not place & 1 and place:
                place, last = place >> 1, last >> 1
        else:
            found = node_hash(found, sibling)
        place, last = place >> 1, last >> 1
    if last:
        raise ForgedProof("The proof is too short.")
    if found != root:
        raise ForgedProof("The leaf is not in the tree at that place.")


def check_consistency(old: int, old_root: bytes, new: int, new_root: bytes, proof: Sequence[bytes]) -> None:
    """See that one tree is an earlier one with leaves added (2.1.4.2). Raises `ForgedProof`."""
    if not 0 <= old <= new:
        raise ForgedProof("The later tree is the smaller one.")
    if old == new or old == 0:
        if proof or (old == new and old_root != new_root) or (old == 0 and old_root != EMPTY):
            raise ForgedProof("The trees are not the same, though of one size; or the proof is too long.")
        return
    path = list(proof)
    if not old & (old - 1):
        path.insert(0, old_root)
    if not path:
        raise ForgedProof("The proof is too short.")
    place, last = old - 1, new - 1
    while place & 1:
        place, last = place >> 1, last >> 1
    found_old = found_new = path[0]
    for sibling in path[1:]:
        if last == 0:
            raise ForgedProof("The proof is too long.")
        if place & 1 or place == last:
            found_old, found_new = node_hash(sibling, found_old), node_hash(sibling, found_new)
            while not place & 1 and place:
                place, last = place >> 1, last >> 1
        else:
            found_new = node_hash(found_new, sibling)
        place, last = place >> 1, last >> 1
    if last:
        raise ForgedProof("The proof is too short.")
    if (found_old, found_new) != (old_root, new_root):
        raise ForgedProof("The later tree is not the earlier one with leaves added.")


def _widest_below(width: int) -> int:
    """The largest power of two that is smaller."""
    return 1 << ((width - 1).bit_length() - 1)
