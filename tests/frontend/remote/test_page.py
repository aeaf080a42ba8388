"""The page in a real browser, under real fingers."""

from __future__ import annotations

import math
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from benchmarks.browser import Browser, Tab, way
from frontend.remote.guests import PhoneClients
from frontend.remote.links import AccessTokens
from frontend.remote.serving import PhoneServer
from protocol.messages import Set, WriteWord
from protocol.puck import Puck, influence
from protocol.tree import ANTIPHONY
from tests.frontend.remote.conftest import READY, Open, ready, wait_for


@pytest.fixture
def performer(house: Open, chromium: Browser) -> Iterator[Tab]:
    with ready(chromium, house.links.performer) as tab:
        yield tab


@pytest.fixture
def listener(house: Open, chromium: Browser) -> Iterator[Tab]:
    """A phone in the audience."""
    with ready(chromium, house.links.audience) as tab:
        yield tab


@contextmanager
def served_again(house: Open, keys: AccessTokens, crowds: list[tuple[Puck, ...]]) -> Iterator[None]:
    """Another server in the place of the house's."""
    again = PhoneServer(house.link, PhoneClients(house.link, crowds.append), keys, "127.0.0.1", house.server.port)
    thread = threading.Thread(target=again.run)
    thread.start()
    try:
        yield
    finally:
        again.end()
        thread.join()


def last(house: Open, address: str) -> object:
    return next(
        (sent.value for sent in reversed(house.link.sent) if isinstance(sent, Set) and sent.address == address), None
    )


def test_a_finger_drags_the_puck_and_another_one_a_fader(house: Open, performer: Tab) -> None:
    puck, fader = performer.middle("#circle"), performer.middle("[data-name='/style/bible/weight']")
    performer.touch("Start", puck, fader)
    for place in range(1, 9):
        performer.touch("Move", (puck[0] + 8 * place, puck[1] - 8 * place), (fader[0], fader[1] + 4 * place))
    performer.touch("End")
    wait_for(lambda: last(house, "/puck") == pytest.approx((0.46, 0.46), abs=0.02), "the puck is elsewhere")
    assert last(house, "/puck/lifted") is False
    assert last(house, "/style/bible/weight") == pytest.approx(0.6, abs=0.12)  # from 0.8, by the way of the finger
    assert performer.complaints == []


def test_a_fader_moves_from_where_it_stands_wherever_it_is_touched(house: Open, performer: Tab) -> None:
    x, y = performer.middle("[data-name='/style/bible/weight']")
    length = performer.evaluate("document.querySelector('.fader .track').clientHeight") - 24
    performer.touch("Start", (x, y + 50))
    performer.touch("Move", (x, y + 70))
    performer.touch("Move", (x, y + 80))
    performer.touch("End")
    wait_for(lambda: last(house, "/style/bible/weight") == pytest.approx(0.8 - 30 / length, abs=0.02), "it jumped")


def test_buttons_say_what_they_say(house: Open, performer: Tab) -> None:
    performer.tap("#word")
    performer.tap("#run")
    performer.tap("#tab-voices")
    performer.tap("#voices button:first-child")
    wait_for(lambda: last(house, "/style/apollo11/on") is True, "the voice is not in play")
    assert WriteWord() in house.link.sent
    assert last(house, "/transport/run") is False
    performer.wait_for("document.querySelector('#run').textContent == 'run'")


def test_a_locked_phone_moves_nothing_until_it_is_held(house: Open, performer: Tab) -> None:
    performer.tap("#lock")
    performer.tap("#word")
    performer.touch("Start", performer.middle("#circle"))
    performer.touch("End")
    assert performer.evaluate("document.querySelector('#locked').hidden") is False
    performer.touch("Start", performer.middle("#unlock"))
    performer.wait_for("document.querySelector('#locked').hidden")
    performer.touch("End")
    assert house.link.sent == []


def test_everything_has_room_on_every_screen(performer: Tab, listener: Tab) -> None:
    for tab in (performer, listener):
        for size in ((390, 844), (844, 390), (360, 640), (1024, 768)):
            tab.resize(size)
            tab.wait_for(f"innerWidth == {size[0]} && document.querySelector('#circle').clientHeight >= 180")
            outside = tab.evaluate(
                "[...document.querySelectorAll('#text,#field,#buttons,#tabs button,#status')]"
                ".filter(e => e.offsetParent).map(e => [e.id, e.getBoundingClientRect()])"
                ".filter(([, b]) => b.left < 0 || b.top < 0 || b.right > innerWidth + 1 || b.bottom > innerHeight + 1)"
            )
            assert (size, outside) == (size, [])


