"""A gamepad: its sticks move two pucks, its buttons recall scenes, its left trigger holds the mix.

A stick moves a puck as long as it is leaned, the farther the faster, from wherever the puck stands; let go, the puck
stays. The left one moves the performer's puck, the right one a second puck, which comes with it and leaves when that
stick is pressed. All of it is channels, too, 0 to 1 (``gamepad/left/x``, ``gamepad/right/trigger``, ``gamepad/a`` ..);
what somebody bound otherwise is only that. One that is pulled out lets go of what it held and is waited for.

``Pads`` is the seam to the system, ``PygletPads`` what pyglet sees, ``FakePads`` one that is moved by hand. The hands'
thread.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol

from frontend.client.link import AnyLink
from frontend.config.setting_fields import SettingsTable, number
from frontend.inputs.bindings import Binding, input_of
from frontend.inputs.channels import SHAPING_FIELDS, Reading, Shaping
from frontend.inputs.hub import Hub
from frontend.inputs.interface import Wake
from protocol.errors import DisplayError
from protocol.puck import MORE, clamp
from protocol.tree import RUN

if TYPE_CHECKING:
    from _typeshed import HasFileno

LOOK_PERIOD_S = 1.0  # seconds between two looks whether a gamepad was plugged in
DEAD_ZONE = 0.15  # of a stick's way, in which it counts as let go
LONGEST_STEP_S = 0.05  # seconds of movement between two looks, however long they were apart
COMES_S, GOES_S = 0.3, 1.0  # seconds in which the second puck comes and goes

BUTTONS = (
    *("a", "b", "x", "y", "back", "start", "guide", "leftshoulder", "rightshoulder", "leftstick", "rightstick"),
    *("up", "down", "left", "right"),
)
STICKS = ("left", "right")
LIFT, SEND_AWAY, GO = "leftstick", "rightstick", "start"  # what the gamepad does by itself
READY = tuple(
    Binding(f"gamepad/{name}", address)
    for name, address in {
        "left/trigger": "/transport/hold",
        **{button: f"/scene/{place}" for place, button in enumerate(("a", "b", "x", "y"), 1)},
        **{button: f"/scene/{place}" for place, button in enumerate(("up", "right", "down", "left"), 5)},
        "leftshoulder": "/cue/before",
        "rightshoulder": "/cue/next",
        "back": "/transport/rewind",
    }.items()
)

Stick = tuple[float, float]  # -1 to 1, to the right and up


@dataclass(frozen=True)
class PadState:
    """How a gamepad is held now: both sticks, both triggers (0 to 1), and the ``BUTTONS`` that are down."""

    name: str
    left: Stick = (0.0, 0.0)
    right: Stick = (0.0, 0.0)
    triggers: tuple[float, float] = (0.0, 0.0)
    down: frozenset[str] = frozenset()

    @property
    def levels(self) -> dict[str, float]:
        """Every channel's level."""
        sticks = {"left": self.left, "right": self.right}
        found = {
            f"gamepad/{name}/{axis}": (stick[half] + 1.0) / 2.0
            for name, stick in sticks.items()
            for half, axis in enumerate("xy")
        }
        found |= {f"gamepad/{name}/trigger": level for name, level in zip(STICKS, self.triggers, strict=True)}
        return found | {f"gamepad/{button}": float(button in self.down) for button in BUTTONS}


class Pads(Protocol):
    """The gamepads of this machine, of which the first that is there counts."""

    def open(self) -> None:
        """Begin to look. Raises ``DisplayError`` where gamepads cannot be read."""

    def state(self, now: float) -> PadState | None:
        """How it is held; None: there is none. Does not wait."""

    def files(self) -> Sequence[HasFileno]:
        """What to wait for; may change."""

    def close(self) -> None:
        """Let it go; a second time does nothing."""


@dataclass
class FakePads:
    """A gamepad that is held as ``held`` says; None: it is not plugged in."""

    held: PadState | None = None
    opened: bool = field(default=False, init=False)

    def open(self) -> None:
        self.opened = True

    def state(self, now: float) -> PadState | None:
        return self.held

    def files(self) -> Sequence[HasFileno]:
        return ()

    def close(self) -> None:
        self.opened = False


