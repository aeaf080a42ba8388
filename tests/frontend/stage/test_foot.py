"""What may stand under the stage's text: the mix, who speaks, and what the next letter may be."""

from dataclasses import dataclass, field, replace
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from frontend.client.fake_link import FakeLink, demo_cards
from frontend.look.colour import Palette, hex_of_rgb
from frontend.stage.boxes import width, words
from frontend.stage.faces import inconsolata, roboto
from frontend.stage.glyphs import SOLID, make_atlas
from frontend.stage.histogram import SLOT_OF, SLOTS, StageHistogram, axis, folded
from frontend.stage.layout import lay_out
from frontend.stage.look import StageLook
from frontend.stage.scene import StagePicture, StageRibbon, mix_line
from frontend.stage.settings import StageSettings

CARDS = demo_cards()
PALETTE = Palette([card.colour for card in CARDS])
LOOK = StageLook(StageSettings(names=True, histogram=True))
LAYOUT = lay_out(1920, 1080, LOOK)
ATLAS = make_atlas(
    (inconsolata().outlines, LAYOUT.em), (inconsolata().outlines, LAYOUT.letter), (roboto(), LAYOUT.name)
)
BIBLE, LINUX = 5, 17


def shares(**by_slug: float) -> NDArray[np.float64]:
    return np.array([by_slug.get(card.slug, 0.0) for card in CARDS])


def foot(**by_slug: float) -> NDArray[np.float32]:
    return mix_line(LAYOUT, LOOK, ATLAS, 2, CARDS, PALETTE, shares(**by_slug))


def text(boxes: NDArray[np.float32], face: int) -> str:
    """The characters of a face among ``boxes``, in their order."""
    places = {tuple(ATLAS.places[128 * face + code].tolist()): chr(code) for code in range(9, 127)}
    return "".join(places.get(tuple(place), "") for place in boxes[:, 4:8].tolist())


def is_filled(boxes: NDArray[np.float32]) -> NDArray[np.bool_]:
    return np.asarray((boxes[:, 4:8] == ATLAS.places[SOLID]).all(axis=1))


# ---- who speaks ------------------------------------------------------------------------------------------------------


def test_a_name_stands_over_the_middle_of_its_share() -> None:
    boxes = foot(bible=0.5, linux=0.5)
    assert text(boxes, 2) == "BibleLinuxkernel"
    left, right = boxes[2, 0], boxes[6, 2]
    assert (left + right) / 2 == pytest.approx(480, abs=3)
    assert boxes[2:7, 3].max() < 1080 - LAYOUT.bar


def test_a_share_too_narrow_for_a_name_has_its_letters_and_a_narrower_one_nothing() -> None:
    assert text(foot(bible=0.97, linux=0.03), 2) == "BibleLx"
    assert text(foot(bible=0.999, linux=0.001), 2) == "Bible"


def test_nobody_speaking_leaves_the_foot_empty() -> None:
    assert len(foot()) == 0


@given(st.lists(st.floats(0.0, 1.0), min_size=24, max_size=24).filter(lambda w: sum(w) > 1e-3))
def test_names_never_touch_each_other(weights: list[float]) -> None:
    boxes = mix_line(LAYOUT, LOOK, ATLAS, 2, CARDS, PALETTE, np.array(weights) / sum(weights))
    bars, letters = boxes[is_filled(boxes)], boxes[~is_filled(boxes)]
    for left, right in bars[:, [0, 2]].tolist():
        middles = letters[:, :4:2].mean(axis=1)
        inside = letters[(middles > left) & (middles < right)]
        assert not len(inside) or (inside[:, 0].min() > left and inside[:, 2].max() < right)


def test_names_of_any_letters_are_written_with_those_there_are() -> None:
    cards = [replace(card, name="Élégie Ω") if card.slug == "bible" else card for card in CARDS]
    assert text(mix_line(LAYOUT, LOOK, ATLAS, 2, cards, PALETTE, shares(bible=1.0)), 2) == "ElegieO"


def test_words_are_as_wide_as_their_letters() -> None:
    boxes = words(ATLAS, 2, "to be", (100.0, 50.0), (255, 255, 255), 1.0)
    assert len(boxes) == 4 and boxes[0, 0] >= 99
    assert boxes[-1, 2] <= 100 + width(ATLAS, 2, "to be") + 2


# ---- what the next letter may be -------------------------------------------------------------------------------------


@dataclass
class Shown:
    """As the desk has it."""

    joint: NDArray[np.float64]
    responsibility: NDArray[np.float64] = field(default_factory=lambda: np.ones((1, 128)))
    owners: tuple[int, ...] = (BIBLE,)
    sequence: int = 1
    lit: float = 0.0
    character: str = ""


def wish(**by_name: float) -> NDArray[np.float64]:
    p = np.zeros(128)
    for name, share in by_name.items():
        p[ord({"space": " ", "comma": ","}.get(name, name))] = share
    return p


def bars(histogram: StageHistogram, shown: Shown, now: float = 0.0) -> NDArray[np.float32]:
    """The bars alone, without the ground line."""
    boxes = histogram.boxes(shown, PALETTE, LAYOUT, LOOK, ATLAS, 1, now)
    return boxes[is_filled(boxes)][1:]


def test_a_bar_is_as_high_as_the_root_of_its_probability_and_stands_over_its_letter() -> None:
    (bar,) = bars(StageHistogram(), Shown(wish(e=0.25)))
    left, top, right, ground = LAYOUT.plot or (0, 0, 0, 0)
    assert bar[3] - bar[1] == pytest.approx(0.5 * (ground - top), abs=1)
    middles, _ = axis(left, right)
    assert (bar[0] + bar[2]) / 2 == pytest.approx(middles[SLOTS.index("e")], abs=1)


