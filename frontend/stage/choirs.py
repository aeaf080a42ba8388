"""Antiphony on the stage: which of two choirs wrote each sentence, the text of each choir alone, and the page of both.

Who wrote a letter is told by its tint: in antiphony only one choir is heard at a time. A sentence belongs to whoever
wrote its first letter, and changes hands within only where somebody passed the turn by hand; so a letter in which both
had a part moves nothing. Each choir's turn begins a line of its own. On the page they stand in columns, each rises by
itself, and the one that waits is dimmed. Pure; UI thread.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field, replace

from frontend.client.session_state import SessionState
from frontend.look.colour import Palette
from frontend.stage.layout import StageLayout
from frontend.stage.look import StageLook
from frontend.stage.motion import SmoothNumber
from frontend.stage.text import PlacedGlyphs, StageText, all_of
from protocol.measures import NO_SURPRISE
from protocol.messages import Tint
from protocol.mixing import choirs
from protocol.sentences import SENTENCE_END_CHARS, ends_sentence
from protocol.tree import ANTIPHONY

FIRST, SECOND = 0, 1
PASSED_FROM = 0.9  # of a letter, that the other choir wrote, from which the turn was passed within a sentence
MOST_TAKEN_CHARS = 4_000  # characters of the text's end that are taken in at once
MOST_KEPT_CHARS = 4_000  # characters of each choir's text, more than any stage shows


@dataclass
class ChoirText:
    """One choir's text, as ``StageText.follow`` takes it."""

    text: str = ""
    tints: list[Tint] = field(default_factory=list)
    surprises: bytearray = field(default_factory=bytearray)
    dropped: int = 0
    revision: int = 0

    @property
    def end(self) -> int:
        """The position behind its last character."""
        return self.dropped + len(self.text)

    def put(self, text: str, tints: Sequence[Tint], surprises: Sequence[int]) -> None:
        """Append what one or several characters are; drop what is too old."""
        self.text += text
        self.tints.extend(tints)
        self.surprises.extend(surprises)
        excess = len(self.text) - MOST_KEPT_CHARS
        if excess > 0:
            self.text = self.text[excess:]
            del self.tints[:excess], self.surprises[:excess]
            self.dropped += excess

    def put_unwritten(self, text: str) -> None:
        """Append what nobody wrote."""
        self.put(text, [()] * len(text), [NO_SURPRISE] * len(text))

    def cut(self, end: int) -> None:
        """Take back all from position ``end`` on."""
        if end >= self.end:
            return
        kept = max(0, end - self.dropped)
        self.text, self.tints, self.surprises = self.text[:kept], self.tints[:kept], self.surprises[:kept]
        self.dropped = min(self.dropped, end)
        self.revision += 1


def _common(one: str, other: str) -> int:
    """How many characters both begin with."""
    most = min(len(one), len(other))
    if one[:most] == other[:most]:
        return most
    return next(at for at in range(most) if one[at] != other[at])


@dataclass(frozen=True)
class _Beginning:
    """Where a sentence begins: its position, whose turn it was before, how long each choir's text was, and the blanks
    between it and the one before."""

    position: int
    turn: int
    ends: tuple[int, int]
    blanks: str


class Choirs:
    """``follow`` once a frame; ``texts`` are the choirs', ``turn`` is whose the last letter was."""

    def __init__(self) -> None:
        self.texts = (ChoirText(), ChoirText())
        self.turn = FIRST
        self._text, self._dropped, self._revision = "", 0, -1
        self._end = 0  # of what was taken in, as a position of the whole text
        self._ended = True  # nothing but blanks since a sentence ended
        self._blanks = ""  # these
        self._beginnings: list[_Beginning] = []  # of sentences, in order

    def follow(
        self,
        text: str,
        tints: Sequence[Tint],
        surprises: Sequence[int],
        dropped: int,
        revision: int,
        voices: tuple[Collection[int], Collection[int]],
    ) -> None:
        """The text as it is now, as ``StageText.follow`` has it, and the voices of both choirs.

        Choirs that change move nothing that stands.
        """
        if revision != self._revision:
            first = max(dropped, self._dropped)
            self._return(first + _common(text[first - dropped :], self._text[first - self._dropped :]))
        self._text, self._dropped, self._revision = text, dropped, revision
        end = dropped + len(text)
        for position in range(max(self._end, end - MOST_TAKEN_CHARS, dropped), end):
            at = position - dropped
            level = surprises[at] if at < len(surprises) else NO_SURPRISE
            behind = text[max(0, at + 2 - SENTENCE_END_CHARS) : at + 1]
            self._take(position, behind, tints[at], level, voices)
        self._end = max(self._end, end)

    def _return(self, position: int) -> None:
        """Only what stands before ``position`` still does."""
        if position >= self._end:
            return
        at = _Beginning(0, FIRST, (0, 0), "")
        while self._beginnings:
            at = self._beginnings.pop()
            if at.position <= position:
                break
        for each, end in zip(self.texts, at.ends, strict=True):
            each.cut(end)
        self._end, self.turn, self._ended, self._blanks = at.position, at.turn, True, at.blanks

    def _take(
        self, position: int, behind: str, tint: Tint, level: int, voices: tuple[Collection[int], Collection[int]]
    ) -> None:
        """The last character of ``behind`` stands at ``position``."""
        character = behind[-1]
        if self._ended and character.isspace():
            self._blanks += character
            return
        side, blanks, self._blanks = self._side_of(tint, voices), self._blanks, ""
        if self._ended:
            ends = self.texts[0].end, self.texts[1].end
            self._beginnings.append(_Beginning(position, self.turn, ends, blanks))
            del self._beginnings[:-MOST_TAKEN_CHARS]
        mine = self.texts[side]
        if side == self.turn:
            mine.put_unwritten(blanks)
        else:
            self.turn = side
            _, broken, indent = blanks.rpartition("\n")
            mine.put_unwritten(("\n" if mine.text else "") + (indent if broken else ""))
        mine.put(character, [tint], [level])
        self._ended = ends_sentence(behind + " ")

    def _side_of(self, tint: Tint, voices: tuple[Collection[int], Collection[int]]) -> int:
        """Whose a letter is; nobody's is whose the last one was."""
        mine, others = (
            sum(level for voice, level in tint if voice in voices[side]) for side in (self.turn, 1 - self.turn)
        )
        if self._ended:
            return 1 - self.turn if others > mine else self.turn
        return 1 - self.turn if others > PASSED_FROM * (mine + others) else self.turn


