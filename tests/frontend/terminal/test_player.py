"""The terminal player: what it shows at any size, what its keys do, and what it streams where there is no terminal."""

from __future__ import annotations

import asyncio
import sys
import time
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.segment import Segment
from textual import events
from textual.pilot import Pilot
from textual.strip import Strip

from frontend.client.fake_link import OPENING_WEIGHTS, FakeLink
from frontend.config.scenes import Scenes
from frontend.control.drawing.keymap import BINDINGS
from frontend.control.state.controller import Controller
from frontend.control.state.midi_interface import NoMidi
from frontend.terminal.app import CellScreen, CellStrip, TerminalApp
from frontend.terminal.canvas import CellCanvas
from frontend.terminal.keys import KEYS, NUDGES
from frontend.terminal.view import TerminalView
from protocol.messages import FinishSentence, Panic, Prime, ResendText, Reset, Rewind, Set, Step, WriteWord
from tests.frontend.inputs.fake_input import FakeInput

BLACK, WHITE = (0, 0, 0), (255, 255, 255)
NOWHERE = Path("nowhere") / "scenes.json"


def desk_after(seconds: float, link: FakeLink | None = None) -> Controller:
    """A desk on the demo, that many seconds into it."""
    controller = Controller(link or FakeLink.demo(clock=lambda: -1.0), NoMidi(), Scenes.load(NOWHERE))
    for tick in range(int(30 * seconds) + 1):
        controller.pump(tick / 30)
        controller.settle()
    return controller


def painted(controller: Controller, width: int, height: int, view: TerminalView | None = None) -> list[str]:
    canvas = CellCanvas(width, height, BLACK)
    (view or TerminalView()).paint(canvas, controller)
    return str(canvas).split("\n")


# ---- the canvas ----------------------------------------------------------------------------------------------------


@given(st.integers(-5, 12), st.integers(-2, 3), st.text("abc", max_size=20))
def test_whatever_lies_outside_the_canvas_is_cut_off(x: int, y: int, words: str) -> None:
    canvas = CellCanvas(10, 2, BLACK)
    assert canvas.put(x, y, words, WHITE) == x + len(words)
    whole = (
        " " * 10
        if y not in (0, 1)
        else "".join(words[place - x] if 0 <= place - x < len(words) else " " for place in range(10))
    )
    assert str(canvas).split("\n")[y if y in (0, 1) else 0] == whole


@pytest.mark.parametrize(("level", "bar"), [(0.0, "    "), (0.5, "██  "), (1.0, "████"), (0.28, "█▏  "), (7.0, "████")])
def test_a_bar_is_an_eighth_of_a_cell_fine(level: float, bar: str) -> None:
    canvas = CellCanvas(4, 1, BLACK)
    canvas.bar(0, 0, 4, level, WHITE, BLACK)
    assert str(canvas) == bar


def test_the_least_that_is_wanted_stands_out_of_the_ground() -> None:
    canvas = CellCanvas(2, 2, BLACK)
    canvas.column(0, 1, 2, 0.001, WHITE, BLACK)
    canvas.column(1, 1, 2, 0.75, WHITE, BLACK)
    assert str(canvas) == " ▄\n▁█"


@given(st.lists(st.floats(0.01, 1), min_size=1, max_size=24), st.integers(1, 200))
def test_stacked_shares_fill_the_bar_and_each_is_its_share_wide(weights: list[float], width: int) -> None:
    shares = [weight / sum(weights) for weight in weights]
    canvas = CellCanvas(width, 1, BLACK)
    canvas.stacked(0, 0, width, [(share, "", (n, 1, 1)) for n, share in enumerate(shares)], WHITE, BLACK)
    wide = [sum(cell.back == (n, 1, 1) for cell in canvas.rows[0]) for n in range(len(shares))]
    assert sum(wide) == width
    assert all(abs(cells - share * width) <= 1.0 for cells, share in zip(wide, shares, strict=True))


def test_cells_that_look_alike_go_to_the_terminal_in_one_piece() -> None:
    canvas = CellCanvas(5, 1, BLACK)
    canvas.put(0, 0, "ab", WHITE)
    canvas.put(2, 0, "cde", BLACK)
    assert [segment.text for segment in canvas.segments(0)] == ["ab", "cde"]


