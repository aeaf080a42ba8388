"""What an input is for the hub, and what a panel sees of one."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

from frontend.config.setting_fields import SettingsTable
from frontend.inputs.bindings import Binding
from frontend.inputs.channels import Reading, Shaping

if TYPE_CHECKING:
    from _typeshed import HasFileno

Wake = Callable[[], None]


class Input(Protocol):
    """A way in. ``start``, ``poll``, ``stop`` and ``sockets`` are called on the hands' thread."""

    key: str  # its table in inputs.toml, and how its channels' names begin
    name: str  # what the performer calls it
    table: SettingsTable[Any]  # of its settings: a dataclass that extends ``Shaping``

    @property
    def ready(self) -> Sequence[Binding]:
        """What its sources drive before the user says otherwise; may become another sequence. Any thread."""

    @property
    def status(self) -> str:
        """One line while it is on: what is connected, what is waited for. Any thread."""

    @property
    def complaint(self) -> str:
        """One line about what is wrong; empty when all is well. Any thread."""

    def start(self, settings: Any, wake: Wake) -> None:
        """Begin to listen, with these settings; ``wake`` asks for a poll, from any thread.

        An ``AntiphonError`` that it raises is its complaint, and it is off until it is switched on again.
        """

    def poll(self, now: float) -> Iterable[Reading]:
        """What came since the last call; ``now`` in monotonic seconds. Does not wait."""

    def sockets(self) -> Sequence[HasFileno]:
        """What to wait for; may change from call to call."""

    def stop(self) -> None:
        """Listen no more, release everything; never raises, and a second time does nothing."""


@dataclass(frozen=True)
class ChannelRow:
    """A channel for a panel: its shaped ``level``, whether it is ``seen`` now, what it drives, and whether it leads."""

    name: str
    level: float
    seen: bool
    drives: tuple[str, ...]  # addresses
    leads: bool


@dataclass(frozen=True)
class InputRow:
    """An input for a panel."""

    key: str
    name: str
    status: str
    complaint: str
    settings: Shaping
    table: SettingsTable[Any]
    channels: tuple[ChannelRow, ...]


@dataclass(frozen=True)
class Ellipse:
    """Where something round is: its middle and its half axes, in parts of a window's width and height."""

    x: float
    y: float
    across: float
    down: float
