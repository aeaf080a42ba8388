"""Signals as MIDI messages, by a mapping: controllers when they change, notes that always end. Pure.

Messages are ("cc", channel, controller, value), ("on", channel, note, velocity) and ("off", channel, note, 0); channels
1 to 16. Times are monotonic seconds.
"""

from __future__ import annotations

from collections.abc import Sequence

from frontend.outputs.mapping import SHARES, SignalMapping
from protocol.messages import Signal
from protocol.signals import SHARE, signals

Midi = tuple[str, int, int, int]

MAX_NOTES = 64  # notes at a time; the oldest ends for one more


class SignalPlayer:
    """Nothing sounds yet. ``slugs`` are the voices in the order of their cards."""

    def __init__(self, mapping: SignalMapping, slugs: Sequence[str] = ()) -> None:
        self._mapping = mapping
        self.slugs = tuple(slugs)
        self._forms = signals(self.slugs)
        self._said: dict[tuple[int, int], int] = {}  # what each controller was last told
        self._sounding: dict[tuple[int, int], float] = {}  # channel and note, and when it ends

    def introduce(self, slugs: Sequence[str]) -> None:
        """These are the voices from now on."""
        if self.slugs != tuple(slugs):
            self.slugs = tuple(slugs)
            self._forms = signals(self.slugs)

    def take(self, signal: Signal, now: float) -> list[Midi]:
        """What ``signal`` sounds like."""
        form = self._forms.get(signal.address)
        if form is None:
            return []
        level = form.level(signal.arguments)
        found: list[Midi] = []
        if signal.address.startswith(SHARE):
            place = self.slugs.index(signal.address.removeprefix(SHARE))
            for control in self._mapping.control:
                if control.signal == SHARES and control.number + place <= 127:
                    found += self._control(control.channel, control.number + place, level)
            return found
        for control in self._mapping.control:
            if control.signal == form.name:
                found += self._control(control.channel, control.number, level)
        if form.name == "running" and not level:
            found += self.silence()
        for note in self._mapping.note:
            if note.signal == form.name:
                code = signal.arguments[0] if signal.arguments else 0
                pitch = note.note if isinstance(note.note, int) else code if isinstance(code, int) else 0
                velocity = round(note.softest + level * (note.loudest - note.softest))
                found += self._note(note.channel, min(127, max(0, pitch)), velocity, now + note.seconds)
        return found

    def ended(self, now: float) -> list[Midi]:
        """The notes that have sounded long enough."""
        over = [key for key, until in self._sounding.items() if until <= now]
        return [self._off(key) for key in over]

    def silence(self) -> list[Midi]:
        """The end of all that sounds."""
        return [self._off(key) for key in list(self._sounding)]

    def _control(self, channel: int, number: int, level: float) -> list[Midi]:
        value = round(127 * level)
        if self._said.get((channel, number)) == value:
            return []
        self._said[channel, number] = value
        return [("cc", channel, number, value)]

    def _note(self, channel: int, note: int, velocity: int, until: float) -> list[Midi]:
        key = channel, note
        found = [self._off(key)] if key in self._sounding else []
        if len(self._sounding) >= MAX_NOTES:
            found.append(self._off(next(iter(self._sounding))))
        self._sounding[key] = until
        return [*found, ("on", channel, note, velocity)]

    def _off(self, key: tuple[int, int]) -> Midi:
        del self._sounding[key]
        return ("off", *key, 0)
