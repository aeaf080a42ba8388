"""What a rewind left: the ends of a text that were taken away, each of which can be returned to.

A branch is what stood behind a place of the text. Where text before that place is taken away too, the branch keeps
that as well, so that every branch fits onto the text as it is and can be put back at any time. Pure; generic over what
a text is made of, so that a performance and a reader of takes keep branches by the same rule. No thread of its own.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

T = TypeVar("T")  # one character, with whatever is known of it

BRANCHES_KEPT = 8  # the oldest makes room
BRANCH_CHARS = 2_000  # a longer one is let go


@dataclass(frozen=True)
class Branch(Generic[T]):
    """What stood behind ``position``; ``number`` tells it from all others of its performance."""

    number: int
    position: int
    items: tuple[T, ...]


class Branches(Generic[T]):
    """None yet."""

    def __init__(self, kept: Sequence[Branch[T]] = (), next_number: int = 1) -> None:
        self._kept = list(kept)
        self.next_number = next_number

    def __len__(self) -> int:
        return len(self._kept)

    def all(self) -> tuple[Branch[T], ...]:
        """All that are kept, the oldest first."""
        return tuple(self._kept)

    def leave(self, length: int, items: Sequence[T]) -> None:
        """The text is cut to ``length``, and ``items`` stood behind it: they become a branch."""
        grown = []
        for branch in self._kept:
            if branch.position > length:
                between = tuple(items[: branch.position - length])
                if len(between) < branch.position - length or len(between) + len(branch.items) > BRANCH_CHARS:
                    continue
                branch = Branch(branch.number, length, between + branch.items)
            grown.append(branch)
        if items and len(items) <= BRANCH_CHARS:
            grown.append(Branch(self.next_number, length, tuple(items)))
            self.next_number += 1
        self._kept = grown[-BRANCHES_KEPT:]

    def find(self, number: int) -> Branch[T] | None:
        """The branch of this number, if it is still kept."""
        return next((branch for branch in self._kept if branch.number == number), None)

    def remove(self, number: int) -> None:
        """The branch of this number is part of the text again."""
        self._kept = [branch for branch in self._kept if branch.number != number]

    def clear(self) -> None:
        """No branch fits any more; numbers go on."""
        self._kept = []


def put_back(text: list[T], branches: Branches[T], number: int, start: int = 0) -> int | None:
    """Put branch ``number`` back onto ``text``, whose first item stands at position ``start``.

    What it takes the place of becomes a branch. Returns the position from which the text is another now; None, and
    nothing changes, where the branch is gone or begins before what is held.
    """
    branch = branches.find(number)
    if branch is None or branch.position < start or branch.position > start + len(text):
        return None
    branches.remove(number)
    branches.leave(branch.position, text[branch.position - start :])
    text[branch.position - start :] = branch.items
    return branch.position