def test_capitals_count_as_their_letters_and_digits_as_one() -> None:
    assert folded(wish(a=0.2, A=0.3))[SLOTS.index("a")] == pytest.approx(0.5)
    assert SLOT_OF[ord("7")] == SLOTS.index("0")
    assert {SLOTS[SLOT_OF[code]].lower() for code in range(32, 127)} == set(SLOTS) - {"\n", "\t"}


@given(st.lists(st.floats(0.0, 1.0), min_size=128, max_size=128))
def test_folding_loses_nothing(p: list[float]) -> None:
    assert folded(np.array(p)).sum() == pytest.approx(sum(p))


def test_a_bar_has_the_colour_that_its_letter_would_have() -> None:
    responsibility = np.zeros((2, 128))
    responsibility[0, ord("a")], responsibility[1, ord("b")] = 1.0, 1.0
    one, other = bars(StageHistogram(), Shown(wish(a=0.5, b=0.5), responsibility, (BIBLE, LINUX)))
    alone = PALETTE.stage(np.eye(24)[[BIBLE, LINUX]])
    assert [hex_of_rgb(np.rint(255 * bar[8:11]).astype(int)) for bar in (one, other)] == [
        hex_of_rgb(colour) for colour in alone
    ]


def test_bars_rise_at_once_and_fall_by_half_in_their_time() -> None:
    histogram = StageHistogram()
    high = bars(histogram, Shown(wish(e=1.0)), 0.0)[0]
    falling = bars(histogram, Shown(wish(space=1.0), sequence=2), 0.060)
    assert len(falling) == 2
    space, e = falling
    assert space[3] - space[1] == high[3] - high[1]
    assert e[3] - e[1] == pytest.approx((high[3] - high[1]) / 2, abs=1)


def test_where_a_hand_moves_the_mix_nothing_is_eased() -> None:
    histogram = StageHistogram()
    bars(histogram, Shown(wish(e=1.0)), 0.0)
    (bar,) = bars(histogram, Shown(wish(e=0.01)), 0.001)
    assert bar[3] - bar[1] == pytest.approx(
        0.1 * bars(StageHistogram(), Shown(wish(e=1.0)))[0, [3, 1]] @ [1, -1], abs=1
    )


def test_small_letters_are_always_there_and_signs_when_they_are_likely() -> None:
    letters = text(StageHistogram().boxes(Shown(wish(e=0.9, comma=0.1)), PALETTE, LAYOUT, LOOK, ATLAS, 1, 0.0), 1)
    assert letters == " \n\tabcdefghijklmnopqrstuvwxyz0,"


def test_nothing_of_it_is_drawn_unless_it_is_wished_for() -> None:
    plain = lay_out(1920, 1080, StageLook())
    assert len(StageHistogram().boxes(Shown(wish(e=1.0)), PALETTE, plain, StageLook(), ATLAS, 1, 0.0)) == 0


def test_the_text_rests_above_the_histogram() -> None:
    left, top, _, ground = LAYOUT.plot or (0, 0, 0, 0)
    assert LAYOUT.baseline + 0.25 * LAYOUT.em < top < ground < LAYOUT.letters < LAYOUT.names < 1080 - LAYOUT.bar
    assert left == LAYOUT.left
    assert all(one < other for one, other in pairwise(axis(0.0, 1.0)[0].tolist()))


# ---- the ribbon ------------------------------------------------------------------------------------------------------


def performance() -> FakeLink:
    link = FakeLink.demo(clock=lambda: 0.0)
    for second in range(30):
        link.pump(float(second))
    return link


def test_the_ribbon_lies_within_the_margins_under_the_text_and_above_the_mix() -> None:
    look = StageLook(StageSettings(ribbon=True))
    layout = lay_out(1920, 1080, look)
    ribbon = StageRibbon()
    ribbon.follow(performance().session, PALETTE, layout, look, ATLAS)
    boxes = ribbon.boxes
    assert layout.ribbon is not None and len(boxes) > 20
    left, top, right, bottom = layout.ribbon
    assert layout.baseline + layout.cursor[3] <= top and bottom < 1080 - layout.bar
    assert boxes[:, 0].min() >= left - 1 and boxes[:, 2].max() <= right + 1
    assert boxes[:, 1].min() >= top - 1 and boxes[:, 3].max() <= bottom + 1


def test_the_ribbon_is_made_anew_only_when_a_stretch_of_the_text_has_come() -> None:
    look, link = StageLook(StageSettings(ribbon=True)), performance()
    layout, ribbon = lay_out(1920, 1080, look), StageRibbon()
    ribbon.follow(link.session, PALETTE, layout, look, ATLAS)
    before = ribbon.boxes
    ribbon.follow(link.session, PALETTE, layout, look, ATLAS)
    assert ribbon.boxes is before
    link.pump(32.0)
    ribbon.follow(link.session, PALETTE, layout, look, ATLAS)
    assert ribbon.boxes is not before


@pytest.mark.parametrize("settings", [StageSettings(), StageSettings(ribbon=True, histogram=True)])
def test_where_it_is_off_or_the_histogram_stands_there_is_no_ribbon(settings: StageSettings) -> None:
    assert lay_out(1920, 1080, StageLook(settings)).ribbon is None


def test_a_picture_with_the_ribbon_has_more_boxes_than_one_without() -> None:
    link = performance()
    counts = [
        len(StagePicture(link.session, StageLook(StageSettings(ribbon=ribbon)), 1280, 720).boxes(30.0))
        for ribbon in (False, True)
    ]
    assert counts[1] > counts[0] + 20
