"""Type-setting for the stage: where each character stands in a grid of equal cells, without a line ever jumping.

- A line break that was written is kept; of empty lines that follow each other one is kept, at the very top none.
- Longer lines wrap at a space. A word that reaches the edge moves down whole; one that began its line is cut.
- A tab is 4 columns wide. Lines that begin with a tab or 4 spaces continue 2 columns further in.

So what stands, stands: a further character moves nothing but the word being written, once, when it reaches the edge.
Incremental: ``follow`` costs as much as what is new, whatever the length of the text, and after a rewind as much as the
line that the text was cut in. Pure; a ``Typesetter`` belongs to one thread.
"""

from __future__ import annotations

from bisect import bisect_left
from dataclasses import dataclass, field

from protocol.layout import TAB_COLUMNS
from protocol.sentences import SENTENCE_END_CHARS, ends_sentence

CODE_INDENT = 4  # columns; a line that begins so far in is taken for code
HANGING_COLUMNS = 2  # columns that code continues further in
LEAST_COLUMNS = 8


@dataclass(slots=True)
class TypesetLine:
    """One line as set. ``columns``, ``characters`` and ``places`` are equally long: what is drawn, left to right.

    ``places`` are positions in the whole text. ``number`` counts the lines of the page from 0; ``stamp`` is another one
    whenever the line changed. ``came_from`` is the column in the line above where this line's first word stood until
    it moved down, and ``came`` of how many characters it was then.
    """

    number: int
    begin: _State
    stamp: int = 0
    came_from: int = 0
    came: int = 0
    columns: list[int] = field(default_factory=list)
    characters: list[str] = field(default_factory=list)
    places: list[int] = field(default_factory=list)

    def __str__(self) -> str:
        line = ""
        for column, character in zip(self.columns, self.characters, strict=True):
            line = line.ljust(column) + character
        return line


@dataclass(frozen=True, slots=True)
class _State:
    """All that decides how the text goes on from ``position``, at the beginning of a line."""

    position: int
    column: int = 0
    leading: bool = True  # only white space in this written line so far
    hang: int = 0  # the column that the written line continues at when it is wrapped
    after_empty: bool = True  # the line above is empty, or there is none


