"""How far each voice has read, which voices are awake or waking, and how a rewind needs no reading again.

**Waking.** A voice that becomes wanted reads what it missed if that is at most 80 characters; otherwise it is reset and
reads the last 80. It reads in slices between characters and joins when it has reached the text's end. Until then the
voices that are ready go on alone, and no voice falls asleep before one that can carry the text is ready.

**Going back.** The states of the voices are kept for each of the last 1,000 places at which they had read the 80
characters before. After a rewind, voices with a kept state go on at once; the others read like voices that wake.

**Broken voices.** A voice whose numbers are no distribution (NaN, for example) is silenced until the next reset.

Pure but for the voices that it is given; used on the engine's thread.
"""

from __future__ import annotations

from collections.abc import Sequence, Set
from dataclasses import dataclass

import numpy as np

from models.composite import hand_over
from models.interface import Trail, Voices
from protocol.grain import UNIT_CHARS, Vector, begun, evidence
from server.engine.evidence import Chances, Evidence
from server.engine.text_buffer import TextBuffer
from server.engine.tongues import Tongues

WAKING_CHARS = 80  # characters of the text that a voice which slept long reads
PRIMING_CHARS = 400  # characters of a primed text that the voices read, at most
SLICE_VOICES = 4  # waking voices read at a time: between two characters there is room for a few, never for 24
REMEMBERED_PLACES = 1_000  # places of the text at which the voices' states are kept
SUM_TOLERANCE = 0.01  # by which a distribution's sum may differ from 1
NEVER = -1_000_000_000  # the place in the text of a voice that has to forget before it can read on


@dataclass(frozen=True)
class CatchUpState:
    """How far each voice has read and since where, and by index who is awake, waking, silenced and unready."""

    read: tuple[int, ...]
    since: tuple[int, ...]
    awake: tuple[int, ...]
    waking: tuple[int, ...]
    silenced: tuple[int, ...]
    unready: tuple[int, ...]


