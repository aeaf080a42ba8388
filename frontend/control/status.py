"""The last line: how server, MIDI and text are doing, and a plain word when something is wrong. UI thread only."""

from __future__ import annotations

from dataclasses import dataclass

from frontend.control.draw import Align
from frontend.control.frame import Frame
from frontend.control.shapes import warning
from frontend.theme import LABEL

GAP = 30.0  # between two words; a hairline stands in the middle


@dataclass
class StatusLine:
    def touch(self, frame: Frame) -> None:
        """Nothing to touch here."""

    def draw(self, frame: Frame) -> None:
        canvas, chrome, layout = frame.canvas, frame.canvas.chrome, frame.layout
        base = layout.status_baseline
        middle = base - 4.5
        x = self._server(frame, base, middle)
        for words in self._words(frame):
            canvas.hair_v(x + GAP / 2, middle - 7, middle + 7, chrome.line)
            x += GAP
            x += canvas.text(x, base, words, chrome.mid, LABEL)
        if not layout.compact:
            canvas.text(layout.width - 24, base, self._right(frame), chrome.low, LABEL, align=Align.RIGHT)

    def _server(self, frame: Frame, base: float, middle: float) -> float:
        """The server's state; gives its right edge."""
        canvas, chrome, desk = frame.canvas, frame.canvas.chrome, frame.desk
        silent = frame.now - desk.link.mirror.heard_at
        status = desk.link.mirror.status
        if desk.stale:
            where = f" at {desk.link.where}" if desk.link.where else ""
            words = f"server silent {silent:.0f} s" if silent < 1e6 else f"waiting for the server{where}"
            return warning(canvas, 16, middle, words, chrome.warn)
        troubles = (status.trouble if status is not None else "", *desk.troubles)
        for trouble in filter(None, troubles):
            return warning(canvas, 16, middle, trouble, chrome.warn)
        canvas.disc(24, middle, 4, chrome.ok)
        return 36 + canvas.text(36, base, "server ok", chrome.mid, LABEL)

    @staticmethod
    def _words(frame: Frame) -> list[str]:
        desk, mirror = frame.desk, frame.desk.link.mirror
        midi = desk.midi.status
        words = [midi if "MIDI" in midi else f"MIDI: {midi}"]
        if desk.midi.learning is not None:
            words.append(f"learning {named(desk.midi.learning)}: move a fader or knob, Esc ends")
        if mirror.status is not None:
            words.append(f"{mirror.status.rate:.1f} char/s")
        if frame.layout.compact:
            return words
        if desk.link.latency_ms is not None:
            words.append(f"control latency {_milliseconds(desk.link.latency_ms)}")
        words.append(f"{desk.awake} voices awake" if desk.awake != 1 else "1 voice awake")
        words.append(f"{mirror.lost} lost")
        if desk.link.refused:
            words.append(f"{desk.link.refused} refused")
        return words

    @staticmethod
    def _right(frame: Frame) -> str:
        mirror = frame.desk.link.mirror
        if mirror.status is None:
            return ""
        seconds = int(mirror.status.seconds)
        clock = f"{seconds // 3600:02}:{seconds // 60 % 60:02}:{seconds % 60:02}"
        length = f"{mirror.length:,}".replace(",", "\u2009")
        return f"{clock}    {length} characters    seed {mirror.status.seed}"


def _milliseconds(latency: float) -> str:
    return f"{latency:.0f} ms" if latency >= 1.0 else "under 1 ms"


def named(address: str) -> str:
    """A control's address as a performer says it."""
    words = address.strip("/").split("/")
    if words[0] == "style":
        return words[1]
    return words[-1].replace("_", "-")
