"""Plays gently while nobody does, stops at once for a hand, and keeps the opening hours.

A hand is whatever moves a control that this player did not move: a mouse, MIDI, a phone, OSC. Where no hand came for
a while the puck sets out from where it lies and drifts between the voices; now and then the voice that is heard least
gives its place to another. Outside the opening hours the stage is dark and the text rests. Belongs to the UI thread;
times are monotonic seconds, but for the time of day, which is asked for.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from datetime import datetime

from frontend.client.link import AnyLink
from frontend.control.state.autopilot import AutopilotMode, place_at
from frontend.gallery.settings import GallerySettings, is_open
from frontend.look.easing import in_out
from frontend.stage.staging import StageState
from protocol.mixing import effective_weights
from protocol.tree import Value, on_address, weight_address

MOVE_PERIOD_S = 0.1  # seconds between two moves
JOIN_S = 6.0  # seconds in which the puck goes over to its drift
HOURS_CHECK_PERIOD_S = 1.0  # seconds between two looks at the time of day
NEW_VOICE_WEIGHT = 0.7  # the weight of a voice that is brought into play
RUN, PUCK, LIFTED = "/transport/run", "/puck", "/puck/lifted"

Place = tuple[float, float]


class IdlePlayer:
    """Plays ``link`` and sets ``staging`` by ``settings``, from the first call of ``update`` on."""

    def __init__(
        self,
        link: AnyLink,
        staging: StageState,
        settings: GallerySettings,
        today: Callable[[], datetime] = datetime.now,
        chance: random.Random | None = None,
    ) -> None:
        """``today`` gives the local time of day."""
        self._link, self._staging, self._settings, self._today = link, staging, settings, today
        self._chance = chance or random.Random()
        self._seen: dict[str, Value] = {}
        self._hand_at: float | None = None  # None before anything was seen
        self._wanders_since: float | None = None
        self._from: Place = (0.0, 0.0)
        self._phase = 0.0  # rounds
        self._moved_at = self._swap_at = 0.0
        self._look_at = 0.0
        self._open: bool | None = None

    @property
    def wandering(self) -> bool:
        return self._wanders_since is not None

    def update(self, now: float) -> None:
        """Once a frame, after the link was pumped."""
        session = self._link.session
        if not session.cards:
            return
        if now >= self._look_at:
            self._look_at = now + HOURS_CHECK_PERIOD_S
            self._keep_hours()
        if self._touched(session.values) or self._hand_at is None:
            self._hand_at, self._wanders_since = now, None
        if self._open and now - self._hand_at >= self._settings.idle and now >= self._moved_at + MOVE_PERIOD_S:
            self._wander(now)
        self._seen = dict(session.values)

    def _touched(self, values: dict[str, Value]) -> bool:
        """Whether somebody else moved a control. Voices that came are no hand."""
        return any(self._seen[address] != value for address, value in values.items() if address in self._seen)

    def _keep_hours(self) -> None:
        opened = is_open(self._settings.opening, self._today())
        if opened != self._open:
            self._staging.dark = not opened
            if self._open is not None or not opened:
                self._set(RUN, opened)
            self._open = opened

    def _wander(self, now: float) -> None:
        puck = self._link.session.values[PUCK]
        if self._wanders_since is None:
            self._wanders_since, self._moved_at = now, now
            self._swap_at = now + self._settings.swap
            self._from = (puck[0], puck[1]) if isinstance(puck, tuple) else (0.0, 0.0)
            self._set(LIFTED, False)
            self._set(RUN, True)
        self._phase += (now - self._moved_at) / self._settings.round
        self._moved_at = now
        there = place_at(AutopilotMode.DRIFT, self._phase)
        share = in_out(min(1.0, (now - self._wanders_since) / JOIN_S))
        self._set(
            PUCK,
            (self._from[0] + share * (there[0] - self._from[0]), self._from[1] + share * (there[1] - self._from[1])),
        )
        if now >= self._swap_at:
            self._swap_at = now + self._settings.swap
            self._swap()

    def _swap(self) -> None:
        """The voice in play that is heard least goes, and one that is not in play comes."""
        session = self._link.session
        playing = [slug for slug in session.slugs if session.values[on_address(slug)]]
        waiting = [slug for slug in session.slugs if slug not in playing]
        if len(playing) < 2 or not waiting:
            return
        shares = dict(zip(session.slugs, effective_weights(session.values, session.slugs).tolist(), strict=True))
        self._set(on_address(min(playing, key=lambda slug: abs(shares[slug]))), False)
        comer = self._chance.choice(waiting)
        self._set(weight_address(comer), NEW_VOICE_WEIGHT)
        self._set(on_address(comer), True)

    def _set(self, address: str, value: Value) -> None:
        if self._link.session.values[address] != value:
            self._link.set(address, value)
            self._seen[address] = self._link.session.values[address]
