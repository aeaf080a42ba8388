"""Hot reload: voices that appear or change while the server plays are loaded and taken in between two characters.

A thread of its own looks once a second for new or replaced voices. It loads the whole choir again and leaves it as
``ReloadedVoices``, which the engine's thread takes when it has time. Voices that play keep their indices; new ones
stand behind them until the server starts again. A voice that cannot be used is a complaint, and everything goes on.
A style that remembered its text and has learnt it since speaks on as it did, and goes over to what it learnt: the
control of its memory falls from 1 to where the mix has it (``CrossFade``).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from threading import Event, Lock, Thread

from models.interface import Deferred, Fusible, Tongued, Voices, narrator_of
from protocol.alphabet import MEMORY_TONGUE, SENSE
from protocol.errors import AntiphonError, VoiceError
from protocol.messages import Card
from protocol.tree import AS_THE_MIX, number_of, tongue_address
from server.engine.parameter_store import ParameterStore

DISK_CHECK_INTERVAL_S = 1.0  # seconds between two looks at the disk
CROSS_FADE_S = 20.0  # in which a style goes over from what it remembered to what it has learnt since

Stamps = Mapping[str, object]  # by slug: what tells one state of a voice's file from another


@dataclass(frozen=True)
class ReloadedVoices:
    """Another choir: the voices there were, in their places, and then the new ones."""

    voices: Voices
    kept: tuple[int, ...]  # the voices that learnt nothing new, whose memory is to be taken over
    cards: tuple[Card, ...]


class HotReload:
    """Looks out for voices from its making to ``close``; ``slugs`` are those that play, ``known`` their files' stamps.

    ``look`` says what stands on disk, ``load`` makes a choir of such voices, leaving out what it cannot use, and
    ``introduce`` their cards; all three and ``complain`` are called on the thread that looks.
    """

    def __init__(
        self,
        slugs: Sequence[str],
        known: Stamps,
        look: Callable[[], Stamps],
        load: Callable[[Sequence[str]], Voices],
        introduce: Callable[[Voices], Sequence[Card]],
        complain: Callable[[str], None],
        looks: float = DISK_CHECK_INTERVAL_S,
    ) -> None:
        self._slugs, self._known = tuple(slugs), dict(known)
        self._look, self._load, self._introduce, self._complain = look, load, introduce, complain
        self._looks = looks
        self._lock = Lock()  # guards the arrival
        self._arrival: ReloadedVoices | None = None
        self._taken: dict[str, object] = dict(known)  # the stamps of the voices that play
        self._closing = Event()
        self._thread = Thread(target=self._watch, name="antiphon hot reload", daemon=True)
        self._thread.start()

    def take_ready(self) -> ReloadedVoices | None:
        """The choir that is to be taken in now, once. Never waits."""
        with self._lock:
            arrival, self._arrival = self._arrival, None
        return arrival

    def close(self) -> None:
        self._closing.set()
        self._thread.join()

    def _watch(self) -> None:
        while not self._closing.wait(self._looks):
            try:
                found = dict(self._look())
                if found != self._known:
                    self._known = found
                    self._gather(found)
            except (AntiphonError, OSError) as error:
                self._complain(f"the new voices cannot be used: {error}")

    def _gather(self, found: Stamps) -> None:
        """Load all voices anew and leave them to be taken."""
        with self._lock:
            waiting = self._arrival is not None
        if waiting:  # nobody took the last ones yet: look again
            self._known = {}
            return
        order = [*self._slugs, *sorted(slug for slug in found if slug not in self._slugs)]
        if not any(found[slug] != self._taken.get(slug) for slug in order if slug in found):
            return  # somebody left: they are held in memory and play on
        if gone := [slug for slug in self._slugs if slug not in found]:
            self._complain(f"no voice is taken in while the file of {gone[0]} is missing")
            return
        voices = self._load(order)
        if voices.slugs[: len(self._slugs)] != self._slugs:
            self._complain("a voice that plays cannot be read any more: all go on as they are")
            return
        kept = tuple(i for i, slug in enumerate(self._slugs) if found[slug] == self._taken.get(slug))
        arrival = ReloadedVoices(voices, kept, tuple(self._introduce(voices)))
        self._slugs, self._taken = voices.slugs, {slug: found[slug] for slug in voices.slugs}
        with self._lock:
            self._arrival = arrival


class CrossFade:
    """From what styles remembered to what they learnt since, in ``CROSS_FADE_S``: their memory's control falls.

    A control that a hand moves meanwhile is let go. Used on the engine's thread; times are its clock's seconds.
    """

    def __init__(self) -> None:
        self._began: dict[str, float] = {}
        self._last: dict[str, float] = {}  # by address, where the control was left

    def begin(self, slugs: Sequence[str], parameters: ParameterStore, now: float) -> None:
        """These styles have networks from now on."""
        for slug in slugs:
            address = tongue_address(slug, MEMORY_TONGUE)
            self._began[address] = now
            self._move(address, 1.0, parameters)

    def go_on(self, parameters: ParameterStore, now: float) -> None:
        """Move what is on its way."""
        for address, began in list(self._began.items()):
            left = 1.0 - min(1.0, (now - began) / CROSS_FADE_S)
            if parameters.control(address) == self._last[address]:
                self._move(address, AS_THE_MIX + (1.0 - AS_THE_MIX) * left, parameters)
            else:
                left = 0.0
            if left == 0.0:
                del self._began[address], self._last[address]

    def _move(self, address: str, value: float, parameters: ParameterStore) -> None:
        parameters.put(address, value)
        self._last[address] = number_of(parameters.controls(), address)


def learnt_since(old: Voices, new: Voices) -> tuple[str, ...]:
    """The styles that only remembered their text, and of which there is a network now beside that memory."""
    tongues = new.tongues if isinstance(new, Tongued) else None
    remembering = set(tongues.slugs if tongues is not None else ())
    before, now = _networks(old), _networks(new)
    return tuple(slug for slug in now - before if slug in old.slugs and f"{MEMORY_TONGUE}/{slug}" in remembering)


def _networks(voices: Voices) -> set[str]:
    """Those of the family that fuses."""
    fusible = voices.fusible if isinstance(voices, Fusible) else ()
    return {slug for slug, fuses in zip(voices.slugs, fusible, strict=False) if fuses}


def hot_reload_for(voices: Voices, known: Stamps, device: str) -> Callable[[Callable[[str], None]], HotReload]:
    """What makes the ``HotReload`` that look where voices stand, given a way out for complaints."""
    from models import voice_folders
    from models.loading import load_voices
    from server.voice_cards import introduce_all

    def look_out(complain: Callable[[str], None]) -> HotReload:
        playing = [voices]

        def load(slugs: Sequence[str]) -> Voices:
            paths = voice_folders.voices()
            files = [paths[slug] for slug in slugs if slug in paths]
            found = load_voices(files, device, complain, tongues=voice_folders.tongues(), deferred=True)
            if _narrator_speaks(playing[0]) and isinstance(found, Tongued) and isinstance(found.tongues, Deferred):
                with suppress(VoiceError):  # it is said where it is to speak
                    found.tongues.fetch()
            playing[0] = found
            return found

        return HotReload(voices.slugs, known, voice_folders.stamps, load, introduce_all, complain)

    return look_out


def _narrator_speaks(voices: Voices) -> bool:
    """Whether there is a narrator, and it was fetched."""
    tongues, name = voices.tongues if isinstance(voices, Tongued) else None, narrator_of(voices)
    return isinstance(tongues, Deferred) and bool(name) and not tongues.absent(tongues.slugs.index(f"{SENSE}/{name}"))
