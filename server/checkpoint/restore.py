"""Continues a performance that another process left: from its snapshot, then from its take, to the letter.

The snapshot is at most a second old. The events that the take holds beyond it are replayed call by call, so that the
text continues behind its last character with the same voices, mix and generator. Where that is impossible (a voice was
trained again, or the take is missing) the voices read the text that there was, and it continues from there. Runs before
the engine does, on its thread.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from models.interface import Voices
from protocol.errors import AntiphonError, TakeError
from protocol.sentences import SENTENCE_END_CHARS
from server.checkpoint.snapshot import Snapshot
from server.engine.branches import Branch, Branches, put_back
from server.engine.parameter_store import RUN, ParameterStore
from server.engine.pending_commands import PendingCommands, PendingCommandsState
from server.engine.performance import PRIMED_CHARS, Performance
from server.engine.text_buffer import TextBuffer
from server.filters.filters import FilterSet
from server.recording.events import (
    ActionRequested,
    BranchRestored,
    CharacterWritten,
    ControlsChanged,
    Event,
    Identity,
    ServerResumed,
    TextPrimed,
    TextReset,
    TextRewound,
    UpcomingControls,
    changed,
)
from server.recording.recorder import ContinuedTake, Recorder, RecordingState
from server.recording.replay import EventPlayer, edit_text


@dataclass(frozen=True)
class RestoredPerformance:
    """A performance that goes on, with what its engine has to know."""

    performance: Performance
    pending: PendingCommandsState
    seconds: float  # since it began
    exact: bool  # whether to the letter


def restore_performance(
    snapshot: Snapshot,
    stamps: Mapping[str, tuple[str, int, int]],
    voices: Voices,
    parameters: ParameterStore,
    recorder: Recorder | None,
    fresh: Callable[[], Performance],
    now: float,
    complain: Callable[[str], None],
    filters: FilterSet | None = None,
) -> RestoredPerformance:
    """Continue the performance of ``snapshot``, and let ``parameters`` stand as it stood.

    ``voices`` are those of today, ``stamps`` identify their files; ``fresh`` begins a performance anew with
    them, a take too. ``now`` is in monotonic seconds.
    """
    away = now - snapshot.at
    seconds = snapshot.engine.seconds + (away if away > 0.0 else 0.0)  # less than 0 where the machine was started anew
    parameters.restore(snapshot.engine.controls, snapshot.engine.held)
    tail: Sequence[Event] = ()
    try:
        same = all(snapshot.stamps.get(slug) == stamps.get(slug) for slug in voices.slugs)
        if snapshot.slugs != voices.slugs or not same:
            raise TakeError("other voices play than did")
        if recorder is None or snapshot.recorded is None:
            performance = Performance(voices, snapshot.engine.performance.seed, filters=filters)
            performance.restore(snapshot.engine.performance, snapshot.known)
            performance.buffer.epoch += 1  # what was written since is lost, and whoever saw it is to know
            return RestoredPerformance(performance, snapshot.engine.pending, seconds, False)
        continued = recorder.again(
            snapshot.name,
            voices,
            snapshot.engine.performance.seed,
            snapshot.recorded.take,
            snapshot.recorded.told,
            seconds,
            filters,
        )
        tail = continued.tail
        try:
            pending = _play(snapshot, continued, parameters)
        except TakeError:  # a rewind to before the snapshot, mostly: nobody knows what the voices knew there
            pending = _retell(snapshot, continued, parameters)
            return RestoredPerformance(continued.performance, pending, seconds, False)
        return RestoredPerformance(continued.performance, pending, seconds, True)
    except (AntiphonError, OSError) as error:
        complain(f"the performance goes on from its text alone: {error}")
    performance = fresh()
    performance.prime(_text(snapshot, tail))
    return RestoredPerformance(performance, PendingCommandsState(), seconds, False)


def _play(snapshot: Snapshot, continued: ContinuedTake, parameters: ParameterStore) -> PendingCommandsState:
    """Do again what the take holds beyond the snapshot; what is still asked for then."""
    assert snapshot.recorded is not None
    record, performance = snapshot.recorded.record, continued.performance
    performance.restore(snapshot.engine.performance, snapshot.known)
    performance.restore_record(record)
    player = EventPlayer(performance, _gather, record.told)
    player.coming = None if record.coming is None else dict(record.coming)
    desk = _ControlReplay(snapshot, parameters, performance.buffer)
    begun = performance.buffer.length
    for event in continued.tail:
        written = player.play(event)
        if isinstance(event, CharacterWritten) and (
            written is None or (written.sequence, written.character) != (event.number, event.character)
        ):
            raise TakeError(f"character {event.number} would be another than the take has")
        if (
            isinstance(event, TextRewound | BranchRestored)
            and performance.tongued
            and performance.buffer.length <= begun
        ):
            raise TakeError("what tongues knew before the snapshot is not known")
        desk.see(event)
    player.listen_if_due()
    performance.forget_way_back()
    continued.gate.open = True
    continued.gate.record(ServerResumed(performance.buffer.sequence + 1, snapshot.recorded.told))
    return desk.pending.snapshot()


def _retell(snapshot: Snapshot, continued: ContinuedTake, parameters: ParameterStore) -> PendingCommandsState:
    """Put on the page what the take holds beyond the snapshot, and let the voices read its end again."""
    assert snapshot.recorded is not None
    performance = continued.performance
    performance.restore(snapshot.engine.performance, snapshot.known)
    desk = _ControlReplay(snapshot, parameters, performance.buffer)
    for event in continued.tail:
        match event:
            case CharacterWritten(character=character, tint=tint, surprise=surprise):
                performance.repeat(character, tint, surprise)
            case _:
                edit_text(performance, event)
        desk.see(event)
    performance.read_again()
    performance.restore_record(RecordingState(desk.values, desk.coming, False, snapshot.recorded.record.family))
    continued.gate.open = True
    continued.gate.record(ServerResumed(performance.buffer.sequence + 1, snapshot.recorded.told, True))
    return desk.pending.snapshot()


class _ControlReplay:
    """The controls, and what was asked for besides, as the events of a take leave them."""

    def __init__(self, snapshot: Snapshot, parameters: ParameterStore, buffer: TextBuffer) -> None:
        assert snapshot.recorded is not None
        self._parameters, self._buffer = parameters, buffer
        self.values, self.coming = dict(snapshot.recorded.record.told), snapshot.recorded.record.coming
        self.pending = PendingCommands()
        self.pending.restore(snapshot.engine.pending)
        parameters.restore(snapshot.engine.controls, snapshot.engine.held)

    def see(self, event: Event) -> None:
        """``event`` was done, if it is one of the text's."""
        match event:
            case CharacterWritten(character=character):
                if self.pending.wrote(
                    self._buffer.tail(SENTENCE_END_CHARS).text if self.pending.finishing else character
                ):
                    self._parameters.put(RUN, False)
            case ControlsChanged(values=values):
                self.values = changed(self.values, values)
                self._stand()
            case UpcomingControls(values=coming):
                self.coming = None if coming is None else changed(self.values, coming)
                self._stand()
            case ActionRequested(what="step", count=count):
                self.pending.step(count)
            case ActionRequested(what="word"):
                self.pending.word()
            case ActionRequested(what="finish"):
                self.pending.finish()
            case ActionRequested(what="panic") | TextReset():
                self.pending.clear()

    def _stand(self) -> None:
        self._parameters.restore(self.coming or self.values, self.values if self.coming else None)


def _gather(voices: Sequence[Identity]) -> Voices:
    raise TakeError("voices came in the last second")


def _text(snapshot: Snapshot, tail: Sequence[Event]) -> str:
    """The end of the text as it stood, by the snapshot and what the take holds beyond it."""
    stage = snapshot.engine.performance
    text, start = list(stage.buffer.characters), stage.buffer.length - len(stage.buffer.characters)
    kept = [Branch(each.number, each.position, tuple(letter[0] for letter in each.items)) for each in stage.branches]
    branches = Branches(kept, stage.next_branch)
    for event in tail:
        match event:
            case CharacterWritten(character=character):
                text.append(character)
            case TextPrimed(text=primed):
                text += primed
            case TextRewound(chars=chars):
                length = max(0, len(text) - max(0, chars))
                branches.leave(start + length, text[length:])
                del text[length:]
            case BranchRestored(number=number):
                put_back(text, branches, number, start)
            case TextReset():
                text, start = [], 0
                branches.clear()
    return "".join(text[-PRIMED_CHARS:])
