"""The screen switched off outside the opening hours: by a command of the desktop's or of the user's, never awaited.

Which command that is differs: X11 has ``xset``, wlroots ``wlopm``, Sway ``swaymsg``; a projector may have a program of
its own. Where none is found, or it fails, the stage is black all the same. ``set`` belongs to one thread; the command
runs in one of its own, for ``COMMAND_TIMEOUT_S`` seconds at most.
"""

from __future__ import annotations

import os
import shlex
import shutil
import subprocess
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from threading import Thread

from protocol.errors import ParameterError

COMMAND_TIMEOUT_S = 10.0  # seconds that a command may take
REPEAT_PERIOD_S = 120.0  # seconds after which it is said again: a desktop wakes its screen for a touch
AUTO = "auto"


@dataclass(frozen=True)
class PowerCommands:
    """The two commands, as words; both empty where the screen is left alone."""

    off: tuple[str, ...] = ()
    on: tuple[str, ...] = ()


X11 = PowerCommands(("xset", "dpms", "force", "off"), ("xset", "dpms", "force", "on"))
SWAY = PowerCommands(("swaymsg", "output * power off"), ("swaymsg", "output * power on"))
WLROOTS = PowerCommands(("wlopm", "--off", "*"), ("wlopm", "--on", "*"))


def switch_of(
    off: str, on: str, environment: Mapping[str, str] = os.environ, which: Callable[[str], str | None] = shutil.which
) -> PowerCommands:
    """The commands of the settings; ``auto`` is what this desktop has. Raises ``ParameterError`` for half of a pair."""
    if off == AUTO:
        for variable, switch in (("SWAYSOCK", SWAY), ("WAYLAND_DISPLAY", WLROOTS), ("DISPLAY", X11)):
            if environment.get(variable) and which(switch.off[0]):
                return switch
        return PowerCommands()
    try:
        switch = PowerCommands(tuple(shlex.split(off)), tuple(shlex.split(on)))
    except ValueError as error:
        raise ParameterError(f"the command for the screen cannot be read: {error}") from None
    if bool(switch.off) is not bool(switch.on):
        raise ParameterError("[screen] needs both off and on, or it would stay as it is for ever")
    return switch


class ScreenPower:
    """Keeps the screen as ``set`` says; ``complain`` gets a line, on another thread, if that cannot be done."""

    def __init__(self, switch: PowerCommands, complain: Callable[[str], object]) -> None:
        self._switch, self._complain = switch, complain
        self._on = True  # as every screen is that somebody switched on
        self._said_at = 0.0
        self._running: Thread | None = None
        self._last_output = ""  # what the last command said

    def set(self, on: bool, now: float) -> None:
        """To be called again and again; ``now`` in monotonic seconds. Never waits."""
        if not self._switch.off or (on and self._on):
            return
        if on is self._on and now < self._said_at + REPEAT_PERIOD_S:
            return
        if self._running is not None and self._running.is_alive():
            return  # the next call says it
        self._on, self._said_at = on, now
        command = self._switch.on if on else self._switch.off
        self._running = Thread(target=self._run, args=(command,), name="antiphon screen", daemon=True)
        self._running.start()

    def close(self) -> None:
        """Let a command that runs come to its end, and leave no screen dark behind."""
        self.wait()
        if not self._on:
            self.set(True, 0.0)
            self.wait()

    def wait(self) -> None:
        """Until the command that runs, if one does, has ended."""
        if self._running is not None:
            self._running.join()

    def _run(self, command: tuple[str, ...]) -> None:
        try:
            done = subprocess.run(command, capture_output=True, text=True, timeout=COMMAND_TIMEOUT_S, check=False)
        except (OSError, subprocess.TimeoutExpired) as error:
            said = str(error)
        else:  # xset complains and ends with success
            said = done.stderr.strip() or (f"exit code {done.returncode}" if done.returncode else "")
        if said and said != self._last_output:  # not again all night
            self._complain(f"the screen cannot be switched: {command[0]}: {said.splitlines()[0][:120]}")
        self._last_output = said
