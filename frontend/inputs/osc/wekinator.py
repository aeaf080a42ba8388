"""Wekinator (Fiebrink), both ways round: it learns for Antiphon, or Antiphon stands where it stood.

``learns = "there"``: what our inputs say goes to a running Wekinator as ``/wek/inputs`` (their names as
``/wekinator/control/setInputNames``), and what it makes of them comes back as ``/wek/outputs``: channels ``wek/1``,
``wek/2``, ... from 0 to 1.

``learns = "here"``: programs that feed a Wekinator feed us: ``/wek/inputs`` become the same channels, to be taught by
showing; how much each pose is meant goes on as ``/wek/outputs`` to whoever listened to Wekinator, and its messages
train, startRunning, stopRunning and deleteAllExamples are obeyed.

Only this machine is spoken to. The hands' thread.
"""

from __future__ import annotations

import contextlib
import socket
import struct
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, Protocol

from frontend.config.setting_fields import SettingsTable, choice, whole
from frontend.inputs.bindings import Binding
from frontend.inputs.channels import SHAPING_FIELDS, Reading, Shaping
from frontend.inputs.interface import Wake
from frontend.inputs.osc.osc_input import GONE_AFTER_S, Listening, Numbers, numbers
from protocol.errors import MessageError
from protocol.guard import elements

INPUTS, OUTPUTS = "/wek/inputs", "/wek/outputs"
CONTROL = "/wekinator/control/"
MAX_FEATURES = 256  # that are told; 1,300 bytes
MAX_NAMES = 50  # that are told: names are long
SEND_PERIOD_S = 1 / 60  # seconds between two times that something is told, at least
ORDERS = ("train", "startRunning", "stopRunning", "deleteAllExamples")


class Pupil(Protocol):
    """Who learns here; ``frontend.teaching.taught.TrainedLesson`` is one."""

    def parts(self) -> Sequence[float]:
        """How much each aim is meant now."""

    def follow_server(self, order: str) -> None:
        """Do what one of ``ORDERS`` says. Any thread; does not wait."""


@dataclass(frozen=True)
class WekinatorSettings(Shaping):
    smoothing: float = 0.0
    learns: Literal["there", "here"] = "there"
    inputs_port: int = 6448
    outputs_port: int = 12000


TABLE = SettingsTable(
    "Wekinator",
    WekinatorSettings(),
    "[wek]",
    (
        *SHAPING_FIELDS,
        choice(
            "learns",
            "learns",
            "Wekinator",
            "there: a Wekinator that runs; here: Antiphon in its place",
            "there",
            "here",
        ),
        whole("inputs_port", "inputs port", "Wekinator", "where /wek/inputs go", 1, 65_535, 1.0),
        whole("outputs_port", "outputs port", "Wekinator", "where /wek/outputs go", 1, 65_535, 1.0),
    ),
)


class Wekinator:
    """The way in and out. ``features``: what our inputs say now; ``pupil``: who learns here."""

    key, name, table = "wek", "Wekinator", TABLE
    ready: Sequence[Binding] = ()

    def __init__(self, features: Callable[[], Mapping[str, float]], pupil: Pupil | None = None) -> None:
        self._features, self._pupil = features, pupil
        self._settings = WekinatorSettings()
        self._listening = Listening()
        self._numbers = Numbers(self.key)
        self._order: dict[str, float] = {}  # every feature that was ever told, in its place, with its last level
        self._named = 0  # how many names were told
        self._told: tuple[float, bytes] = (0.0, b"")
        self._heard_at = -GONE_AFTER_S

    @property
    def status(self) -> str:
        if not self._listening.port:
            return ""
        come = "numbers come" if time.monotonic() - self._heard_at < GONE_AFTER_S else "nothing comes"
        if self._settings.learns == "here":
            return f"in its place, {come} at port {self._settings.inputs_port}"
        return f"{len(self._order)} features go to it, {come} back"

    @property
    def complaint(self) -> str:
        return self._numbers.complaint(time.monotonic())

    def start(self, settings: WekinatorSettings, wake: Wake) -> None:
        there = settings.learns == "there"
        self._numbers, self._order, self._named = Numbers(self.key), {}, 0
        self._listening.open(settings.outputs_port if there else settings.inputs_port)
        self._settings = settings

    def poll(self, now: float) -> Iterator[Reading]:
        there = self._settings.learns == "there"
        for datagram, _ in self._listening.waiting():
            for message in elements(datagram)[0]:
                with contextlib.suppress(MessageError):
                    yield from self._hear(message, OUTPUTS if there else INPUTS, now)
        yield from self._numbers.gone(now)
        self._tell(self._ours(now) if there else self._parts(), now)

    def sockets(self) -> Sequence[socket.socket]:
        return self._listening.sockets()

    def stop(self) -> None:
        self._listening.close()

    def _hear(self, message: bytes, wanted: str, now: float) -> Iterator[Reading]:
        address, said = numbers(message)
        if address == wanted:
            self._heard_at = now
            yield from self._numbers.take("", said, now)
        elif address.startswith(CONTROL) and self._settings.learns == "here" and self._pupil is not None:
            order = address.removeprefix(CONTROL)
            if order in ORDERS:
                self._pupil.follow_server(order)

    def _ours(self, now: float) -> bytes:
        """What our inputs say, always in the same places: a feature that is not there keeps its last level."""
        for name, level in self._features().items():
            if not name.startswith(self.key + "/") and (name in self._order or len(self._order) < MAX_FEATURES):
                self._order[name] = level
        if len(self._order) != self._named:
            self._named = len(self._order)
            self._send(message_of(CONTROL + "setInputNames", list(self._order)[:MAX_NAMES]))
        return floats_of(INPUTS, list(self._order.values())) if self._order else b""

    def _parts(self) -> bytes:
        parts = self._pupil.parts() if self._pupil is not None else ()
        return floats_of(OUTPUTS, parts) if len(parts) else b""

    def _tell(self, datagram: bytes, now: float) -> None:
        """Send it, where it is new and the last one is not just gone."""
        if datagram and datagram != self._told[1] and now - self._told[0] >= SEND_PERIOD_S:
            self._told = (now, datagram)
            self._send(datagram)

    def _send(self, datagram: bytes) -> None:
        there = self._settings.learns == "there"
        self._listening.send(datagram, self._settings.inputs_port if there else self._settings.outputs_port)


def floats_of(address: str, levels: Sequence[float]) -> bytes:
    """One OSC message of floats."""
    head = b"".join(_padded(text) for text in (address, "," + "f" * len(levels)))
    return head + struct.pack(f">{len(levels)}f", *levels)


def message_of(address: str, words: Sequence[str]) -> bytes:
    """One OSC message of texts."""
    return b"".join(_padded(text) for text in (address, "," + "s" * len(words), *words))


def _padded(text: str) -> bytes:
    raw = text.encode("ascii", "replace")
    return raw + b"\0" * (4 - len(raw) % 4)
