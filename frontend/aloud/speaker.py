"""Speech while a performance runs: the words as they end, spoken by an engine, played by a player. Two threads.

The caller's follows the text (``turn``); the speaker's own waits for engine and player, so that a slow one makes words
be left out and nothing else. The player is a program that plays raw sound from its standard input for as long as it
lives; one that ends is started again.
"""

from __future__ import annotations

import contextlib
import shutil
import subprocess
import threading
import time
from collections.abc import Callable, Sequence

from frontend.aloud.engine import Engine
from frontend.aloud.sound import RATE, pcm, placed
from frontend.aloud.voices import SpokenVoice, VoiceRow, cast
from frontend.aloud.words import Collector, Pacer, Unit
from frontend.client.link import AnyLink
from protocol.errors import ParameterError

PLAYERS = (  # the first that is there; all play 16 bits, little-endian, two channels
    ("pw-cat", "-p", "--raw", "--rate", "{rate}", "--channels", "2", "--format", "s16", "--latency", "40ms", "-"),
    ("paplay", "--raw", "--rate={rate}", "--channels=2", "--format=s16le", "--latency-msec=40"),
    ("aplay", "-q", "-t", "raw", "-f", "S16_LE", "-r", "{rate}", "-c", "2", "--buffer-time=80000", "-"),
    ("play", "-q", "-t", "raw", "-e", "signed", "-b", "16", "-r", "{rate}", "-c", "2", "-"),
)
NO_PLAYER = "no player of sound is here: install pulseaudio-utils, pipewire or alsa-utils, or name one in a file"
RESTART_PAUSE_S, PLAYER_TIMEOUT_S = 2.0, 2.0
DROPPED_PERIOD_S = 10.0  # seconds between two lines about words that were left out


def player_of(command: Sequence[str] = ()) -> tuple[str, ...]:
    """The player's command line. Raises ``ParameterError`` where there is none."""
    if command:
        if shutil.which(command[0]) is None:
            raise ParameterError(f"there is no program {command[0][:60]!r}")
        chosen: Sequence[str] = command
    else:
        there = next((each for each in PLAYERS if shutil.which(each[0]) is not None), None)
        if there is None:
            raise ParameterError(NO_PLAYER)
        chosen = there
    return tuple(word.replace("{rate}", str(RATE)) for word in chosen)


class Speaker:
    """Speaks what ``link`` hears from now on. ``complain`` gets one line for what is wrong, from its own thread."""

    def __init__(
        self,
        link: AnyLink,
        engine: Engine,
        player: Sequence[str],
        rows: Sequence[VoiceRow] = (),
        unit: Unit = "word",
        complain: Callable[[str], object] = lambda line: None,
    ) -> None:
        self._link, self._engine, self._player, self._rows = link, engine, tuple(player), rows
        self._complain = complain
        self._collector = Collector(unit, 0)
        self._pacer = Pacer()
        self._voices: tuple[SpokenVoice, ...] = ()
        self._cards: object = None
        self._told: tuple[int, int] | None = None  # epoch and length of the text that was taken in
        self._change = threading.Condition()
        self._closing = False
        self.spoken = 0
        self._said_dropped, self._say_dropped_at = 0, 0.0
        self._process: subprocess.Popen[bytes] | None = None
        self._thread = threading.Thread(target=self._run, name="antiphon aloud", daemon=True)
        self._thread.start()

    @property
    def dropped(self) -> int:
        """Words, or phrases, that were left out."""
        return self._pacer.dropped

    def turn(self, now: float) -> None:
        """Take in what came. Often."""
        self._link.pump(now)
        session = self._link.session
        if session.cards is not self._cards:
            self._cards = session.cards
            self._voices = cast(session.slugs, self._rows)
            self._collector.voices = len(self._voices)
        if session.missing() is None and session.text:
            self._follow(now)
        if self.dropped > self._said_dropped and now >= self._say_dropped_at:
            self._say_dropped_at = now + DROPPED_PERIOD_S
            self._complain(f"the text is faster than speech: {self.dropped - self._said_dropped} words were left out")
            self._said_dropped = self.dropped

    def _follow(self, now: float) -> None:
        session = self._link.session
        epoch, end = self._told or (session.epoch, session.length)
        self._told = session.epoch, session.length
        if epoch != session.epoch:
            self._collector.clear()
            with self._change:
                self._pacer.clear()
            return
        for place in range(max(end, session.dropped) - session.dropped, session.length - session.dropped):
            saying = self._collector.take(session.text[place], session.tints[place], now)
            if saying is not None:
                with self._change:
                    self._pacer.put(saying)
                    self._change.notify_all()

    def close(self) -> None:
        """Fall silent; a second time does nothing."""
        with self._change:
            self._closing = True
            self._change.notify_all()
        self._thread.join(PLAYER_TIMEOUT_S)
        process = self._process
        if self._thread.is_alive() and process is not None:
            process.kill()  # it takes nothing any more
        self._thread.join()

    # ---- the speaker's thread ----------------------------------------------------------------------------------------

    def _run(self) -> None:
        ends_at = 0.0
        try:
            while True:
                with self._change:
                    self._change.wait_for(lambda: self._closing or self._pacer.waiting)
                    if self._closing:
                        return
                    speed, saying = self._pacer.words_per_minute, self._pacer.next()
                assert saying is not None
                voice = self._voices[saying.voice] if saying.voice is not None else SpokenVoice()
                try:
                    sound = self._engine.say(saying.text, voice, speed)
                    self._play(pcm(placed(sound, voice.place)))
                except (ParameterError, OSError) as error:
                    self._complain(str(error))
                    self._pause(RESTART_PAUSE_S)
                    continue
                self.spoken += 1
                ends_at = max(ends_at, time.monotonic()) + len(sound) / RATE
                self._pause(ends_at - time.monotonic())
        finally:
            self._end_player()

    def _pause(self, seconds: float) -> None:
        with self._change:
            self._change.wait_for(lambda: self._closing, max(0.0, seconds))

    def _play(self, data: bytes) -> None:
        if self._process is None or self._process.poll() is not None:
            self._end_player()
            self._process = subprocess.Popen(
                self._player, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, bufsize=0
            )
        assert self._process.stdin is not None
        try:
            self._process.stdin.write(data)
        except OSError:
            raise ParameterError(f"the player {self._player[0]} has ended") from None

    def _end_player(self) -> None:
        process, self._process = self._process, None
        if process is None:
            return
        if process.stdin is not None:
            with contextlib.suppress(OSError):
                process.stdin.close()
        try:
            process.wait(PLAYER_TIMEOUT_S)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
