"""What need not be worked out anew in every frame, because what it is worked out from is the same. UI thread only."""

from __future__ import annotations

from collections.abc import Callable
from typing import Generic, TypeVar

Made = TypeVar("Made")


class Memo(Generic[Made]):
    """The last result of a calculation, and the things it was made from.

    These are compared by being the very same ones: so let them be things that are replaced when they change, as every
    message's arrays are, and never changed themselves. What is a plain value needs no ``Memo`` but ``lru_cache``.
    """

    def __init__(self) -> None:
        self._things: tuple[object, ...] | None = None
        self._made: Made

    def of(self, make: Callable[[], Made], *things: object) -> Made:
        """What ``make`` made, or makes now, of ``things``."""
        before = self._things
        if before is None or len(before) != len(things) or any(a is not b for a, b in zip(before, things, strict=True)):
            self._made, self._things = make(), things
        return self._made
