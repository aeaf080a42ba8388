"""Replays a take: its events are applied to a performance in their order, exactly or with other values.

``replay`` makes every character again and compares it with the recorded one. ``Rendering`` plays a take differently
from some character on: with other values, another seed or other voices; the result is again a take. Pure but for the
voices; runs on the caller's thread.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from models.interface import Voices
from protocol.antiphony import Turns
from protocol.atomic_file import write_atomically
from protocol.errors import ParameterError, TakeError
from protocol.measures import surprise_level
from protocol.sentences import SENTENCE_END_CHARS
from protocol.tree import TURN, ParameterTree, Value
from server.engine import performance
from server.engine.performance import Performance
from server.filters.filters import FilterSet
from server.recording import events
from server.recording.events import (
    AwakeVoicesDecided,
    BranchRestored,
    CatchUpSlices,
    CharacterWritten,
    ControlsChanged,
    DeferredListen,
    Event,
    EventsLost,
    GeneratorReseeded,
    Identity,
    LettersChosen,
    ListenDeferred,
    ServerResumed,
    TakeEnded,
    TextPrimed,
    TextReset,
    TextRewound,
    UpcomingControls,
    VoicesReplaced,
    changed,
    line_of,
    of_code,
)
from server.recording.reader import Take, unused_name
from server.recording.recorder import RecordedPerformance
from server.recording.writer import part_path

# ---- writing a rendering ---------------------------------------------------------------------------------------------


def keep_rendering(take: Take, voices: Sequence[Identity], events: Sequence[Event], out: Path | None) -> Path:
    """Write what became of ``take``, spoken by ``voices``, to ``out``, by default beside it; where that is."""
    now = datetime.now().astimezone()
    header = replace(take.header, began=now.isoformat(timespec="seconds"), voices=tuple(voices), part=1, first=0)
    folder = take.path.parent
    path = out or part_path(folder, unused_name(folder, f"{take.header.name}-rendered", now), 1)
    write_atomically(path, "".join(map(line_of, (header, *events))).encode("ascii"))
    return path


def edit_text(performance: Performance, event: Event) -> None:
    """Do to the text of ``performance`` what ``event`` did besides writing, if it is one of the text's."""
    match event:
        case TextPrimed(text=text):
            with suppress(ParameterError):  # the guard refused it then, too
                performance.prime(text)
        case LettersChosen(letters=letters):
            performance.choose(letters)
        case TextRewound(chars=chars):
            performance.rewind(chars)
        case BranchRestored(number=number):
            performance.return_to(number)
        case TextReset(seed=seed):
            performance.reset(seed)


LoadVoices = Callable[[Sequence[Identity]], Voices]  # the voices of these identities, in their order


class EventPlayer:
    """Plays events on ``stage``, which stands where the first of them found it, by default on an empty page.

    ``gather`` fetches the voices that came meanwhile.
    """

    def __init__(
        self,
        stage: Performance,
        gather: LoadVoices,
        values: Mapping[str, Value] | None = None,
        to_the_letter: bool = False,
    ) -> None:
        """``to_the_letter``: what was written then is written, whatever would come of it here and now."""
        self._to_the_letter = to_the_letter
        self.performance, self._gather = stage, gather
        self.values: dict[str, Value] = dict(values or {})  # in force
        self.coming: dict[str, Value] | None = None  # where the controls stand while a hold keeps them from it
        self._to_hear = False  # a character was written that the voices have not read

    def play(self, event: Event) -> performance.Written | None:
        """Do ``event``; what was written, where it is a character (which need not be the one of the event).

        Raises ``TakeError`` where the take goes on although this performance cannot.
        """
        if self._to_hear and not isinstance(event, ListenDeferred):
            self.listen_if_due()
        stage = self.performance
        match event:
            case CharacterWritten(character=character):
                return self._write(character if self._to_the_letter else None)
            case ControlsChanged(values=values):
                self.values = changed(self.values, values)
                stage.settle(self.values)
            case UpcomingControls(values=coming):
                self.coming = None if coming is None else changed(self.values, coming)
                stage.set_upcoming(self.coming)
            case AwakeVoicesDecided():
                stage.settle(self.values)
            case CatchUpSlices(slices):
                left = iter(range(slices))
                stage.catch_up(lambda: next(left, None) is not None)
            case ListenDeferred():
                self._to_hear = False
            case DeferredListen():
                stage.listen()
            case GeneratorReseeded(seed=number):
                stage.reseed(number)
            case VoicesReplaced(voices=voices, kept=kept):
                stage.filters.introduce(of_code(voices))
                stage.replace_voices(self._gather(voices), kept)
            case ServerResumed(again=again):
                stage.forget_way_back()
                if again:
                    stage.read_again()
            case EventsLost(events):
                raise TakeError(f"{events} events were lost here, for the disk took none: it cannot be played on")
            case _:
                edit_text(stage, event)
        return None

    def listen_if_due(self) -> None:
        """Let the voices read the last character, if they have not; ``play`` does so where it matters."""
        if self._to_hear:
            self._to_hear = False
            self.performance.listen()

    def _write(self, letter: str | None) -> performance.Written:
        self.performance.settle(self.values)
        if not self.performance.ready:
            if not self._to_the_letter:
                raise TakeError("the voices were ready here and are not now")
            self.performance.catch_up(lambda: True)
        written = self.performance.write(self.values, letter)
        self._to_hear = True
        return written


# ---- exact replay ----------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Outcome:
    """How a replay went."""

    characters: int  # that were the same, until the first difference
    difference: str = ""  # in words; empty where there is none


