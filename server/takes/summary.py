"""What a take was, in a line or in some: for whoever looks for one. Caller's thread."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

from protocol.errors import TakeError
from protocol.mixing import effective_weights
from server.takes.events import Controls, Written, changed
from server.takes.lines import event_of
from server.takes.manuscript import Manuscript
from server.takes.reading import Take

LOOKED_AT = 65_536  # bytes of a take's end, in which the last character is looked for
NAMED = 3  # voices in a line


def clock(seconds: float) -> str:
    """Seconds as m:ss, or h:mm:ss."""
    whole = max(0, round(seconds))
    hours, rest = divmod(whole, 3600)
    return f"{hours}:{rest // 60:02}:{rest % 60:02}" if hours else f"{rest // 60}:{rest % 60:02}"


def glance(path: Path) -> str:
    """Length, time, and the voices that it began with, at little cost however long it is. Raises ``TakeError``."""
    take = Take(path)
    last = _last_character(take.paths[-1])
    length = f"{last.number:>9} characters {clock(last.t):>8}" if last else f"{0:>9} characters {clock(0):>8}"
    return f"{length}  {_opening(take)}"


def account(take: Take, made: Manuscript) -> Iterator[str]:
    """What there is to say of a take besides its text, line by line."""
    header = take.header
    yield f"{take.name}: {header.name}, begun {header.began}, {clock(made.seconds)}, seed {header.seed}"
    standing = len(made.marks)
    yield f"{made.written} characters written, {standing} on the page in the end, taken back {made.rewound} times"
    names = {voice.slug: voice.name for voice in made.voices}
    shares = [(names[slug], share) for slug, share in made.shares().items() if share >= 0.005]
    yield "written by " + (", ".join(f"{name} {share:.0%}" for name, share in shares) or "nobody")
    yield ""


def _last_character(path: Path) -> Written | None:
    with path.open("rb") as file:
        size = file.seek(0, os.SEEK_END)
        file.seek(max(0, size - LOOKED_AT))
        lines = file.read(LOOKED_AT).splitlines()
    for line in reversed(lines):
        if line.startswith(b'{"char"'):
            try:
                event = event_of(line)
            except TakeError:  # torn
                continue
            if isinstance(event, Written):
                return event
    return None


def _opening(take: Take) -> str:
    """The voices of the first mix, the heaviest first."""
    slugs = [voice.slug for voice in take.header.voices]
    for event in take.events():
        if isinstance(event, Controls):
            weights = effective_weights(changed({}, event.values), slugs)
            order = [voice for voice in (-weights).argsort(kind="stable").tolist() if weights[voice] > 0.0]
            more = f" and {len(order) - NAMED} more" if len(order) > NAMED else ""
            return ", ".join(take.header.voices[voice].name for voice in order[:NAMED]) + more
    return ""
