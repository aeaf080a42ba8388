"""A second machine that stands ready: what another machine plays is played here too, until it is to go on here.

``Mirror`` compares two performances and says what makes this one like the other: values, and letters that the voices
here read as they come (`/text/choose`), so that they are in the middle of the same word. It looks at states and not at
events, so that whatever was lost, refused or done here by hand is mended by the next look. Pure.

``FollowingLink`` is a link to the server here that does what the mirror says whenever it is pumped. It ends, and the
performance goes on here, when somebody lets the text run (a key, a button, `/transport/run 1`), or when nothing was
heard for ``SILENT_AFTER_S``. It only watches the other machine. As ``Link``; the thread that pumps it.
"""

from __future__ import annotations

import math
from pathlib import Path

from frontend.client.link import AnyLink
from frontend.client.session_state import SessionState
from protocol.messages import Choose, Prime, Reset, Rewind, ToServer
from protocol.tree import RUN, Value

SILENT_AFTER_S = 2.0  # seconds without a word after which this machine goes on
SETTLED_AFTER_S = 1.5  # seconds after which a text that runs here was let run by somebody
ANSWER_WAIT_S = 3.0  # seconds in which the server here does what was asked of it
VALUES_PERIOD_S = 0.05  # seconds between two looks at the controls
SAY_AGAIN_S = 1.0  # seconds after which a value that does not stand here is said again
YOUNG_CHARS = 400  # characters of a text that is written again from its first letter on
READ_CHARS = 4_000  # characters of a longer one that the voices here read
MOST_LETTERS = 40  # that are asked for at a time
TRIES = 3  # of letters that the server here does not write, before the voices are to read them; then they are left out


class Mirror:
    """Nothing compared yet."""

    def __init__(self) -> None:
        self.in_step = False  # whether what stands there stands here
        self.left_out = 0  # characters that may not be written here
        self._base = 0  # the position there from which on both texts are to be alike
        self._offset: int | None = None  # a position here less the same one there; None: to begin
        self._goal: tuple[int, int] | None = None  # the epoch and length that what was asked for leads to; -1: any
        self._wait_until = 0.0
        self._asked_at, self._tries = -1, 0  # the position whose letters were asked for, and how often in vain
        self._asked_of = -1  # how many characters the server here had ever written then; -1: it was to read them
        self._said: dict[str, tuple[Value, float]] = {}  # values that were set here, and when

    def values(self, there: SessionState, here: SessionState, now: float) -> dict[str, Value]:
        """The controls to be set here; whether the text runs is no affair of the mirror's."""
        wanted: dict[str, Value] = {}
        for address, value in there.values.items():
            if address == RUN or address not in here.tree or here.values[address] == value:
                continue
            said = self._said.get(address)
            if said is None or said[0] != value or now - said[1] >= SAY_AGAIN_S:
                self._said[address] = value, now
                wanted[address] = value
        return wanted

    def text(self, there: SessionState, here: SessionState, now: float) -> list[ToServer]:
        """What to ask of the server here, so that its text is the other's; nothing while it is at that."""
        if there.status is None or here.status is None or not here.slugs or here.missing() is not None:
            return []
        if self._goal is not None:
            epoch, length = self._goal
            if here.epoch < epoch or (length >= 0 and (here.epoch, here.length) != self._goal):
                if now < self._wait_until:
                    return []
                self._tries -= here.sequence == self._asked_of  # its voices are not ready: that was no try
            self._goal = None
        missing = there.missing()
        end = there.length if missing is None else max(there.dropped, min(missing, there.length))
        if self._offset is None:
            return self._begin(there, here, end, now)
        return self._compare(there, here, end, now)

    def _begin(self, there: SessionState, here: SessionState, end: int, now: float) -> list[ToServer]:
        """An empty page with the other's seed, on which the other's text is to stand, or its end."""
        young = there.dropped == 0 and end <= YOUNG_CHARS
        self._base = 0 if young else max(there.dropped, end - READ_CHARS)
        self._offset, self._asked_at, self._tries = -self._base, -1, 0
        self._await(here.epoch + 1, -1, now)
        assert there.status is not None
        return [Reset(there.status.seed or None)]

    def _compare(self, there: SessionState, here: SessionState, end: int, now: float) -> list[ToServer]:
        assert self._offset is not None
        offset = self._offset
        low = max(self._base, there.dropped, here.dropped - offset)
        top = min(end, here.length - offset)
        if top < low:
            return self._begin(there, here, end, now)  # they have no place in common any more
        theirs = there.text[low - there.dropped : top - there.dropped]
        ours = here.text[low + offset - here.dropped : top + offset - here.dropped]
        alike = low + (len(ours) if theirs == ours else _alike(theirs, ours))
        beyond, lacking = here.length - offset - alike, there.text[alike - there.dropped : end - there.dropped]
        if not beyond and not lacking:
            self.in_step = True
            return []
        if alike == low > self._base or len(lacking) > READ_CHARS:
            return self._begin(there, here, end, now)
        self._tries = self._tries + 1 if alike == self._asked_at else 0
        self._asked_at = alike
        if self._tries > 2 * TRIES:
            self.left_out += len(lacking)
            self._base, self._offset = end, here.length - end
            return []
        asked: list[ToServer] = [Rewind(beyond)] if beyond else []
        if lacking:
            letters, write = self._first_of(lacking, there, alike)
            self._asked_of = here.sequence if write else -1
            asked.append(Choose(letters) if write else Prime(letters))
            lacking = letters
        self._await(here.epoch + (beyond > 0), here.length - beyond + len(lacking), now)
        return asked

    def _first_of(self, lacking: str, there: SessionState, start: int) -> tuple[str, bool]:
        """The first of the letters that are lacking, and whether they are to be written here, as they were there, or,
        where nobody wrote them, to be read."""
        if len(lacking) > YOUNG_CHARS or self._tries >= TRIES:
            return lacking, False
        first = start - there.dropped
        written = [
            bool(tint) and letter != "\t"
            for tint, letter in zip(there.tints[first : first + len(lacking)], lacking, strict=True)
        ]
        count = next((place for place, each in enumerate(written) if each != written[0]), len(lacking))
        return lacking[: min(count, MOST_LETTERS) if written[0] else count], written[0]

    def _await(self, epoch: int, length: int, now: float) -> None:
        self._goal, self._wait_until = (epoch, length), now + ANSWER_WAIT_S


