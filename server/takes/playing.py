"""A take played again: its events done to a performance, in their order, as if the performer stood there.

Pure but for the voices; belongs to the caller's thread.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress

from models.interface import Voices
from protocol.errors import ParameterError, TakeError
from protocol.tree import Value
from server import performance
from server.takes.events import (
    Begun,
    Coming,
    Controls,
    Event,
    Identity,
    Joined,
    Listened,
    Lost,
    Primed,
    Read,
    Reseeded,
    Resumed,
    Rewound,
    Settled,
    Unheard,
    Written,
    changed,
)

Gather = Callable[[Sequence[Identity]], Voices]  # the voices of these identities, in their order


class Player:
    """Plays events on ``stage``, which stands where the first of them found it, by default on an empty page.

    ``gather`` fetches the voices that came meanwhile.
    """

    def __init__(
        self,
        stage: performance.Performance,
        gather: Gather,
        values: Mapping[str, Value] | None = None,
        to_the_letter: bool = False,
    ) -> None:
        """``to_the_letter``: what was written then is written, whatever would come of it here and now."""
        self._to_the_letter = to_the_letter
        self.performance, self._gather = stage, gather
        self.values: dict[str, Value] = dict(values or {})  # in force
        self.coming: dict[str, Value] | None = None  # where the controls stand while a hold keeps them from it
        self._to_hear = False  # a character was written that the voices have not read

    def play(self, event: Event) -> performance.Written | None:
        """Do ``event``; what was written, where it is a character (which need not be the one of the event).

        Raises ``TakeError`` where the take goes on although this performance cannot.
        """
        if self._to_hear and not isinstance(event, Unheard):
            self.hear()
        stage = self.performance
        match event:
            case Written(character=character):
                return self._write(character if self._to_the_letter else None)
            case Controls(values=values):
                self.values = changed(self.values, values)
                stage.settle(self.values)
            case Coming(values=coming):
                self.coming = None if coming is None else changed(self.values, coming)
                stage.foresee(self.coming)
            case Settled():
                stage.settle(self.values)
            case Read(slices):
                left = iter(range(slices))
                stage.catch_up(lambda: next(left, None) is not None)
            case Unheard():
                self._to_hear = False
            case Listened():
                stage.listen()
            case Primed(text=text):
                with suppress(ParameterError):  # the guard refused it then, too
                    stage.prime(text)
            case Rewound(chars=chars):
                stage.rewind(chars)
            case Begun(seed=seed):
                stage.reset(seed)
            case Reseeded(seed=number):
                stage.reseed(number)
            case Joined(voices=voices, kept=kept):
                stage.take_in(self._gather(voices), kept)
            case Resumed(again=again):
                stage.forget_way_back()
                if again:
                    stage.read_again()
            case Lost(events):
                raise TakeError(f"{events} events were lost here, for the disk took none: it cannot be played on")
        return None

    def hear(self) -> None:
        """Let the voices read the last character, if they have not; ``play`` does so where it matters."""
        if self._to_hear:
            self._to_hear = False
            self.performance.listen()

    def _write(self, letter: str | None) -> performance.Written:
        self.performance.settle(self.values)
        if not self.performance.ready:
            if not self._to_the_letter:
                raise TakeError("the voices were ready here and are not now")
            self.performance.catch_up(lambda: True)
        written = self.performance.write(self.values, letter)
        self._to_hear = True
        return written
