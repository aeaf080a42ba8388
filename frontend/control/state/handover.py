"""What a front end that takes another's place has to know: who is silenced, whether the stage is dark.

The server keeps text, weights and scenes' effects; mute, solo, the faders that wait behind them, a dark stage and a
frozen one are the front end's alone. They stand in a small file for as long as a supervisor plays, written soon after
they change, and the front end that comes next begins with them. A frame waits for no disk: the file is to outlive a
process, not a power cut. UI thread.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Any

from annotated_types import Interval, Len, MaxLen

from frontend.control.state.controller import Controller
from protocol.atomic_file import write_atomically
from protocol.documents import json_of, read
from protocol.errors import ParameterError
from protocol.validation import Shape

MAX_VOICES = 1_000  # voices; there is no choir of so many
MAX_SLUG_CHARS = 80  # characters of a slug
CHECK_PERIOD_S = (
    0.2  # seconds between two looks at what changed: a fader that is dragged while muted changes in every frame
)


Slug = Annotated[str, Len(1, MAX_SLUG_CHARS)]
Faders = Annotated[Mapping[Slug, Annotated[float, Interval(ge=-1.0, le=1.0)]], MaxLen(MAX_VOICES)]
Slugs = Annotated[frozenset[Slug], MaxLen(MAX_VOICES)]


@dataclass(frozen=True)
class HandoverState:
    """``kept`` are the faders of the silenced, by slug."""

    dark: bool = False
    frozen: bool = False
    muted: Slugs = frozenset()
    soloed: Slugs = frozenset()
    kept: Faders = field(default_factory=dict)

    @classmethod
    def of(cls, controller: Controller) -> HandoverState:
        mute_solo = controller.mute_solo
        return cls(
            controller.staging.dark,
            controller.staging.frozen,
            frozenset(mute_solo.muted),
            frozenset(mute_solo.soloed),
            dict(mute_solo.kept_faders),
        )

    @property
    def document(self) -> dict[str, Any]:
        """Plain JSON values; ``SHAPE`` reads them back."""
        return {
            "dark": self.dark,
            "frozen": self.frozen,
            "muted": sorted(self.muted),
            "soloed": sorted(self.soloed),
            "kept": dict(self.kept),
        }


SHAPE = Shape(HandoverState, unknown="ignore")


class HandoverFile:
    """The file at ``path``; None: nothing is kept, and nothing taken up."""

    def __init__(self, path: Path | None) -> None:
        self._path = path
        self._written: HandoverState | None = None
        self._broken = False
        self._look_at = 0.0

    def restore(self, controller: Controller) -> None:
        """Before the first frame: begin as the one before ended. A file that makes no sense is as none."""
        if self._path is None:
            return
        try:
            session = SHAPE.read(json_of(read(self._path)))
        except (OSError, ValueError, ParameterError):
            return
        controller.staging.dark, controller.staging.frozen = session.dark, session.frozen
        controller.mute_solo.muted, controller.mute_solo.soloed = set(session.muted), set(session.soloed)
        controller.mute_solo.kept_faders = dict(session.kept)
        self._written = session

    def keep(self, controller: Controller) -> None:
        """Once a frame: write what changed. Where the disk refuses, nothing is written any more."""
        if self._path is None or self._broken or controller.now < self._look_at:
            return
        self._look_at = controller.now + CHECK_PERIOD_S
        session = HandoverState.of(controller)
        if session == self._written:
            return
        self._written = session
        try:
            write_atomically(self._path, json.dumps(session.document), lasting=False)
        except OSError:
            self._broken = True
