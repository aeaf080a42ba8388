"""MIDI's smoothing on what faders drive: near at once, there soon, and never against another hand."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from frontend.inputs.channels import OneEuro
from protocol.messages import Set
from tests.frontend.inputs.midi.test_input import BIBLE, DESK, Rig

FRAME = 1 / 60


class Smoothed(Rig):
    """The desk's fader 4 on a weight, with MIDI's row in the inputs."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder, DESK)
        self.wait()
        self.learn(BIBLE, 4, 0)
        self.move(4, 0, 1)
        self.hub.change("midi", smoothing=0.8)
        self.wait()

    def frames(self, count: int = 1) -> list[float]:
        """So many frames pass; the weight after each."""
        found = []
        for _ in range(count):
            self.wait(FRAME)
            value = self.value(BIBLE)
            assert isinstance(value, float)
            found.append(value)
        return found

    def slide(self, *values: int) -> list[float]:
        """The fader moves, a step a frame; the weight right after each message."""
        found = []
        for value in values:
            self.now += FRAME
            self.ports.move(DESK, 4, value)
            weight = self.value(BIBLE)
            assert isinstance(weight, float)
            found.append(weight)
        return found


@pytest.fixture
def rig(tmp_path: Path) -> Iterator[Smoothed]:
    rig = Smoothed(tmp_path)
    rig.slide(2)  # after the pause the filter begins anew
    yield rig
    rig.hub.close()


def test_a_fader_is_not_smoothed_unless_somebody_says_so(rig: Smoothed) -> None:
    rig.hub.change("midi", smoothing=rig.midi.table.defaults.smoothing)
    rig.wait(FRAME)
    assert rig.slide(3, 40, 127) == [3 / 127, 40 / 127, 1.0]


def test_a_smoothed_fader_moves_its_weight_in_the_same_moment_as_the_filter_says(rig: Smoothed) -> None:
    euro, now = OneEuro().step(2 / 127, rig.now, 0.8), rig.now
    wanted = list[float]()
    for value in (6, 10, 14):
        now += FRAME
        euro = euro.step(value / 127, now, 0.8)
        wanted.append(euro.level or 0.0)
    assert rig.slide(6, 10, 14) == wanted
    assert 2 / 127 < wanted[0] < 6 / 127


def test_after_the_last_message_it_goes_on_to_where_the_fader_stands_and_then_says_no_more(rig: Smoothed) -> None:
    rig.slide(6, 10, 14, 18, 22)
    weights = rig.frames(200)
    assert weights == sorted(weights) and weights[-1] == 22 / 127
    assert weights.index(22 / 127) * FRAME < 2.0
    rig.link.sent.clear()
    rig.frames(10)
    assert rig.link.sent == [] and rig.hub.ghost(BIBLE) is None


def test_what_another_hand_moves_on_its_way_is_left_there_until_the_fader_meets_it(rig: Smoothed) -> None:
    assert rig.slide(6, 10, 14, 18, 60)[-1] < 0.35
    rig.link.set(BIBLE, 0.4)  # between the weight and the fader
    assert set(rig.frames(120)) == {0.4}
    assert rig.hub.ghost(BIBLE) == 60 / 127
    assert rig.slide(66, 70) == [0.4, 0.4]
    rig.frames(60)
    rig.slide(60, 50, 40)
    assert rig.frames(200)[-1] == 40 / 127


def test_a_message_that_comes_while_another_hand_leads_takes_nothing(rig: Smoothed) -> None:
    rig.slide(6, 10, 14, 18, 60)
    rig.link.set(BIBLE, 0.4)
    assert rig.slide(62, 64, 66, 68) == [0.4] * 4
    assert set(rig.frames(100)) == {0.4}


def test_a_device_that_vanishes_on_the_way_leaves_its_weight_where_it_is(rig: Smoothed) -> None:
    rig.slide(6, 10, 14, 18, 60)
    stood = rig.value(BIBLE)
    rig.ports.unplug(DESK)
    rig.wait()
    rig.link.sent.clear()
    rig.frames(60)
    assert rig.value(BIBLE) == stood and Set not in map(type, rig.link.sent)
