"""MIDI as an input: every control of every connected device, told to the hub on the thread that hears it.

A message is decoded for the controls that are bound to something, and ``Hub.hear`` lets their values leave before it
returns, so that no move waits for a frame. Every message is a channel of the input besides, for whoever wants to know
where every control stands, such as teaching by showing. Ready maps say what a known controller drives before anything
is learnt (``ready``). Once a second a thread of its own looks through the ports, which may take it long; ``poll`` runs
on the hands' thread. ``send_feedback`` is called once a frame on the UI thread: it lets motors and lights follow the
screen. What is known of the controls is guarded by the hub's lock.
"""

from __future__ import annotations

import math
import threading
import time
from collections.abc import Callable, Container, Iterable, Sequence
from dataclasses import dataclass
from socket import socket
from typing import ClassVar, Literal

from frontend.client.link import AnyLink
from frontend.config.setting_fields import SettingsTable, flag
from frontend.inputs.bindings import Binding, MessageKey, MidiControl
from frontend.inputs.channels import SHAPING_FIELDS, Reading, Shaping
from frontend.inputs.hub import Hub
from frontend.inputs.interface import Wake
from frontend.inputs.midi.clock import MidiClock
from frontend.inputs.midi.controller_maps import Bank, ControllerMap, Setup, known_map, load_maps, set_up
from frontend.inputs.midi.decoding import Decoder, channel_reading, mended
from frontend.inputs.midi.devices import Devices
from frontend.inputs.midi.feedback import SentFeedback, wanted_feedback
from frontend.inputs.midi.high_resolution import ParameterNumbers
from frontend.inputs.midi.monitor import Monitor
from frontend.inputs.midi.ports import CLOCK_MESSAGES, LONGEST_NAME_CHARS, MidiMessage, MidiPorts, SystemPorts
from frontend.inputs.midi.timecode import PAUSE, PLAY, QUARTER, WOUND, MidiTimecode
from frontend.inputs.targets import SCENE_ACTIONS
from protocol.tree import on_address

SCAN_S = 1.0  # seconds between two looks at the ports
CLOCK_KINDS = frozenset(CLOCK_MESSAGES.values())
TIMECODE_KINDS = frozenset((QUARTER, WOUND, PLAY, PAUSE))


@dataclass(frozen=True)
class MidiSettings(Shaping):
    """MIDI is listened to unless it is switched off; not smoothed, since knobs are calm by themselves."""

    RESTARTS: ClassVar[tuple[str, ...] | None] = ()

    on: bool = True
    smoothing: float = 0.0
    lost: Literal["stay", "rest"] = "stay"
    timecode: bool = False
    transport: bool = False


FOLLOWING_FIELDS = (
    flag("timecode", "timecode", "show", "MIDI timecode takes the cues of the set list that have a time"),
    flag("transport", "transport", "show", "MMC, and a clock's start and stop, let the text run and rest"),
)


