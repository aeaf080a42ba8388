"""What a take is made of: one event a line, and everything that a performance's text depends on among them.

A performance is exact: with the same voices, seed and calls it writes the same text. So a take holds the calls, in
their order: what the controls said, what was asked for, how many slices of reading and fusing there was time for, and
each character that came of it. Time itself decides nothing on replay. ``docs/takes.md`` has the format.

Plain frozen values; no thread of its own. ``at`` is the number (``sequence``) of the character that comes next, the
first that the event can have had a part in; ``t`` are seconds since the take began.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from protocol.messages import Tint
from protocol.tree import Value

FORMAT = 1  # of the lines; a reader refuses others

Change = Mapping[str, Value | None]  # values by address; None: it is gone, as pucks besides the one come and go


def changed(values: Mapping[str, Value], change: Change) -> dict[str, Value]:
    """``values`` with the change made."""
    both = {**values, **change}
    return {address: value for address, value in both.items() if value is not None}


def difference(values: Mapping[str, Value], others: Mapping[str, Value]) -> dict[str, Value | None]:
    """The change that makes ``values`` of ``others``."""
    gone = dict.fromkeys(address for address in others if address not in values)
    return gone | {each: value for each, value in values.items() if each not in others or others[each] != value}


@dataclass(frozen=True)
class Identity:
    """A voice of a take: how it looked, and what tells its weights from all others."""

    slug: str
    name: str
    monogram: str
    colour: str  # "#RRGGBB"
    checksum: str = ""  # "sha256:..." of its file; empty where there was none, or it changed meanwhile


@dataclass(frozen=True)
class Header:
    """The first line of each of a take's files."""

    name: str  # of the performance
    began: str  # ISO 8601, local time with its offset
    seed: int
    voices: tuple[Identity, ...]
    version: str  # Antiphon's
    machine: Mapping[str, str]  # the kind of machine, on which alone the text is the same to the letter
    lists: Mapping[str, str] = field(default_factory=dict)  # checksums of the lists that its text was guarded by
    part: int = 1  # which of the take's files
    first: int = 0  # the number of the first event in this file, counted over all


@dataclass(frozen=True)
class Controls:
    """`set`: these values came into force, all others stayed; who is wanted was decided by them."""

    at: int
    t: float
    values: Change


@dataclass(frozen=True)
class Coming:
    """`coming`: where controls stand that a hold keeps from being in force, as far as they differ; None: no hold."""

    at: int
    t: float
    values: Change | None


@dataclass(frozen=True)
class Settled:
    """`settle`: who is wanted was decided anew by the same values."""


@dataclass(frozen=True)
class Read:
    """`read`: so many slices of reading and fusing were done."""

    slices: int


@dataclass(frozen=True)
class Unheard:
    """`unheard`: what follows came before the voices had read the last character."""


@dataclass(frozen=True)
class Listened:
    """`listen`: only now did the awake voices read the newest character."""


@dataclass(frozen=True)
class Primed:
    """`prime`: this text was put on the page."""

    at: int
    t: float
    text: str


@dataclass(frozen=True)
class Rewound:
    """`rewind`: so many characters were taken back."""

    at: int
    t: float
    chars: int


@dataclass(frozen=True)
class Begun:
    """`reset`: an empty page and fresh voices, with this seed, or (None) with the one there was."""

    at: int
    t: float
    seed: int | None


@dataclass(frozen=True)
class Reseeded:
    """`seed`: the generator began anew with this seed, the text stayed; only a take that was made of another has it."""

    at: int
    t: float
    seed: int


@dataclass(frozen=True)
class Asked:
    """`asked`: steps, words, the end of a sentence or a panic were asked for; what came of it is told apart."""

    at: int
    t: float
    what: str  # "step", "word", "finish", "panic"
    count: int = 1


@dataclass(frozen=True)
class Joined:
    """`voices`: these play from now on; those of the indices ``kept`` were there before and are as they were."""

    at: int
    t: float
    voices: tuple[Identity, ...]
    kept: tuple[int, ...]


@dataclass(frozen=True)
class Family:
    """`family`: what the fused network is made of from the next character on, by slug; empty: it has no part."""

    weights: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True)
class Written:
    """`char`: a character was written, the ``number``-th ever, by those of ``tint``; ``surprise`` in 16ths of a bit."""

    number: int
    t: float
    character: str
    tint: Tint
    surprise: int


@dataclass(frozen=True)
class Resumed:
    """`resumed`: the server came back, as it stood after event ``after`` and with all that the take holds beyond.

    ``again``: it knew the text but not what the voices had known, and they read its end again.
    """

    at: int
    after: int
    again: bool = False


@dataclass(frozen=True)
class Lost:
    """`lost`: so many events could not be kept; from here on the take can be read, but not played again."""

    events: int


@dataclass(frozen=True)
class Ended:
    """`end`: the performance ended in good order."""

    t: float
    ended: str  # ISO 8601


Event = (
    Controls
    | Coming
    | Settled
    | Read
    | Unheard
    | Listened
    | Primed
    | Rewound
    | Begun
    | Reseeded
    | Asked
    | Joined
    | Family
    | Written
    | Resumed
    | Lost
    | Ended
)
