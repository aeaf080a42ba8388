"""What inputs say, as levels from 0 to 1 that may be absent, and how levels are smoothed and shaped. Pure.

A channel is named like an address without its first stroke: "leap/right/x", "face/mouth", "osc/wek/outputs/1". It is
smoothed by the one-euro filter (Casiez, Roussel, Vogel 2012), an exponential smoothing whose cut-off frequency rises
with the speed: it takes the tremor out of a hand at rest, and follows one in motion without delay. Times are seconds.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import ClassVar, Literal

from frontend.config.setting_fields import choice, flag, number
from frontend.inputs.bindings import Source
from frontend.inputs.midi.ports import MidiMessage

# ---- smoothing -------------------------------------------------------------------------------------------------------

MIN_CUTOFF_HZ, MAX_CUTOFF_HZ = 0.4, 25.0  # Hz, the cut-off of a hand at rest at full and at the least smoothing
CUTOFF_PER_SPEED_HZ = 4.0  # Hz that the cut-off rises for a speed of one whole range a second
SPEED_CUTOFF_HZ = 1.0  # Hz, for the speed itself
FILTER_RESTART_S = 1.0  # seconds; after a longer pause the filter begins anew
ARRIVED_DISTANCE = 1 / 512  # of the range; nearer than this to where the hand is, a smoothed level has arrived


@dataclass(frozen=True)
class OneEuro:
    """What the filter remembers; ``OneEuro()`` has seen nothing."""

    level: float | None = None  # the last one given
    raw: float = 0.0
    speed: float = 0.0  # ranges a second
    at: float = -math.inf

    def step(self, raw: float, now: float, smoothing: float) -> OneEuro:
        """The filter after ``raw`` was read at ``now``; its ``level`` is the answer.

        ``smoothing`` 0 lets everything through as it is, 1 is the calmest.
        """
        passed = now - self.at
        if self.level is None or smoothing <= 0.0 or passed > FILTER_RESTART_S:
            return OneEuro(raw, raw, 0.0, now)
        if passed <= 0.0:  # two readings of one moment: the later one counts as if no time had passed
            return OneEuro(self.level, raw, self.speed, self.at)
        speed = _toward(self.speed, (raw - self.raw) / passed, SPEED_CUTOFF_HZ, passed)
        cutoff = cutoff_at_rest(smoothing) + CUTOFF_PER_SPEED_HZ * abs(speed)
        return OneEuro(_toward(self.level, raw, cutoff, passed), raw, speed, now)


def cutoff_at_rest(smoothing: float) -> float:
    """Hz; falls evenly in octaves as ``smoothing`` rises from 0 to 1."""
    return float(MAX_CUTOFF_HZ * (MIN_CUTOFF_HZ / MAX_CUTOFF_HZ) ** min(1.0, max(0.0, smoothing)))


def _toward(last: float, new: float, cutoff: float, passed: float) -> float:
    """Exponential smoothing with a time constant of 1 / (2 pi ``cutoff``)."""
    share = passed / (passed + 1.0 / (math.tau * cutoff))
    return last + share * (new - last)


UNFILTERED = OneEuro()


# ---- what is read, and what becomes of it ----------------------------------------------------------------------------


@dataclass(frozen=True)
class Reading:
    """What one source says now: ``level`` 0 to 1, what lies outside counts as the end; None: it is not there.

    ``rest`` is where it belongs when nobody is there: 0.5 for what has a middle. An encoder's ``level`` is the part of
    the range by which it was turned. ``heard`` is the MIDI message, for a channel that shows one.
    """

    source: Source
    level: float | None
    rest: float = 0.0
    heard: MidiMessage | None = None


@dataclass(frozen=True)
class Shaping:
    """What every input can be told about its channels, and whether it is on; an input adds its own settings.

    ``RESTARTS`` are those of its own for which it has to be started anew; None: all of them. The others it looks up.
    """

    RESTARTS: ClassVar[tuple[str, ...] | None] = None

    on: bool = False
    gain: float = 1.0
    smoothing: float = 0.3
    low: float = 0.0  # of what is read, the part that counts
    high: float = 1.0
    lost: Literal["stay", "rest"] = "rest"
    hold: float = 0.5  # seconds
    fade: float = 2.0  # seconds

    def shaped(self, raw: float) -> float:
        """The level that ``raw`` means: its place between low and high, with the gain about the middle, 0 to 1.

        Where nothing is changed it stays as it is, to the last bit.
        """
        if (self.gain, self.low, self.high) == (1.0, 0.0, 1.0):
            return raw
        way = self.high - self.low
        place = (raw - self.low) / way if abs(way) > 1e-6 else 0.5
        return min(1.0, max(0.0, 0.5 + self.gain * (place - 0.5)))


SHAPING_FIELDS = (
    flag("on", "on", "", "whether it is listened to"),
    number("gain", "gain", "", "how much a movement moves, about the middle", 0.1, 4.0, 0.05),
    number("smoothing", "smoothing", "", "calm while it rests, quick while it moves; 0 leaves it as it is"),
    number("low", "from", "", "what is read as nothing"),
    number("high", "to", "", "what is read as all; below the other end it turns round"),
    choice("lost", "lost", "", "what is not there any more stays where it is, or goes to rest", "stay", "rest"),
    number("hold", "hold", "", "seconds that it stays before it goes to rest", 0.0, 30.0, 0.1),
    number("fade", "fade", "", "seconds that it takes to get there", 0.0, 30.0, 0.1),
)
SWITCH_FIELDS = tuple(field for field in SHAPING_FIELDS if field.name == "on")  # for inputs that have no channels


@dataclass(frozen=True)
class Channel:
    """One channel as it was last seen. ``raw`` is None, and so is ``level``, before it was ever there."""

    rest: float = 0.0
    raw: float | None = None
    seen: bool = False
    at: float = -math.inf  # when it was last read, or lost
    euro: OneEuro = UNFILTERED

    def read(self, reading: Reading, now: float, shaping: Shaping) -> Channel:
        """The channel after ``reading``. What is no finite number is passed over."""
        if reading.level is None:
            return replace(self, seen=False, rest=reading.rest, at=now if self.seen else self.at)
        if not math.isfinite(reading.level):
            return self
        raw = min(1.0, max(0.0, reading.level))
        fresh = self.euro if self.seen else UNFILTERED  # a hand that comes back is not smeared over where it left
        return Channel(reading.rest, raw, True, now, fresh.step(raw, now, shaping.smoothing))

    @property
    def is_on_its_way(self) -> bool:
        """Whether the filter has not yet come to where the hand is."""
        return self.euro.level is not None and self.euro.level != self.euro.raw

    def settled(self, now: float, shaping: Shaping) -> Channel:
        """The channel while nothing new is read: what is smoothed goes on to where the hand is, and arrives there."""
        euro = self.euro.step(self.euro.raw, now, shaping.smoothing)
        if euro.level is None or abs(euro.level - euro.raw) < ARRIVED_DISTANCE:
            euro = OneEuro(euro.raw, euro.raw, 0.0, now)
        return replace(self, euro=euro)

    def arrived(self) -> Channel:
        """The channel with nothing on its way: its filter begins anew."""
        return replace(self, euro=UNFILTERED)

    def level(self, now: float, shaping: Shaping) -> float | None:
        """The shaped level; after it was lost held, then on its way to rest; None when there is nothing to say."""
        if self.euro.level is None:
            return None
        level = shaping.shaped(self.euro.level)
        if self.seen:
            return level
        gone = now - self.at - shaping.hold
        if shaping.lost == "stay" or gone > shaping.fade + 0.1:  # a moment more, so that the end is reached
            return None
        if gone <= 0.0:
            return level
        return level + (self.rest - level) * (min(1.0, gone / shaping.fade) if shaping.fade > 0.0 else 1.0)