# ---- the page --------------------------------------------------------------------------------------------------------

WAITING_ALPHA = 0.5  # of the column whose turn it is not
PASS_S = 0.4  # seconds in which the light goes from one column to the other
ONE, BOTH = "one text", "columns"  # what the setting may be, beside a choir alone
ALONE = {"first": FIRST, "second": SECOND}


def shown_choirs(session: SessionState, look: StageLook) -> str:
    """``ONE`` text, ``BOTH`` choirs in columns, or one of ``ALONE``: as the settings say, while there are choirs."""
    return look.settings.choirs if session.values[ANTIPHONY] else ONE


class StagePage:
    """The text of a stage as one, or by choirs. ``follow`` once a frame, then the rest."""

    def __init__(self, layout: StageLayout, look: StageLook, shown: str) -> None:
        """``shown`` is what ``shown_choirs`` gave; with ``BOTH`` the layout has a second column."""
        self._shown, self._choirs = shown, Choirs()
        self._still = look.settings.still
        lefts = (layout.left, layout.second) if layout.second is not None else (layout.left,)
        self._texts = [StageText(replace(layout, left=left), look) for left in lefts]
        self._lights = [SmoothNumber(1.0) for _ in self._texts]
        self._drawn: tuple[tuple[PlacedGlyphs, ...], tuple[float, ...], PlacedGlyphs] | None = None

    def follow(self, session: SessionState, palette: Palette | None, now: float) -> None:
        if self._shown == ONE:
            self._texts[0].follow(
                session.text, session.tints, session.dropped, session.revision, palette, now, session.surprises
            )
            return
        self._choirs.follow(
            session.text,
            session.tints,
            session.surprises,
            session.dropped,
            session.revision,
            choirs(session.values, session.slugs),
        )
        for text, side, light in zip(self._texts, self._sides, self._lights, strict=True):
            part = self._choirs.texts[side]
            text.follow(part.text, part.tints, part.dropped, part.revision, palette, now, part.surprises)
            alpha = 1.0 if side == self._choirs.turn else WAITING_ALPHA
            if alpha != light.target:
                light.send(alpha, now, 0.0 if self._still else PASS_S)

    @property
    def _sides(self) -> tuple[int, ...]:
        return (FIRST, SECOND) if self._shown == BOTH else (ALONE.get(self._shown, FIRST),)

    @property
    def _written(self) -> StageText:
        """The column that is being written."""
        return self._texts[self._choirs.turn if self._shown == BOTH else 0]

    @property
    def waiting(self) -> bool:
        """Whether nothing comes here now: only the other choir is shown elsewhere."""
        return self._shown in ALONE and self._choirs.turn != ALONE[self._shown]

    def glyphs(self, now: float) -> PlacedGlyphs:
        """What is to be drawn; the very same object for as long as nothing moves."""
        parts = tuple(text.glyphs(now) for text in self._texts)
        alphas = tuple(light.value(now) for light in self._lights)
        if self._drawn is not None:
            before, lights, drawn = self._drawn
            if lights == alphas and all(one is other for one, other in zip(parts, before, strict=True)):
                return drawn
        lit = [_dimmed(glyphs, alpha) for glyphs, alpha in zip(parts, alphas, strict=True)]
        self._drawn = parts, alphas, lit[0] if len(lit) == 1 else all_of(lit)
        return self._drawn[2]

    def cursor(self, now: float) -> tuple[float, float]:
        """Where the next character would stand."""
        return self._written.cursor(now)

    def cursor_shown(self, now: float) -> tuple[float, float]:
        """Where the cursor stands, as ``StageText`` has it."""
        return self._written.cursor_shown(now)

    @property
    def room(self) -> tuple[int, int]:
        """How many characters stand in the line before the cursor, and how many fit behind it."""
        return self._written.room

    def behind(self, position: int, now: float) -> tuple[float, float, float] | None:
        """As ``StageText.behind`` has it, of one text; choirs have no creatures between them."""
        return self._texts[0].behind(position, now) if self._shown == ONE else None


def _dimmed(glyphs: PlacedGlyphs, alpha: float) -> PlacedGlyphs:
    if alpha >= 1.0:
        return glyphs
    rgba = glyphs.rgba.copy()
    rgba[:, 3] *= alpha
    return replace(glyphs, rgba=rgba)
