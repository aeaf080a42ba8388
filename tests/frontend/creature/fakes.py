"""An artist in memory, and a session that a test writes."""

from __future__ import annotations

import numpy as np

from frontend.client.session_state import SessionState
from protocol.messages import Card, Char, Status
from protocol.sprites import Picture, SpriteRequest

CARDS = [
    Card(0, 2, "shelley", "Shelley", "Sh", "#CC7203", "prose", "", sprite="undead 0.8 slimes 0.2"),
    Card(1, 2, "bible", "Bible", "Bi", "#EFBC3A", "prose", ""),
]


def picture(colour: int = 2) -> Picture:
    places = np.zeros((32, 32), np.uint8)
    places[10:30, 12:20] = colour
    return Picture(places, np.arange(48, dtype=np.uint8).reshape(16, 3))


class FakeArtist:
    """Answers at once, with pictures of a colour each; ``asked`` is what was asked for."""

    def __init__(self) -> None:
        self.asked: list[SpriteRequest] = []
        self.trouble = ""
        self.busy = False
        self._answers: list[tuple[int, Picture | None]] = []

    def may_ask(self, now: float) -> bool:
        return not self.busy

    def ask(self, request: SpriteRequest, now: float) -> None:
        self.asked.append(request)
        self._answers.append((request.number, picture(2 + request.number % 14)))

    def take(self, now: float) -> tuple[int, Picture | None] | None:
        return self._answers.pop() if self._answers else None


class Writer:
    """Writes a text into a session, letter by letter, all of it by voice 0."""

    def __init__(self) -> None:
        self.session = SessionState()
        self.text = ""
        self.written = self.epoch = 0
        for card in CARDS:
            self.session.apply(card, 0.0)

    def write(self, text: str) -> None:
        for character in text:
            self.text += character
            self.written += 1
            tail = self.text[-80:]
            tints = (((0, 255),),) * len(tail)
            told = Char(self.written, character, tail, len(self.text), self.epoch, tints)
            self.session.apply(told, self.written)

    def take_back(self, text: str) -> None:
        """Let only ``text`` be left."""
        self.text, self.epoch = text, self.epoch + 1
        self.session.apply(Status(self.written, len(text), self.epoch, 10.0, 5.0, 1, ""), self.written)
