"""What a phone may say, checked before anything is done with it, and how often; and what it is shown, as JSON.

What it says is one JSON object of at most 2,048 bytes. An audience's phone says ``{"puck": [x, y]}`` or ``{"puck":
null}``; a performer's says ``{"set": {address: value}}`` and ``{"do": "word"}``. Either says ``{}``: it is there.
States, not changes: a message that is lost or left out costs nothing once the next one comes.
What it is shown is told as a whole every time, for the same reason. Pure: time is passed in.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Annotated, Literal

from annotated_types import Interval, MaxLen

from frontend.client.session_state import SessionState
from frontend.remote.links import Role
from protocol.errors import MessageError
from protocol.messages import FinishSentence, Panic, Step, Tint, ToServer, WriteWord
from protocol.mixing import choirs, circle, effective_weights
from protocol.puck import clamp
from protocol.tree import ANTIPHONY, TURN, Value, number_of
from protocol.validation import Shape

MAX_MESSAGE_CHARS = 2_048  # bytes of a message
MAX_VALUES = 64
Act = Literal["step", "word", "finish", "panic"]
ACTS: dict[Act, Callable[[], ToServer]] = {"step": Step, "word": WriteWord, "finish": FinishSentence, "panic": Panic}
Number = Annotated[float, Interval(ge=-1e6, le=1e6)]  # thus finite
Pair = tuple[Number, Number]
UNSAID: Pair = (0.0, 0.0)  # this very object stands for no puck at all

RATE_PER_S = 60.0  # messages a second that a phone may send for long
BURST_MESSAGES = 120.0  # and at once
MAX_EXCESS = 600.0  # messages beyond that, after which it is sent away


@dataclass(frozen=True)
class PhoneMessage:
    """What one message asks for. ``puck`` only counts where ``moved``; None lifts it."""

    values: Mapping[str, Value] = field(default_factory=dict)
    acts: tuple[ToServer, ...] = ()
    moved: bool = False
    puck: tuple[float, float] | None = None


@dataclass(frozen=True)
class _Performer:
    """What a performer's phone may say."""

    set: Annotated[Mapping[str, bool | Number | Pair], MaxLen(MAX_VALUES)] = field(default_factory=dict)
    do: Act | Annotated[tuple[Act, ...], MaxLen(len(ACTS))] = ()


@dataclass(frozen=True)
class _Audience:
    """What a phone of the audience may say."""

    puck: Pair | None = UNSAID


SHAPES: dict[Role, Shape[_Performer] | Shape[_Audience]] = {
    Role.PERFORMER: Shape(_Performer, MessageError),
    Role.AUDIENCE: Shape(_Audience, MessageError),
}


def parse_message(text: str, role: Role) -> PhoneMessage:
    """The message ``text`` of a phone in this ``role``. Raises ``MessageError`` for all that is not exactly one.

    Values are finite numbers, booleans or pairs of numbers; whether an address exists is for the tree to say.
    """
    if len(text) > MAX_MESSAGE_CHARS:
        raise MessageError(f"a phone's message has {len(text)} characters; {MAX_MESSAGE_CHARS} are allowed")
    said = SHAPES[role].read_json(text, "a phone's message")
    if isinstance(said, _Audience):
        puck = None if said.puck is None else clamp(*said.puck)
        return PhoneMessage(moved=said.puck is not UNSAID, puck=None if said.puck is UNSAID else puck)
    acts = (said.do,) if isinstance(said.do, str) else said.do
    return PhoneMessage(said.set, tuple(ACTS[act]() for act in acts))


class RateLimit:
    """How often one phone may speak: ``RATE_PER_S`` a second, ``BURST_MESSAGES`` at once."""

    def __init__(self, now: float) -> None:
        self._left, self._at, self._excess = BURST_MESSAGES, now, 0.0

    def allows(self, now: float) -> bool:
        """Whether a message that comes now is heard."""
        passed = max(0.0, now - self._at)
        self._at = now
        self._left = min(BURST_MESSAGES, self._left + RATE_PER_S * passed)
        self._excess = max(0.0, self._excess - RATE_PER_S * passed)
        if self._left < 1.0:
            self._excess += 1.0
            return False
        self._left -= 1.0
        return True

    @property
    def flooded(self) -> bool:
        """Whether so much came beyond what is heard that this is no phone in a hand."""
        return self._excess >= MAX_EXCESS


# ---- what phones are shown -------------------------------------------------------------------------------------------

TEXT_TAIL_CHARS = 240  # characters of the text
NOBODY = -1


def greeting(session: SessionState, role: Role) -> str:
    """Said once, and again when the voices are others: who they are, and what may be set."""
    voices = [[card.slug, card.name, card.monogram, card.colour] for card in session.cards]
    content: dict[str, object] = {"role": role.value, "voices": voices}
    if role is Role.PERFORMER:
        content["ranges"] = {
            address: [parameter.bottom, parameter.high, parameter.default]
            for address, parameter in session.tree.items()
            if parameter.tags == "f"
        }
    return json.dumps({"hello": content}, separators=(",", ":"))


def scene(session: SessionState, role: Role, phones: int) -> str:
    """What stands now. ``phones``: how many hold a puck."""
    text, tints = session.text[-TEXT_TAIL_CHARS:], session.tints[-TEXT_TAIL_CHARS:]
    shares = effective_weights(session.mixing, session.slugs)
    content: dict[str, object] = {
        "text": text,
        "end": session.length,
        "tints": spoken_by(tints),
        "ring": circle(session.values, session.slugs),
        "shares": [round(100.0 * share) for share in shares.tolist()],
        "phones": phones,
        "run": bool(session.values["/transport/run"]),
    }
    if role is Role.PERFORMER:
        content["values"] = {address: _short(value) for address, value in _played(session.values).items()}
    else:
        content["falloff"] = session.values["/puck/falloff"]
        if session.values[ANTIPHONY]:  # the audience is the second choir
            content["choir"] = choirs(session.values, session.slugs)[1]
            content["turn"] = number_of(session.values, TURN) >= 0.5
    return json.dumps({"now": content}, separators=(",", ":"))


def spoken_by(tints: Iterable[Tint]) -> list[list[int]]:
    """Who has most of each character, as pairs of a voice's index (-1: nobody) and for how many characters on end."""
    runs: list[list[int]] = []
    for tint in tints:
        voice = tint[0][0] if tint else NOBODY
        if runs and runs[-1][0] == voice:
            runs[-1][1] += 1
        else:
            runs.append([voice, 1])
    return runs


def _played(values: Mapping[str, Value]) -> dict[str, Value]:
    return {address: value for address, value in values.items() if not address.endswith("/place")}


def _short(value: Value) -> object:
    if isinstance(value, tuple):
        return [round(number, 3) for number in value]
    return value if isinstance(value, (bool, int, str)) else round(value, 3)
