"""An input that says what it is told to: no device is needed. Any thread."""

from __future__ import annotations

import socket
from collections import deque
from collections.abc import Iterable, Sequence
from dataclasses import replace

from frontend.config.setting_fields import SettingsTable
from frontend.inputs.bindings import Binding
from frontend.inputs.channels import SHAPING_FIELDS, Reading, Shaping
from frontend.inputs.interface import Wake
from protocol.errors import ParameterError


class FakeInput:
    """``say`` is heard at the next look. ``refuses``: the complaint with which it does not start."""

    def __init__(
        self,
        key: str = "pretend",
        ready: Sequence[Binding] = (),
        on: bool = True,
        shaping: Shaping | None = None,
        refuses: str = "",
    ) -> None:
        self.key, self.name, self.ready, self.refuses = key, key.capitalize(), ready, refuses
        defaults = replace(shaping or Shaping(smoothing=0.0), on=on)
        self.table = SettingsTable(self.name, defaults, f"[{key}]", SHAPING_FIELDS)
        self.complaint = ""
        self.running = False
        self._said: deque[Reading] = deque()
        self._wake: Wake = lambda: None

    @property
    def status(self) -> str:
        return "connected"

    def say(self, channel: str, level: float | None, rest: float = 0.0) -> None:
        self._said.append(Reading(channel, level, rest))
        self._wake()

    def start(self, settings: Shaping, wake: Wake) -> None:
        if self.refuses:
            raise ParameterError(self.refuses)
        self.running, self._wake = True, wake

    def poll(self, now: float) -> Iterable[Reading]:
        while self._said:
            yield self._said.popleft()

    def sockets(self) -> Sequence[socket.socket]:
        return ()

    def stop(self) -> None:
        self.running = False