# ---- the view ------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def played() -> Controller:
    return desk_after(20.0)


def test_at_eighty_by_twenty_four_everything_is_there(played: Controller) -> None:
    rows = painted(played, 80, 24)
    assert rows[0].startswith(" ▶ writing   rate 15.0   temperature 0.50")
    for card in played.cards:
        assert sum(f" {card.monogram} " in row[:6] or f" {card.monogram} " in row[40:46] for row in rows[11:23]) == 1
    end = played.link.session.text.rsplit(maxsplit=1)[-1]
    assert any(row.rstrip(" ▏").endswith(end) for row in rows[1:7])
    assert "abcdefghij" in rows[9]
    assert all(slug_monogram in rows[10] for slug_monogram in ("Au", "Bi", "Lx"))


def test_in_a_large_terminal_the_voices_stand_in_one_column_beside_the_text(played: Controller) -> None:
    rows = painted(played, 140, 40)
    places = [next(y for y, row in enumerate(rows) if f" {card.monogram} " in row[:6]) for card in played.cards]
    assert places == list(range(places[0], places[0] + 24))


@pytest.mark.parametrize("width", [1, 10, 40, 60, 80, 119, 120, 300])
@pytest.mark.parametrize("height", [1, 2, 5, 20, 21, 24, 32, 100])
def test_every_size_of_terminal_is_filled_exactly(played: Controller, width: int, height: int) -> None:
    for shows_help in (False, True):
        view = TerminalView()
        view.shows_help = view.shows_inputs = shows_help
        view.notice = "no window opened: there is no screen"
        rows = painted(played, width, height, view)
        assert [len(row) for row in rows] == [width] * height


def test_the_text_bears_the_colours_of_who_wrote_it(played: Controller) -> None:
    canvas = CellCanvas(80, 24, BLACK)
    TerminalView().paint(canvas, played)
    session = played.link.session
    last = max(place for place, character in enumerate(session.text) if character > " ")
    cells = [cell for row in canvas.rows[1:7] for cell in row if cell.character > " " and cell.character != "▏"]
    colour = played.palette.text(session.tints, last)[0]
    assert cells[-1].character == session.text[last]
    assert cells[-1].fore == pytest.approx(colour, abs=3)  # the canvas asks from the first line on


def test_the_chosen_voice_is_seen_even_where_not_all_have_room(played: Controller) -> None:
    view = TerminalView()
    for view.selected in range(24):
        rows = painted(played, 80, 21, view)
        assert sum(row[0] == "▌" or row[40] == "▌" for row in rows) == 1


def test_a_server_that_is_silent_is_told_in_words(played: Controller) -> None:
    controller = desk_after(2.0)
    controller.now += 4.0
    assert painted(controller, 80, 24)[0].endswith(" ! server silent 4 s ")


def test_before_the_first_card_there_is_a_line_and_no_voice() -> None:
    controller = desk_after(0.0, FakeLink())
    rows = painted(controller, 80, 24)
    assert " ! waiting for the server at here " in rows[0]


def test_a_row_that_is_shown_whole_is_no_garbage_for_the_collector() -> None:
    rows = [kind([Segment("ab"), Segment("c")], 3) for kind in (Strip, CellStrip)]
    before = [sys.getrefcount(row) for row in rows]
    assert [row.divide([3]) == [row] for row in rows] == [True, True]
    assert [sys.getrefcount(row) for row in rows] == [before[0] + 1, before[1]], "textual's keeps itself alive"
    assert [strip.text for strip in rows[1].divide([1, 3])] == ["a", "bc"]


def test_where_no_colour_is_wanted_there_is_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_COLOR", "1")

    async def play(player: TerminalApp, link: FakeLink, pilot: Pilot[None]) -> None:
        screenful = player.query_one(CellScreen)
        await until(lambda: "writing" in screenful.render_line(0).text)
        styles = [style for _, style, _ in screenful.render_line(0) if style is not None]
        colours = [colour.get_truecolor() for style in styles for colour in (style.color, style.bgcolor) if colour]
        assert colours and all(max(each) - min(each) <= 1 for each in colours)

    perform(play)


