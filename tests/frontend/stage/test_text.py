"""The stage's picture as glyphs and boxes: what stands where, in whose colour, and what is left alone."""

import gc
import tracemalloc

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from frontend.client.fake_link import FakeLink, demo_cards
from frontend.client.session_state import ReceivedText
from frontend.look.colour import HI, Palette, hex_of_rgb, rgb_of_hex
from frontend.look.surplus import leads
from frontend.stage.glyphs import SOLID
from frontend.stage.layout import lay_out
from frontend.stage.look import StageLook
from frontend.stage.scene import StagePicture
from frontend.stage.settings import StageSettings
from frontend.stage.text import PlacedGlyphs, StageText
from protocol.messages import Char, Set, Status, TextExcerpt, Tint
from protocol.tree import on_address, weight_address

AS_DESIGNED = StageLook()
LAYOUT = lay_out(1920, 1080, AS_DESIGNED)
PALETTE = Palette([card.colour for card in demo_cards()])
AUSTEN: Tint = ((2, 255),)
LINUX: Tint = ((17, 255),)
AT_REST = 1_000.0


class Typist:
    """Feeds a stage text as a mirror would."""

    def __init__(self, look: StageLook = AS_DESIGNED, palette: Palette | None = PALETTE) -> None:
        self.stage = StageText(LAYOUT, look)
        self.palette = palette
        self.text, self.revision = "", 0
        self.tints: list[Tint] = []

    def write(self, text: str, now: float, tint: Tint = AUSTEN) -> None:
        self.text += text
        self.tints += [tint] * len(text)
        self.follow(now)

    def follow(self, now: float) -> None:
        self.stage.follow(self.text, self.tints, 0, self.revision, self.palette, now)

    def glyphs(self, now: float) -> PlacedGlyphs:
        self.follow(now)
        return self.stage.glyphs(now)


def shown(glyphs: PlacedGlyphs) -> str:
    return glyphs.codes.tobytes().decode("ascii")


def colour(glyphs: PlacedGlyphs, index: int) -> str:
    return hex_of_rgb(np.rint(255 * glyphs.rgba[index, :3]).astype(int))


def test_a_text_that_was_there_before_is_simply_there() -> None:
    typist = Typist()
    typist.write("the king said", 5.0)
    glyphs = typist.glyphs(5.0)
    assert shown(glyphs) == "thekingsaid"
    assert set(glyphs.y) == {896.0}
    assert glyphs.x[:4].tolist() == [168, 204, 240, 168 + 4 * 36]
    assert (glyphs.rgba[:, 3] == 1.0).all()
    assert typist.stage.cursor(5.0) == (168 + 13 * 36, 896)


def test_a_character_appears_in_place_within_its_time() -> None:
    typist = Typist()
    typist.write("ab", 5.0)
    typist.follow(6.0)
    typist.write("c", 6.0)
    assert [float(typist.glyphs(now).rgba[2, 3]) for now in (6.0, 6.03, 6.06)] == pytest.approx([0.0, 0.5, 1.0])
    assert (typist.glyphs(6.03).rgba[:2, 3] == 1.0).all()
    assert (typist.glyphs(6.03).x == [168, 204, 240]).all()


def test_on_a_slow_machine_letters_stand_as_soon_as_the_cursor_is_behind_them() -> None:
    typist = Typist()
    typist.write("ab", 5.0)
    typist.write("c", 5.2)  # the next frame: it may have come any time since the last
    assert (typist.glyphs(5.2).rgba[:, 3] == 1.0).all()


def test_a_line_break_lets_the_text_rise_by_a_line() -> None:
    typist = Typist()
    typist.write("ab", 5.0)
    typist.write("\nc", 6.0)
    assert [typist.glyphs(now).y.tolist() for now in (6.0, 6.16, AT_REST)] == [
        [896, 896, 1000],
        [844, 844, 948],
        [792, 792, 896],
    ]


def test_a_word_moves_down_whole_from_where_it_stood() -> None:
    typist = Typist()
    typist.write("x" * 38 + " words", 5.0)
    typist.write("t", 6.0)
    before = typist.glyphs(6.0)
    assert shown(before)[38:] == "wordst"
    assert before.x[38:43].tolist() == [168 + 36 * column for column in range(39, 44)]
    assert set(before.y[38:43]) == {896.0}
    half = typist.glyphs(6.06).x[38]
    assert half == pytest.approx(168 + 36 * 39 / 2)
    after = typist.glyphs(AT_REST)
    assert after.x[38:].tolist() == [168 + 36 * column for column in range(6)]
    assert set(after.y[38:]) == {896.0}


def test_nothing_is_worked_out_again_while_nothing_moves() -> None:
    typist = Typist()
    typist.write("ab\ncd", 5.0)
    typist.write("e", 6.0)
    still = typist.glyphs(AT_REST)
    assert typist.glyphs(AT_REST + 1) is typist.glyphs(AT_REST + 2)
    typist.write("f", AT_REST + 3)
    assert typist.glyphs(AT_REST + 3) is not still


