"""The stage in a real browser: set as the stage sets it, over whatever lies below."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from benchmarks.browser import Browser, Tab
from frontend.look.typeset import Typesetter
from protocol.messages import ShowStands, SpriteShown
from tests.frontend.web.conftest import Shown

TOLD = "Number(document.body.dataset.told) > 5"
LINES = """[...document.querySelectorAll('.line')].map(row => row.textContent)"""
TEXTS = (
    "It was a night, and nobody came to the door but the wind.\n\n\n\nThen somebody knocked: nobody.",
    "\n\nint main(void)\n{\n\treturn a_name_that_is_longer_than_any_line_could_be_at_this_width(1, 2, 3);\n}\n",
    "        if (deep) { call(with, many, arguments, that, do, not, fit, into, one, line); }\n    end",
    "a" * 90 + " b\n" + " " * 70 + "far in\n\t\t\t\t\t\t\t\t\tfarther\n" + "word " * 30,
)


@contextmanager
def opened(chromium: Browser, shown: Shown, query: str = "", size: tuple[int, int] = (960, 540)) -> Iterator[Tab]:
    tab = chromium.tab(f"http://{shown.place}/{query}", size)
    try:
        tab.wait_for(TOLD)
        yield tab
        assert tab.complaints == []
    finally:
        tab.close()


def test_the_page_sets_lines_as_the_stage_does(shown: Shown, chromium: Browser) -> None:
    with opened(chromium, shown) as tab:
        for columns in (8, 24, 48):
            for text in TEXTS:
                ours = Typesetter(columns)
                ours.follow(text, 0, 0)
                script = (
                    f"import('./typeset.js').then(({{Typesetter}}) => {{ const set = new Typesetter({columns}); "
                    f"for (const c of {json.dumps(text)}) set.put(c, '#fff'); "
                    "const lines = set.lines.map(each => [each.number, each.columns, each.characters.join('')]); "
                    "window.set = {lines, at: set.column}"
                    " })"
                )
                tab.evaluate("window.set = null")
                tab.evaluate(script)
                tab.wait_for("window.set !== null")
                theirs = tab.evaluate("JSON.stringify(window.set)")
                lines = [[line.number, line.columns, "".join(line.characters)] for line in ours.lines]
                assert json.loads(theirs) == {"lines": lines, "at": ours.column}


def test_the_text_stands_there_in_its_voices_colours_over_a_transparent_ground(shown: Shown, chromium: Browser) -> None:
    with opened(chromium, shown, "?still=on") as tab:
        assert tab.evaluate("getComputedStyle(document.body).backgroundColor") == "rgba(0, 0, 0, 0)"
        tab.wait_for("document.querySelectorAll('.line span').length > 3")
        words = " ".join(" ".join(tab.evaluate(LINES)).split())
        assert words[:30] in " ".join(shown.link.session.text.split())
        assert tab.evaluate("new Set([...document.querySelectorAll('.line span')].map(s => s.style.color)).size") > 1


def test_lines_size_delay_and_ground_are_set_by_the_address(shown: Shown, chromium: Browser) -> None:
    with opened(chromium, shown, "?lines=2&size=0.5&columns=8&ground=on&theme=paper&still=on") as tab:
        tab.wait_for("document.querySelectorAll('.line').length > 1")
        assert tab.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(244, 240, 230)"
        bright = "[...document.querySelectorAll('.line')].filter(row => Number(row.style.opacity) > 0).length"
        assert tab.evaluate(bright) <= 2
        assert tab.evaluate("parseFloat(document.querySelector('.line').style.fontSize)") == pytest.approx(18, abs=1)


def test_a_page_that_waits_shows_nothing_yet(shown: Shown, chromium: Browser) -> None:
    tab = chromium.tab(f"http://{shown.place}/?delay=60", (960, 540))
    try:
        tab.wait_for("performance.getEntriesByType('resource').some(each => each.name.endsWith('typeset.js'))")
        assert tab.evaluate("document.body.dataset.told ?? null") is None
    finally:
        tab.close()


def test_the_page_is_black_frozen_and_in_the_theme_that_the_stage_is(shown: Shown, chromium: Browser) -> None:
    with opened(chromium, shown, "?ground=on&still=on") as tab:
        shown.link.deliver([ShowStands("", 0, True, False, "look")])
        tab.wait_for("getComputedStyle(document.getElementById('stage')).opacity === '0'")
        tab.wait_for("getComputedStyle(document.body).backgroundColor === 'rgb(0, 0, 0)'")
        shown.link.deliver([ShowStands("", 0, False, False, "paper")])
        tab.wait_for("getComputedStyle(document.getElementById('stage')).opacity === '1'")
        tab.wait_for("getComputedStyle(document.body).backgroundColor === 'rgb(244, 240, 230)'")
        shown.link.deliver([ShowStands("", 0, False, True, "paper")])
        tab.wait_for("document.body.classList.contains('frozen')")
        length = shown.link.session.length
        before = tab.evaluate(LINES)
        deadline = time.monotonic() + 60.0
        while shown.link.session.length < length + 10 and time.monotonic() < deadline:
            time.sleep(0.02)
        assert tab.evaluate(LINES) == before
        shown.link.deliver([ShowStands("", 0, False, False, "paper")])
        tab.wait_for(f"JSON.stringify({LINES}) !== {json.dumps(json.dumps(before, separators=(',', ':')))}")


def test_the_stages_creature_stands_on_the_writing_line_beside_the_text(shown: Shown, chromium: Browser) -> None:
    with opened(chromium, shown, "?still=on") as tab, opened(chromium, shown, "?creature=none") as without:
        until = time.monotonic() + 60.0
        while tab.evaluate("document.getElementById('creature').hidden") and time.monotonic() < until:
            shown.link.deliver([SpriteShown("undead 1", "#CC7203 1", bytes(100))])
            time.sleep(0.2)
        tab.wait_for("document.getElementById('creature').getBoundingClientRect().height > 0")
        bottom = tab.evaluate("document.getElementById('creature').getBoundingClientRect().bottom")
        assert bottom == pytest.approx(0.83 * 540, abs=1)
        assert tab.evaluate("document.getElementById('creature').getBoundingClientRect().left") > 0.6 * 960
        assert without.evaluate("document.getElementById('creature').hidden")
        shown.link.deliver([SpriteShown("")])
        tab.wait_for("document.getElementById('creature').hidden")
