"""What a voice is to everyone else: something that, fed characters, says how likely each of 128 is to come next.

``Voices`` is the seam between the voices and the conductor, ``Fusible`` the one more thing that voices of one family
can do, ``Trail`` what they remember of the way. ``models.char_lstm.choir.Choir`` is the real one and
``models.fake_voices`` the fake that ships. An object of these belongs to one thread at a time.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Protocol, runtime_checkable

import numpy as np
from numpy.typing import NDArray

from protocol.alphabet import SENSE
from protocol.errors import VoiceError

INITIAL_CODE = ord("\n")  # what a fresh voice has just read: every text begins after a line's end


Codes = NDArray[np.uint8]  # a text as its 7-bit codes, one a character
State = Mapping[str, NDArray[Any]]  # plain, so that it can be kept in a file


def check_state(state: State, *places: tuple[str, NDArray[Any]]) -> None:
    """Raise ``VoiceError`` unless ``state`` has an array of this name, shape and kind for each of ``places``."""
    for name, place in places:
        kept = state.get(name)
        if kept is None or kept.shape != place.shape or kept.dtype != place.dtype:
            raise VoiceError("what was kept of the voices is of others: they have to read again")


class Voices(Protocol):
    """S voices that can be stepped together or apart; each one's answer never depends on which others step."""

    slugs: tuple[str, ...]

    @property
    def distributions(self) -> NDArray[np.float32]:
        """(S, 128), row i what voice i expects after what it last read; rows sum to 1. A view: copy to keep."""

    def step(self, code: int, voices: Sequence[int]) -> None:
        """Let the voices with these indices read one character; only their rows and states change."""

    def reset(self, voices: Sequence[int]) -> None:
        """Make these voices forget all; they have then read one line's end and nothing else."""

    def save_state(self) -> State:
        """An independent copy of all states and distributions: named arrays, each with one row a voice."""

    def load_state(self, state: State) -> None:
        """Return to what ``save_state`` gave. Raises ``VoiceError`` for arrays that are not of these voices."""

    def for_new_text(self) -> Voices:
        """Fresh voices that share what these have learnt and nothing that they have read: for another text."""

    def copy_state(self, others: Voices, voices: Sequence[int]) -> None:
        """Take over what ``others`` have read: those of these indices, which have learnt the same there and here."""

    def trail(self, places: int) -> Trail:
        """An empty trail that holds these voices' states at the last ``places`` places of their text."""


@runtime_checkable
class Fusible(Voices, Protocol):
    """Voices of one family: their parameters can be averaged into one network more, the *fused voice*.

    It answers as index S (the number of ``slugs``) wherever a voice's index is asked for, has the last row of
    ``distributions``, which is (S + 1, 128) then, and a state of its own, which it keeps as its parameters move. Before
    it was whole for the first time it expects every character alike.
    """

    @property
    def fusible(self) -> tuple[bool, ...]:
        """For each of the S voices whether it is of the family; those that are not can only be mixed."""

    def request_fusion(self, weights: NDArray[np.floating[Any]]) -> None:
        """Ask for a fused voice of these weights (S,); only the fusible voices' count, in proportion to their sum.

        A weight below 0 leads away from a voice. Costs nothing by itself: the old fused voice speaks until
        ``continue_fusion`` has made the new one. Where the sum is not above 0, nothing is asked for.
        """

    def continue_fusion(self, goes_on: Callable[[], bool]) -> bool:
        """Work on the last request in slices of about 2 ms, each begun only if ``goes_on()``; True when whole."""


class Rollout(Protocol):
    """Copies of one text, read by the same voices and stepped side by side, so that ways to go on can be compared."""

    @property
    def distributions(self) -> NDArray[np.float32]:
        """(n, v, V) what each of the v voices expects next in each of the n copies. A view: copy to keep."""

    def step(self, codes: Sequence[int]) -> None:
        """Copy i reads ``codes[i]``, and nothing where that is below 0."""

    def select(self, copies: Sequence[int]) -> None:
        """Copy i becomes what copy ``copies[i]`` was."""

    def mark(self) -> None:
        """Remember what all copies know."""

    def back(self) -> None:
        """Return to what was marked."""


