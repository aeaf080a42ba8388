"""A gamepad: its sticks move pucks, its buttons do what they are bound to, and one that is pulled out lets go."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from frontend.client.fake_link import FakeLink
from frontend.inputs.gamepad import READY, FakePads, Gamepad, PadState
from frontend.inputs.hub import Hub
from protocol.errors import DisplayError
from protocol.messages import MorePucks

LOOK_S = 1 / 120
ROOT = Path(__file__).parents[3]


class Player:
    """A gamepad, held as told, before a demo performance."""

    def __init__(self) -> None:
        self.now = 10.0
        self.link, self.pads = FakeLink.demo(clock=lambda: self.now), FakePads()
        self.link.pump(0.0)
        self.hub = Hub(self.link, clock=lambda: self.now)
        self.hub.add(Gamepad(self.hub, self.link, self.pads))
        self.hub.change("gamepad", on=True)
        self.link.set("/puck", (0.0, 0.0))

    def holds(self, seconds: float = LOOK_S, there: bool = True, **held: Any) -> None:
        self.pads.held = PadState("pad", **held) if there else None
        until = self.now + seconds
        while self.now < until - 1e-6:
            self.now += LOOK_S
            self.hub.turn(self.now)

    def presses(self, *buttons: str) -> list[str]:
        """What is to be done when these are pressed and let go."""
        self.holds()
        self.holds(down=frozenset(buttons))
        self.holds()
        return self.hub.actions()

    @property
    def values(self) -> dict[str, Any]:
        return self.link.session.values

    @property
    def more(self) -> tuple[tuple[float, float, float], ...]:
        return next((each.pucks for each in reversed(self.link.sent) if isinstance(each, MorePucks)), ())


@pytest.fixture
def player() -> Iterator[Player]:
    player = Player()
    yield player
    player.hub.close()


def test_a_leaned_stick_moves_the_puck_and_one_that_is_let_go_leaves_it(player: Player) -> None:
    player.holds(0.5, left=(1.0, 0.0))
    x, y = player.values["/puck"]
    assert x == pytest.approx(0.6, abs=0.03) and y == 0.0
    player.holds(1.0)
    assert player.values["/puck"] == (x, y)
    player.holds(3.0, left=(0.0, 1.0))
    assert player.values["/puck"][1] == pytest.approx((1 - player.values["/puck"][0] ** 2) ** 0.5)


def test_it_goes_on_from_where_another_hand_laid_the_puck(player: Player) -> None:
    player.holds(0.3, left=(1.0, 0.0))
    player.link.set("/puck", (-0.5, 0.25))
    player.holds(left=(1.0, 0.0))
    assert player.values["/puck"] == (pytest.approx(-0.49, abs=0.002), 0.25)


def test_a_stick_that_trembles_about_its_middle_moves_nothing(player: Player) -> None:
    player.holds(1.0, left=(0.1, -0.1), right=(0.1, 0.1))
    assert player.values["/puck"] == (0.0, 0.0) and player.more == ()


def test_the_right_stick_brings_a_second_puck_by_and_by_and_sends_it_away_so(player: Player) -> None:
    player.holds(2 * LOOK_S, right=(1.0, 0.0))
    assert 0.0 < player.more[0][2] < 0.1
    player.holds(0.5, right=(1.0, 0.0))
    ((x, _, weight),) = player.more
    assert x > 0.5 and weight == 1.0
    player.presses("rightstick")
    player.holds(0.5)
    assert 0.3 < player.more[0][2] < 0.7
    player.holds(1.0)
    assert player.more == ()


def test_buttons_recall_scenes_and_take_cues(player: Player) -> None:
    assert player.presses("a") == ["/scene/1"]
    assert player.presses("down", "rightshoulder") == ["/cue/next", "/scene/7"]
    assert player.presses("back") == ["/transport/rewind"]


def test_the_left_trigger_holds_the_mix_while_it_is_pulled(player: Player) -> None:
    player.holds()
    player.holds(triggers=(1.0, 0.0))
    assert player.values["/transport/hold"] is True
    player.holds(triggers=(0.1, 0.0))
    assert player.values["/transport/hold"] is False


def test_one_that_is_pulled_out_lets_go_says_so_and_moves_nothing(player: Player) -> None:
    player.holds()
    player.holds(0.5, triggers=(1.0, 0.0), right=(1.0, 0.0), left=(0.5, 0.5))
    puck = player.values["/puck"]
    player.holds(there=False)
    assert player.hub.complaint == "gamepad: it was pulled out: plug it in again"
    player.holds(3.0, there=False)
    assert player.values["/puck"] == puck and player.values["/transport/hold"] is False and player.more == ()
    player.holds()
    assert player.hub.complaint == "" and player.hub.actions() == []


def test_what_is_learnt_for_a_stick_is_all_that_it_does(player: Player) -> None:
    player.holds()
    player.hub.learn("/mix/alloy")
    player.holds(0.5, left=(0.0, 0.9))
    player.holds(0.5)
    assert player.hub.learning is None and player.values["/puck"] == (0.0, 0.0)
    alloy = player.values["/mix/alloy"]
    for lean in (0.3, 0.6, 0.9):
        player.holds(0.1, left=(0.0, lean))
    assert player.values["/mix/alloy"] != alloy and player.values["/puck"] == (0.0, 0.0)


def test_start_lets_the_text_run_and_rest(player: Player) -> None:
    player.presses("start")
    assert player.values["/transport/run"] is False
    player.presses("start")
    assert player.values["/transport/run"] is True


PYGLETS = """
import pyglet.input
from pyglet.input import base, controller
from frontend.inputs.gamepad import state_of