def test_what_can_be_touched_has_a_name_for_those_who_do_not_see_it(house: Open, performer: Tab) -> None:
    nameless = performer.evaluate(
        "[...document.querySelectorAll('button,[tabindex],[role]')]"
        ".filter(e => !(e.ariaLabel || e.textContent || e.getAttribute('aria-labelledby')"
        " || e.role === 'status')).map(e => e.outerHTML)"
    )
    assert nameless == []
    performer.evaluate("document.querySelector('#circle').focus()")
    performer.call("Input.dispatchKeyEvent", type="keyDown", key="ArrowRight", windowsVirtualKeyCode=39)
    wait_for(lambda: last(house, "/puck") == pytest.approx((0.06, 0.0)), "the arrow moved nothing")


def test_the_page_computes_influence_as_the_server_does(listener: Tab) -> None:
    for place, n, falloff in (((0.3, -0.2), 7, 2.0), ((0.0, 1.0), 5, 3.5), ((2.0, 0.1), 24, 0.5)):
        listener.evaluate(f"import('./puck.js').then(m => window.told = m.influence({list(place)}, {n}, {falloff}))")
        listener.wait_for(f"window.told?.length === {n}")
        assert listener.evaluate("window.told") == pytest.approx(influence(place, n, falloff))


def test_the_audience_sees_the_text_and_moves_one_puck(house: Open, listener: Tab) -> None:
    listener.wait_for("document.querySelector('#text').textContent.length > 20")
    x, y = listener.middle("#circle")
    listener.touch("Start", (x, y))
    for place in way((x, y), (x + 50, y)):
        listener.touch("Move", place)
    wait_for(lambda: house.crowds and house.crowds[-1] and math.hypot(*house.crowds[-1][0][:2]) > 0.25, "no puck")
    listener.wait_for("document.querySelector('#status').textContent.includes('leaning to')")
    assert house.link.sent == []
    assert listener.complaints == []


def test_a_page_comes_back_by_itself_with_its_puck_and_knows_when_its_link_is_old(house: Open, listener: Tab) -> None:
    listener.touch("Start", listener.middle("#circle"))
    wait_for(lambda: house.crowds, "no puck")
    house.close()
    listener.wait_for("document.querySelector('#status').textContent.includes('trying again')")
    crowds: list[tuple[Puck, ...]] = []
    with served_again(house, house.keys, crowds):
        listener.wait_for(READY)
        wait_for(lambda: crowds and crowds[-1], "the puck did not come back")
    with served_again(house, AccessTokens.fresh(), []):
        listener.wait_for("document.querySelector('#status').textContent.includes('not valid any more')")


def test_a_wrong_link_is_one_clear_page(house: Open, chromium: Browser) -> None:
    tab = chromium.tab(f"http://{house.place}/nobody-knows-this/")
    tab.wait_for("document.body.textContent.includes('This link is not valid.')")
    assert tab.evaluate("document.querySelectorAll('script,canvas,button,input').length") == 0
    assert tab.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(11, 13, 17)"


def test_a_finger_of_the_audience_sees_which_letters_came_from_the_voice_that_it_leans_to(
    house: Open, listener: Tab
) -> None:
    house.link.set("/mix/rate", 40.0)
    listener.touch("Start", listener.middle("#circle"))
    listener.touch("End")
    lean = "document.getElementById('status').textContent.match(/leaning to (\\S+)/)?.[1]"
    assert listener.wait_for(lean) in house.link.session.slugs
    assert listener.wait_for("document.querySelectorAll('#text .mine').length")
    assert listener.wait_for("/[1-9]\\d* of the last 60/.test(document.getElementById('status').textContent)")
    assert listener.evaluate("document.body.classList.contains('holding')")
    assert not listener.complaints


def test_in_antiphony_a_phone_is_told_whose_turn_it_is(house: Open, listener: Tab) -> None:
    house.link.set(ANTIPHONY, True)
    assert listener.wait_for("document.getElementById('hint').textContent === 'touch the circle: lean your choir'")
    listener.touch("Start", listener.middle("#circle"))
    listener.touch("End")
    assert listener.wait_for("document.getElementById('hint').textContent.includes('turn')")


@pytest.mark.parametrize("size", [(360, 740), (768, 1024), (740, 360)])
def test_no_text_of_the_audiences_page_overlaps_another(house: Open, listener: Tab, size: tuple[int, int]) -> None:
    listener.resize(size)
    listener.touch("Start", listener.middle("#circle"))
    listener.touch("End")
    assert listener.wait_for("document.getElementById('status').textContent.includes('leaning')")
    boxes = "['text','field','hint','status'].map((id) => document.getElementById(id).getBoundingClientRect())"
    apart = "one.right <= other.left + 1 || other.right <= one.left + 1"
    apart += " || one.bottom <= other.top + 1 || other.bottom <= one.top + 1"
    overlaps = f"(b => b.some((one, i) => b.slice(i + 1).some((other) => !({apart}))))({boxes})"
    assert listener.evaluate(overlaps) is False
    inside = f"{boxes}.every((box) => box.left >= 0 && box.right <= {size[0]} && box.bottom <= {size[1]})"
    assert listener.evaluate(inside) is True
