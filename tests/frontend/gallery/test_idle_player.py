"""The hand that wanders where there is none, and yields at once to one."""

from __future__ import annotations

import random
from datetime import datetime

import pytest

from frontend.client.fake_link import FakeLink
from frontend.gallery.idle_player import IdlePlayer
from frontend.gallery.settings import GallerySettings
from frontend.stage.staging import StageState
from protocol.messages import Card
from protocol.tree import on_address, weight_address

SLUGS = ("ada", "bob", "cy", "dan")


class Room:
    """An attendant before a link in memory; ``pass_time`` shows it sixty frames a second."""

    def __init__(self, **settings: object) -> None:
        self.link, self.staging, self.now = FakeLink(), StageState(), 100.0
        for index, slug in enumerate(SLUGS):
            self.link.session.apply(Card(index, 4, slug, slug, slug[:2], "#FF8800", "prose", "parrot"), self.now)
        for slug in SLUGS[:3]:
            self.link.set(on_address(slug), True)
            self.link.set(weight_address(slug), 0.5)
        self.today = datetime(2026, 11, 25, 12, 0)
        chosen = GallerySettings(idle=5.0, round=20.0, swap=8.0, **settings)  # type: ignore[arg-type]
        self.attendant = IdlePlayer(self.link, self.staging, chosen, lambda: self.today, random.Random(1))

    def pass_time(self, seconds: float) -> None:
        until = self.now + seconds
        while self.now < until:
            self.now += 1 / 60
            self.attendant.update(self.now)

    def value(self, address: str) -> object:
        return self.link.session.values[address]


@pytest.fixture
def room() -> Room:
    return Room()


def test_after_a_while_without_a_hand_the_puck_sets_out_from_where_it_lies(room: Room) -> None:
    room.pass_time(4.5)
    assert room.value("/puck/lifted") is True and not room.attendant.wandering
    room.pass_time(1.0)
    x, y = room.value("/puck")  # type: ignore[misc]
    assert room.attendant.wandering and room.value("/puck/lifted") is False
    assert abs(x) + abs(y) < 0.1
    room.pass_time(8.0)
    assert room.value("/puck") != (x, y)


def test_it_yields_at_once_to_a_hand_and_waits_again(room: Room) -> None:
    room.pass_time(7.0)
    room.link.set("/puck", (0.9, 0.1))
    room.pass_time(0.1)
    assert not room.attendant.wandering
    room.pass_time(4.0)
    assert room.value("/puck") == (0.9, 0.1)
    room.pass_time(2.0)
    assert room.attendant.wandering


def test_now_and_then_another_voice_comes_and_as_many_play_as_before(room: Room) -> None:
    room.pass_time(5.5)
    before = {slug for slug in SLUGS if room.value(on_address(slug))}
    room.pass_time(8.5)
    after = {slug for slug in SLUGS if room.value(on_address(slug))}
    assert len(after) == len(before) and after != before


def test_outside_the_hours_the_stage_is_dark_and_the_text_rests_until_it_opens() -> None:
    room = Room(hours={"wednesday": "10:00-18:00"})
    room.pass_time(1.0)
    assert (room.staging.dark, room.value("/transport/run")) == (False, True)
    room.today = datetime(2026, 11, 25, 18, 0)
    room.pass_time(20.0)
    assert (room.staging.dark, room.value("/transport/run")) == (True, False)
    assert not room.attendant.wandering
    room.today = datetime(2026, 11, 26, 10, 0)
    room.pass_time(2.0)
    assert (room.staging.dark, room.value("/transport/run")) == (False, True)
