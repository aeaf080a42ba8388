"""A performance: one text, the voices that read it as it grows, and the generator that decides where it goes.

Late commitment: the voices read each character as soon as it is written (``listen``) and wait with what they expect;
the controls' values are looked at when the next character is due and not before (``write``). Nothing here knows a
clock, a socket or a thread; all methods belong to the engine's thread, and with the same seed, values and calls the
text is the same.

**Who is awake.** A voice's share is fader x puck, normalised over the voices in play with a weight above 0. Awake are
those with a share of at least 5 %, or of half the greatest share where that is less: 24 equal faders (4.2 % each) keep
all 24 awake. The same holds for the voices below 0, which the mix is led away from, by their part of all weights. Awake
are, too, the three nearest to the puck, and in antiphony the choir that waits. When no weight is above 0, the mix of
the last character goes on; if there never was one, all voices speak equally. Voices that are not awake have no part in
it; the others' are normalised.

**Fusion.** Where voices can be fused, the network made of them is one more, index S, awake while ``/mix/fusion`` is
above 0. It follows the weights as fast as there is time to make it anew, and no character waits for that.

**Grain.** Weights are multiplied by how well each voice foresaw the word that is being written (``protocol.grain``).

**Tongues.** A style may have further voices, of words or of what it knows by heart: they are mixed into its row first
(``tongues.py``), so that all else sees one row a style.

**Waiting.** After ``prime``, ``rewind`` and ``reset`` awake voices themselves may be behind: ``ready`` is False, and
the next character waits for them, and for nobody else. So it does for all who are wanted when nobody is awake yet.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np
from numpy.typing import NDArray

from models.interface import Fusible, Readings, Rollout, RollsOut, State, Voices
from protocol.grain import grained
from protocol.measures import surprise_level
from protocol.messages import Tint
from protocol.mixing import (
    WRITABLE,
    Vector,
    alloy_exponent,
    balanced,
    draw,
    effective_weights,
    mix,
    normalised,
    responsibilities,
    tint,
    with_fusion,
    without_fusion,
)
from protocol.surprise_control import heated, limited, moved, threshold
from protocol.tree import ANTIPHONY, CONCEPT, GRAIN, GRAIN_BOUNDARY, SPELLING, TURN, Value, number_of
from server.engine.arrival import Mixing
from server.engine.branches import Branch, Branches
from server.engine.catch_up import REMEMBERED_PLACES, CatchUp, CatchUpState
from server.engine.fused_voice import FusedVoice, FusedVoiceState
from server.engine.neighbours import audible_in, nearest_to_puck
from server.engine.parameter_store import Action
from server.engine.text_buffer import Letter, Passage, TextBuffer, TextBufferState
from server.engine.tongues import EVIDENCE as TONGUES_EVIDENCE
from server.engine.tongues import Tongues, TonguesState
from server.filters.filters import FilterSet, PerformanceFilters
from styles.cleaning import transliterate

PRIMED_CHARS = 4_000  # characters of a primed text that are kept, the last ones
EVIDENCE = "evidence"  # what it is called among what the voices know
TONGUES = "tongues/"  # what the names begin with of what the tongues know
FUSION = "the fusion"  # what the fused network is called where it is broken


@dataclass(frozen=True)
class Written:
    """One character, and all that it was decided by."""

    sequence: int
    character: str
    joint: Vector  # (V,) what it was drawn from
    weights: Vector  # (S,) of the mix, 0 for voices without a part in it; (S + 1,) where the fused network had one
    family: Vector  # (S,) what the fused network was made of; zeros where it had no part
    shares: Vector  # (S,) who is responsible for it, sum 1
    tint: Tint


@dataclass(frozen=True)
class PerformanceState:
    """A performance at one moment, but for what its voices know: (S,) numbers one a voice."""

    buffer: TextBufferState
    readers: CatchUpState
    fused_voice: FusedVoiceState | None
    seed: int
    generator: tuple[int, int]  # PCG64's state and increment
    read_next: bool
    wish: tuple[float, ...]
    fusion: float
    coming: Mapping[str, Value] | None
    last_mix: tuple[float, ...]
    chosen: str = ""
    branches: tuple[Branch[Letter], ...] = ()
    next_branch: int = 1
    threshold: float = 0.0
    tongues: TonguesState | None = None


class Performance:
    """An empty page before fresh voices. ``remembered`` places can be gone back to without reading again."""

    def __init__(
        self, voices: Voices, seed: int, remembered: int = REMEMBERED_PLACES, filters: FilterSet | None = None
    ) -> None:
        self.take = ""  # what the take that records it is called
        self._voices = voices
        self._everyone = range(len(voices.slugs))
        self.buffer = TextBuffer()
        self.filters = PerformanceFilters(filters or FilterSet(), self.buffer)
        self.seed = seed
        self._generator = _generator(seed)
        self._catch_up = CatchUp(voices, self.buffer, remembered)
        self._tongues = Tongues(voices, self.buffer, remembered)
        self._fused_voice = _fused_voice(voices)
        self._read_next = False  # whether those who wake have the next moment, and not the making of a network
        self._wish = np.zeros(len(voices.slugs))  # (S,) the weights as the controls stood at the last ``settle``
        self._fusion = 0.0  # the share of the fused network then
        self._concept = 0.0  # how far it is led away from the voices below 0
        self._code = self.filters.of_code(voices.slugs)
        self.boundary = 0  # where the voices' evidence begins anew, then
        self._coming: Mapping[str, Value] | None = None  # values that may come into force at any moment
        self._last_mix = np.zeros(len(voices.slugs))  # (S,) the weights of the last character written, 0 before it
        self.chosen = ""  # the letters that come next, whatever is drawn
        self.threshold = 0.0  # bits that the next character may have under the surprise fader; 0: any
        self.branches: Branches[Letter] = Branches()  # what rewinds left

    @property
    def awake(self) -> tuple[int, ...]:
        """Those that stand at the text's end with what they expect, by index, ascending; S is the fused network."""
        return self._catch_up.awake

    @property
    def waking(self) -> tuple[int, ...]:
        """The voices that are wanted and still read."""
        return self._catch_up.waking

    @property
    def silenced(self) -> tuple[str, ...]:
        """The slugs of the voices whose numbers are broken; of tongues ROLE/SLUG."""
        own = [[*self._voices.slugs, FUSION][voice] for voice in sorted(self._catch_up.silenced)]
        return (*own, *(self._tongues.slugs[tongue] for tongue in sorted(self._tongues.silenced)))

    @property
    def ready(self) -> bool:
        """Whether a character can be written now: somebody is awake, and all who are have read the whole text."""
        return self._catch_up.ready

    @property
    def indenting(self) -> bool:
        """Whether the text ends within the blanks that a line begins with."""
        return self.filters.indenting

    @property
    def busy(self) -> bool:
        """Whether ``catch_up`` has anything to do."""
        return self.starving or self._tongues.behind

    @property
    def starving(self) -> bool:
        """Whether voices that are wanted have to read, or a network is to be made, for which a text may wait."""
        return self._catch_up.behind or self._fuses

    @property
    def distributions(self) -> NDArray[np.float32]:
        """(awake voices, V) what each of ``awake`` expects next; a copy. To be believed while ``ready``."""
        return self._tongues.mixed(self._voices.distributions)[list(self.awake)]

    def complaint_of_tongues(self) -> str:
        """What keeps tongues from having a part, since this was last asked; "" where nothing does."""
        return self._tongues.complaint()

    @property
    def tongued(self) -> bool:
        """Whether any style has further tongues."""
        return bool(self._tongues.slugs)

    @property
    def narrator(self) -> tuple[str, float]:
        """What the narrator is called, "" where there is none, and in what part of the last characters it had a say."""
        return self._tongues.narrator, self._tongues.presence

    @property
    def settled(self) -> object:
        """What tells one way in which tongues are mixed into ``distributions`` from another; None while they read."""
        return self._tongues.settled

    @property
    def evidence(self) -> Vector:
        """(awake voices,) how well each of ``awake`` foresaw what was written since the boundary that is set.

        Logarithms, the best at 0 (``protocol.grain``). To be believed while ``ready``.
        """
        return self._catch_up.evidence(self.boundary, self._tongues)

    @property
    def known(self) -> NDArray[np.bool_] | None:
        """(V,) which characters come next in words that the voices in play know; None where all may."""
        return self.filters.known(self._playing)

    def set_upcoming(self, values: Mapping[str, Value] | None) -> None:
        """Whom ``values`` want is to be awake too, without a part in the mix; None: nothing is coming.

        So a mix that is made ready while another is held can enter whole.
        """
        self._coming = values

    def settle(self, values: Mapping[str, Value]) -> None:
        """Decide by ``values``, and what was foreseen, who is awake, who is to wake and who may sleep."""
        self._wish, self._fusion = self._wished(values), number_of(values, "/mix/fusion")
        self._concept = number_of(values, CONCEPT)
        self.boundary = int(number_of(values, GRAIN_BOUNDARY))
        self.filters.set_values(values)
        audible = audible_in(self._wish)
        if number_of(values, ANTIPHONY):  # the choir that waits reads along, so that it can answer at once
            audible |= audible_in(self._wished({**values, TURN: 1.0 - number_of(values, TURN)}))
        audible[list(set(nearest_to_puck(values, self._voices.slugs)) - self._catch_up.silenced)] = True
        carrying = set(np.flatnonzero(self._wish > 0.0).tolist())
        family = self._wish if self._fusion > 0.0 else None
        if self._coming is not None:
            coming = self._wished(self._coming)
            audible |= audible_in(coming)
            if family is None and number_of(self._coming, "/mix/fusion") > 0.0:
                family = coming
        wanted = np.flatnonzero(audible).tolist()
        if self._fused_voice is not None and self._fuse_of(family):
            wanted.append(self._fused_voice.index)
            if self._fusion > 0.0:
                carrying.add(self._fused_voice.index)
        self._catch_up.set_wanted(wanted, carrying)
        self._tongues.set_wanted((*self.awake, *self.waking), self._wish, values, self._coming)

    def write(self, values: Mapping[str, Value], letter: str | None = None) -> Written:
        """Mix what the awake voices expect by ``values``, draw one character and put it on the page. Needs ``ready``.

        One number is drawn from the generator; where a ``letter`` is given, that is written whatever was drawn, and
        else the next of the letters that were chosen. The voices have not read it yet: ``listen`` comes next.
        """
        self.settle(values)
        if not self.ready:
            raise RuntimeError("a character can only be written when the voices are ready")
        wish, weights = self._mix()
        distributions = self._tongues.mixed(self._voices.distributions)[: len(weights)]
        joint = self._joint(values, weights, distributions)
        weights = self._grained(weights, values)
        drawn = draw(joint, self._generator.random())
        code = self._next_chosen(drawn) if letter is None else ord(letter)
        self.threshold = moved(values, threshold(values, self.threshold), joint[code])
        exponent = alloy_exponent(number_of(values, "/mix/alloy"))
        shares, family = responsibilities(distributions[:, code], weights, exponent), np.zeros(len(self._everyone))
        if self._fused_voice is not None and len(weights) > len(family) and weights[-1] > 0.0:
            family = self._fused_voice.made_of
            shares = without_fusion(shares, family)
        shares = shares[: len(family)]
        written = Written(self.buffer.sequence + 1, chr(code), joint, weights, family, shares, tint(shares))
        self.buffer.append(written.character, written.tint, surprise_level(joint[code]))
        own = _only(wish, self.awake)
        self._last_mix = own if (own > 0.0).any() else wish  # the fused network may speak before those it is made of
        return written

    def listen(self) -> None:
        """Let the awake voices read the newest character, all in one step."""
        self._catch_up.listen()
        self._tongues.listen()
        self.filters.advise()  # this and the evidence while there is time
        self._catch_up.evidence(self.boundary, self._tongues)
        self.filters.known(self._playing)

    def catch_up(self, goes_on: Callable[[], bool]) -> bool:
        """Let the voices that are behind read on, slice by slice, as long as ``goes_on()``; True when none is left.

        Where a network is to be made anew while others wake, it has every other slice; where tongues have to read, they
        have every other one of all, but for voices that the text waits for.
        """
        while self.busy:
            if not goes_on():
                return False
            if self._tongues.turn(self.starving, bool(self._catch_up.waited_for)):
                self._tongues.read_slice()
            elif self._fused_voice is not None and self._fuses and not (self._read_next and self._catch_up.behind):
                if self._fused_voice.work():
                    self._catch_up.let_read(self._fused_voice.index)
                self._read_next = True
            else:
                self._catch_up.read_slice()
                self._read_next = False
        return True

    def choose(self, letters: str) -> None:
        """Let ``letters`` be the next characters, one each, in place of any chosen before; an empty text: none."""
        self.chosen = "".join(letter for letter in letters if letter.isascii() and WRITABLE[ord(letter)])

    def likely(self, rank: int, values: Mapping[str, Value]) -> str:
        """The letter that is the ``rank``-th likeliest now, from 1 on; "" where nothing can be written yet."""
        if not self.ready:
            return ""
        _, weights = self._mix()
        joint = self._joint(values, weights, self._tongues.mixed(self._voices.distributions)[: len(weights)])
        order = np.argsort(-joint, kind="stable")
        return chr(int(order[min(rank, int(np.count_nonzero(joint))) - 1]))

    @property
    def end(self) -> str:
        """The end of the text, a line or so."""
        return self.buffer.tail(80).text

    @property
    def slugs(self) -> tuple[str, ...]:
        """Of the voices, by index."""
        return tuple(self._voices.slugs)

    @property
    def sequence(self) -> int:
        """How many characters were ever written."""
        return self.buffer.sequence

    def mixing(self, values: Mapping[str, Value]) -> Mixing | None:
        """How branches of the text are mixed by ``values``; None where the voices cannot be rolled out.

        The fused network, voices below 0, tongues and voices of a kind that cannot be rolled out have no part in them.
        """
        weights = self.rolled_weights
        if not weights.any():
            return None
        geometric = number_of(values, "/mix/alloy") > 0.25
        return Mixing(weights[weights > 0.0], number_of(values, "/mix/temperature", 0.7), geometric)

    @property
    def rolled_weights(self) -> Vector:
        """(S,) the shares of the mix of those that can be rolled out, summing to 1; all zeros where nobody can."""
        if not isinstance(self._voices, RollsOut):
            return np.zeros(len(self._everyone))
        weights = self._mix()[1][: len(self._everyone)]
        return normalised(np.where(self._voices.rolling, weights, 0.0))

    def rollout(self, copies: int) -> Rollout:
        """So many copies of the text, read by the voices that have a part in the mix. Needs ``mixing``."""
        assert isinstance(self._voices, RollsOut)
        return self._voices.rollout(np.flatnonzero(self.rolled_weights).tolist(), copies)

    def read_apart(self, voices: Sequence[int]) -> Readings:
        """These voices, of those that can be rolled out, each on its own from the end of the text on."""
        assert isinstance(self._voices, RollsOut)
        return self._voices.read_apart(voices)

    def _joint(self, values: Mapping[str, Value], weights: Vector, p: NDArray[np.float32]) -> Vector:
        """(V,) what the next character is drawn from: rows ``p``, by ``weights`` that are without grain as yet."""
        says = normalised(weights)
        if self._fused_voice is not None and len(says) > len(self._code):
            says = without_fusion(says, self._fused_voice.made_of)
        known = self.known if number_of(values, SPELLING) > 0.0 else None
        mixing = partial(mix, p, self._grained(weights, values), known=known)
        bits = threshold(values, self.threshold)
        code = float(says[: len(self._code)][self._code].sum())
        return limited(self.filters.mixed(heated(values, bits), mixing, code), bits)

    def _next_chosen(self, drawn: int) -> int:
        """The code to be written: the first that was chosen, unless it would complete a word of the guard's list."""
        if not self.chosen:
            return drawn
        code = ord(self.chosen[0])
        if not self.filters.admits(code):
            self.chosen = ""
            return drawn
        self.chosen = self.chosen[1:]
        return code

    def prime(self, text: str) -> None:
        """Append ``text``, transliterated to writable characters, its last ``PRIMED_CHARS`` characters at most.

        Raises ``ParameterError`` for one with a word that is never to appear.
        """
        primed = transliterate(text)[-PRIMED_CHARS:]
        self.filters.admit(primed)
        for character in primed:
            self.buffer.append(character)
        if primed:
            self._catch_up.primed(self._needed())

    def rewind(self, chars: int) -> None:
        """Take back the last ``chars`` characters, at most what the page holds, and let the text branch from there.

        The generator is not turned back, so that it takes another way. Within what is remembered the voices that were
        awake there go on at once; where nobody was, they forget and read the last 80 characters again. What is taken
        back is kept as a branch.
        """
        self._cut_back(chars)

    def can_return_to(self, number: int) -> bool:
        """Whether branch ``number`` is kept and begins on the page."""
        branch = self.branches.find(number)
        return branch is not None and self.buffer.start <= branch.position <= self.buffer.length

    def return_to(self, number: int) -> None:
        """Put branch ``number`` back in place of what stands behind its beginning; see ``can_return_to``.

        What it takes the place of becomes a branch itself. The voices read it as they read a primed text.
        """
        branch = self.branches.find(number)
        if branch is None or not self.can_return_to(number):
            return
        self.branches.remove(number)
        self._cut_back(self.buffer.length - branch.position)
        for letter in branch.items:
            self.buffer.append(*letter)
        self._catch_up.primed(self._needed())

    def _cut_back(self, chars: int) -> None:
        self.chosen = ""
        left = self.buffer.tail(max(0, chars))
        if self.buffer.cut(chars):
            self.branches.leave(self.buffer.length, letters_of(left))
            self._tongues.went_back()
            _, weights = self._mix()
            self._catch_up.went_back(self._needed(), set(np.flatnonzero(weights > 0.0).tolist()))

    def replace_voices(self, voices: Voices, kept: Sequence[int]) -> None:
        """Go on with ``voices``: those there were, in their places, and new ones behind them, who sleep.

        ``kept`` are as they were and keep what they have read. A voice that learnt anew has to read again, and comes
        back when it has; so does the fused network, which is made anew. The others go on meanwhile.
        """
        more = len(voices.slugs) - len(self._everyone)
        self._voices, self._everyone = voices, range(len(voices.slugs))
        self._catch_up.replace_voices(voices, kept)
        self._tongues.replace_voices(voices, kept)
        self._fused_voice = _fused_voice(voices)
        self._code = self.filters.of_code(voices.slugs)
        self._wish, self._last_mix = (np.append(weights, np.zeros(more)) for weights in (self._wish, self._last_mix))

    def reseed(self, seed: int) -> None:
        """Go on by another ``seed``: the text takes another way from here."""
        self.seed, self._generator = seed, _generator(seed)

    def note_action(self, action: Action) -> None:
        """The engine was asked for ``action``: nothing to a performance, but whoever records one wants to know."""

    def reset(self, seed: int | None = None) -> None:
        """An empty page before fresh voices, broken ones given another chance; the generator begins anew.

        Without a ``seed`` it begins with the one it had, so that the same weights give the same text again.
        """
        self.seed = self.seed if seed is None else seed
        self._generator = _generator(self.seed)
        self.buffer.clear()
        self.chosen, self.threshold = "", 0.0
        self.branches.clear()
        self._last_mix = np.zeros(len(self._everyone))
        self._catch_up.begin_again()
        self._tongues.begin_again()

    def repeat(self, character: str, tint: Tint, surprise: int) -> None:
        """Put a character on the page that was written before, and drawn with the generator's next number."""
        self._generator.random()
        self.chosen = self.chosen[1:] if self.chosen.startswith(character) else self.chosen
        self.buffer.append(character, tint, surprise)

    def read_again(self) -> None:
        """The voices know nothing any more, nor is it known what was mixed: they read the last characters again."""
        self._last_mix = np.zeros(len(self._everyone))
        self._fused_voice, self._read_next = _fused_voice(self._voices), False
        self._catch_up.begin_again()
        self._tongues.begin_again()

    def forget_way_back(self) -> None:
        """What the voices knew at earlier places is not known any more: a rewind has them read again."""
        self._catch_up.forget_way_back()
        self._tongues.forget_way_back()

    def snapshot(self) -> tuple[PerformanceState, State]:
        """All of it at this moment, and what the voices know; copies."""
        generator = self._generator.bit_generator.state["state"]
        kept = PerformanceState(
            self.buffer.snapshot(),
            self._catch_up.snapshot(),
            self._fused_voice.snapshot() if self._fused_voice is not None else None,
            self.seed,
            (generator["state"], generator["inc"]),
            self._read_next,
            tuple(self._wish.tolist()),
            self._fusion,
            self._coming,
            tuple(self._last_mix.tolist()),
            self.chosen,
            self.branches.all(),
            self.branches.next_number,
            self.threshold,
            self._tongues.snapshot(),
        )
        tongues = {f"{TONGUES}{name}": array for name, array in self._tongues.save_state().items()}
        return kept, {**self._voices.save_state(), EVIDENCE: self._catch_up.keep_evidence(), **tongues}

    def restore(self, state: PerformanceState, known: State) -> None:
        """Be what was kept, with voices of the same weights; only the way back is forgotten.

        Raises ``VoiceError`` where ``known`` is of other voices.
        """
        spoken = {name.removeprefix(TONGUES): array for name, array in known.items() if name.startswith(TONGUES)}
        self._voices.load_state(known)  # refused before anything is changed
        self._tongues.load_state(spoken)
        self.buffer.restore(state.buffer)
        self.seed, self._read_next = state.seed, state.read_next
        self._generator = _generator(state.seed)
        whole = dict(self._generator.bit_generator.state)
        whole["state"] = dict(zip(("state", "inc"), state.generator, strict=True))
        self._generator.bit_generator.state = whole
        self._wish, self._fusion, self._coming = np.array(state.wish), state.fusion, state.coming
        self._last_mix = np.array(state.last_mix)
        self.chosen = state.chosen
        self.branches = Branches(state.branches, state.next_branch)
        self.threshold = state.threshold
        if self._fused_voice is not None and state.fused_voice is not None:
            self._fused_voice.restore(state.fused_voice)
        self._catch_up.restore(state.readers, known.get(EVIDENCE))
        self._tongues.restore(state.tongues, spoken.get(TONGUES_EVIDENCE))

    @property
    def _fuses(self) -> bool:
        """Whether there is a network to be made, and nobody for whom the text waits."""
        return self._fused_voice is not None and self._fused_voice.pending and not self._catch_up.waited_for

    def _fuse_of(self, family: Vector | None) -> bool:
        """Let the fused network be made of ``family``; whether it is wanted awake."""
        assert self._fused_voice is not None
        index = self._fused_voice.index
        wanted = self._fused_voice.wish(None if index in self._catch_up.silenced else family, self._concept)
        self._catch_up.unready = set() if self._fused_voice.fresh else {index}
        return wanted

    def _wished(self, values: Mapping[str, Value]) -> Vector:
        """(S,) the weights as the controls stand; those of the last character, else equal ones, if none is above 0."""
        sound = [voice for voice in self._everyone if voice not in self._catch_up.silenced]
        for weights in (effective_weights(values, self._voices.slugs), self._last_mix, np.ones(len(self._everyone))):
            audible = _only(weights, sound)
            if (audible > 0.0).any():
                return audible
        return np.zeros(len(self._everyone))

    def _mix(self) -> tuple[Vector, Vector]:
        """What the mix is made from, (S,), and its weights, of those that are awake: (S,), or (S + 1,) with fusion.

        It is made from what is wished; from the mix of the last character while that is held for who is not ready yet.
        """
        for wish in (self._wish, self._last_mix, np.ones(len(self._everyone))):
            weights = wish
            if self._fused_voice is not None and self._fused_voice.index in self.awake:
                weights = with_fusion(wish, self._fusion, self._fused_voice.children)
            weights = _only(weights, self.awake)
            if (weights > 0.0).any():
                return wish, weights
        return self._wish, _only(np.ones(len(self._voices.distributions)), self.awake)

    def _grained(self, weights: Vector, values: Mapping[str, Value]) -> Vector:
        """``weights`` (S,) or (S + 1,), by what the voices foresaw of the present word, as far as there is grain."""
        grain = number_of(values, GRAIN)
        if grain == 0.0:
            return weights
        evidence = np.zeros(len(self._voices.distributions))
        evidence[list(self.awake)] = self.evidence
        return grained(weights, evidence[: len(weights)], grain)

    @property
    def _playing(self) -> set[str]:
        """The styles that the mix is to be made of, awake or not."""
        return {self._voices.slugs[voice] for voice in np.flatnonzero(self._wish > 0.0).tolist()}

    def _needed(self) -> set[int]:
        """Those of the awake that have a part in the next character."""
        return set(np.flatnonzero(self._mix()[1]).tolist())


def letters_of(passage: Passage) -> list[Letter]:
    """A piece of a text, letter by letter."""
    return list(zip(passage.text, passage.tints, passage.surprises, strict=True))


def _only(weights: Vector, voices: Sequence[int]) -> Vector:
    """``weights`` of these voices alone, their absolute values summing to 1; all zeros if they have none."""
    kept = np.zeros(len(weights))
    chosen = [voice for voice in voices if voice < len(weights)]
    kept[chosen] = weights[chosen]
    return balanced(kept)


def _fused_voice(voices: Voices) -> FusedVoice | None:
    return FusedVoice(voices) if isinstance(voices, Fusible) and any(voices.fusible) else None


def _generator(seed: int) -> np.random.Generator:
    return np.random.Generator(np.random.PCG64(seed & (2**64 - 1)))
