"""The fused network in a performance: it wakes like any voice, follows the weights, and no character waits for it."""

from __future__ import annotations

import numpy as np
import pytest

from models.fake_voices import FakeVoices, FusibleFakeVoices
from protocol.messages import Distributions, Status
from protocol.tree import ParameterTree, Value, on_address, weight_address
from server.engine.catch_up import WAKING_CHARS
from server.engine.performance import Performance
from server.speak import speak

LINES = {"ada": "abcdefghij", "bob": "klmnopqrst", "cy": "0123456789"}


def mixed(fusion: float, others: dict[str, Value] | None = None, **weights: float) -> dict[str, Value]:
    values = ParameterTree(LINES).defaults() | {"/mix/temperature": 1.0, "/mix/fusion": fusion, "/mix/grain": 0.0}
    for slug, weight in weights.items():
        values |= {on_address(slug): True, weight_address(slug): weight}
    return values | (others or {})


def performed(performance: Performance, values: dict[str, Value], chars: int, slices: int = 10_000) -> str:
    """The next characters, with so many slices of time before each."""
    text = ""
    for _ in range(chars):
        performance.settle(values)
        left = iter([True] * slices)
        performance.catch_up(lambda left=left: next(left, False))  # type: ignore[misc]
        text += performance.write(values).character
        performance.listen()
    return text


def fakes(strangers: tuple[str, ...] = (), slices: int = 1, certainty: float = 1.0) -> FusibleFakeVoices:
    return FusibleFakeVoices(LINES, certainty, strangers, slices)


def test_all_of_it_fused_only_the_network_speaks() -> None:
    performance = Performance(fakes(), 1)
    assert performed(performance, mixed(1.0, ada=0.6, bob=0.4), 5) == "ABCDE"


def test_the_knob_shares_the_mix_between_the_voices_and_the_network() -> None:
    performance = Performance(fakes(), 1)
    performed(performance, mixed(0.25, ada=0.6, bob=0.2), 5)
    written = performance.write(mixed(0.25, ada=0.6, bob=0.2))
    assert written.weights.tolist() == pytest.approx([0.75 * 0.75, 0.75 * 0.25, 0.0, 0.25])
    assert written.joint[[ord("f"), ord("p"), ord("F")]] == pytest.approx([0.5625, 0.1875, 0.25])
    assert written.family.tolist() == pytest.approx([0.75, 0.25, 0.0])


def test_what_the_network_says_is_its_parents_by_their_weights() -> None:
    performance = Performance(fakes(), 1)
    performed(performance, mixed(1.0, ada=0.6, bob=0.2, cy=-0.2), 5)
    written = performance.write(mixed(1.0, ada=0.6, bob=0.2, cy=-0.2))
    assert written.character == "F"
    assert written.shares.tolist() == pytest.approx([0.75, 0.25, 0.0])
    assert written.tint == ((0, 191), (1, 64))


def test_with_the_knob_at_zero_nothing_is_fused_and_nothing_is_different() -> None:
    class Watched(FusibleFakeVoices):
        def request_fusion(self, weights: object) -> None:
            raise AssertionError("nobody asked for it")

    values = mixed(0.0, ada=0.6, bob=0.4, cy=-0.3)
    text = performed(Performance(Watched(LINES, 0.4), 3), values, 300)
    assert text == performed(Performance(FakeVoices(LINES, 0.4), 3), values, 300)


def test_the_network_wakes_like_a_voice_and_the_mix_goes_on_without_it() -> None:
    voices = fakes(slices=3)
    performance = Performance(voices, 1)
    performed(performance, mixed(0.0, ada=1.0), 100)
    values = mixed(1.0, ada=1.0)
    text = performed(performance, values, 10, slices=20)
    # three slices to make it, one to forget, 80 to read and one more a character: ready when 88 have passed
    assert text == "abcd" + "EFGHIJ"
    assert performance.awake == (0, 3)


def test_it_sleeps_when_the_knob_is_at_zero_and_is_made_again_of_who_is_wanted_then() -> None:
    performance = Performance(fakes(), 1)
    performed(performance, mixed(1.0, ada=1.0), 10)
    assert performed(performance, mixed(0.0, ada=1.0), 100).islower()
    assert performance.awake == (0,)
    assert performed(performance, mixed(1.0, bob=1.0), 3) == "KLM"


def test_a_knob_that_dips_for_a_moment_costs_no_new_network() -> None:
    performance = Performance(fakes(), 1)
    performed(performance, mixed(1.0, ada=1.0), 10)
    performed(performance, mixed(0.0, ada=1.0), WAKING_CHARS)
    performance.settle(mixed(1.0, ada=1.0))
    slices = 0

    def goes_on() -> bool:
        nonlocal slices
        slices += 1
        return True

    assert performance.catch_up(goes_on)
    assert slices == WAKING_CHARS