class PygletPads:
    """What pyglet sees: on Linux the kernel's event devices, on Windows XInput and DirectInput."""

    def __init__(self) -> None:
        self._manager: Any = None
        self._pad: Any = None
        self._look_at = -math.inf

    def open(self) -> None:
        try:
            import pyglet.app
            import pyglet.input

            self._manager = pyglet.input.ControllerManager()
        except Exception as error:  # each system's part of pyglet fails in a way of its own
            if not isinstance(error, OSError | ImportError) and not type(error).__module__.startswith("pyglet"):
                raise
            raise DisplayError(f"no gamepad can be read here ({error})") from None

    def state(self, now: float) -> PadState | None:
        import pyglet.app

        if now >= self._look_at:
            self._look_at = now + LOOK_PERIOD_S
            if hasattr(self._manager, "select"):
                self._manager.select()
            if self._pad is None:
                self._take(next(iter(self._manager.get_controllers()), None))
        loop: Any = pyglet.app.platform_event_loop
        loop.dispatch_posted_events()
        if self._pad is None:
            return None
        device = self._pad.device
        while hasattr(device, "poll") and device.is_open and device.poll():
            device.select()
        if not device.is_open or not getattr(device, "connected", True):
            self._take(None)
            return None
        return state_of(self._pad)

    def files(self) -> Sequence[HasFileno]:
        device = None if self._pad is None else self._pad.device
        return (device,) if device is not None and hasattr(device, "fileno") and device.is_open else ()

    def close(self) -> None:
        self._take(None)
        self._manager = None

    def _take(self, pad: Any) -> None:
        if self._pad is not None and self._pad.device.is_open:
            self._pad.close()
        self._pad = None
        if pad is not None:
            try:
                pad.open()
            except Exception:  # somebody else's, or no longer there: looked at again in a second
                return
            self._pad = pad


def state_of(pad: Any) -> PadState:
    """A ``pyglet.input.Controller`` as it is held."""
    arrows = {"right": pad.dpadx > 0.5, "left": pad.dpadx < -0.5, "up": pad.dpady > 0.5, "down": pad.dpady < -0.5}
    down = {button for button in BUTTONS if (arrows[button] if button in arrows else getattr(pad, button))}
    return PadState(
        pad.name or "gamepad",
        (_unit(pad.leftx), _unit(-pad.lefty)),
        (_unit(pad.rightx), _unit(-pad.righty)),
        (max(0.0, _unit(pad.lefttrigger)), max(0.0, _unit(pad.righttrigger))),
        frozenset(down),
    )


def _unit(value: float) -> float:
    return min(1.0, max(-1.0, float(value)))


@dataclass(frozen=True)
class GamepadSettings(Shaping):
    RESTARTS = ()

    smoothing: float = 0.0
    speed: float = 1.2


TABLE = SettingsTable(
    "gamepad",
    GamepadSettings(),
    "[gamepad]",
    (*SHAPING_FIELDS, number("speed", "speed", "", "radii a second under a stick leaned all the way", 0.1, 5.0)),
)