class CatchUp:
    """``voices`` before ``buffer``, all having read nothing, nobody awake; ``remembered`` places are kept, or none.

    ``unready`` are voices that may not read yet, whatever they are wanted for.
    """

    def __init__(self, voices: Voices, buffer: TextBuffer, remembered: int = REMEMBERED_PLACES) -> None:
        self._voices, self._buffer = voices, buffer
        self._everyone = range(len(voices.distributions))
        self._read = [0] * len(self._everyone)  # the position in the text up to which each voice has read
        self._since = [0] * len(self._everyone)  # the position from which on each has read without a gap
        self._remembered = remembered
        self._trail = self._empty_trail()
        self._evidence = Evidence(len(self._everyone), remembered)
        self._found: tuple[object, Vector] = (None, np.zeros(0))  # for whom and where, the evidence
        self.awake: tuple[int, ...] = ()
        self.waking: tuple[int, ...] = ()
        self.silenced: set[int] = set()
        self.unready: set[int] = set()
        self._forget(self._everyone)

    @property
    def ready(self) -> bool:
        """Whether somebody is awake, and all who are have read the whole text."""
        return bool(self.awake) and not self.waited_for

    @property
    def waited_for(self) -> list[int]:
        """The awake voices that are behind: the text waits for them."""
        return [voice for voice in self.awake if self._missed(voice)]

    @property
    def behind(self) -> bool:
        """Whether anybody is there who could read on."""
        return bool(self.waited_for) or not self.unready.issuperset(self.waking)

    def evidence(self, boundary: int, tongues: Tongues) -> Vector:
        """(awake voices,) how well they foresaw what was written since the ``boundary``: logarithms, the best at 0.

        With their ``tongues``. Found once for each place in the text, and whoever stands there.
        """
        buffer = self._buffer
        asked = (buffer.epoch, buffer.sequence, self._evidence.revision, tongues.foresight, self.awake, boundary)
        if self._found[0] != asked:
            chars = begun(buffer.tail(UNIT_CHARS).text, boundary)
            own = self._evidence.chances(buffer.length, chars)[:, list(self.awake)]
            self._found = (asked, evidence(tongues.foreseen(own, self.awake)))
        return self._found[1]

    def set_wanted(self, wanted: Sequence[int], carrying: Set[int]) -> None:
        """From now on ``wanted`` are to be awake, of whom one of ``carrying`` can speak without the others."""
        waking = [voice for voice in wanted if voice not in self.awake]
        for voice in waking:
            if self._missed(voice) > self._patience(voice):
                self._read[voice] = NEVER
        able = [voice for voice in waking if voice not in self.unready]
        ready = [voice for voice in able if self._missed(voice) == 0 or not self.awake]
        staying = [voice for voice in self.awake if voice in wanted]
        if carrying.isdisjoint((*staying, *ready)):
            staying = list(self.awake)  # they hold the text until somebody who is wanted can
        self.awake = tuple(sorted({*staying, *ready}))
        self.waking = tuple(voice for voice in waking if voice not in ready)

    def listen(self) -> None:
        """Let the awake voices read the newest character, all in one step."""
        newest = self._buffer.length - 1
        self._step(newest, [voice for voice in self.awake if self._read[voice] == newest])

    def read_slice(self) -> None:
        """Let some of those that are behind read one character, all of whom stand at the same place.

        Those that the text waits for come first; of the others those that are nearest to its end, so that each comes to
        be heard as soon as can be.
        """
        waited_for = self.waited_for
        behind = waited_for or [voice for voice in self.waking if voice not in self.unready]
        if not behind:
            return
        furthest = max(self._read[voice] for voice in behind)
        together = [voice for voice in behind if self._read[voice] == furthest]
        slice_ = together if waited_for else together[:SLICE_VOICES]
        if furthest == NEVER:
            self._forget(slice_)
        else:
            self._step(furthest, slice_)
        self._admit()

    def let_read(self, voice: int) -> None:
        """``voice`` is another than it was: where it is not awake it forgets, and may read."""
        self.unready.discard(voice)
        if voice not in self.awake:
            self._read[voice] = NEVER

    def _admit(self) -> None:
        """Let those that woke and stand at the text's end join."""
        joined = [voice for voice in self.waking if self._missed(voice) == 0 and voice not in self.unready]
        if joined:
            self.awake = tuple(sorted((*self.awake, *joined)))
            self.waking = tuple(voice for voice in self.waking if voice not in joined)

    def primed(self, needed: Set[int]) -> None:
        """Text came that nobody has read. The text waits for those of the awake that are ``needed`` to write it."""
        oldest = self._buffer.length - PRIMING_CHARS
        for voice in self._everyone:
            if NEVER < self._read[voice] < oldest:
                self._read[voice] = self._since[voice] = oldest
        self._let_go(needed)

    def went_back(self, needed: Set[int], carrying: Set[int]) -> None:
        """Text was taken away: those that were awake at its end know again what they knew there.

        If one of the awake that are ``carrying`` the text does, it waits for nobody; else for all that are ``needed``,
        who read again.
        """
        length = self._buffer.length
        self._evidence.cut(length)
        remembering = self._trail.restore(length) if self._trail is not None else ()
        for voice in self._everyone:
            if voice in remembering:
                self._read[voice], self._since[voice] = length, 0
            elif self._read[voice] > length:
                self._read[voice] = NEVER
        able = any(voice in carrying and not self._missed(voice) for voice in self.awake)
        self._let_go(set() if able else needed)
        self._admit()

    def replace_voices(self, voices: Voices, kept: Sequence[int]) -> None:
        """``voices`` play from now on, of whom ``kept`` were there and know what they knew; all others have to read.

        The way back is forgotten: before it is gone again, voices read.
        """
        hand_over(self._voices, voices, {voice: voice for voice in kept})
        read = {voice: (self._read[voice], self._since[voice]) for voice in kept}
        self._voices, self._everyone = voices, range(len(voices.distributions))
        self._read = [read.get(voice, (NEVER, NEVER))[0] for voice in self._everyone]
        self._since = [read.get(voice, (NEVER, NEVER))[1] for voice in self._everyone]
        self._trail = self._empty_trail()
        self._evidence.take_in(len(self._everyone), kept)
        self.awake = tuple(voice for voice in self.awake if voice in read)
        self.waking = tuple(voice for voice in self.waking if voice in read)
        self.silenced &= set(read)
        self.unready = set()
        self._silence_broken([voice for voice in self._everyone if voice not in read])

    def begin_again(self) -> None:
        """Nobody has read anything, nobody is awake, and broken voices are given another chance."""
        self.awake, self.waking, self.silenced = (), (), set()
        self.forget_way_back()
        self._evidence.clear()
        self._forget(self._everyone)

    def forget_way_back(self) -> None:
        """What the voices knew at earlier places is not known any more."""
        if self._trail is not None:
            self._trail.clear()
        self._evidence.forget_way_back(self._buffer.tail(UNIT_CHARS).text, self._buffer.length)

    def snapshot(self) -> CatchUpState:
        return CatchUpState(
            tuple(self._read),
            tuple(self._since),
            self.awake,
            self.waking,
            tuple(sorted(self.silenced)),
            tuple(sorted(self.unready)),
        )

    def keep_evidence(self) -> Chances:
        """(voices, places) a copy of what the voices gave the last characters; -1 where one had not read."""
        return self._evidence.keep(self._buffer.tail(UNIT_CHARS).text, self._buffer.length)

    def restore(self, state: CatchUpState, evidence: Chances | None) -> None:
        """Be what was kept, for voices that know what they knew then. Without ``evidence`` nobody has any.

        Raises ``VoiceError`` for that of other voices.
        """
        self._evidence.restore(evidence, self._buffer.length)
        self._read, self._since = list(state.read), list(state.since)
        self.awake, self.waking = state.awake, state.waking
        self.silenced, self.unready = set(state.silenced), set(state.unready)
        self.forget_way_back()

    def _empty_trail(self) -> Trail | None:
        return self._voices.trail(self._remembered + 1) if self._remembered else None  # the text's end is a place too

    def _let_go(self, needed: Set[int]) -> None:
        """Of the awake voices that are behind, those that are not ``needed`` read like those that wake."""
        late = tuple(voice for voice in self.waited_for if voice not in needed)
        self.awake = tuple(voice for voice in self.awake if voice not in late)
        self.waking += late

    def _missed(self, voice: int) -> int:
        """How many characters of the text this voice has not read."""
        return self._buffer.length - self._read[voice]

    def _patience(self, voice: int) -> int:
        """How many characters it may have missed before it is quicker to forget and read the last ones."""
        return PRIMING_CHARS if voice in self.waking or not self.awake else WAKING_CHARS

    def _forget(self, voices: Sequence[int]) -> None:
        """Let these voices forget all, to read the last characters next."""
        self._voices.reset(voices)
        for voice in voices:
            self._read[voice] = self._since[voice] = max(self._buffer.start, self._buffer.length - WAKING_CHARS)
        self._silence_broken(voices)

    def _step(self, position: int, voices: list[int]) -> None:
        """Let these voices, which have read up to ``position``, read the character there."""
        if not voices:
            return
        code = self._buffer.code(position)
        self._evidence.note(position, voices, self._voices.distributions[voices, code])
        self._voices.step(code, voices)
        for voice in voices:
            self._read[voice] += 1
        if self._trail is not None:
            knowing = [voice for voice in voices if not 0 < self._since[voice] > position + 1 - WAKING_CHARS]
            self._trail.push(position + 1, knowing)
        self._silence_broken(voices)

    def _silence_broken(self, voices: Sequence[int]) -> None:
        """Take those of ``voices`` out of the performance whose numbers are no distribution."""
        chosen = np.array(voices, np.intp)
        rows = self._voices.distributions[chosen]  # (n, V)
        with np.errstate(invalid="ignore", over="ignore"):
            sound = (rows >= 0.0).all(1) & (np.abs(rows.sum(1) - 1.0) < SUM_TOLERANCE)  # both False for NaN
        broken = set(chosen[~sound].tolist())
        if broken:
            self.silenced |= broken
            self.awake = tuple(voice for voice in self.awake if voice not in broken)
            self.waking = tuple(voice for voice in self.waking if voice not in broken)
