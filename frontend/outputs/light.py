"""Signals as light: which slot of which universe shows what, by a readable file. Pure but for ``load_rig``.

What lasts (a share, entropy, a colour) stays as it was said last; what happens (a surprise, a word's end) flashes and
goes out in the ``fade`` that the file names. Times are monotonic seconds. One thread.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Literal

import numpy as np
from annotated_types import Interval, Len

from frontend.inputs.dmx.packets import HIGHEST_UNIVERSE, LOWEST_UNIVERSE, SLOTS, Dialect
from frontend.look.colour import Palette, bytes_of_oklab, rgb_of_hex
from protocol.documents import read, toml
from protocol.errors import ParameterError
from protocol.messages import Signal
from protocol.signals import SHARE, signals
from protocol.validation import Shape

SHIPPED_RIG = Path(__file__).parent / "light.toml"
MAX_LAMPS, MAX_UNIVERSES = 256, 16
FULL = 255

Shows = Literal["voice", "mix", "share", "surprise", "entropy", "agreement", "running", "char", "word", "sentence"]
COLOURS = ("voice", "mix")  # three slots
FLASHES = ("surprise", "char", "word", "sentence")


@dataclass(frozen=True)
class UniverseRow:
    """A universe and where it is sent to. ``port`` 0: the protocol's own."""

    universe: Annotated[int, Interval(ge=0, le=63_999)]
    protocol: Dialect = "sacn"
    to: str = "127.0.0.1"
    port: Annotated[int, Interval(ge=0, le=65_535)] = 0

    def __post_init__(self) -> None:
        low, high = LOWEST_UNIVERSE[self.protocol], HIGHEST_UNIVERSE[self.protocol]
        if not low <= self.universe <= high:
            raise ValueError(f"a universe of {self.protocol} is {low} to {high}")


@dataclass(frozen=True)
class LampRow:
    """What ``slot`` of a universe shows, from ``low`` to ``high``; a flash goes out in ``fade`` seconds."""

    universe: int
    slot: Annotated[int, Interval(ge=1, le=SLOTS)]
    shows: Shows
    low: Annotated[int, Interval(ge=0, le=FULL)] = 0
    high: Annotated[int, Interval(ge=0, le=FULL)] = FULL
    fade: Annotated[float, Interval(ge=0.0, le=60.0)] = 0.5


@dataclass(frozen=True)
class Rig:
    """``universe`` and ``lamp`` are the file's tables."""

    universe: Annotated[tuple[UniverseRow, ...], Len(1, MAX_UNIVERSES)]
    lamp: Annotated[tuple[LampRow, ...], Len(0, MAX_LAMPS)] = ()


SHAPE = Shape(Rig)


def load_rig(path: Path | None = None) -> Rig:
    """The rig of a file, ours where none is named. Raises ``ParameterError``, one line that names the file."""
    where = path or SHIPPED_RIG
    try:
        rig = SHAPE.read(toml(read(where)))
    except OSError as error:
        raise ParameterError(f"{where.name} cannot be read: {error.strerror or error}") from None
    except (ValueError, ParameterError) as error:
        raise ParameterError(f"{where.name}: {error}") from None
    known = {each.universe for each in rig.universe}
    if len(known) < len(rig.universe):
        raise ParameterError(f"{where.name}: a universe is named twice")
    for lamp in rig.lamp:
        if lamp.universe not in known:
            raise ParameterError(
                f"{where.name}: the lamp at slot {lamp.slot} is in universe {lamp.universe}, which is none"
            )
    return rig


class LightPlayer:
    """All lamps of ``rig`` are out at first."""

    def __init__(self, rig: Rig) -> None:
        self._rig = rig
        self._forms = signals(())
        self._slugs: tuple[str, ...] = ()
        self._palette = Palette(())
        self._levels: dict[str, float] = {}  # by what is shown: 0 to 1
        self._flashed: dict[str, tuple[float, float]] = {}  # by what is shown: how bright, and when
        self._shares: dict[str, float] = {}
        self._colours: dict[str, tuple[int, int, int]] = {}

    def introduce(self, slugs: Sequence[str], colours: Sequence[str]) -> None:
        """These are the voices from now on."""
        if tuple(slugs) != self._slugs:
            self._slugs, self._palette = tuple(slugs), Palette(colours)
            self._forms = signals(self._slugs)
            self._shares = {slug: share for slug, share in self._shares.items() if slug in self._slugs}

    def take(self, signal: Signal, now: float) -> None:
        form = self._forms.get(signal.address)
        if form is None:
            return
        if signal.address.startswith(SHARE):
            self._shares[signal.address.removeprefix(SHARE)] = form.level(signal.arguments)
        elif form.name == "voice" and len(signal.arguments) > 1 and signal.arguments[1] in self._slugs:
            index = self._slugs.index(str(signal.arguments[1]))
            self._colours["voice"] = rgb_of_hex(self._palette.hexes[index])
        elif form.name in FLASHES:
            self._flashed[form.name] = form.level(signal.arguments) if form.name != "char" else 1.0, now
        else:
            self._levels[form.name] = form.level(signal.arguments)

    def universes(self, now: float) -> Mapping[int, bytes]:
        """All slots of every universe, now."""
        found = {row.universe: bytearray(SLOTS) for row in self._rig.universe}
        mix = self._mix() if any(lamp.shows == "mix" for lamp in self._rig.lamp) else (0, 0, 0)
        for lamp in self._rig.lamp:
            levels: Sequence[float]
            if lamp.shows in COLOURS:
                colour = mix if lamp.shows == "mix" else self._colours.get("voice", (0, 0, 0))
                levels = [value / FULL for value in colour]
            elif lamp.shows == "share":
                levels = [self._shares.get(slug, 0.0) for slug in self._slugs]
            elif lamp.shows in FLASHES:
                bright, at = self._flashed.get(lamp.shows, (0.0, now))
                left = 1.0 - (now - at) / lamp.fade if lamp.fade > 0.0 else float(now <= at)
                levels = [bright * max(0.0, left)]
            else:
                levels = [self._levels.get(lamp.shows, 0.0)]
            slots = found[lamp.universe]
            for place, level in enumerate(levels, lamp.slot - 1):
                if place < SLOTS:
                    slots[place] = round(lamp.low + level * (lamp.high - lamp.low))
        return {universe: bytes(slots) for universe, slots in found.items()}

    def _mix(self) -> tuple[int, int, int]:
        """The voices' colours together, each by its share."""
        shares = np.array([max(0.0, self._shares.get(slug, 0.0)) for slug in self._slugs])
        if not shares.sum() > 0.0:
            return 0, 0, 0
        red, green, blue = bytes_of_oklab(shares @ self._palette.oklab / shares.sum()).tolist()
        return red, green, blue