class Gamepad:
    """The way in for gamepads."""

    key, name, table = "gamepad", "gamepad", TABLE
    ready: Sequence[Binding] = READY

    def __init__(self, hub: Hub, link: AnyLink, pads: Pads | None = None) -> None:
        """``pads`` None: those that are plugged in."""
        self._hub, self._link = hub, link
        self._pads: Pads = PygletPads() if pads is None else pads
        self._held: PadState | None = None
        self._said: dict[str, float] = {}
        self._was_there = False
        self._polled_at = -math.inf
        self._second: tuple[float, float] | None = None  # where the second puck is
        self._weight, self._comes = 0.0, False

    @property
    def status(self) -> str:
        return self._held.name if self._held is not None else "" if self._was_there else "none is plugged in"

    @property
    def complaint(self) -> str:
        return "it was pulled out: plug it in again" if self._was_there and self._held is None else ""

    def start(self, settings: GamepadSettings, wake: Wake) -> None:
        self._was_there, self._held, self._said = False, None, {}
        self._pads.open()

    def sockets(self) -> Sequence[HasFileno]:
        return self._pads.files()

    def stop(self) -> None:
        self._pads.close()
        self._second, self._weight, self._held = None, 0.0, None
        self._hub.gather(MORE, self.key, ())

    def poll(self, now: float) -> Iterator[Reading]:
        seconds, self._polled_at = min(LONGEST_STEP_S, max(0.0, now - self._polled_at)), now
        before, held = self._held, self._pads.state(now)
        seconds = 0.0 if before is None and self._second is None else seconds
        self._held, self._was_there = held, self._was_there or held is not None
        if held is not None:
            self._play(held, before, seconds)
        self._fade_second(seconds, held is not None)
        yield from self._readings(held)

    def _readings(self, held: PadState | None) -> Iterator[Reading]:
        """What changed; a stick that is leaned is said again and again, since it goes on moving."""
        if held is None:
            down = {name for name, level in self._said.items() if level and not name.endswith(("/x", "/y"))}
            if down:
                yield from (Reading(name, 0.0) for name in down)  # let go first, and gone in the next look
                self._said |= dict.fromkeys(down, 0.0)
                return
            yield from (Reading(name, None, _rest(name)) for name in self._said)
            self._said = {}
            return
        levels = held.levels
        leaned = {name for name, stick in (("left", held.left), ("right", held.right)) if _lean(stick) != (0.0, 0.0)}
        for name, level in levels.items():
            if level != self._said.get(name) or (name.split("/")[1] in leaned and name.endswith(("/x", "/y"))):
                yield Reading(name, level, _rest(name))
        self._said = levels

    # ---- what it does by itself --------------------------------------------------------------------------------------

    def _play(self, held: PadState, before: PadState | None, seconds: float) -> None:
        settings, bound = self._hub.settings(self.key), self._bound
        way = settings.speed * seconds
        pressed = held.down - (held.down if before is None else before.down)
        if self._hub.learning is not None:
            return
        if "left" not in bound and (lean := _lean(held.left)) != (0.0, 0.0):
            x, y = self._puck
            self._hub.set("/puck", clamp(x + way * lean[0], y + way * lean[1]), self.name)
            if self._link.session.values["/puck/lifted"]:
                self._hub.set("/puck/lifted", False, self.name)
        if "right" not in bound and (lean := _lean(held.right)) != (0.0, 0.0):
            x, y = self._puck if self._second is None else self._second
            self._second, self._comes = clamp(x + way * lean[0], y + way * lean[1]), True
        if LIFT in pressed and LIFT not in bound:
            self._hub.set("/puck/lifted", not self._link.session.values["/puck/lifted"], self.name)
        if SEND_AWAY in pressed and SEND_AWAY not in bound:
            self._comes = False
        if GO in pressed and GO not in bound:
            self._hub.set(RUN, not self._link.session.values[RUN], self.name)

    def _fade_second(self, seconds: float, there: bool) -> None:
        """The second puck comes and goes by its weight, so that the mix does not jump."""
        if self._second is None:
            return
        step = seconds / COMES_S if self._comes and there else -seconds / GOES_S
        self._weight = min(1.0, max(0.0, self._weight + step))
        if self._weight == 0.0 and not (self._comes and there):
            self._second, self._comes = None, False
        self._hub.gather(MORE, self.key, () if self._second is None else ((*self._second, self._weight),))

    @property
    def _puck(self) -> tuple[float, float]:
        puck = self._link.session.values["/puck"]
        return (puck[0], puck[1]) if isinstance(puck, tuple) else (0.0, 0.0)

    @property
    def _bound(self) -> set[str]:
        """The sticks and buttons that somebody bound to something else."""
        sources = (each.source for each in self._hub.bindings.learnt if input_of(each.source) == self.key)
        return {source.split("/")[1] for source in sources if isinstance(source, str) and "trigger" not in source}


def _lean(stick: Stick) -> Stick:
    """How far a stick is leaned beyond its dead zone; finely near the middle."""
    length = math.hypot(*stick)
    if length <= DEAD_ZONE:
        return 0.0, 0.0
    part = min(1.0, (length - DEAD_ZONE) / (1.0 - DEAD_ZONE)) ** 2 / length
    return part * stick[0], part * stick[1]


def _rest(name: str) -> float:
    return 0.5 if name.endswith(("/x", "/y")) else 0.0
