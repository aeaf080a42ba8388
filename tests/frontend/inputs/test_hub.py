"""The hub: what inputs say ends as values, smoothly, and no input takes another along."""

from __future__ import annotations

import time
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path

import pytest

from frontend.client.fake_link import FakeLink
from frontend.inputs.bindings import Binding
from frontend.inputs.channels import Shaping
from frontend.inputs.hub import Hub
from frontend.inputs.inputs_file import InputsFile
from protocol.errors import ParameterError
from protocol.messages import Set
from tests.frontend.inputs.fake_input import FakeInput

RATE = Binding("pretend/rate", "/mix/rate")
PUCK = (Binding("pretend/x", "/puck.x"), Binding("pretend/y", "/puck.y"))


class Hands:
    """A hub by hand, sixty looks a second."""

    def __init__(self, *inputs: FakeInput, file: InputsFile | None = None) -> None:
        self.now = 100.0
        self.link = FakeLink(clock=lambda: self.now)
        self.hub = Hub(self.link, file, clock=lambda: self.now)
        self.hub.add(*inputs)

    def run(self, seconds: float) -> None:
        for _ in range(max(1, round(seconds * 60))):
            self.now += 1 / 60
            self.hub.turn(self.now)

    def value(self, address: str) -> object:
        return self.link.session.values[address]

    @property
    def puck(self) -> tuple[float, float]:
        puck = self.link.session.values["/puck"]
        assert isinstance(puck, tuple)
        return puck[0], puck[1]


def test_a_channel_takes_hold_of_its_parameter_once_it_moves_and_says_whose_hand_it_was() -> None:
    device = FakeInput(ready=[RATE])
    hands = Hands(device)
    device.say("pretend/rate", 0.9)
    hands.run(0.5)
    assert hands.value("/mix/rate") == 15.0
    device.say("pretend/rate", 1.0)
    hands.run(3.0)
    assert hands.value("/mix/rate") == pytest.approx(60.0, abs=0.1)
    holder = hands.hub.holders.of("/mix/rate")
    assert holder is not None and holder.who == "Pretend"


