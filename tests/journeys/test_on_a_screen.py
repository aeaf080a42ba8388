"""The instrument itself: a real server, the real window on a screen, a real mouse, and a change in what is written."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from frontend.control.drawing.layout import plan_panels
from frontend.control.panels.voices import ROWS_TOP_DP
from models.voice_folders import user_folder
from protocol.puck import position
from protocol.tree import on_address
from tests.journeys.conftest import Witness, alive, children, running
from tests.journeys.hands import PATIENCE, Hand, wait_until, xdotool
from tests.spelling import save_spelling_voice


@pytest.fixture
def hand(screen: str, server: tuple[str, int], witness: Witness) -> Iterator[Hand]:
    """The control window of a front end that plays ``server``."""
    host, port = server
    with running("front", "--server", f"{host}:{port}", "--no-stage") as front:
        hand = Hand()
        while witness.session.values["/puck/lifted"]:  # until the window knows the voices, a press is for nothing
            assert front.poll() is None, "the front end fell over"
            hand.press(*hand.on_circle((0.0, 0.0)))
            hand.release()
            time.sleep(2.0)  # sooner it would be a double click
        yield hand
        assert front.poll() is None, "the front end fell over"


def test_the_puck_dragged_to_a_voice_makes_it_speak(hand: Hand, witness: Witness) -> None:
    voices = witness.session.slugs
    assert len(set(witness.next_text(60)) & set("abln")) >= 3, "in the middle several voices speak"

    here = (0.0, 0.0)
    for slug, letter in (("linux", "l"), ("bible", "b")):
        there = position(voices.index(slug), len(voices))
        hand.press(*hand.on_circle(here))
        for step in range(1, 9):
            hand.move(
                *hand.on_circle((here[0] + (there[0] - here[0]) * step / 8, here[1] + (there[1] - here[1]) * step / 8))
            )
        wait_until(lambda place=there: near(witness.session.values["/puck"], place), f"the puck at {slug}")  # type: ignore[misc]
        hand.release()
        witness.next_text(3)  # what was on its way
        assert set(witness.next_text(40)) <= {letter, " "}
        here = there


def test_the_keyboard_stops_the_text_takes_words_back_and_feeds_it(hand: Hand, witness: Witness) -> None:
    hand.move(*(side / 2 for side in hand.size))  # where the pointer is, the keys go
    xdotool("key", "space")
    witness.sees("the text at rest", lambda session: session.values["/transport/run"] is False)

    text = witness.session.text
    xdotool("key", "BackSpace")
    witness.sees("a word less", lambda session: session.text == text.rstrip()[: text.rstrip().rfind(" ") + 1])

    length = witness.session.length
    xdotool("key", "period")
    witness.sees("one character more", lambda session: session.length == length + 1)

    xdotool("key", "p")
    time.sleep(1.0)  # the well has the keyboard from its next frame on, and a busy machine is slow to draw that
    xdotool("type", "--delay", "80", "Call me Ishmael")
    xdotool("key", "Return")
    witness.sees("what was typed", lambda session: session.text.endswith("Call me Ishmael"))


def test_a_voice_that_is_trained_meanwhile_gets_a_row_that_can_be_clicked(hand: Hand, witness: Witness) -> None:
    save_spelling_voice(user_folder(), "zed", {"z": 0.9, " ": 0.1})
    witness.sees("five voices", lambda session: len(session.slugs) == 5)
    time.sleep(2.0)  # the window has heard it too
    layout = plan_panels(*hand.size)
    top, height = (12.0, 33.0) if layout.compact else (ROWS_TOP_DP, 40.0)
    hand.click((layout.voices.x + 60) * layout.scale, (layout.voices.y + top + 4.5 * height) * layout.scale)
    witness.sees("the new voice in play", lambda session: session.values[on_address("zed")] is True)


def near(value: object, place: tuple[float, float]) -> bool:
    assert isinstance(value, tuple)
    return all(abs(a - b) < 0.05 for a, b in zip(value, place, strict=True))


def test_playing_opens_the_window_and_ends_by_itself_with_all_that_it_started(screen: str, home: Path) -> None:
    control, stage = home / "control.png", home / "stage.png"
    pictures = ("--picture", str(control), "--stage-picture", str(stage))
    with running("play", "--port", "0", "--seconds", "8", *pictures) as player:
        assert Hand().size[0] >= 1280
        started = children(player.pid)
        assert player.wait(2 * PATIENCE) == 0
        assert started and not any(map(alive, started))
        assert player.stderr and player.stderr.read() == ""
        assert all(picture.read_bytes().startswith(b"\x89PNG") for picture in (control, stage))
