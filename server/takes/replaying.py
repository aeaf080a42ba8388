"""A take played again to the letter: every character is made anew and held against the one that was written.

Belongs to the caller's thread.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from protocol.errors import TakeError
from protocol.measures import surprise_level
from server import performance
from server.takes import events
from server.takes.playing import Gather, Player
from server.takes.reading import Take


@dataclass(frozen=True)
class Outcome:
    """How a replay went."""

    characters: int  # that were the same, until the first difference
    difference: str = ""  # in words; empty where there is none


def replay(
    take: Take,
    stage: performance.Performance,
    gather: Gather,
    report: Callable[[events.Written], None] = lambda written: None,
) -> Outcome:
    """Play ``take`` again on an empty ``stage`` up to its end or the first difference; ``report`` gets each character.

    ``gather`` fetches the voices that came meanwhile. Raises ``TakeError`` where the take cannot be read.
    """
    player = Player(stage, gather)
    same = 0
    for event in take.events():
        try:
            written = player.play(event)
        except TakeError as error:
            return Outcome(same, f"behind character {same}: {error}")
        if isinstance(event, events.Written):
            assert written is not None
            if difference := _difference(event, written):
                return Outcome(same, difference)
            same += 1
            report(event)
    return Outcome(same)


def _difference(recorded: events.Written, now: performance.Written) -> str:
    """What is not the same, in words; nothing if all is."""
    where = f"character {recorded.number}"
    if now.sequence != recorded.number:
        return f"{where} is number {now.sequence} now"
    if now.character != recorded.character:
        return f"{where} was {recorded.character!r} and is {now.character!r} now"
    if now.tint != recorded.tint:
        return f"{where} has other shares now: {recorded.tint} then, {now.tint} now"
    level = surprise_level(now.joint[ord(now.character)])
    if level != recorded.surprise:
        return f"{where} is more or less surprising now: {recorded.surprise} sixteenths of a bit then, {level} now"
    return ""