class MidiInput:
    """``ports`` None: the machine's own; ``maps`` None: ours and the user's.

    Ports that are not slow are looked through by ``poll``, and not by a thread.
    """

    key = "midi"
    name = "MIDI"
    table = SettingsTable("MIDI", MidiSettings(), "[midi]", (*SHAPING_FIELDS, *FOLLOWING_FIELDS))

    def __init__(
        self,
        hub: Hub,
        link: AnyLink,
        ports: MidiPorts | None = None,
        maps: Sequence[ControllerMap] | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.monitor = Monitor()
        self.tempo = MidiClock()
        self.timecode = MidiTimecode()
        self._hub, self._link, self._clock = hub, link, clock
        self._on = True
        self._names: dict[str, str] = {}  # devices as the screen calls them
        self._decoder = Decoder()
        self._numbers = ParameterNumbers()
        self._answers = SentFeedback()
        self._setup = Setup()
        self._set_up_for: object = None
        self._first = 0  # the place in play of the bank's first voice
        self._flooded: dict[
            MessageKey, tuple[MidiMessage, float]
        ] = {}  # each control's last word from a device that floods
        self._map_complaint = ""
        if maps is None:
            maps, complaints = load_maps()
            self._map_complaint = "; ".join(complaints)
        self._maps = maps
        self._ports = SystemPorts() if ports is None else ports
        self._devices = Devices(self._ports, self._hear, self._answering)
        self._scan_at = -math.inf
        self._closing = threading.Event()
        self._scanner: threading.Thread | None = None

    # ---- for the windows -------------------------------------------------------------------------------------------

    @property
    def status(self) -> str:
        """The devices by name and which bank is under them, or why there are none."""
        if not self._on:
            return "MIDI is off"
        if not self._devices.has_midi:
            return "no MIDI here"
        names = ", ".join(map(self.shown_name, self._devices.shown))
        return ", ".join(filter(None, (names, self.bank.words))) or "no MIDI device"

    @property
    def devices(self) -> list[tuple[str, str]]:
        """Each device as it is called on the screen, and the ready map that it has, if any."""
        found = []
        for port in self._devices.shown:
            known = self._setup.known.get(port)
            found.append((self.shown_name(port), known.name if known is not None else ""))
        return found

    @property
    def complaint(self) -> str:
        """One line about what is wrong with a map, a port or a device; empty when all is well."""
        return self._map_complaint or self._devices.complaint or self.monitor.complaint(self._clock())

    @property
    def bank(self) -> Bank:
        """Which of the voices in play are under the hardware's faders."""
        return self._setup.bank

    def turn_bank(self, by: int) -> None:
        """The voices before (-1) or after (1) come under the faders; nothing moves until they are met."""
        self._first = self._setup.bank.turned(by).first
        self._refresh()

    def shown_name(self, port: str) -> str:
        """A device as the screen calls it: by its map's name, else the first part of its own."""
        known = known_map(self._maps, port)
        twin = port.rpartition(" #")[1:] if " #" in port else ("", "")
        name = known.name if known is not None else port.split(":")[0].split(" #")[0]
        return name[:LONGEST_NAME_CHARS] + "".join(twin)

    def send_feedback(self, lit: Container[str]) -> None:
        """Once a frame: let motors and lights follow the screen. ``lit`` are the actions whose lights burn."""
        now, hub = self._clock(), self._hub
        self._refresh()  # other voices may have come since the frame began
        due = self._answers.due(
            lambda: wanted_feedback(self._setup, hub.wiring, hub.values, lit, self._link.session.slugs),
            lambda source: hub.at_hand(source, now),
            now,
        )
        outs = {there.port: there.out for there in self._devices if there.out is not None} if due else {}
        for part, answer in due.items():
            if part.port not in outs:
                continue
            for message in answer.messages:
                outs[part.port].send(message)
            if answer.level is not None and isinstance(part, MidiControl):
                hub.answered(part, answer.level)

    # ---- as the hub has it -----------------------------------------------------------------------------------------

    @property
    def ready(self) -> Sequence[Binding]:
        """What the ready maps of the connected devices say."""
        return self._setup.ready

    def start(self, settings: MidiSettings, wake: Wake) -> None:
        self._on = True
        if self._ports.slow:
            self._closing.clear()
            self._scanner = threading.Thread(target=self._keep_scanning, name="antiphon midi devices", daemon=True)
            self._scanner.start()

    def poll(self, now: float) -> Iterable[Reading]:
        """Look for devices, and follow the last word of each control of a device that floods."""
        if not self._ports.slow and now - self._scan_at >= SCAN_S:
            self._scan_at = now
            self._scan()
        self._refresh()
        with self._hub.lock:
            flooded, self._flooded = list(self._flooded.values()), {}
            for heard, at in flooded:
                self._tell(heard, at)
            self._tell_halves(now)
        return ()

    def sockets(self) -> Sequence[socket]:
        return ()

    def stop(self) -> None:
        """Let every device go."""
        self._on = False
        self._closing.set()
        if self._scanner is not None:
            self._scanner.join()
            self._scanner = None
        self._scan_at = -math.inf
        self._forget(self._devices.close())

    # ---- the hearing thread ----------------------------------------------------------------------------------------

    def _hear(self, heard: MidiMessage) -> None:
        """A device has spoken; on the ports' thread."""
        now = self._clock()
        if heard.kind in CLOCK_KINDS:
            self.tempo.hear(heard.kind, heard.port, now)
        if heard.kind in CLOCK_KINDS or heard.kind in TIMECODE_KINDS:
            self._follow(heard, now)
            return
        with self._hub.lock:
            meant = self._numbers.hear(heard, now)
            if meant is None:
                return
            floods = self.monitor.hear(meant, self._driven(meant), now)
            if not floods:
                self._tell(meant, now)
                return
            is_first, self._flooded[meant.key] = not self._flooded, (meant, now)
        if is_first:
            self._hub.wake()

    def _follow(self, heard: MidiMessage, now: float) -> None:
        """A message of a timecode or a transport, where they are followed."""
        settings: MidiSettings = self._hub.settings(self.key)
        follows = settings.timecode if heard.kind in (QUARTER, WOUND) else settings.transport
        if follows and heard.kind != "pulse":
            self.timecode.hear(heard.kind, heard.number, heard.value, heard.port, now)

    def _tell(self, heard: MidiMessage, now: float) -> None:
        """Tell the hub what was heard; under the lock."""
        hub, controls = self._hub, self._controls(heard)
        fader = self._setup.touching.get(heard.key)
        if fader is not None:
            hub.touch(fader, heard.kind == "note")
        self._decoder.note(heard, now)
        device = self._names.get(heard.port, heard.port)
        readings = [channel_reading(device, heard)]
        readings += filter(None, (self._decoder.reading(control, heard) for control in controls))
        if not hub.hear(self.key, device, readings, now):
            return
        for control in controls:
            self._answers.heard(control, hub.level(control))
            if (by := mended(control, heard.value)) != control:
                hub.mend(control, by)
        if not controls:
            hub.do(*self._scenes(heard))

    def _tell_halves(self, now: float) -> None:
        """Tell of values of which one half is all that came; under the lock."""
        for meant in list(self._numbers.overdue(now)):
            self._tell(meant, now)
        for (port, channel, number), level in list(self._decoder.overdue(now)):
            control = MidiControl(port, "cc14", channel, number)
            if control in self._hub.wiring.by_source:
                self._hub.hear(self.key, self._names.get(port, port), [Reading(control, level)], now)
                self._answers.heard(control, self._hub.level(control))

    def _controls(self, heard: MidiMessage) -> Sequence[MidiControl]:
        """The controls that are heard in this message and drive something."""
        return self._hub.wiring.by_message.get(heard.key, ())

    def _driven(self, heard: MidiMessage) -> list[str]:
        """What the control that was heard drives."""
        controls, wiring = self._controls(heard), self._hub.wiring
        return [address for each in controls for address in wiring.driven(each)] or self._scenes(heard)

    def _scenes(self, heard: MidiMessage) -> list[str]:
        """A programme that was taught nothing else recalls a scene."""
        is_ready = heard.kind == "program" and heard.number < SCENE_ACTIONS and self._hub.bindings.ready_maps
        return [f"/scene/{heard.number + 1}"] if is_ready and not self._controls(heard) else []

    # ---- devices ---------------------------------------------------------------------------------------------------

    def _answering(self, port: str) -> str | None:
        known = known_map(self._maps, port)
        return known.port if known is not None and known.feedback.is_there else None

    def _keep_scanning(self) -> None:
        """The devices' thread."""
        while not self._closing.is_set():
            self._scan()
            self._closing.wait(SCAN_S)

    def _scan(self) -> None:
        come, gone = self._devices.scan()
        self._forget((*come, *gone))

    def _forget(self, ports: Iterable[str]) -> None:
        """These have come or gone: their controls may stand anywhere."""
        with self._hub.lock:
            for port in ports:
                self._hub.forget_device(port)
                self._decoder.forget(port)
                self._numbers.forget(port)
                self._answers.forget(port)

    def _refresh(self) -> None:
        """Set up anew when devices, voices in play or bank have changed."""
        session, names = self._link.session, self._devices.names
        slugs, values = session.slugs, session.values
        with self._hub.lock:
            playing = tuple(slug for slug in slugs if values.get(on_address(slug)))
            ready_maps = self._hub.bindings.ready_maps
            set_up_for = (ready_maps, playing, names, self._first, slugs)
            if set_up_for != self._set_up_for:
                self._set_up_for = set_up_for
                self._setup = set_up(self._maps, names, slugs, playing, self._first, ready_maps)
                self._names = {name: self.shown_name(name) for name in names}