def test_while_the_next_network_is_made_the_old_one_speaks() -> None:
    performance = Performance(fakes(slices=30), 1)
    performed(performance, mixed(1.0, ada=0.6, bob=0.4), 10)
    text = performed(performance, mixed(1.0, ada=0.4, bob=0.6), 10, slices=7)
    assert text == "ABCDE" + "PQRST"  # 35 slices are enough for it; what it expects it says of the character after


def test_a_hand_that_moves_all_the_time_is_followed_all_the_same() -> None:
    performance = Performance(fakes(slices=6), 1)
    performed(performance, mixed(1.0, ada=1.0), 10)
    text = ""
    for step in range(40):
        text += performed(performance, mixed(1.0, ada=1.0 - step / 40, bob=step / 40), 1, slices=2)
    assert "A" <= text[0] <= "J" and "K" <= text[-1] <= "T"


def test_who_wakes_is_not_kept_waiting_by_a_network_that_is_made_again_and_again() -> None:
    performance = Performance(fakes(slices=6), 1)
    performed(performance, mixed(1.0, ada=1.0), 100)
    for step in range(200):
        performed(performance, mixed(1.0, ada=1.0 - step / 400, bob=0.5 + step / 400), 1, slices=6)
    assert performance.awake == (0, 1, 3)


def test_all_of_it_fused_a_new_voice_is_heard_before_it_has_read() -> None:
    performance = Performance(fakes(), 1)
    performed(performance, mixed(1.0, ada=1.0), 100)
    assert performed(performance, mixed(1.0, bob=1.0), 3, slices=1) == "ALM"
    assert 1 in performance.waking


def test_a_voice_from_elsewhere_is_mixed_beside_the_network() -> None:
    performance = Performance(fakes(strangers=("cy",)), 1)
    performed(performance, mixed(1.0, ada=0.5, bob=0.25, cy=0.25), 5)
    written = performance.write(mixed(1.0, ada=0.5, bob=0.25, cy=0.25))
    assert written.weights.tolist() == pytest.approx([0.0, 0.0, 0.25, 0.75])
    assert written.family.tolist() == pytest.approx([2 / 3, 1 / 3, 0.0])
    assert written.joint[[ord("F"), ord("5")]] == pytest.approx([0.75, 0.25])


def test_voices_that_are_all_from_elsewhere_are_only_mixed() -> None:
    performance = Performance(fakes(strangers=tuple(LINES)), 1)
    assert performed(performance, mixed(1.0, ada=1.0), 5) == "abcde"


def test_after_priming_and_going_back_the_text_waits_for_the_network_alone() -> None:
    voices = fakes()
    performance = Performance(voices, 1)
    values = mixed(1.0, ada=0.6, bob=0.4)
    performed(performance, values, 10)
    performance.prime("xyz")
    assert (performance.awake, performance.waking) == ((3,), (0, 1))
    assert performed(performance, values, 2) == "DE"
    performance.rewind(9)
    assert performance.ready and performance.awake == (0, 1, 3)
    assert performed(performance, values, 3) == "GHI"


def test_a_network_that_is_broken_is_silenced_and_the_voices_go_on() -> None:
    class Broken(FusibleFakeVoices):
        def _expected(self, voice: int, place: int) -> np.typing.NDArray[np.float32]:
            row = super()._expected(voice, place)
            return row * np.nan if voice == len(LINES) and place > 5 else row

    performance = Performance(Broken(LINES, 1.0), 1)
    text = performed(performance, mixed(1.0, ada=1.0), 12)
    assert text == "ABCDEF" + "ghijab"
    assert performance.silenced == ("the fusion",)


def test_a_held_mix_is_not_fused_anew_and_one_that_is_coming_is_made_ready() -> None:
    performance = Performance(fakes(), 1)
    performed(performance, mixed(0.0, ada=1.0), 100)
    performance.set_upcoming(mixed(1.0, bob=1.0))
    assert performed(performance, mixed(0.0, ada=1.0), 20).islower()
    assert performance.awake == (0, 1, 3)
    performance.set_upcoming(None)
    assert performed(performance, mixed(1.0, bob=1.0), 3, slices=0).isupper()


def test_the_same_seed_speaks_the_same_fused_text() -> None:
    def spoken() -> str:
        voices = fakes(certainty=0.5)
        return "".join(
            one.character for one in speak(voices, {"ada": 1.0, "bob": 0.7}, 200, 5, settings={"/mix/fusion": 0.6})
        )

    assert spoken() == spoken()


def test_the_engine_wakes_the_network_and_tells_what_it_expects(stage) -> None:
    on_stage = stage({"ada": 1.0}, texts=LINES, voices=fakes(slices=3))
    on_stage.at(10.05, lambda: on_stage.parameters.put("/mix/fusion", 1.0))
    on_stage.play(12.0)
    assert on_stage.text == "abcdefghij" * 10 + "a" + "ABCDEFGHIJABCDEFGHI"
    assert on_stage.told(Distributions)[-1].voices == (0, 3)
    assert on_stage.told(Status)[-1].awake == 2
