"""systemd: the unit by which a gallery starts with its machine, and the watchdog that it reports to.

Pure but for the one datagram; no thread of its own.
"""

from __future__ import annotations

import contextlib
import os
import socket
from collections.abc import Mapping, Sequence
from pathlib import Path

from protocol.errors import ParameterError

NAME = "antiphon-gallery.service"

UNIT = """\
# Written by `antiphon gallery install`. Start it now and with every login of this user:
#   systemctl --user enable --now {name}
[Unit]
Description=Antiphon, alone in a gallery
After=graphical-session.target
PartOf=graphical-session.target
StartLimitIntervalSec=0

[Service]
Type=notify
NotifyAccess=main
ExecStart={command}
Restart=always
RestartSec=2
TimeoutStartSec=120
TimeoutStopSec=15
WatchdogSec=15

[Install]
WantedBy=graphical-session.target
"""


def unit_text(command: Sequence[str]) -> str:
    """The unit that runs ``command``. Raises ``ParameterError`` for words that a unit cannot hold."""
    return UNIT.format(name=NAME, command=" ".join(quoted(word) for word in command))


def quoted(word: str) -> str:
    """A word of a command line as a unit wants it."""
    if any(not character.isprintable() for character in word):
        raise ParameterError(f"a unit cannot hold {word[:60]!r}: move the folder")
    return '"' + word.replace("\\", "\\\\").replace('"', '\\"').replace("%", "%%").replace("$", "$$") + '"'


def unit_path(environment: Mapping[str, str] = os.environ) -> Path:
    """Where the user's units stand."""
    home = environment.get("XDG_CONFIG_HOME")
    return (Path(home) if home else Path.home() / ".config") / "systemd" / "user" / NAME


class Watchdog:
    """Tells systemd that all is well, where it started this process and wants to know; else it does nothing."""

    def __init__(self, environment: Mapping[str, str] = os.environ) -> None:
        place = environment.get("NOTIFY_SOCKET", "")
        self._place = "\0" + place[1:] if place.startswith("@") else place

    def notify(self, word: str) -> None:
        """Such as READY=1 or WATCHDOG=1."""
        if self._place:
            with contextlib.suppress(OSError), socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as way:
                way.sendto(word.encode(), self._place)
