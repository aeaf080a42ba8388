"""The stage as a live picture into other programs: drawn as a film is, picture by picture, as the performance goes.

Where the pictures go is a ``Feed``: ``NdiFeed`` sends them by NDI, over the network too, with their opacity, so that
the letters lie over whatever a video mixer has below; ``FakeFeed`` keeps the newest. Nothing is drawn while nobody
looks. It is black, frozen and in the theme that the stage is. The caller's thread, which has OpenGL.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any, Protocol

import numpy as np

from frontend.client.link import AnyLink
from frontend.stage.film import FilmRenderer, Pixels
from frontend.stage.staging import StageState
from protocol.errors import DisplayError, ParameterError

MISSING = "NDI needs a package: pip install 'antiphon[ndi]'"
LOOK_S = 0.005  # seconds between two looks at the link


class Feed(Protocol):
    """Takes live pictures, (height, width, 4) each, the last number their opacity."""

    @property
    def watched(self) -> bool:
        """Whether anybody looks."""

    def add(self, pixels: Pixels) -> None:
        """The newest picture. Does not wait for who looks."""

    def close(self) -> None:
        """There will be no more."""


@dataclass
class FakeFeed:
    """Keeps the newest picture, and counts."""

    watched: bool = True
    count: int = 0
    newest: Pixels = field(default_factory=lambda: np.zeros((0, 0, 4), np.uint8))
    closed: bool = False

    def add(self, pixels: Pixels) -> None:
        self.newest, self.count = pixels, self.count + 1

    def close(self) -> None:
        self.closed = True


class NdiFeed:
    """A source called ``name`` on the network, of pictures of ``size`` (width, height).

    Raises ``ParameterError`` without the package, ``DisplayError`` where NDI does not run here.
    """

    def __init__(self, name: str, size: tuple[int, int], fps: float) -> None:
        try:
            import cyndilib
        except ImportError:
            raise ParameterError(MISSING) from None
        try:
            self._sender: Any = cyndilib.Sender(name, clock_video=False)
            frame = cyndilib.VideoSendFrame()
            frame.set_resolution(*size)
            frame.set_frame_rate(Fraction(fps).limit_denominator(1001))
            frame.set_fourcc(cyndilib.FourCC.RGBA)
            self._sender.set_video_frame(frame)
            self._sender.open()
        except (RuntimeError, OSError, MemoryError) as error:
            raise DisplayError(f"NDI does not run here: {error or type(error).__name__}") from None

    @property
    def watched(self) -> bool:
        return bool(self._sender.get_num_connections(0) > 0)

    def add(self, pixels: Pixels) -> None:
        self._sender.write_video(np.ascontiguousarray(pixels).reshape(-1))

    def close(self) -> None:
        self._sender.close()


def run(
    link: AnyLink,
    staging: StageState,
    size: tuple[int, int],
    fps: float,
    feed: Feed,
    ended: Callable[[], bool],
    grounded: bool = False,
    theme: bool = False,
) -> None:
    """Draw what ``link`` hears, ``fps`` pictures a second while somebody looks, until ``ended()``.

    ``grounded``: with the theme's ground; ``theme``: in that of ``staging``, whatever the stage has. Raises
    ``DisplayError`` where nothing can be drawn.
    """
    with FilmRenderer(link.session, staging, size, bare=not grounded) as renderer:
        due = time.monotonic()
        try:
            while not ended():
                now = time.monotonic()
                link.pump(now)
                _as_the_stage(link, staging, theme)
                if now >= due:
                    due = max(due + 1.0 / fps, now)
                    if feed.watched:
                        feed.add(_opaque(renderer.picture(now)))
                time.sleep(max(0.0, min(LOOK_S, due - time.monotonic())))
        finally:
            feed.close()


def _as_the_stage(link: AnyLink, staging: StageState, theme: bool) -> None:
    stands = link.session.stands
    if stands is None:
        return
    staging.dark, staging.frozen = stands.black, stands.frozen
    if not theme and stands.theme != staging.settings.theme and stands.theme in staging.choices("theme"):
        staging.set("theme", stands.theme)


def _opaque(pixels: Pixels) -> Pixels:
    """``pixels`` with an opacity, all of them seen where they have none of their own."""
    if pixels.shape[2] == 4:
        return pixels
    return np.concatenate([pixels, np.full((*pixels.shape[:2], 1), 255, np.uint8)], axis=2)
