"""Voices of several kinds are one: each answers as it does alone, in its own place, and one that fails fails alone."""

from __future__ import annotations

import logging
from collections.abc import Sequence

import numpy as np
import pytest

from models.composite import Composite, FusibleComposite, Part, compose, hand_over
from models.fake_voices import FakeVoices, FusibleFakeVoices
from models.interface import Fusible, RollsOut, Tongued, Voices
from protocol.errors import VoiceError

ADA, BOB, CY = {"ada": "abc"}, {"bob": "xyz"}, {"cy": "123", "dan": "456"}


class Reciter(FakeVoices):
    """A kind that cannot be rolled out."""

    rollout = None  # type: ignore[assignment]


class Failing(FakeVoices):
    """A kind with a fault that shows at the letter Q."""

    def step(self, code: int, voices: Sequence[int]) -> None:
        if code == ord("Q"):
            raise ZeroDivisionError("by nothing")
        super().step(code, voices)


def part(voices: Voices, name: str = "") -> Part:
    return Part(name or type(voices).__name__, voices, voices.slugs)


def likeliest(voices: Voices) -> str:
    return "".join(chr(int(row.argmax())) for row in voices.distributions)


def three_kinds() -> Voices:
    parts = [part(FusibleFakeVoices(CY)), part(FakeVoices(ADA)), part(Failing(BOB))]
    return compose(parts, ("ada", "cy", "bob", "dan"))


def test_every_voice_stands_in_its_place_and_the_fused_one_last() -> None:
    voices = three_kinds()
    assert likeliest(voices)[:4] == "a1x4" and voices.distributions.shape == (5, 128)
    voices.step(ord("?"), [1, 2])
    assert likeliest(voices)[:4] == "a2y4"


def test_a_single_part_is_given_as_it_is() -> None:
    alone = FakeVoices(ADA)
    assert compose([part(alone)], ("ada",)) is alone


def test_fusion_is_made_of_those_that_can_be_fused() -> None:
    voices = three_kinds()
    assert isinstance(voices, Fusible) and voices.fusible == (False, True, False, True)
    voices.request_fusion(np.array([5.0, 0.1, 0.0, 1.0]))
    assert voices.continue_fusion(lambda: True)
    voices.step(ord("?"), [4])
    assert likeliest(voices)[4] == "5"  # dan's, the heaviest of those that can: the others' weights do not count


def test_without_a_part_that_fuses_nothing_is_offered_to_be_fused() -> None:
    voices = compose([part(FakeVoices(ADA)), part(FakeVoices(BOB))], ("ada", "bob"))
    assert not isinstance(voices, Fusible) and voices.distributions.shape == (2, 128)


def test_what_was_saved_is_known_again_each_part_under_its_name() -> None:
    voices = three_kinds()
    voices.step(ord("?"), range(4))
    kept = voices.save_state()
    assert {name.split("/")[0] for name in kept} == {"FusibleFakeVoices", "FakeVoices", "Failing"}
    again = voices.for_new_text()
    again.load_state(kept)
    assert np.array_equal(again.distributions, voices.distributions)
    with pytest.raises(VoiceError, match="of others"):
        again.load_state({name: array for name, array in kept.items() if not name.startswith("FakeVoices")})


def test_a_trail_takes_every_part_back() -> None:
    voices = three_kinds()
    trail = voices.trail(10)
    voices.step(ord("?"), range(4))
    trail.push(1, [0, 2, 3])
    voices.step(ord("?"), range(4))
    assert trail.restore(1) == (0, 2, 3)
    assert likeliest(voices)[:4] == "b3y5"


def test_voices_that_cannot_be_rolled_out_have_no_part_in_branches() -> None:
    voices = compose([part(FakeVoices(CY)), part(Reciter(ADA))], ("cy", "ada", "dan"))
    assert isinstance(voices, RollsOut) and voices.rolling == (True, False, True)
    rollout = voices.rollout([0, 2], 2)
    rollout.step([ord("?"), -1])
    assert [["".join(chr(int(row.argmax())) for row in copy)] for copy in rollout.distributions] == [["25"], ["14"]]


def test_voices_of_several_kinds_read_apart_each_on_its_own_way() -> None:
    voices = compose([part(FakeVoices(CY)), part(Reciter(ADA))], ("cy", "ada", "dan"))
    assert isinstance(voices, RollsOut)
    readings = voices.read_apart([0, 2])
    readings.step([ord("?"), -1])
    assert "".join(chr(int(row.argmax())) for row in readings.distributions) == "24"
    readings.restart([0])
    assert "".join(chr(int(row.argmax())) for row in readings.distributions) == "14"


def test_a_part_that_raises_expects_nothing_until_a_reset_and_costs_one_line(caplog: pytest.LogCaptureFixture) -> None:
    voices = three_kinds()
    with caplog.at_level(logging.ERROR, "antiphon"):
        voices.step(ord("Q"), range(4))
    assert [record.getMessage() for record in caplog.records] == [
        "bob set aside, for its kind, Failing, raised ZeroDivisionError('by nothing')"
    ]
    assert np.isnan(voices.distributions[2]).all() and likeliest(voices)[:2] == "b2"
    voices.reset([2])
    assert likeliest(voices)[2] == "x"


def test_voices_keep_what_they_read_when_the_composite_is_made_of_other_parts() -> None:
    old = three_kinds()
    old.step(ord("?"), range(4))
    new = compose([part(FakeVoices({"new": "---"} | ADA)), part(FusibleFakeVoices(CY))], ("ada", "cy", "new", "dan"))
    hand_over(old, new, {0: 0, 1: 1, 3: 3})
    assert likeliest(new)[:4] == "b2-5"
    alone = FakeVoices(ADA)
    hand_over(new, alone, {0: 0})
    assert likeliest(alone) == "b"


def test_tongues_are_voices_of_their_own_and_fresh_for_a_new_text() -> None:
    tongues = Composite([Part("words/fake", FakeVoices(BOB), ("words/ada",))], ["words/ada"])
    voices = compose([part(FusibleFakeVoices(ADA))], ("ada",), tongues)
    assert isinstance(voices, FusibleComposite) and isinstance(voices, Tongued) and voices.tongues is tongues
    tongues.step(ord("?"), [0])
    another = voices.for_new_text()
    assert isinstance(another, Tongued) and another.tongues is not None
    assert (likeliest(tongues), likeliest(another.tongues)) == ("y", "x")