class Readings(Protocol):
    """Some voices, each reading a text of its own from where it stands now: what it would write alone."""

    @property
    def distributions(self) -> NDArray[np.float32]:
        """(v, V) what each of the v voices expects next. A view: copy to keep."""

    def step(self, codes: Sequence[int]) -> None:
        """The i-th of them reads ``codes[i]``, and nothing where that is below 0."""

    def restart(self, places: Sequence[int]) -> None:
        """The voices at these places among them stand again where the text has come to."""


@runtime_checkable
class RollsOut(Voices, Protocol):
    """Voices of which many copies can be stepped side by side, or each on a way of its own."""

    @property
    def rolling(self) -> tuple[bool, ...]:
        """For each of the S voices whether it can; the others have no part in what is rolled out."""

    def rollout(self, voices: Sequence[int], copies: int) -> Rollout:
        """``copies`` of the text as these voices know it now; what these voices know does not change."""

    def read_apart(self, voices: Sequence[int]) -> Readings:
        """These voices, each on its own from now on; what they know here does not change."""


@runtime_checkable
class Tongued(Voices, Protocol):
    """Voices some of which have further *tongues*: voices of another kind, or of the same text, that speak for them.

    A style's own voice writes letters; its tongue *words* was trained on words, its *memory* is an n-gram of its text.
    The *narrator* is a tongue of all styles together.
    """

    @property
    def tongues(self) -> Voices | None:
        """The further voices, each called ROLE/SLUG: one of ``protocol.alphabet.ROLES``, and whose tongue it is.

        The narrator is called ``protocol.alphabet.SENSE``/NAME.
        """


def narrator_of(voices: Voices) -> str:
    """What the narrator of ``voices`` is called; "" where there is none."""
    found = voices.tongues if isinstance(voices, Tongued) else None
    named = [slug.split("/", 1) for slug in (found.slugs if found is not None else ())]
    return next((name for role, name in named if role == SENSE), "")


@runtime_checkable
class Unhurried(Voices, Protocol):
    """Voices some of which need longer for a letter than may pass before the next: for these ``step`` and ``reset``
    only begin, and ``work`` goes on with it, slice by slice. They speak as further tongues, for which nobody waits.

    Until it is done a voice's row is nobody's answer. What was begun is no part of ``save_state``; ``reset``, and a
    trail that restores the voice, let it go.
    """

    def begun(self, voice: int) -> bool:
        """Whether a letter, or a reset, is begun and not done."""

    def work(self, voice: int) -> None:
        """One slice of some 2 ms of it."""

    def forgets(self, voice: int) -> bool:
        """Whether what it has read is too much for ``save_state``: after ``load_state`` it has to be reset."""


@runtime_checkable
class Deferred(Unhurried, Protocol):
    """Unhurried voices some of which are fetched from the disk when they are first asked to read, on another thread."""

    def absent(self, voice: int) -> bool:
        """Whether it is not there yet, so that ``work`` would wait for it. Never waits."""

    def fetch(self) -> None:
        """Fetch those that are not there now, and wait for them; raises what keeps them from being there."""


@runtime_checkable
class Adaptable(Voices, Protocol):
    """Voices whose first one, the narrator, can be leaned to styles."""

    def lean(self, weights: Mapping[str, float]) -> None:
        """From now on read as the styles of these slugs do, each by its weight; below 0 it has no part."""


def finish(voices: Voices, voice: int) -> None:
    """Let what ``voice`` began come to its end, where it is one that only begins."""
    while isinstance(voices, Unhurried) and voices.begun(voice):
        voices.work(voice)


class Trail(Protocol):
    """What voices knew at each of the last places of a text, so that it can be taken back without being read again."""

    def push(self, place: int, voices: Sequence[int]) -> None:
        """Keep what these voices know, who have read ``place`` characters; the oldest place makes room.

        A place may be pushed more than once, for one voice after another.
        """

    def restore(self, place: int) -> tuple[int, ...]:
        """Let the voices that were kept at ``place`` know what they knew there; returns who, nobody if it is not held.

        What was kept beyond ``place`` is forgotten: the text goes on from there in another way.
        """

    def clear(self) -> None:
        """Forget every place."""