def test_text_is_tinted_by_who_leads_over_the_ends_of_lines() -> None:
    typist = Typist()
    typist.write("aaaa", 5.0, AUSTEN)
    typist.write("b\n", 5.0, LINUX)
    typist.write("bbbb", 5.0, LINUX)
    glyphs = typist.glyphs(AT_REST)
    tints = [AUSTEN] * 4 + [LINUX] * 6
    expected = [hex_of_rgb(rgb) for rgb in PALETTE.stage(leads(tints, 24)[[0, 4, 9]])]
    assert [colour(glyphs, place) for place in (0, 4, 8)] == expected
    assert expected[0] == hex_of_rgb(PALETTE.stage(np.eye(24)[[2]])[0])


def test_plain_text_and_text_before_the_cards_have_the_colour_of_ink() -> None:
    for typist in (Typist(StageLook(StageSettings(colour="plain"))), Typist(palette=None)):
        typist.write("a", 5.0)
        assert colour(typist.glyphs(AT_REST), 0) == HI


def test_tints_that_come_late_are_taken_up() -> None:
    typist = Typist()
    typist.write("a", 5.0, ())
    typist.glyphs(6.0)
    typist.tints, typist.revision = [LINUX], 1
    assert colour(typist.glyphs(AT_REST), 0) == hex_of_rgb(PALETTE.stage(np.eye(24)[[17]])[0])


def test_a_reset_text_fades_away_where_it_stood() -> None:
    typist = Typist()
    typist.write("gone", 5.0)
    typist.glyphs(6.0)
    typist.text, typist.tints, typist.revision = "", [], 1
    assert shown(typist.glyphs(6.0)) == "gone"
    assert typist.glyphs(6.1).rgba[:, 3] == pytest.approx(np.full(4, 0.5))
    assert len(typist.glyphs(6.2)) == 0
    typist.write("new", 7.0)
    assert shown(typist.glyphs(AT_REST)) == "new"


def test_reduced_motion_moves_nothing() -> None:
    typist = Typist(StageLook(StageSettings(still=True)))
    typist.write("x" * 38 + " words", 5.0)
    typist.write("t", 6.0)
    glyphs = typist.glyphs(6.0)
    assert (glyphs.rgba[:, 3] == 1.0).all()
    assert (glyphs.x[38], glyphs.y[38], glyphs.y[0]) == (168, 896, 792)


words = st.sampled_from(["word ", "\n", "long" * 12, "\tif (x)", "."])


@given(st.lists(st.tuples(words, st.floats(0.0, 0.4)), max_size=25))
def test_whatever_was_written_in_whatever_time_comes_to_the_same_rest(strokes: list[tuple[str, float]]) -> None:
    typist, now = Typist(), 0.0
    for text, pause in strokes:
        now += pause
        typist.write(text, now)
        moving = typist.glyphs(now)
        assert ((moving.rgba >= 0.0) & (moving.rgba <= 1.0)).all()
    at_once = Typist()
    at_once.write("".join(text for text, _ in strokes), 0.0)
    rested, fresh = typist.glyphs(AT_REST), at_once.glyphs(AT_REST)
    assert shown(rested)[-len(fresh) :] == shown(fresh) or not len(fresh)
    visible = rested.rgba[:, 3] > 0.0
    assert rested.x[visible].tolist() == fresh.x.tolist()
    assert rested.y[visible].tolist() == fresh.y.tolist()
    assert rested.rgba[visible] == pytest.approx(fresh.rgba, abs=1e-6)


# ---- the whole picture -----------------------------------------------------------------------------------------------


def performance(text: str = "", **weights: float) -> FakeLink:
    """A link whose mirror has the cards, ``text`` by Austen, and the faders of ``weights``."""
    link = FakeLink()
    link.deliver(demo_cards())
    for slug, weight in weights.items():
        link.deliver([Set(weight_address(slug), weight), Set(on_address(slug), True)])
    if text:
        link.deliver(
            [Status(len(text), len(text), 0, 15.0, 1.0, 1, ""), TextExcerpt(0, 0, text, (AUSTEN,) * len(text))]
        )
    link.pump(1.0)
    return link


def write(link: FakeLink, character: str, now: float) -> None:
    text = link.session.text + character
    link.deliver([Char(len(text), character, text[-80:], len(text), 0, (AUSTEN,) * len(text[-80:]))])
    link.pump(now)


def scene_of(link: FakeLink, look: StageLook = AS_DESIGNED) -> StagePicture:
    return StagePicture(link.session, look, 1920, 1080)


def test_the_picture_is_the_mix_then_the_text_then_the_cursor() -> None:
    scene = scene_of(performance("ab", austen=0.5, linux=0.5))
    boxes = scene.boxes(5.0)
    assert boxes.shape == (5, 12)
    assert boxes[0, :4].tolist() == [0, 1075, 959, 1080]
    assert boxes[0, 8:] == pytest.approx([channel / 255 for channel in rgb_of_hex("#50ABFF")] + [0.30])
    assert boxes[4, :4].tolist() == [168 + 72 + 5, 896 - 54, 168 + 72 + 11, 896 + 16]
    assert boxes[4, 4:8] == pytest.approx(scene.atlas.places[SOLID])
    assert hex_of_rgb(np.rint(255 * boxes[4, 8:11]).astype(int)) == HI


