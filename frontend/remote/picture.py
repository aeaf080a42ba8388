"""What phones are shown: the end of the text and whose it is, the voices round the puck, their shares, the controls.

Everything is told as a whole, every time: a phone that missed some is right again with the next. Pure: from the session
state of the performance to JSON.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping

from frontend.client.session_state import SessionState
from frontend.remote.links import Role
from protocol.messages import Tint
from protocol.mixing import circle, effective_weights
from protocol.tree import Value

TAIL = 240  # characters of the text
NOBODY = -1


def greeting(session: SessionState, role: Role) -> str:
    """Said once, and again when the voices are others: who they are, and what may be set."""
    voices = [[card.slug, card.name, card.monogram, card.colour] for card in session.cards]
    told: dict[str, object] = {"role": role.value, "voices": voices}
    if role is Role.PERFORMER:
        told["ranges"] = {
            address: [parameter.bottom, parameter.high, parameter.default]
            for address, parameter in session.tree.items()
            if parameter.tags == "f"
        }
    return json.dumps({"hello": told}, separators=(",", ":"))


def scene(session: SessionState, role: Role, phones: int) -> str:
    """What stands now. ``phones``: how many hold a puck."""
    text, tints = session.text[-TAIL:], session.tints[-TAIL:]
    shares = effective_weights(session.values, session.slugs)
    told: dict[str, object] = {
        "text": text,
        "tints": spoken_by(tints),
        "ring": circle(session.values, session.slugs),
        "shares": [round(100.0 * share) for share in shares.tolist()],
        "phones": phones,
        "run": bool(session.values["/transport/run"]),
    }
    if role is Role.PERFORMER:
        told["values"] = {address: _short(value) for address, value in _played(session.values).items()}
    else:
        told["falloff"] = session.values["/puck/falloff"]
    return json.dumps({"now": told}, separators=(",", ":"))


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
