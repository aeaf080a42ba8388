"""Which voice each style speaks with: its name to the engine, its pitch, its place from left to right.

A readable file says it, ``aloud.toml``; what it leaves out is spread over all styles, so that no two sound the same.
Pure but for ``load_casting``.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated

from annotated_types import Interval, Len, MaxLen, Predicate, doc

from protocol.documents import read, toml
from protocol.errors import ParameterError
from protocol.validation import Shape

VARIANTS = ("+m1", "+f1", "+m2", "+f2", "+m3", "+f3", "+m4", "+f4", "+m5", "+f5", "+m6", "+m7")  # of eSpeak's voices
LANGUAGE = "en"
LOWEST_PITCH, HIGHEST_PITCH = 20, 80
FARTHEST_PLACE = 0.8

Name = Annotated[
    str, Predicate(lambda name: 0 < len(name) <= 64 and name.isprintable() and not name.startswith("-")), doc("a name")
]


@dataclass(frozen=True)
class VoiceRow:
    """``style`` is a slug; what is left out is spread. ``place`` is -1 on the left to 1 on the right."""

    style: Name
    voice: Name | None = None
    pitch: Annotated[int, Interval(ge=0, le=99)] | None = None
    place: Annotated[float, Interval(ge=-1.0, le=1.0)] | None = None


@dataclass(frozen=True)
class CastingFile:
    """What stands in ``aloud.toml``. ``engine`` is a command line that writes a WAV to standard output."""

    engine: Annotated[tuple[str, ...], Len(0, 40)] = ()
    player: Annotated[tuple[str, ...], Len(0, 40)] = ()
    voice: Annotated[tuple[VoiceRow, ...], MaxLen(256)] = field(default_factory=tuple)


SHAPE = Shape(CastingFile)


@dataclass(frozen=True)
class SpokenVoice:
    voice: str = LANGUAGE
    pitch: int = 50
    place: float = 0.0


def load_casting(path: Path) -> CastingFile:
    """Raises ``ParameterError``, one line that names the file."""
    try:
        return SHAPE.read(toml(read(path)))
    except OSError as error:
        raise ParameterError(f"{path.name} cannot be read: {error.strerror or error}") from None
    except (ValueError, ParameterError) as error:
        raise ParameterError(f"{path.name}: {error}") from None


def cast(slugs: Sequence[str], rows: Sequence[VoiceRow] = ()) -> tuple[SpokenVoice, ...]:
    """A voice for each style, in their order."""
    told = {row.style: row for row in rows}
    found = []
    for index, slug in enumerate(slugs):
        row = told.get(slug, VoiceRow(slug))
        share = 0.5 if len(slugs) < 2 else index / (len(slugs) - 1)
        pitch = LOWEST_PITCH + (index * 37) % (HIGHEST_PITCH - LOWEST_PITCH + 1)
        found.append(
            SpokenVoice(
                row.voice or LANGUAGE + VARIANTS[index % len(VARIANTS)],
                pitch if row.pitch is None else row.pitch,
                round(FARTHEST_PLACE * (2 * share - 1), 3) if row.place is None else row.place,
            )
        )
    return tuple(found)
