"""A take played once more, but otherwise from some character on: by other values, another seed, or other voices.

What comes of it is a take again, which can be shown, exported and replayed like any other. After the place where it
turns, what the performer did is done again at the same characters, as far as the new values leave it, and the voices
have all the time they want. Belongs to the caller's thread.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from models.interface import Voices
from protocol.errors import ParameterError
from protocol.tree import ParameterTree, Value
from server import performance
from server.manners.keeping import Manners
from server.takes.events import (
    Coming,
    Controls,
    Ended,
    Event,
    Joined,
    Listened,
    Read,
    Resumed,
    Settled,
    Unheard,
    Written,
    changed,
)
from server.takes.playing import Gather, Player
from server.takes.reading import Take
from server.takes.recording import RecordedPerformance

OF_TIME = (Settled, Read, Unheard, Listened, Coming)  # what time decided then, and decides anew now


class Rendering:
    """``take`` before ``voices``; ``events`` are those of the new take, as far as it goes."""

    def __init__(self, take: Take, voices: Voices, gather: Gather, manners: Manners | None = None) -> None:
        self.events: list[Event] = []
        self._t = 0.0
        self._joining: Joined | None = None
        stage = RecordedPerformance(voices, take.header.seed, self._keep, lambda: self._t, manners)
        self._take, self._player = take, Player(stage, gather)

    def play(
        self, begin: int = 1, values: Mapping[str, Value] | None = None, seed: int | None = None
    ) -> Iterator[performance.Written]:
        """Each character as it comes. From the first one with number ``begin`` on, ``values`` and ``seed`` hold.

        Raises ``TakeError`` where the take cannot be read.
        """
        player, otherwise = self._player, dict(values or {})
        turned = False
        for event in self._take.events():
            self._t = max(self._t, getattr(event, "t", 0.0))
            self._joining = event if isinstance(event, Joined) else None
            if isinstance(event, Resumed):
                self.events.append(event)
            if not turned and isinstance(event, Written) and event.number >= begin:
                turned = True
                self._turn(otherwise, seed)
            if not turned:
                written = player.play(event)
            elif isinstance(event, OF_TIME):
                continue
            elif isinstance(event, Written):
                written = self._write()
            else:
                if isinstance(event, Controls):
                    event = Controls(event.at, event.t, {**event.values, **otherwise})
                written = player.play(event)
            if written is not None:
                yield written
        player.hear()
        self.events.append(Ended(self._t, ""))

    def _keep(self, event: Event) -> None:
        """Of newcomers the take knows more than the performance does."""
        self.events.append(self._joining if isinstance(event, Joined) and self._joining else event)

    def _turn(self, values: Mapping[str, Value], seed: int | None) -> None:
        player = self._player
        player.hear()
        player.coming = None
        player.performance.foresee(None)
        player.values = changed(player.values, values)
        if seed is not None:
            player.performance.reseed(seed)

    def _write(self) -> performance.Written:
        player = self._player
        player.hear()
        player.performance.settle(player.values)
        player.performance.catch_up(lambda: True)
        written = player.performance.write(player.values)
        player.performance.listen()
        return written


def parse_values(words: Sequence[str], slugs: Sequence[str]) -> dict[str, Value]:
    """``["/mix/temperature=1.2", "/puck=0.3,-0.2", "/style/bible/on=true"]`` as values by address.

    Raises ``ParameterError`` for what is none.
    """
    tree = ParameterTree(slugs)
    values: dict[str, Value] = {}
    for word in words:
        address, equals, told = word.partition("=")
        if not equals or address not in tree:
            raise ParameterError(f"--set takes ADDRESS=VALUE, for example /mix/temperature=1.2, not {word[:80]!r}")
        try:
            numbers = [_number(each) for each in told.split(",")]
        except ValueError:
            raise ParameterError(f"--set {word[:80]}: the value is no number, true or false") from None
        values[address] = tree[address].accept(numbers)
    return values


def _number(told: str) -> float:
    words: Mapping[str, float] = {"true": 1.0, "false": 0.0}
    return words[told] if told in words else float(told)