def test_nothing_jumps_when_two_inputs_share_a_parameter() -> None:
    one, other = (
        FakeInput("one", [Binding("one/a", "/mix/rate")]),
        FakeInput("other", [Binding("other/a", "/mix/rate")]),
    )
    hands = Hands(one, other)
    one.say("one/a", 0.1)
    other.say("other/a", 0.9)
    values = []
    for frame in range(120):
        (one if frame // 20 % 2 else other).say("one/a" if frame // 20 % 2 else "other/a", 0.4 + 0.004 * frame)
        hands.run(0)
        values.append(float(hands.value("/mix/rate")))  # type: ignore[arg-type]
    steps = [abs(after - before) / 59 for before, after in pairwise(values)]
    assert max(steps) < 0.06
    assert max(values) - min(values) > 5.0


def test_both_halves_of_the_puck_move_in_one_message_and_lay_it_down() -> None:
    device = FakeInput(ready=PUCK)
    hands = Hands(device)
    for level in (0.5, 0.6):
        device.say("pretend/x", level, 0.5)
        device.say("pretend/y", level, 0.5)
        hands.run(0)
    hands.link.sent.clear()
    hands.run(0)
    assert [message.address for message in hands.link.sent if isinstance(message, Set)] == ["/puck"]
    assert hands.value("/puck/lifted") is False


def test_a_lost_hand_is_held_then_goes_to_rest_unless_another_leads() -> None:
    device = FakeInput(ready=PUCK, shaping=Shaping(smoothing=0.0, hold=0.5, fade=1.0))
    hands = Hands(device)
    for level in (0.5, 0.7):
        device.say("pretend/x", level, 0.5)
        hands.run(2.0)
    assert hands.value("/puck") == (pytest.approx(0.4, abs=0.01), 0.0)
    device.say("pretend/x", None, 0.5)
    hands.run(0.3)
    assert hands.value("/puck") == (pytest.approx(0.4, abs=0.01), 0.0)
    hands.run(0.7)
    assert 0.05 < hands.puck[0] < 0.35
    hands.link.set("/puck", (-0.5, 0.5))
    hands.run(2.0)
    assert hands.value("/puck") == (-0.5, 0.5)


def test_a_hand_that_comes_back_elsewhere_makes_nothing_jump() -> None:
    device = FakeInput(ready=[RATE], shaping=Shaping(smoothing=0.0, lost="stay"))
    hands = Hands(device)
    for level in (0.1, 0.3, None, 0.95):
        device.say("pretend/rate", level)
        hands.run(1.0)
    assert hands.value("/mix/rate") == pytest.approx(1 + 0.3 * 59, abs=1.0)


def test_an_input_that_fails_is_switched_off_with_a_line_and_the_others_go_on(monkeypatch: pytest.MonkeyPatch) -> None:
    bad, good = FakeInput("bad"), FakeInput("good", [Binding("good/a", "/mix/alloy")])
    monkeypatch.setattr(bad, "poll", lambda now: 1 / 0)
    hands = Hands(bad, good)
    for level in (0.5, 0.8):
        good.say("good/a", level)
        hands.run(2.0)
    assert "Bad: it failed" in hands.hub.complaint and not bad.running
    assert hands.value("/mix/alloy") == pytest.approx(0.6, abs=0.01)


def test_an_input_that_cannot_start_says_why_until_it_is_asked_again() -> None:
    device = FakeInput(refuses="port 3333 is taken")
    hands = Hands(device)
    hands.run(0)
    assert hands.hub.complaint == "Pretend: port 3333 is taken"
    device.refuses = ""
    hands.hub.change("pretend", on=True)
    hands.run(0)
    assert device.running and hands.hub.complaint == ""


def test_a_channel_is_learnt_by_moving_it_and_all_of_it_is_remembered(tmp_path: Path) -> None:
    path = tmp_path / "inputs.toml"
    device = FakeInput(on=False)
    hands = Hands(device, file=InputsFile(path))
    hands.hub.change("pretend", on=True, gain=2.0)
    hands.hub.learn("/mix/top_p")
    for level in (0.5, 0.55, 0.8):
        device.say("pretend/mouth", level)
        hands.run(0)
    assert hands.hub.learning is None
    assert hands.hub.driver("/mix/top_p") == "mouth"
    hands.hub.close()
    again = Hands(FakeInput(on=False), file=InputsFile(path))
    settings = again.hub.settings("pretend")
    assert (settings.on, settings.gain) == (True, 2.0)
    assert again.hub.bindings.learnt == (Binding("pretend/mouth", "/mix/top_p"),)


def test_a_broken_file_is_told_kept_and_stops_nothing(tmp_path: Path) -> None:
    path = tmp_path / "inputs.toml"
    path.write_text("on = = 3", "utf-8")
    hub = Hands(FakeInput(), file=InputsFile(path)).hub
    assert "inputs.toml could not be read" in hub.complaint
    assert path.with_suffix(".unreadable").exists()


@pytest.mark.parametrize("row", ["input = 3", 'input = "a"\naddress = "mix"', 'input = "a"\naddress = "/no"'])
def test_a_broken_route_costs_a_line_and_not_the_others(tmp_path: Path, row: str) -> None:
    path = tmp_path / "inputs.toml"
    path.write_text(f'[[bind]]\n{row}\n[[bind]]\ninput = "pretend/b"\naddress = "/mix/rate"\n', "utf-8")
    device = FakeInput()
    hands = Hands(device, file=InputsFile(path))
    device.say("pretend/b", 0.5)
    hands.run(0)
    assert hands.hub.complaint.startswith("inputs.toml: ")
    assert hands.hub.driver("/mix/rate") == "b"


def test_channels_are_bounded_and_features_are_those_that_are_present() -> None:
    device = FakeInput()
    hands = Hands(device)
    for place in range(1_000):
        device.say(f"pretend/{place}", place / 1_000)
    device.say("pretend/3", None)
    hands.run(0)
    features = hands.hub.features()
    assert len(features) == 511
    assert features["pretend/500"] == 0.5


def test_a_switch_is_turned_by_going_through_its_middle_and_not_by_being_seen() -> None:
    device = FakeInput(ready=[Binding("pretend/mouth", "/transport/hold")])
    hands = Hands(device)
    seen = []
    for level in (0.9, 0.5, 0.1, 0.5, 0.9, 0.5, 0.1):
        device.say("pretend/mouth", level)
        hands.run(0)
        seen.append(hands.value("/transport/hold"))
    assert seen == [False, False, False, False, True, True, False]


def test_the_hands_thread_hears_at_once_and_ends() -> None:
    device = FakeInput(ready=[RATE])
    link = FakeLink()
    hub = Hub(link)
    hub.add(device)
    hub.begin()
    _until(lambda: device.running)
    device.say("pretend/rate", 0.2)
    _until(lambda: bool(hub.features()))
    device.say("pretend/rate", 0.8)
    _until(lambda: float(link.session.values["/mix/rate"]) > 40.0)  # type: ignore[arg-type]
    hub.close()
    assert not device.running


def test_settings_out_of_range_are_clamped_and_nonsense_is_refused() -> None:
    hub = Hands(FakeInput()).hub
    hub.change("pretend", gain=99.0)
    assert hub.settings("pretend").gain == 4.0
    with pytest.raises(ParameterError, match="smoothing"):
        hub.change("pretend", smoothing="much")


def _until(condition: Callable[[], bool], seconds: float = 20.0) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.005)
