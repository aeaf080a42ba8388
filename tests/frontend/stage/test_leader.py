"""Who takes the lead is named once, calmly, behind the text; how heavy letters are follows surprise."""

from dataclasses import replace

import numpy as np

from frontend.client.fake_link import demo_cards
from frontend.look.colour import Palette
from frontend.stage.faces import roboto_bold
from frontend.stage.glyphs import make_atlas
from frontend.stage.layout import lay_out
from frontend.stage.leader import ALPHA, FALL_S, RISE_S, SHOWN_S, Leader, LeaderName, raster_em
from frontend.stage.look import StageLook
from frontend.stage.settings import StageSettings
from frontend.stage.text import REGULAR, WEIGHTS, weights_of
from protocol.measures import LEVELS_A_BIT, NO_SURPRISE
from protocol.messages import Tint

CARDS = [replace(card, name=f"Voice of {card.slug}") for card in demo_cards()]
PALETTE = Palette([card.colour for card in CARDS])
BIBLE, LINUX = 5, 17
LOOK = StageLook(StageSettings(leader=True))
LAYOUT = lay_out(1920, 1080, LOOK)
ATLAS = make_atlas((roboto_bold(), raster_em(LAYOUT)))


def of(voice: int, other: int, chars: int) -> list[Tint]:
    return [((voice, 230), (other, 25))] * chars


def followed(leader: Leader, tints: list[Tint]) -> list[int]:
    """The lengths at which somebody took the lead, letter by letter."""
    return [end for end in range(1, len(tints) + 1) if leader.follow(tints[:end], 0, 0, len(CARDS))]


def test_a_turn_of_style_names_who_leads_now_within_two_words_and_only_once() -> None:
    leader = Leader()
    took = followed(leader, of(BIBLE, LINUX, 60) + of(LINUX, BIBLE, 60))
    first, second = took
    assert first < 20 and 60 < second < 80
    assert leader.voice == LINUX


def test_a_single_word_of_somebody_else_names_nobody() -> None:
    leader = Leader()
    took = followed(leader, of(BIBLE, LINUX, 60) + of(LINUX, BIBLE, 4) + of(BIBLE, LINUX, 60))
    assert len(took) == 1 and leader.voice == BIBLE


def test_a_text_that_stood_there_already_names_nobody() -> None:
    leader = Leader()
    assert not leader.follow(of(BIBLE, LINUX, 300), 0, 0, len(CARDS))
    assert leader.voice == BIBLE
    assert not leader.follow(of(LINUX, BIBLE, 300), 0, 1, len(CARDS))  # a branch
    assert leader.voice == LINUX


def name_at(seconds: float, still: bool = False) -> np.ndarray:
    """The boxes so long after bible took the lead."""
    name, tints = LeaderName(), of(BIBLE, LINUX, 40)
    for end in range(len(tints) + 1):
        name.follow(tints[:end], 0, 0, len(CARDS), 100.0)
    look = StageLook(StageSettings(leader=True, still=still))
    return name.boxes(CARDS, PALETTE, LAYOUT, look, ATLAS, 0, 100.0 + seconds)


def test_the_name_comes_stays_and_goes_within_two_seconds_in_the_colour_of_its_voice() -> None:
    boxes = name_at(1.0)
    assert len(boxes) == len("Voiceofbible")
    assert np.allclose(boxes[:, 11], ALPHA)
    colour = PALETTE.stage(np.eye(len(CARDS))[[BIBLE]])[0] / 255.0
    assert np.allclose(boxes[:, 8:11], colour, atol=1e-3)
    assert 0.0 < name_at(RISE_S / 2)[0, 11] < ALPHA > name_at(SHOWN_S - FALL_S / 2)[0, 11] > 0.0
    assert len(name_at(SHOWN_S)) == 0
    assert np.isclose(name_at(0.0, still=True)[0, 11], ALPHA)


def test_a_long_name_fits_between_the_texts_edges() -> None:
    boxes = name_at(1.0)
    assert boxes[:, 0].min() > 0.08 * 1920 and boxes[:, 2].max() < 0.92 * 1920


def test_letters_are_the_heavier_the_more_surprising_and_unwritten_ones_are_regular() -> None:
    bits = np.array([0.0, 1.0, 2.0, 3.0, 6.0])
    assert weights_of((bits * LEVELS_A_BIT).astype(int)).tolist() == [0, 1, 2, 3, len(WEIGHTS) - 1]
    assert weights_of([NO_SURPRISE]).tolist() == [REGULAR]
