"""Ghost letters in the text's panel: behind the cursor and under the line, inside the panel, and gone when asked."""

from __future__ import annotations

import pytest
from imgui_bundle import imgui

from frontend.control.panels.text import ribbon_rect
from frontend.look.fonts import Font
from protocol.messages import THE_MIX, Ahead, Set
from protocol.tree import LOOKAHEAD
from tests.frontend.control.conftest import Instrument, WrittenCanvas

AHEAD = {THE_MIX: " and the sea ", 2: " and the king", 5: " of Zion sayi", 13: " unsigned int", 16: " my love is n"}


class LetteredCanvas(WrittenCanvas):
    """Remembers the voices' letters too, in pixels."""

    def __init__(self, canvas: WrittenCanvas) -> None:
        super().__init__(canvas)
        self.letters: list[tuple[str, float, float, float]] = []  # and left, top, right

    def run(self, x: float, y: float, words: str, ink: int, em: float, face: Font) -> None:
        super().run(x, y, words, ink, em, face)
        self.letters.append((words, x, y, x + face.width(words, em)))


def lettered(instrument: Instrument) -> list[tuple[str, float, float, float]]:
    """The voices' letters that stand in the window now."""
    canvas = LetteredCanvas(instrument.panels.canvas)  # type: ignore[arg-type]
    before, instrument.panels.canvas = instrument.panels.canvas, canvas
    instrument.frames(1)
    instrument.panels.canvas = before
    return canvas.letters


def tell_ahead(instrument: Instrument) -> None:
    """The text rests, and this is ahead of it."""
    instrument.run(1.0)
    instrument.link.set("/transport/run", False)
    instrument.frames(2)
    session = instrument.link.session
    told = [Ahead(session.epoch, session.sequence + 1, voice, letters) for voice, letters in AHEAD.items()]
    instrument.link.deliver([Set(LOOKAHEAD, 16), *told])
    instrument.frames(2)


@pytest.mark.parametrize("size", [(1920, 1080), (1280, 720), (3840, 2160)])
def test_ghosts_stand_behind_the_cursor_and_in_lanes_over_the_ribbon(
    instrument: Instrument, size: tuple[int, int]
) -> None:
    instrument.size = size
    before = lettered(instrument)
    tell_ahead(instrument)
    letters = lettered(instrument)
    text, scale = instrument.layout.text, instrument.layout.scale
    ribbon = ribbon_rect(text)
    assert ribbon is not None and len(letters) > len(before)
    ghosts = [
        each for each in letters if len(each[0]) == 1 and each[1] / scale < text.right and each[2] / scale > text.y
    ]
    assert len({top for _, _, top, _ in ghosts}) >= 3
    for _, _, top, right in ghosts:
        assert right / scale <= text.right and top / scale < ribbon.y


def test_the_key_asks_for_ghosts_and_asked_again_they_are_gone(instrument: Instrument) -> None:
    instrument.key(imgui.Key._0)
    assert instrument.link.session.values[LOOKAHEAD] == 16
    tell_ahead(instrument)
    instrument.key(imgui.Key._0)
    assert instrument.link.session.values[LOOKAHEAD] == 0
    assert not [each for each in lettered(instrument) if each[0] == "Z"]


def test_while_a_place_is_chosen_to_branch_from_there_are_no_ghosts(instrument: Instrument) -> None:
    tell_ahead(instrument)
    assert [each for each in lettered(instrument) if each[0] == "Z"]
    instrument.panels.text.cursor = instrument.link.session.length - 5
    assert not [each for each in lettered(instrument) if each[0] == "Z"]
