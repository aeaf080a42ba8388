"""Draws creatures for whoever asks on standard input, one line a request, one line a picture on standard output.

A process of its own with a low priority, so that no letter waits for it. Of requests that have piled up only the last
is drawn. The main thread draws; a second one reads, and the process ends when its input does.
"""

from __future__ import annotations

import contextlib
import os
import sys
import threading
from collections.abc import Callable, Iterable
from typing import TextIO

from models.sprites.drawing import CreatureArtist
from models.sprites.finish import Tint
from protocol.errors import MessageError
from protocol.sprites import MOST_LINE_CHARS, Picture, SpriteFrame, SpriteRequest, SpriteSet

NICENESS = 10  # letters come first


def run(artist: CreatureArtist, asked: TextIO, say: Callable[[str], None]) -> None:
    """Draw until ``asked`` ends."""
    with contextlib.suppress(OSError, AttributeError):  # there is no such thing on Windows
        os.nice(NICENESS)
    say(SpriteSet(list(artist.categories)).line())
    newest = NewestLine(asked)
    while (line := newest.take()) is not None:
        try:
            say(answer(artist, SpriteRequest.of_line(line)).line())
        except MessageError as error:
            print(f"antiphon: sprites: {error}", file=sys.stderr)


def answer(artist: CreatureArtist, request: SpriteRequest) -> SpriteFrame:
    """What is drawn for a request; no picture where nothing is to be seen. Raises ``MessageError``."""
    tints: list[Tint] = [(share, _rgb(colour)) for share, colour in request.tints]
    sprite = artist.draw(request.mix, request.numbers, tints)
    return SpriteFrame(request.number, Picture(sprite.places, sprite.palette).packed() if sprite else "")


class NewestLine:
    """The last line that came of a stream that a thread of its own reads."""

    def __init__(self, lines: TextIO) -> None:
        self._line: str | None = None
        self._ended = False
        self._changed = threading.Condition()
        threading.Thread(target=self._read, args=(lines,), name="requests", daemon=True).start()

    def take(self) -> str | None:
        """The newest line that was not taken yet, as soon as there is one; None once the stream has ended."""
        with self._changed:
            self._changed.wait_for(lambda: self._line is not None or self._ended)
            line, self._line = self._line, None
            return line

    def _read(self, lines: TextIO) -> None:
        for line in _bounded(lines):
            with self._changed:
                self._line = line
                self._changed.notify()
        with self._changed:
            self._ended = True
            self._changed.notify()


def _bounded(lines: TextIO) -> Iterable[str]:
    """Line by line; one that is too long comes in pieces, which mean nothing."""
    while line := lines.readline(MOST_LINE_CHARS):
        yield line


def _rgb(colour: str) -> tuple[int, int, int]:
    return int(colour[1:3], 16), int(colour[3:5], 16), int(colour[5:7], 16)