class Typesetter:
    """``lines`` is the page, the line being written last. Read it; call only ``follow``.

    ``page`` is another number whenever the text was set from its beginning, that is
    when nothing of what stood before is left.
    """

    def __init__(self, columns: int, sentence_gap: int = 0) -> None:
        """``columns``: cells a line, 8 or more; ``sentence_gap``: cells that stay free behind a sentence."""
        if columns < LEAST_COLUMNS:
            raise ValueError(f"a line needs {LEAST_COLUMNS} columns or more, not {columns}")
        self.columns = columns
        self._sentence_gap = sentence_gap
        self.page = 0
        self.lines: list[TypesetLine] = []
        self._text, self._dropped, self._revision = "", 0, -1
        self._stamp = 0
        self._end = 0  # how far the text is set
        self._column = 0
        self._leading = True  # as in ``_State``
        self._hang = 0
        self._after_empty = True
        self._word = -1  # where among the line's characters the word being written begins; none: -1
        self._begin(0)

    @property
    def column(self) -> int:
        """Where the next character would stand in the last line; the number of columns where there is no room."""
        return self._column

    @property
    def end(self) -> int:
        """The position in the whole text up to which it is set."""
        return self._end

    def follow(self, text: str, dropped: int, revision: int) -> None:
        """Set what is new. ``text`` begins at position ``dropped`` of the whole text.

        With the ``revision`` of the last call, text was only appended and dropped from the beginning; with another one
        anything may have changed, and whatever is left of the lines stays.
        """
        if revision != self._revision:
            self._return(text, dropped)
        elif not dropped <= self._end <= dropped + len(text):
            self._begin(dropped)
        self._text, self._dropped, self._revision = text, dropped, revision
        for character in text[self._end - dropped :]:
            self._take(character)
        self._forget(dropped)

    # ---- one character ---------------------------------------------------------------------------------------------

    def _take(self, character: str) -> None:
        place = self._end
        self._end += 1
        if character == "\n":
            self._break(place)
        elif character == " " or character == "\t":
            wide = 1 if character == " " else TAB_COLUMNS
            if self._sentence_gap and self._word >= 0 and self._ends_sentence(place):
                wide += self._sentence_gap
            self._column = min(self._column + wide, self.columns // 2 if self._leading else self.columns)
            self._word = -1
        elif " " < character <= "~":
            self._put(character, place)

    def _ends_sentence(self, place: int) -> bool:
        last = place + 1 - self._dropped
        return ends_sentence(self._text[max(0, last - SENTENCE_END_CHARS) : last])

    def _break(self, place: int) -> None:
        """A written line ends."""
        line = self.lines[-1]
        empty = not line.columns
        if empty and self._after_empty:  # one empty line is above already: this one begins again
            self.lines.pop()
            self._restore(line.number, _State(place + 1))
        else:
            self._restore(line.number + 1, _State(place + 1, after_empty=empty))

    def _put(self, character: str, place: int) -> None:
        """Part of a word."""
        line = self.lines[-1]
        if self._leading:
            self._leading = False
            code = self._column >= CODE_INDENT
            self._hang = min(self._column + HANGING_COLUMNS, self.columns // 2) if code else 0
        if self._word < 0:
            self._word = len(line.columns)
        if self._column >= self.columns:
            line = self._wrap(line, place)
        line.columns.append(self._column)
        line.characters.append(character)
        line.places.append(place)
        line.stamp = self._next_stamp()
        self._column += 1

    def _wrap(self, line: TypesetLine, place: int) -> TypesetLine:
        """A new line for the character at ``place``, with the word that it belongs to if that gains room by it."""
        word = self._word
        stays = word == 0 or (word < len(line.columns) and line.columns[word] <= self._hang)
        first = len(line.columns) if stays else word
        columns, characters, places = line.columns[first:], line.characters[first:], line.places[first:]
        del line.columns[first:], line.characters[first:], line.places[first:]
        line.stamp = self._next_stamp()
        start = places[0] if places else place
        new = self._restore(line.number + 1, _State(start, self._hang, False, self._hang, after_empty=False))
        if places:
            new.came_from, new.came = columns[0], len(columns)
            new.columns = list(range(self._hang, self._hang + len(places)))
            new.characters, new.places = characters, places
            self._column += len(places)
        self._word = 0
        return new

    def _next_stamp(self) -> int:
        self._stamp += 1
        return self._stamp

    # ---- beginning, going back, forgetting -------------------------------------------------------------------------

    def _restore(self, number: int, state: _State) -> TypesetLine:
        """Begin a line in ``state``, below the lines there are."""
        line = TypesetLine(number, state, self._next_stamp())
        self.lines.append(line)
        self._column, self._leading, self._hang = state.column, state.leading, state.hang
        self._after_empty, self._word = state.after_empty, -1
        return line

    def _begin(self, position: int) -> None:
        """A new page, whose text begins at ``position``."""
        self.lines.clear()
        self.page += 1
        self._restore(0, _State(position))
        self._end = position

    def _return(self, text: str, dropped: int) -> None:
        """Go back to before the first character that is no longer what it was."""
        known = self._text[dropped - self._dropped :] if self._dropped <= dropped <= self._end else ""
        changed = dropped + _common(known, text)
        # The line that was cut may have begun with a word that, being shorter now, belongs to the line above.
        index = bisect_left(self.lines, changed, key=lambda line: line.begin.position) - 2
        if index < 0 and self.lines[0].number == 0:
            index = 0
        if changed == dropped or index < 0 or self.lines[index].begin.position < dropped:
            self._begin(dropped)
            return
        number, state = self.lines[index].number, self.lines[index].begin
        del self.lines[index:]
        self._restore(number, state)
        self._end = state.position

    def _forget(self, dropped: int) -> None:
        """Lines whose text is gone are gone."""
        gone = 0
        while gone + 1 < len(self.lines) and self.lines[gone + 1].begin.position <= dropped:
            gone += 1
        del self.lines[:gone]


def _common(one: str, other: str) -> int:
    """How many characters both begin with."""
    pairs = enumerate(zip(one, other, strict=False))
    return next((index for index, (a, b) in pairs if a != b), min(len(one), len(other)))
