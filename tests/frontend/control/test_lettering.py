"""Whatever is written in the window stands inside it and over nothing else that is written, at any size of all type."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from itertools import combinations

import pytest

from frontend.control.drawers.drawer import Drawer
from frontend.control.drawers.settings import TABS
from protocol.tree import on_address
from tests.frontend.control.conftest import Instrument, Words, written

SIZES = [(1280, 720), (1600, 900), (1920, 1080), (2560, 1080)]
TYPES = [{}, {"type": "large"}, {"letters": 44.0}]
APART = 1.0  # dp that letters may seem to share: capitals stand over the line, few letters fill the whole height


def overprinted(found: list[Words]) -> list[tuple[str, str]]:
    """Pairs of words of which one is written over the other."""
    return [
        (one.words, other.words)
        for one, other in combinations(found, 2)
        if min(one.rect.right, other.rect.right) - max(one.rect.x, other.rect.x) > APART
        and min(one.rect.bottom, other.rect.bottom) - max(one.rect.y, other.rect.y) > APART
    ]


def outside(instrument: Instrument, found: list[Words]) -> list[str]:
    layout = instrument.layout
    return [
        each.words
        for each in found
        if each.rect.x < 0 or each.rect.y < 0 or each.rect.right > layout.width or each.rect.bottom > layout.height
    ]


def scenes_of(instrument: Instrument) -> dict[str, Callable[[], object]]:
    """Ways to have the window, each brought about after the one before."""
    controller, panels = instrument.controller, instrument.panels

    def settings(tab: str) -> None:
        opened(panels.settings)
        panels.settings.tab = tab

    def opened(drawer: Drawer | None) -> None:
        for each in panels.drawers.values():
            each.open = each is drawer

    def learning() -> None:
        opened(None)
        panels.teaching.on = True

    def everybody() -> None:
        panels.teaching.on = False
        for slug in controller.slugs:
            controller.set(on_address(slug), True)
        instrument.run(0.4)  # until those who come have come to their places

    return {
        "panels": lambda: None,
        "stage black": lambda: setattr(controller.staging, "dark", True),
        "puck laid down": lambda: controller.set("/puck/lifted", False),
        "puck on a voice": lambda: controller.set("/puck", (0.0, 1.0)),
        "below zero": lambda: controller.set("/style/bible/weight", -0.5),
        **{f"settings: {tab}": partial(settings, tab) for tab in TABS},
        **{drawer.name: partial(opened, drawer) for drawer in panels.drawers.values() if drawer is not panels.settings},
        "learn": learning,
        "everybody": everybody,
    }


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("type_", TYPES, ids=["normal", "large", "letters"])
def test_no_word_is_written_over_another_or_beyond_the_window(
    instrument: Instrument, size: tuple[int, int], type_: dict[str, object]
) -> None:
    instrument.size = size
    for name, value in type_.items():
        instrument.controller.preferences.set(name, value)
    states = scenes_of(instrument)
    wrong = {}
    for name, bring in states.items():
        bring()
        instrument.frames(1)
        found = written(instrument)
        assert found
        bad = overprinted(found) + outside(instrument, found)
        if bad:
            wrong[name] = bad
    assert not wrong