# ---- keys ----------------------------------------------------------------------------------------------------------


def perform(
    play: Callable[[TerminalApp, FakeLink, Pilot[None]], Awaitable[None]],
    seconds: float | None = None,
    reason: str = "",
) -> None:
    """Run the player on the demo, on a terminal of textual's own, while ``play`` presses keys."""

    async def session() -> None:
        link = FakeLink.demo()
        player = TerminalApp(Controller(link, NoMidi(), Scenes.load(NOWHERE)), seconds, reason)
        async with player.run_test(size=(80, 24)) as pilot:
            await until(lambda: player.view.selected == 2)  # Austen, the first in play
            link.sent.clear()
            await play(player, link, pilot)

    asyncio.run(session())


async def until(is_so: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 20.0
    while not is_so():
        assert time.monotonic() < deadline, "it never came to be"
        await asyncio.sleep(0.02)


def weights_sent(link: FakeLink) -> list[tuple[str, object]]:
    return [(m.address, m.value) for m in link.sent if isinstance(m, Set) and m.address.startswith("/style/")]


def test_space_pauses_and_enter_and_stop_write_one_character() -> None:
    async def play(player: TerminalApp, link: FakeLink, pilot: Pilot[None]) -> None:
        await pilot.press("space", ".", "enter", "space")
        assert link.sent == [Set("/transport/run", False), Step(), Step(), Set("/transport/run", True)]

    perform(play)


def test_the_first_voice_in_play_is_chosen_and_arrows_move_its_weight() -> None:
    async def play(player: TerminalApp, link: FakeLink, pilot: Pilot[None]) -> None:
        await pilot.press("right", "left", "left", "shift+left", "0")
        weight = "/style/austen/weight"
        assert weights_sent(link) == [(weight, 0.65), (weight, 0.6), (weight, 0.55), (weight, 0.54), (weight, 0.0)]

    perform(play)


def test_a_voice_that_is_given_weight_comes_into_play() -> None:
    async def play(player: TerminalApp, link: FakeLink, pilot: Pilot[None]) -> None:
        await pilot.press("down", "left", "right")
        assert weights_sent(link) == [("/style/baudelaire/weight", 0.05), ("/style/baudelaire/on", True)]

    perform(play)


def test_a_voice_is_sent_away_and_its_weight_falls_to_nothing() -> None:
    async def play(player: TerminalApp, link: FakeLink, pilot: Pilot[None]) -> None:
        await pilot.press("v")
        await until(lambda: link.session.values["/style/austen/on"] is False)

    perform(play)


def test_rate_temperature_and_alloy_have_keys_and_stop_at_their_ends() -> None:
    async def play(player: TerminalApp, link: FakeLink, pilot: Pilot[None]) -> None:
        await pilot.press("+", "]", "[", "}")
        assert link.sent[:4] == [
            Set("/mix/rate", 16.0),
            Set("/mix/temperature", 0.55),
            Set("/mix/temperature", 0.5),
            Set("/mix/alloy", 0.1),
        ]
        link.set("/mix/rate", 2.5)
        await pilot.press("-", "-", "-")
        assert link.sent[-2:] == [Set("/mix/rate", 1.0), Set("/mix/rate", 1.0)]

    perform(play)


def test_every_pair_of_signs_moves_its_setting_there_and_back() -> None:
    async def play(player: TerminalApp, link: FakeLink, pilot: Pilot[None]) -> None:
        for nudge in NUDGES:
            before = link.session.values[nudge.address]
            up, down = (nudge.up, nudge.down) if before < 1.0 or nudge.step == 1.0 else (nudge.down, nudge.up)  # type: ignore[operator]
            await pilot.press(up)
            assert link.session.values[nudge.address] != before
            await pilot.press(down)
            assert link.session.values[nudge.address] == pytest.approx(before)

    perform(play)


def test_a_weight_goes_below_nothing_and_is_shown_so() -> None:
    async def play(player: TerminalApp, link: FakeLink, pilot: Pilot[None]) -> None:
        await pilot.press("0", "left", "shift+left")
        assert link.session.values["/style/austen/weight"] == -0.06
        row = next(row for row in painted(player.controller, 140, 40) if " Au " in row[:6])
        assert "-.06" in row and "\u2591" in row

    perform(play)


def test_word_sentence_hold_one_back_and_panic_have_keys() -> None:
    async def play(player: TerminalApp, link: FakeLink, pilot: Pilot[None]) -> None:
        await pilot.press("w", "e", "b", "h")
        kinds = [type(message) for message in link.sent if not isinstance(message, ResendText)]
        assert kinds == [WriteWord, FinishSentence, Rewind, Set]
        assert "the mix is held" in painted(player.controller, 140, 40)[0]
        await pilot.press("x")
        assert link.sent[-1] == Panic()
        await until(lambda: link.session.values["/transport/hold"] is False)

    perform(play)


def test_what_was_done_can_be_undone_and_done_again() -> None:
    async def play(player: TerminalApp, link: FakeLink, pilot: Pilot[None]) -> None:
        await pilot.press("right")
        await until(lambda: player.controller.history.steps[0] == 1)
        await pilot.press("z")
        await until(lambda: link.session.values["/style/austen/weight"] == pytest.approx(OPENING_WEIGHTS["austen"]))
        await pilot.press("y")
        await until(
            lambda: link.session.values["/style/austen/weight"] == pytest.approx(OPENING_WEIGHTS["austen"] + 0.05)
        )

    perform(play)


def test_typed_text_primes_and_keys_do_nothing_else_meanwhile() -> None:
    async def play(player: TerminalApp, link: FakeLink, pilot: Pilot[None]) -> None:
        await pilot.press("p", *"q0.", "enter")
        (primed,) = link.sent
        assert isinstance(primed, Prime) and primed.text.lstrip() == "q0."
        await pilot.press("p", "x", "escape", ".")
        assert link.sent == [primed, Step()]

    perform(play)


def test_several_lines_that_are_pasted_are_one_text() -> None:
    # Estudely/riftor, pull request 63: textual's input keeps the first line of a paste and drops the others
    async def play(player: TerminalApp, link: FakeLink, pilot: Pilot[None]) -> None:
        for pasted, meant in (("one\ntwo\r\n\nfour\n", "one\ntwo\n\nfour"), ("one", "one"), ("", "x")):
            link.sent.clear()
            await pilot.press("p")
            player.focused.post_message(events.Paste(pasted))  # type: ignore[union-attr]
            await pilot.pause()
            if not pasted:
                await pilot.press("x")
            await pilot.press("enter")
            assert [each.text.lstrip(" ") for each in link.sent if isinstance(each, Prime)] == [meant]

    perform(play)


@pytest.mark.parametrize(
    ("pause", "word", "hotter"),
    [
        ("space", "w", "]"),
        ("space", "\u0446", "\u044a"),  # warpdotdev/warp, issue 11930: a Russian keyboard types this instead of w
        ("space", "\u03c2", "]"),  # a Greek one
        ("space", "\u3148", "]"),  # a Korean one
    ],
)
def test_keys_hold_on_the_keyboards_of_every_script(pause: str, word: str, hotter: str) -> None:
    async def play(player: TerminalApp, link: FakeLink, pilot: Pilot[None]) -> None:
        await pilot.press(pause, word, hotter)
        assert [type(each) for each in link.sent] == [Set, WriteWord, Set]

    perform(play)


def test_backspace_takes_the_last_word_back_and_r_everything() -> None:
    async def play(player: TerminalApp, link: FakeLink, pilot: Pilot[None]) -> None:
        await pilot.press("space", "p", *"a bc", "enter")
        await until(lambda: link.session.text.endswith("a bc"))
        await pilot.press("backspace", "r")
        assert [message for message in link.sent if not isinstance(message, ResendText)][2:] == [Rewind(2), Reset()]
        await until(lambda: link.session.text == "")

    perform(play)


def test_mute_and_solo_silence_without_moving_the_fader() -> None:
    async def play(player: TerminalApp, link: FakeLink, pilot: Pilot[None]) -> None:
        await pilot.press("m")
        await until(lambda: link.session.values["/style/austen/weight"] == 0.0)
        assert player.controller.fader(2) == OPENING_WEIGHTS["austen"]
        await pilot.press("m", "s")
        wanted = {"/style/austen/weight": OPENING_WEIGHTS["austen"], "/style/bible/weight": 0.0}
        await until(lambda: wanted.items() <= link.session.values.items())

    perform(play)


def test_the_mouse_chooses_a_voice_and_drags_its_weight() -> None:
    async def play(player: TerminalApp, link: FakeLink, pilot: Pilot[None]) -> None:
        canvas = CellCanvas(80, 24, BLACK)
        spot = next(
            spot
            for spot in player.view.paint(canvas, player.controller)
            if player.controller.slugs[spot.voice] == "bible"
        )
        await pilot.mouse_down(offset=(spot.bar_x, spot.y))
        await pilot.hover(offset=(spot.bar_x + spot.bar_width - 1, spot.y))
        await pilot.mouse_up(offset=(spot.bar_x + spot.bar_width - 1, spot.y))
        await pilot.hover(offset=(spot.bar_x, spot.y))
        assert player.view.selected == spot.voice
        half = 0.5 / spot.bar_width
        assert list(dict.fromkeys(weights_sent(link))) == [
            ("/style/bible/weight", half),
            ("/style/bible/weight", 1.0 - half),
        ]

    perform(play)


def test_help_lists_the_keys_until_it_is_left() -> None:
    async def play(player: TerminalApp, link: FakeLink, pilot: Pilot[None]) -> None:
        await pilot.press("?")
        assert any("take back the last word" in row for row in painted(player.controller, 80, 24, player.view))
        await pilot.press("escape")
        assert not player.view.shows_help

    perform(play)


def test_the_inputs_are_listed_and_switched() -> None:
    async def play(player: TerminalApp, link: FakeLink, pilot: Pilot[None]) -> None:
        hub = player.controller.hub
        hub.add(FakeInput("table"), FakeInput("pedal", on=False), FakeInput("glove", refuses="no glove is here"))
        hub.turn(0.0)
        await pilot.press("i", "down", "v")
        hub.turn(0.0)
        assert [row.settings.on for row in hub.rows()] == [True, True, True]
        rows = painted(player.controller, 80, 24, player.view)
        listed = [row[2:78].strip(" ▌") for row in rows if "●" in row or "○" in row]
        assert listed == [
            "● on   Table         connected",
            "● on   Pedal         connected",
            "● on   Glove         no glove is here",
        ]
        await pilot.press("v")
        assert "○ off  Pedal" in "".join(painted(player.controller, 80, 24, player.view))
        await pilot.press("i", "down")
        assert player.view.selected == 3 and "Pedal" not in "".join(painted(player.controller, 80, 24, player.view))

    perform(play)


def test_the_documentation_lists_every_key() -> None:
    page = (Path(__file__).parents[3] / "docs" / "inputs.md").read_text("utf-8")
    told = [tuple(row.strip("| ").split(" | ")) for row in page.splitlines() if row.startswith("| ")]
    in_windows = [(binding.key, binding.words) for binding in BINDINGS]
    here = [(key, words) for key, words, _, _ in KEYS if key]
    assert [row for row in told if row in in_windows or row in here] == [*in_windows, *here]


def test_the_reason_why_no_window_opened_is_shown_at_first() -> None:
    async def play(player: TerminalApp, link: FakeLink, pilot: Pilot[None]) -> None:
        assert painted(player.controller, 80, 24, player.view)[-1].strip() == "no window opened: there is no screen"

    perform(play, reason="no window opened: there is no screen")


@pytest.mark.parametrize("key", ["q", "ctrl+c"])
def test_quitting_is_one_key(key: str) -> None:
    async def play(player: TerminalApp, link: FakeLink, pilot: Pilot[None]) -> None:
        await pilot.press(key)
        await until(lambda: not player.is_running)

    perform(play)


def test_it_ends_by_itself_after_its_seconds() -> None:
    async def play(player: TerminalApp, link: FakeLink, pilot: Pilot[None]) -> None:
        await until(lambda: not player.is_running)

    perform(play, seconds=1.0)