XBOX_360 = "030000005e0400008e02000014010000"  # on Linux
STICK = (-32_768, 32_767)
spans = 2 * (STICK, STICK, (0, 255))
axes = [base.AbsoluteAxis(name, *span) for name, span in zip("x y z rx ry rz".split(), spans)]
hats = [base.AbsoluteAxis("hat_x", -1, 1), base.AbsoluteAxis("hat_y", -1, 1, inverted=True)]  # as evdev has them
buttons = [base.Button(f"button {place}") for place in range(11)]

class Device(base.Device):
    def get_controls(self):
        return [*axes, *hats, *buttons]

pad = base.Controller(Device(None, "pad"), controller.get_mapping(XBOX_360))
axes[0].value, axes[1].value, axes[2].value, buttons[0].value, hats[1].value = 32_767, -32_768, 255, 1, -1
print(state_of(pad))
"""


def test_pyglets_own_controller_is_read_as_it_is_held(screen: str) -> None:
    ran = subprocess.run([sys.executable, "-c", PYGLETS], capture_output=True, text=True, cwd=ROOT, timeout=120)
    expected = {"left": (1.0, 1.0), "right": (0.0, 0.0), "triggers": (1.0, 0.0), "down": frozenset({"a", "up"})}
    assert ran.stdout.startswith("PadState("), ran.stderr
    state = eval(ran.stdout, {"PadState": PadState})
    assert "360" in state.name and state.down == expected["down"] and state.triggers == expected["triggers"]
    assert state.left == pytest.approx(expected["left"], abs=0.001)
    assert state.right == pytest.approx(expected["right"], abs=0.001)


def test_where_none_can_be_read_is_one_line() -> None:
    class Refusing(FakePads):
        def open(self) -> None:
            raise DisplayError("no gamepad can be read here (no /dev/input)")

    link = FakeLink.demo()
    hub = Hub(link)
    hub.add(Gamepad(hub, link, Refusing()))
    hub.change("gamepad", on=True)
    hub.turn(1.0)
    assert hub.complaint == "gamepad: no gamepad can be read here (no /dev/input)"
    hub.close()


def test_what_it_brings_along_are_channels_that_it_has() -> None:
    assert {each.source for each in READY} <= set(PadState("").levels)