def replay(
    take: Take,
    stage: Performance,
    gather: LoadVoices,
    report: Callable[[events.CharacterWritten], None] = lambda written: None,
) -> Outcome:
    """Play ``take`` again on an empty ``stage`` up to its end or the first difference; ``report`` gets each character.

    ``gather`` fetches the voices that came meanwhile. Raises ``TakeError`` where the take cannot be read.
    """
    player = EventPlayer(stage, gather)
    same = 0
    for event in take.events():
        try:
            written = player.play(event)
        except TakeError as error:
            return Outcome(same, f"behind character {same}: {error}")
        if isinstance(event, events.CharacterWritten):
            assert written is not None
            if difference := _difference(event, written):
                return Outcome(same, difference)
            same += 1
            report(event)
    return Outcome(same)


def _difference(recorded: events.CharacterWritten, now: performance.Written) -> str:
    """What is not the same, in words; nothing if all is."""
    where = f"character {recorded.number}"
    if now.sequence != recorded.number:
        return f"{where} is number {now.sequence} now"
    if now.character != recorded.character:
        return f"{where} was {recorded.character!r} and is {now.character!r} now"
    if now.tint != recorded.tint:
        return f"{where} has other shares now: {recorded.tint} then, {now.tint} now"
    level = surprise_level(now.joint[ord(now.character)])
    if level != recorded.surprise:
        return f"{where} is more or less surprising now: {recorded.surprise} sixteenths of a bit then, {level} now"
    return ""


# ---- rendering -------------------------------------------------------------------------------------------------------
# After the place where it differs, the performer's actions are repeated at the same characters, as far as the new
# values allow, and the voices have all the time they want.

# what time decided then, and decides anew now
OF_TIME = (AwakeVoicesDecided, CatchUpSlices, ListenDeferred, DeferredListen, UpcomingControls)


class Rendering:
    """``take`` before ``voices``; ``events`` are those of the new take, as far as it goes."""

    def __init__(self, take: Take, voices: Voices, gather: LoadVoices, filters: FilterSet | None = None) -> None:
        self.events: list[Event] = []
        self._t = 0.0
        self._joining: VoicesReplaced | None = None
        self._turns = Turns()
        stage = RecordedPerformance(voices, take.header.seed, self._keep, lambda: self._t, filters)
        self._take, self._player = take, EventPlayer(stage, gather)

    def play(
        self, begin: int = 1, values: Mapping[str, Value] | None = None, seed: int | None = None
    ) -> Iterator[performance.Written]:
        """Each character as it comes. From the first one with number ``begin`` on, ``values`` and ``seed`` hold.

        Raises ``TakeError`` where the take cannot be read.
        """
        player, otherwise = self._player, dict(values or {})
        turned = False
        for event in self._take.events():
            self._t = max(self._t, getattr(event, "t", 0.0))
            self._joining = event if isinstance(event, VoicesReplaced) else None
            if isinstance(event, ServerResumed):
                self.events.append(event)
            if not turned and isinstance(event, CharacterWritten) and event.number >= begin:
                turned = True
                self._turn(otherwise, seed)
            if not turned:
                written = player.play(event)
            elif isinstance(event, OF_TIME):
                continue
            elif isinstance(event, CharacterWritten):
                written = self._write()
            else:
                if isinstance(event, ControlsChanged):
                    passed = {**event.values, **otherwise}
                    passed.pop(TURN, None)  # two choirs pass the turn where the sentences of this text end
                    event = ControlsChanged(event.at, event.t, passed)
                written = player.play(event)
            if written is not None:
                yield written
        player.listen_if_due()
        self.events.append(TakeEnded(self._t, ""))

    def _keep(self, event: Event) -> None:
        """Of voices that joined, the take knows more than the performance does."""
        self.events.append(self._joining if isinstance(event, VoicesReplaced) and self._joining else event)

    def _turn(self, values: Mapping[str, Value], seed: int | None) -> None:
        player = self._player
        player.listen_if_due()
        player.coming = None
        player.performance.set_upcoming(None)
        player.values = changed(player.values, values)
        if seed is not None:
            player.performance.reseed(seed)

    def _write(self) -> performance.Written:
        player = self._player
        player.listen_if_due()
        player.performance.settle(player.values)
        player.performance.catch_up(lambda: True)
        written = player.performance.write(player.values)
        player.performance.listen()
        end = player.performance.buffer.tail(SENTENCE_END_CHARS).text
        if (turn := self._turns.wrote(end, player.values, player.performance.slugs)) is not None:
            player.values = changed(player.values, {TURN: turn})
        return written


def parse_values(words: Sequence[str], slugs: Sequence[str]) -> dict[str, Value]:
    """``["/mix/temperature=1.2", "/puck=0.3,-0.2", "/style/bible/on=true"]`` as values by address.

    Raises ``ParameterError`` for what is none.
    """
    tree = ParameterTree(slugs)
    values: dict[str, Value] = {}
    for word in words:
        address, equals, text = word.partition("=")
        if not equals or address not in tree:
            raise ParameterError(f"--set takes ADDRESS=VALUE, for example /mix/temperature=1.2, not {word[:80]!r}")
        try:
            numbers = [_number(each) for each in text.split(",")]
        except ValueError:
            raise ParameterError(f"--set {word[:80]}: the value is no number, true or false") from None
        values[address] = tree[address].accept(numbers)
    return values


def _number(text: str) -> float:
    words: Mapping[str, float] = {"true": 1.0, "false": 0.0}
    return words[text] if text in words else float(text)
