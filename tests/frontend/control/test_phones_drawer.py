"""The phones' drawer: links as codes, who is here, the audience's share, the code on the stage, new links."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pytest

from frontend.control.drawers.phones import ASK, SHARE, STAGES, WAITING, PhonesDrawer
from frontend.control.drawing.canvas import ImGuiCanvas
from frontend.inputs.last_touch import PHONE
from frontend.remote.host import NoPhones
from frontend.remote.links import AccessTokens, InviteLinks
from protocol.messages import ParameterHolder, Set
from tests.frontend.control.conftest import Instrument

LINKS = InviteLinks.of(AccessTokens("performer-performer", "audience-audience"), "192.168.1.5", 7425)


@dataclass
class Renewing(NoPhones):
    renewed: int = 0

    def renew(self) -> None:
        self.renewed += 1


@pytest.fixture
def words(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """All that is set in type from now on."""
    told: list[str] = []
    set_words = ImGuiCanvas.text

    def note(canvas: ImGuiCanvas, x: float, y: float, words: str, *rest: Any, **more: Any) -> float:
        told.append(words)
        return set_words(canvas, x, y, words, *rest, **more)

    monkeypatch.setattr(ImGuiCanvas, "text", note)
    return told


@pytest.fixture
def phones(instrument: Instrument) -> Renewing:
    """Let in, and the drawer open."""
    instrument.controller.phones = let_in = Renewing(LINKS, performers=1, audience=64, holding=60)
    instrument.type("q")
    return let_in


def drawer(instrument: Instrument) -> PhonesDrawer:
    return instrument.panels.phones


def button(instrument: Instrument, key: str) -> tuple[float, float]:
    rect = instrument.layout.drawer
    x = rect.x + rect.w * ("stage", "renew", "turn").index(key) / 3 + rect.w / 6
    return x, rect.bottom - 29


def test_where_nobody_is_let_in_it_tells_how(instrument: Instrument, words: list[str]) -> None:
    instrument.type("q")
    assert drawer(instrument).open
    assert set(ASK) <= set(words)
    instrument.controller.phones = NoPhones(trouble="phones: no port")
    words.clear()
    instrument.frames(1)
    assert "phones: no port" in words and not set(ASK) & set(words)


@dataclass
class Switching(NoPhones):
    def turn(self) -> None:
        self.on = not self.on


def test_a_button_lets_phones_in_and_shuts_them_out_during_a_show(instrument: Instrument, words: list[str]) -> None:
    instrument.controller.phones = phones = Switching()
    instrument.type("q")
    instrument.frames(1)
    assert ASK[0] in words and "let phones in" in words
    instrument.click(button(instrument, "turn"))
    assert phones.on
    words.clear()
    instrument.frames(1)
    assert {WAITING, "shut phones out"} <= set(words)
    phones.links = LINKS
    words.clear()
    instrument.frames(1)
    assert {LINKS.audience, "shut phones out", "new links"} <= set(words)
    instrument.click(button(instrument, "turn"))
    assert not phones.on


def test_it_tells_the_link_and_who_is_here(instrument: Instrument, words: list[str], phones: Renewing) -> None:
    instrument.frames(1)
    assert {LINKS.audience, "64 here", "1 here", "60 hold a puck now"} <= set(words)
    assert not any("--remote-host" in line for line in words)
    phones.holding, phones.links = 1, InviteLinks.of(AccessTokens("p" * 16, "a" * 16), "127.0.0.1", 7425)
    words.clear()
    instrument.frames(1)
    assert {"1 holds a puck now", "only this machine reaches it: --remote-host"} <= set(words)
    assert LINKS.audience not in words


def test_the_slider_is_the_audiences_share(instrument: Instrument, phones: Renewing) -> None:
    rect = instrument.layout.drawer
    y = rect.bottom - 86 + 18
    instrument.drag((rect.x + rect.w / 2, y), (rect.right - 40, y))
    said = [sent.value for sent in instrument.link.sent if isinstance(sent, Set) and sent.address == SHARE]
    assert said and said[-1] == instrument.controller.number(SHARE) > 0.8


def test_a_button_puts_the_code_on_the_stage_and_another_makes_new_links(
    instrument: Instrument, words: list[str], phones: Renewing
) -> None:
    assert instrument.controller.staging.settings.invitation == "none"
    instrument.click(button(instrument, "stage"))
    assert instrument.controller.staging.settings.invitation == "corner"
    assert STAGES["corner"] in words
    instrument.type("j")
    assert instrument.controller.staging.settings.invitation == "large"
    assert phones.renewed == 0
    instrument.click(button(instrument, "renew"))
    assert phones.renewed == 1


def test_what_a_performers_phone_moves_is_held_by_the_phone(instrument: Instrument, phones: Renewing) -> None:
    for address, who in (("/mix/alloy", PHONE), ("/mix/rate", "127.0.0.1:9000")):
        instrument.link.session.apply(ParameterHolder(address, who), instrument.controller.now)
    instrument.frames(2)
    holders = [instrument.controller.hub.holders.of(address) for address in ("/mix/alloy", "/mix/rate")]
    assert [holder and (holder.who, holder.short) for holder in holders] == [("phone", "phone"), ("OSC :9000", "OSC")]