def _alike(one: str, other: str) -> int:
    """With how many letters both begin."""
    pairs = enumerate(zip(one, other, strict=False))
    return next((place for place, (a, b) in pairs if a != b), min(len(one), len(other)))


class FollowingLink:
    """``here``, which follows ``there`` until it goes on by itself; ``AnyLink``. Closes both."""

    def __init__(self, here: AnyLink, there: AnyLink, mark: Path | None = None) -> None:
        """``mark``: a file that stands once it went on by itself; where it stands already nobody is followed."""
        self._here, self._there, self._mark = here, there, mark
        self._mirror = Mirror()
        self.following = mark is None or not mark.exists()
        self._ended = "" if self.following else f"plays by itself, and did follow {there.where}"
        self._rests_since = self._turned_at = self._looked_at = self._heard_at = -math.inf
        if not self.following:
            there.close()

    @property
    def leader(self) -> FollowingLink:
        return self

    @property
    def line(self) -> str:
        """One line for the performer: whom it follows, or that it does no longer and why."""
        if not self.following:
            return self._ended
        if self._there.session.heard_at == -math.inf:
            return f"nothing is heard from {self._there.where} yet: Space plays here"
        left = f"; {self._mirror.left_out} characters may not be written here" if self._mirror.left_out else ""
        return f"follows {self._there.where}: Space goes on here{left}"

    @property
    def followed(self) -> SessionState:
        """The other machine's performance."""
        return self._there.session

    @property
    def session(self) -> SessionState:
        return self._here.session

    @property
    def where(self) -> str:
        return self._here.where

    @property
    def latency_ms(self) -> float | None:
        return self._here.latency_ms

    @property
    def access_warning(self) -> str:
        return self._here.access_warning

    @property
    def refused(self) -> int:
        return self._here.refused

    def set(self, address: str, value: Value) -> None:
        self._here.set(address, value)

    def flush(self, now: float) -> float:
        return self._here.flush(now)

    def send(self, message: ToServer) -> None:
        self._here.send(message)

    def close(self) -> None:
        self._there.close()
        self._here.close()

    @property
    def has_news(self) -> bool:
        return self._here.has_news or (self.following and self._there.has_news)

    def pump(self, now: float) -> None:
        self._here.pump(now)
        if self.following:
            self._there.pump(now)
            self._follow(now)

    def _follow(self, now: float) -> None:
        here, there = self._here.session, self._there.session
        away, self._turned_at = now - self._turned_at, now
        if away > SILENT_AFTER_S / 2 or there.heard_at > self._heard_at:  # while this machine stood still it heard none
            self._heard_at = now if away > SILENT_AFTER_S / 2 else there.heard_at
        if not here.slugs or self._somebody_ran(here, now):
            return
        if self._mirror.in_step and now - self._heard_at > SILENT_AFTER_S:
            self._here.set(RUN, there.values[RUN])
            self._go_on(f"{self._there.where} fell silent: this machine plays on")
            return
        if now - self._looked_at >= VALUES_PERIOD_S:
            self._looked_at = now
            for address, value in self._mirror.values(there, here, now).items():
                self._here.set(address, value)
        for message in self._mirror.text(there, here, now):
            self._here.send(message)

    def _somebody_ran(self, here: SessionState, now: float) -> bool:
        """Whether somebody let the text run here, which rests while it follows; then it goes on by itself."""
        runs = here.values[RUN]
        if self._rests_since == -math.inf:
            self._rests_since = now
        if runs and now - self._rests_since > SETTLED_AFTER_S:
            self._go_on(f"plays by itself, since the text was let run here; {self._there.where} is not followed now")
            return True
        if runs:
            self._here.set(RUN, False)
        return False

    def _go_on(self, why: str) -> None:
        """This machine leads from now on, also where this process is replaced."""
        self.following, self._ended = False, why
        self._there.close()
        if self._mark is not None:
            self._mark.touch()