def test_the_mix_follows_the_faders_in_the_same_frame() -> None:
    link = performance("", austen=1.0)
    scene = scene_of(link)
    assert scene.boxes(5.0)[0, :4].tolist() == [0, 1075, 1920, 1080]
    link.set(weight_address("austen"), 0.0)
    assert len(scene.boxes(5.01)) == 1  # the cursor alone


def test_a_frozen_picture_stands_still_and_goes_on_where_the_text_is() -> None:
    link = performance("ab")
    scene = scene_of(link)
    before = scene.boxes(5.0)
    scene.frozen = True
    write(link, "c", 6.0)
    assert np.array_equal(scene.boxes(AT_REST), before)
    scene.frozen = False
    assert len(scene.boxes(AT_REST + 1)) == len(before) + 1


def test_a_frozen_picture_keeps_its_text_in_a_window_of_another_size() -> None:
    scene = scene_of(performance("ab"))
    before = scene.boxes(5.0)
    scene.frozen = True
    scene.fit(1280, 720, scene.look)
    assert len(scene.boxes(6.0)) == len(before)


def test_a_blackout_takes_ground_and_all_and_gives_it_back() -> None:
    scene = scene_of(performance("ab"))
    assert [round(255 * channel) for channel in scene.ground(5.0)] == [7, 9, 12]
    scene.darken(True, 5.0)
    assert scene.dark
    assert 0.0 < scene.light(5.1) < 1.0
    assert (scene.light(6.0), scene.ground(6.0)) == (0.0, (0.0, 0.0, 0.0))
    scene.darken(False, 7.0)
    assert scene.light(8.0) == 1.0


def test_the_cursor_breathes_while_the_text_is_paused() -> None:
    link = performance("ab")
    scene = scene_of(link)
    assert scene.boxes(5.0)[-1, 11] == 1.0
    link.set("/transport/run", False)
    assert scene.boxes(6.0)[-1, 11] == 1.0
    assert scene.boxes(7.0)[-1, 11] == pytest.approx(0.4)
    link.set("/transport/run", True)
    assert scene.boxes(7.01)[-1, 11] == 1.0


def test_a_larger_window_or_another_look_sets_the_page_anew() -> None:
    scene = scene_of(performance("ab"))
    scene.boxes(5.0)
    scene.fit(1280, 720, scene.look)
    assert scene.boxes(5.1)[-1, 0] == 112 + 2 * 24 + 3
    scene.fit(1280, 720, StageLook(StageSettings(size=1.6)))
    assert scene.layout.em == 76 and len(scene.boxes(5.2)) == 3


def test_a_server_without_colours_gives_plain_text() -> None:
    link = FakeLink()
    cards = demo_cards()
    link.deliver([type(card)(**{**vars(card), "colour": "red"}) for card in cards])
    link.deliver([Status(1, 1, 0, 15.0, 1.0, 1, ""), TextExcerpt(0, 0, "a", (AUSTEN,))])
    link.pump(1.0)
    boxes = scene_of(link).boxes(5.0)
    assert hex_of_rgb(np.rint(255 * boxes[0, 8:11]).astype(int)) == HI


def test_text_that_has_passed_leaves_no_trace_but_the_page() -> None:
    """40 minutes at 20 characters a second; 24 of them are benchmarks.frames' affair."""
    page, random = ReceivedText(), np.random.default_rng(1)
    stage = StageText(LAYOUT, AS_DESIGNED)
    letters = list("etaoin shrdlu" * 4 + "\n\t;{}")

    def play(leaps: int, now: float) -> float:
        for _ in range(leaps):
            piece = "".join(random.choice(letters, 60))
            page.insert(page.end, piece, [AUSTEN, LINUX] * 30)
            now += 3.0
            for step in (0.0, 0.2):
                stage.follow(page.text, page.tints, page.dropped, page.revision, PALETTE, now + step)
                stage.glyphs(now + step)
        return now

    tracemalloc.start()
    try:
        now = play(400, 0.0)  # the page is full
        gc.collect()  # whether Python collects by itself is another test's affair
        before = tracemalloc.get_traced_memory()[0]
        play(800, now)
        gc.collect()
        grown = tracemalloc.get_traced_memory()[0] - before
        assert grown < 150_000  # bytes: a few lines more or less, of 48,000 characters
    finally:
        tracemalloc.stop()


def test_the_cursor_is_never_ahead_of_the_letters_that_appear() -> None:
    typist = Typist()
    typist.write("ab", 5.0)
    typist.follow(6.0)
    typist.write("cd", 6.0)
    before, after = 168 + 2 * 36, 168 + 4 * 36
    xs = []
    for now in (6.0, 6.03, 6.06, 7.0):
        typist.glyphs(now)
        xs.append(typist.stage.cursor_shown(now)[0])
    assert xs == pytest.approx([before, (before + after) / 2, after, after], abs=1.0)
