"""The further tongues of styles: how far each has read, and what comes of a style's rows and evidence by them.

A style's own voice writes letters, its tongue *words* whole words, its *memory* what its text says by heart
(``models.interface.Tongued``). Before anything else is done with it, a style's row becomes

    letters = (1 - m) own + m memory,    row = (1 - w) letters + w words,

with the shares m and w that the controls say at this moment (``protocol.tree.tongue_share``). So a style stays one row.

The *narrator* is no style's tongue. Every row is leaned to what it expects, by the share s of the control *sense*: to
the geometric mean, row^(1 - s) narrator^s, scaled to sum to 1. So whatever is done with the rows is done with it, and
each style's part in a letter stays its own. It is itself leaned to the styles, by their weights.

No character waits for a tongue. It reads in slices between characters, those that lack only the newest one first, and
has no part in a style's row while it is behind. A letter that takes longer than there is time (``Unhurried``) is read
in several slices. Only tongues read that have a share in a style that is in play. One that is fetched from the disk
when it first reads (``Deferred``) is behind until it is there, and is not asked meanwhile. One
whose numbers are broken is set aside until the next reset, and its style goes on without.

Pure but for the voices that it is given; used on the engine's thread.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from models.composite import hand_over
from models.interface import Adaptable, Deferred, State, Tongued, Trail, Unhurried, Voices, narrator_of
from protocol.alphabet import MEMORY_TONGUE, SENSE, WORD_TONGUE
from protocol.grain import UNIT_CHARS
from protocol.tree import Value, mix_tongue_address, number_of, tongue_share
from server.engine.evidence import Chances, Evidence
from server.engine.text_buffer import TextBuffer

READ_AGAIN_CHARS = 400  # characters of the text that a tongue which knows nothing of it reads
LOST_CHARS = 480  # behind which it is quicker to forget, and to read the last ones
NEVER = -1_000_000_000  # the place in the text of a tongue that has to forget before it can read on
INNERMOST_FIRST = (MEMORY_TONGUE, WORD_TONGUE)  # in which order tongues are mixed into a row
EVERY_STYLE = -1  # whose tongue the narrator is
PRESENCE_CHARS = 20  # characters over which it is averaged how often the narrator was done in time
LEAST_SHARE = 1e-12  # of a character that a row is taken to expect, where it is leaned
EVIDENCE = "evidence"  # what it is called among what the tongues know
SUM_TOLERANCE = 0.01  # by which a distribution's sum may differ from 1


@dataclass(frozen=True)
class TonguesState:
    """How far each tongue has read, by index who is wanted, the heaviest first, and who is broken; whose turn it is."""

    read: tuple[int, ...]
    wanted: tuple[int, ...]
    silenced: tuple[int, ...]
    waiting_turn: bool


class Tongues:
    """The tongues of ``voices``, of whom none has read anything; ``remembered`` places are kept, or none."""

    def __init__(self, voices: Voices, buffer: TextBuffer, remembered: int) -> None:
        self._buffer, self._remembered = buffer, remembered
        self._take(voices)
        self._trail = self._empty_trail()
        self._evidence = Evidence(len(self.slugs), remembered)
        self._read = [NEVER] * len(self.slugs)
        self.silenced: set[int] = set()
        self._wanted: tuple[int, ...] = ()
        self._shares = np.zeros(len(self.slugs))
        self._late = False
        self._behind_before: dict[int, int] = {}  # characters by which those that were wanted lay behind
        self.presence = 0.0  # in what part of the last characters the narrator had a say
        self.waiting_turn = False  # whether the next slice is somebody else's, where others read too

    def _take(self, voices: Voices) -> None:
        found = voices.tongues if isinstance(voices, Tongued) else None
        self._voices, self._of = found, voices.slugs
        self._unhurried = found if isinstance(found, Unhurried) else None
        self._deferred = found if isinstance(found, Deferred) else None
        self._begun: dict[int, int] = {}  # of those at a letter the place where they stand when they have read it
        self.slugs = found.slugs if found is not None else ()
        named = [slug.split("/", 1) for slug in self.slugs]
        self._roles = [role for role, _ in named]
        self._styles = [EVERY_STYLE if role == SENSE else voices.slugs.index(slug) for role, slug in named]
        self._narrator = self._roles.index(SENSE) if SENSE in self._roles else None
        self._narrator_name = narrator_of(voices)

    # ---- who reads -------------------------------------------------------------------------------------------------

    def set_wanted(self, styles: Sequence[int], wish: NDArray[np.float64], *values: Mapping[str, Value] | None) -> None:
        """From now on the tongues of ``styles`` read that have a share by any of ``values``; the first are in force.

        ``wish`` (S,) says which styles are heaviest.
        """
        if self._voices is None:
            return
        said = [self._said(each) for each in values if each is not None]
        self._shares = said[0]
        some = np.max(said, axis=0) > 0.0
        heard = {*styles, EVERY_STYLE}
        playing = [i for i, style in enumerate(self._styles) if style in heard and some[i] and i not in self.silenced]
        self._wanted = tuple(sorted(playing, key=lambda i: (i == self._narrator, -abs(wish[self._styles[i]]), i)))
        if self._narrator in self._wanted and isinstance(self._voices, Adaptable):
            self._voices.lean({self._of[style]: float(wish[style]) for style in np.flatnonzero(wish > 0.0).tolist()})

    def _said(self, values: Mapping[str, Value]) -> NDArray[np.float64]:
        named = zip(self._roles, self._styles, strict=True)
        return np.array(
            [
                number_of(values, mix_tongue_address(SENSE))
                if style == EVERY_STYLE
                else tongue_share(values, self._of[style], role)
                for role, style in named
            ]
        )

    @property
    def narrator(self) -> str:
        """What the narrator is called; "" where there is none."""
        return self._narrator_name

    def _keeping_pace(self, place: int) -> bool:
        """Whether any tongue that is wanted stands at ``place``; the narrator is slow, and nobody waits for it."""
        return any(self._read[tongue] == place for tongue in self._wanted if tongue != self._narrator)

    @property
    def behind(self) -> bool:
        """Whether anybody is there who has to read on."""
        return bool(self._lagging())

    def _lagging(self) -> list[int]:
        """Those that have to read on and can."""
        return [
            tongue
            for tongue in self._wanted
            if self._read[tongue] != self._buffer.length and not (tongue in self._begun and self._absent(tongue))
        ]

    def _absent(self, tongue: int) -> bool:
        return self._deferred is not None and self._deferred.absent(tongue)

    @property
    def settled(self) -> object:
        """What tells one way of mixing rows from another; None while tongues that kept pace read the newest character.

        Where they did not keep pace with the character before, nobody waits for them.
        """
        length = self._buffer.length
        if not self._late and self._keeping_pace(length - 1):
            return None
        return tuple((i, self._shares[i]) for i in self._speaking())

    @property
    def foresight(self) -> object:
        """What ``foreseen`` depends on besides the place in the text and the styles' own voices."""
        return self._evidence.revision, tuple((i, self._shares[i]) for i in self._speaking())

    def listen(self) -> None:
        """There is a newest character, which nobody here has read."""
        self._late = self._keeping_pace(self._buffer.length - 2)
        if self._narrator is not None:
            spoke = self._narrator in self._wanted and self._read[self._narrator] == self._buffer.length - 1
            self.presence += (spoke - self.presence) / PRESENCE_CHARS

    def turn(self, others: bool, waited_for: bool) -> bool:
        """Whether a tongue has the next slice: every other one where ``others`` read, none if a text waits for them."""
        mine = self.behind and not waited_for and not (others and self.waiting_turn)
        self.waiting_turn = mine
        return mine

    def complaint(self) -> str:
        """What keeps those that are wanted from having a part: they are being fetched, or there is no time for them.

        The latter are those that lie further behind the text than when this was last asked.
        """
        before, length = self._behind_before, self._buffer.length
        self._behind_before = {
            tongue: length - self._read[tongue] for tongue in self._wanted if self._read[tongue] >= 0
        }
        found = [tongue for tongue, chars in self._behind_before.items() if 1 < before.get(tongue, chars) < chars]
        if any(self._absent(tongue) for tongue in self._wanted):
            return f"the narrator {self.narrator} is being loaded, and joins when it is there"
        hurried = ", ".join(self.slugs[tongue].replace("/", " of ") for tongue in found)
        return f"no time for the {hurried}: lower the rate, or play fewer voices" if hurried else ""

    def read_slice(self) -> None:
        """Let one of those that are behind read one character: one that is nearest to the text's end."""
        behind = self._lagging()
        if not behind or self._voices is None:
            return
        tongue = max(behind, key=lambda each: self._read[each])  # of equals the first, which is the heaviest
        if tongue in self._begun and self._unhurried is not None:
            self._unhurried.work(tongue)
        else:
            self._begun[tongue] = self._begin(tongue, self._voices)
        if self._unhurried is not None and self._unhurried.begun(tongue):
            return  # it goes on when it has the next slice
        self._read[tongue] = self._begun.pop(tongue)
        if self._trail is not None:
            self._trail.push(self._read[tongue], [tongue])
        row = self._voices.distributions[tongue]
        with np.errstate(invalid="ignore", over="ignore"):
            if not ((row >= 0.0).all() and abs(float(row.sum()) - 1.0) < SUM_TOLERANCE):
                self.silenced.add(tongue)
                self._wanted = tuple(each for each in self._wanted if each != tongue)

    def _begin(self, tongue: int, voices: Voices) -> int:
        """Let it read the next character, or forget where it is too far behind; the place where it then stands."""
        place = self._read[tongue]
        if place < self._buffer.length - LOST_CHARS or place < self._buffer.start:
            voices.reset([tongue])
            return max(self._buffer.start, self._buffer.length - READ_AGAIN_CHARS)
        code = self._buffer.code(place)
        self._evidence.note(place, [tongue], voices.distributions[[tongue], code])
        voices.step(code, [tongue])
        return place + 1

    # ---- what they say ---------------------------------------------------------------------------------------------

    def _speaking(self) -> list[int]:
        """Those that have a part in their styles' rows now, in the order in which they are mixed into them."""
        length = self._buffer.length
        able = [
            i
            for i, share in enumerate(self._shares)
            if share > 0.0 and self._read[i] == length and i not in self.silenced
        ]
        return sorted(able, key=lambda i: (*INNERMOST_FIRST, SENSE).index(self._roles[i]))

    def mixed(self, rows: NDArray[np.float32]) -> NDArray[np.float32]:
        """(n, V) what the styles expect, whose own voices expect ``rows`` (n, V); those where no tongue speaks."""
        speaking = self._speaking()
        if not speaking or self._voices is None:
            return rows
        mixed = rows.astype(np.float64)
        for role in INNERMOST_FIRST:
            these = np.array([i for i in speaking if self._roles[i] == role], np.intp)
            styles, shares = np.array(self._styles)[these], self._shares[these, None]  # (n,), (n, 1)
            mixed[styles] = (1.0 - shares) * mixed[styles] + shares * self._voices.distributions[these]
        if self._narrator in speaking:
            mixed = _leaned(mixed, self._voices.distributions[self._narrator], float(self._shares[self._narrator]))
        return mixed.astype(np.float32)

    def foreseen(self, chances: Chances, styles: Sequence[int]) -> Chances:
        """(L, n) what ``styles`` gave each of the last L characters, of which their own voices gave ``chances`` (L, n).

        As they would say it by the shares of this moment; a tongue that had not read so far has no part.
        """
        columns = {style: column for column, style in enumerate(styles)}
        speaking = [i for i in self._speaking() if self._styles[i] in columns]
        if not speaking or not len(chances):
            return chances
        theirs = self._evidence.chances(self._buffer.length, len(chances))
        blended = chances.copy()
        for i in speaking:
            column, share = columns[self._styles[i]], self._shares[i]
            joined = (1.0 - share) * blended[:, column] + share * theirs[:, i]
            blended[:, column] = np.where(np.isfinite(theirs[:, i]), joined, blended[:, column])
        return blended

    # ---- the text is another ---------------------------------------------------------------------------------------

    def went_back(self) -> None:
        """Text was taken away: those that are remembered at its end know again what they knew there."""
        length = self._buffer.length
        self._evidence.cut(length)
        remembering = self._trail.restore(length) if self._trail is not None else ()
        for tongue, place in enumerate(self._read):
            if tongue in remembering:
                self._read[tongue] = length
            elif self._begun.get(tongue, place) > length:
                self._read[tongue] = NEVER
            else:
                continue
            self._begun.pop(tongue, None)

    def replace_voices(self, voices: Voices, kept: Iterable[int]) -> None:
        """The tongues of ``voices`` speak from now on; those of the styles ``kept`` know what they knew."""
        old, slugs, read = self._voices, self.slugs, self._read
        staying = set(kept)
        self._take(voices)
        moves = {
            i: slugs.index(slug)
            for i, slug in enumerate(self.slugs)
            if slug in slugs
            and (self._styles[i] in staying or (i == self._narrator and staying))
            and not self._absent(i)
        }
        if isinstance(old, Deferred):
            moves = {i: was for i, was in moves.items() if not old.absent(was)}
        if old is not None and self._voices is not None:
            hand_over(old, self._voices, moves)
        self._read = [read[moves[i]] if i in moves else NEVER for i in range(len(self.slugs))]
        self.silenced = {i for i, was in moves.items() if was in self.silenced}
        self._wanted, self._shares, self._behind_before = (), np.zeros(len(self.slugs)), {}
        self._trail, self._evidence = self._empty_trail(), Evidence(len(self.slugs), self._remembered)

    def begin_again(self) -> None:
        """Nobody has read anything, and broken tongues are given another chance."""
        self._read, self.silenced = [NEVER] * len(self.slugs), set()
        self._begun.clear()
        self.forget_way_back()
        self._evidence.clear()

    def forget_way_back(self) -> None:
        """What the tongues knew at earlier places is not known any more."""
        if self._trail is not None:
            self._trail.clear()
        self._evidence.forget_way_back(self._buffer.tail(UNIT_CHARS).text, self._buffer.length)

    def snapshot(self) -> TonguesState:
        return TonguesState(tuple(self._read), self._wanted, tuple(sorted(self.silenced)), self.waiting_turn)

    def save_state(self) -> State:
        """What they know, and what they foresaw; copies."""
        if self._voices is None:
            return {}
        kept = self._evidence.keep(self._buffer.tail(UNIT_CHARS).text, self._buffer.length)
        return {**self._voices.save_state(), EVIDENCE: kept}

    def load_state(self, state: State) -> None:
        """Raises ``VoiceError`` for what was kept of others."""
        if self._voices is not None:
            self._voices.load_state(state)

    def restore(self, state: TonguesState | None, evidence: Chances | None) -> None:
        """Be what was kept, where ``load_state`` took it; None: nobody knows anything."""
        self._evidence.restore(evidence, self._buffer.length)
        self._trail = self._empty_trail()
        if state is None or len(state.read) != len(self.slugs):
            self.begin_again()
            return
        forgets = self._unhurried.forgets if self._unhurried is not None else lambda tongue: False
        self._read = [NEVER if forgets(tongue) else place for tongue, place in enumerate(state.read)]
        self.silenced = set(state.silenced)
        self._begun.clear()
        self._wanted, self.waiting_turn = state.wanted, state.waiting_turn

    def _empty_trail(self) -> Trail | None:
        return self._voices.trail(self._remembered + 1) if self._voices is not None and self._remembered else None


def _leaned(rows: NDArray[np.float64], narrator: NDArray[np.float32], share: float) -> NDArray[np.float64]:
    """``rows`` (n, V) leaned to what the narrator expects: to their geometric mean with it, of this share."""
    logs = (1.0 - share) * np.log(np.maximum(rows, LEAST_SHARE)) + share * np.log(np.maximum(narrator, LEAST_SHARE))
    powers = np.exp(logs - logs.max(1, keepdims=True))
    return np.asarray(powers / powers.sum(1, keepdims=True))
