"""What is kept of a performance, and what another process makes of it."""

from __future__ import annotations

import json
import struct
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from safetensors.numpy import load, save

from models.composite import Composite, Part, compose
from models.fake_voices import FakeVoices, FusibleFakeVoices
from models.interface import Voices
from protocol.errors import SnapshotError
from protocol.messages import Choose, FinishSentence, Prime, ReturnTo, Rewind, Step
from protocol.tree import ParameterTree, Value
from server.checkpoint.restore import restore_performance
from server.checkpoint.snapshot import RECORD, Snapshot, TakePosition, from_bytes, read, to_bytes
from server.checkpoint.writer import MINUTE, NOW, SnapshotWriter, snapshots
from server.engine.clock import FakeClock
from server.engine.engine import Engine
from server.engine.parameter_store import ActionRequest, ParameterStore
from server.engine.performance import Performance
from server.engine.publisher import RecordingSink
from server.engine.status_line import StatusLine
from server.recording.reader import Take
from server.recording.recorder import Recorder
from server.recording.replay import replay

LINES = {"ada": "abcdefghij", "bob": "0123456789", "cy": "ABCDEFGHIJ"}
SLUGS = tuple(LINES)
STAMPS = {slug: ("/there", 1, 2) for slug in LINES}
Values = Callable[..., dict[str, Value]]


def voices(certainty: float = 0.6) -> Voices:
    own, words = FusibleFakeVoices(LINES, certainty, slices=3), FakeVoices({"ada": "qrstuv", "cy": "QRSTUV"}, certainty)
    tongues = Composite([Part("words", words, ("words/ada", "words/cy"))], ["words/ada", "words/cy"])
    return compose([Part("fake", own, own.slugs)], own.slugs, tongues)


class Show:
    """A recorded performance that is played by hand, character by character, and may be killed at any moment."""

    def __init__(self, folder: Path, values: dict[str, Value], snapshot: Snapshot | None = None) -> None:
        self.folder, self.clock, self.status_line, self.sink = folder, FakeClock(100.0), StatusLine(), RecordingSink()
        self.parameters = ParameterStore(ParameterTree(SLUGS), values)
        self.recorder = Recorder(folder / "takes", self.clock, self.status_line.set_condition, lambda: (), "cpu")
        self.complaints: list[str] = []
        self.restored = None
        if snapshot is not None:
            self.restored = restore_performance(
                snapshot,
                STAMPS,
                voices(),
                self.parameters,
                self.recorder,
                lambda: self.recorder.begin("main", voices(), 3, None),
                snapshot.at + 2.0,
                self.complaints.append,
            )
        self.performance = (
            self.restored.performance if self.restored else self.recorder.begin("main", voices(), 3, None)
        )
        self.engine = Engine(self.performance, self.parameters, self.sink, self.clock, self.status_line)
        if self.restored:
            self.engine.resume_at(self.restored.pending, self.restored.seconds)

    def play(self, characters: int) -> None:
        until = self.performance.buffer.sequence + characters
        while self.performance.buffer.sequence < until:
            self.parameters.put("/transport/run", True)
            self.clock.sleep_until(max(self.clock.now() + 0.001, min(self.engine.due, self.clock.now() + 0.02)))
            self.engine.tick()
            self.engine.work_until()

    def ask(self, action: Any) -> None:
        self.parameters.submit(ActionRequest(action, ("127.0.0.1", 9)))

    def snapshot(self) -> Snapshot:
        state, known = self.engine.snapshot()
        kept = Snapshot("main", SLUGS, STAMPS, state, known, 50.0, TakePosition(*self.recorder.kept("main")))
        return from_bytes(to_bytes(kept))

    def kill(self) -> None:
        """What was told stands in the take, and no more is said."""
        for writer, _ in self.recorder._writers.values():
            writer.close()

    @property
    def text(self) -> str:
        buffer = self.performance.buffer
        return buffer.tail(buffer.length).text


def wild(show: Show, number: int) -> None:
    """Something that a performer might do."""
    parameters = show.parameters
    match number:
        case 0:
            parameters.put("/style/bob/weight", -0.4)
        case 1:
            parameters.put("/style/cy/on", True)
            parameters.put("/style/cy/weight", 0.9)
        case 2:
            parameters.put("/mix/fusion", 0.5)
        case 3:
            show.ask(Rewind(7))
        case 4:
            show.ask(Prime("and so it was"))
        case 5:
            parameters.put("/transport/hold", not parameters.controls()["/transport/hold"])
        case 6:
            show.ask(Step(3))
        case 7:
            show.ask(FinishSentence())
        case 8:
            parameters.put("/style/ada/weight", 0.1)
            show.ask(Choose("by hand"))
            show.ask(ReturnTo(1))
        case _:
            parameters.put("/mix/temperature", 1.4)
            parameters.put("/mix/words", 0.9)


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    before=st.lists(st.integers(0, 9), max_size=8),
    after=st.lists(st.integers(0, 9), max_size=4),
    more=st.integers(1, 5),
)
def test_a_performance_that_was_killed_goes_on_as_if_nothing_had_been(
    before: list[int], after: list[int], more: int, mixed: Values, tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder = tmp_path_factory.mktemp("show")
    show = Show(folder, mixed({"ada": 0.8, "bob": 0.5}, SLUGS, mix_rate=20.0, mix_grain=0.5))
    for number in before:
        show.play(2)
        wild(show, number)
    show.play(3)
    snapshot = show.snapshot()
    for number in after:
        show.play(2)
        wild(show, number)
    show.play(more)
    show.kill()
    again = Show(folder, mixed({}, SLUGS), snapshot)
    assert again.complaints == [] and again.restored is not None
    assert (again.text, again.performance.buffer.sequence) == (show.text, show.performance.buffer.sequence)
    assert again.performance.buffer.snapshot() == show.performance.buffer.snapshot()
    assert again.parameters.values() == show.parameters.values()
    for stage in (show, again):
        stage.performance.forget_way_back()
        stage.play(30)
    assert again.text == show.text or not again.restored.exact
    again.recorder.close()
    take = Take(folder / "takes" / f"{again.recorder.kept('main')[0]}.jsonl")
    assert replay(take, Performance(voices(), take.header.seed), lambda identities: voices()).difference == ""


@pytest.mark.parametrize(("taken", "exact"), [(2, True), (9, False)])
def test_text_that_was_taken_back_from_before_the_snapshot_is_read_again(
    tmp_path: Path, mixed: Values, taken: int, exact: bool
) -> None:
    show = Show(tmp_path, mixed({"ada": 0.8, "bob": 0.5}, SLUGS, mix_rate=20.0, mix_grain=0.5))
    show.play(20)
    snapshot = show.snapshot()
    show.play(4)
    show.ask(Rewind(taken))
    show.play(2)
    show.kill()
    again = Show(tmp_path, mixed({}, SLUGS), snapshot)
    assert again.restored is not None and again.restored.exact is exact
    assert again.performance.buffer.snapshot() == show.performance.buffer.snapshot()
    again.kill()


def test_the_seconds_of_a_performance_run_on_while_nobody_plays_it(tmp_path: Path, mixed: Values) -> None:
    show = Show(tmp_path, mixed({"ada": 1.0}, SLUGS, mix_rate=10.0))
    show.play(20)
    snapshot = show.snapshot()
    show.kill()
    again = Show(tmp_path, mixed({}, SLUGS), snapshot)
    assert again.restored is not None
    assert again.restored.seconds == pytest.approx(snapshot.engine.seconds + 2.0)
    again.kill()


def test_where_the_voices_are_others_the_text_is_read_to_them(tmp_path: Path, mixed: Values) -> None:
    show = Show(tmp_path, mixed({"ada": 1.0}, SLUGS, mix_rate=10.0))
    show.play(20)
    snapshot = show.snapshot()
    show.play(5)
    show.kill()
    again = Show(tmp_path, mixed({}, SLUGS), replace(snapshot, stamps={}))
    assert again.restored is not None and not again.restored.exact
    assert "from its text alone: other voices" in again.complaints[0]
    assert again.text == snapshot_text(snapshot)
    again.kill()


def snapshot_text(snapshot: Snapshot) -> str:
    return "".join(snapshot.engine.performance.buffer.characters)


def test_a_torn_snapshot_is_passed_over_for_the_one_before(tmp_path: Path, mixed: Values) -> None:
    show = Show(tmp_path, mixed({"ada": 1.0}, SLUGS, mix_rate=10.0))
    stood: dict[str, str] = {}
    with closing(SnapshotWriter(tmp_path, lambda: STAMPS, stood.__setitem__, show.recorder)) as snapshot_writer:
        show.play(4)
        snapshot_writer.write_due({"main": show.engine}, SLUGS, 1.0)
    show.kill()
    assert stood == {"snapshots": ""}
    assert snapshots(tmp_path, print)["main"].engine.performance.buffer.sequence == 4
    (tmp_path / f"main{NOW}").write_bytes((tmp_path / f"main{NOW}").read_bytes()[:-9])
    (tmp_path / f"Not A Name{NOW}").write_bytes(b"")
    assert snapshots(tmp_path, print)["main"].engine.performance.buffer.sequence == 4
    (tmp_path / f"main{MINUTE}").write_bytes(b"")
    complaints: list[str] = []
    assert snapshots(tmp_path, complaints.append) == {}
    assert "no snapshot" in complaints[0]


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory, mixed: Values) -> bytes:
    show = Show(tmp_path_factory.mktemp("whole"), mixed({"ada": 0.8, "bob": 0.5}, SLUGS, mix_fusion=0.5, mix_grain=0.5))
    show.play(12)
    show.kill()
    return to_bytes(show.snapshot())


@settings(max_examples=80, deadline=None)
@given(data=st.data())
def test_whatever_stands_in_a_file_it_is_a_snapshot_or_refused_in_one_line(whole: bytes, data: st.DataObject) -> None:
    record = json.loads(json.loads(whole[8 : 8 + struct.unpack("<Q", whole[:8])[0]])["__metadata__"][RECORD])
    arrays = load(whole)
    rubbish = st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=9), st.just([]))
    if data.draw(st.booleans()):
        key = data.draw(st.sampled_from(sorted(record)))
        inner = record[key]
        if isinstance(inner, dict) and inner and data.draw(st.booleans()):
            inner[data.draw(st.sampled_from(sorted(inner)))] = data.draw(rubbish)
        else:
            record[key] = data.draw(rubbish)
    else:
        name = data.draw(st.sampled_from(sorted(arrays)))
        arrays[name] = np.frombuffer(data.draw(st.binary(max_size=40)), np.uint8)
    try:
        from_bytes(save(arrays, {RECORD: json.dumps(record)}))
    except SnapshotError as error:
        assert "\n" not in str(error)


@given(st.binary(max_size=300))
def test_bytes_that_are_no_file_of_ours_are_refused(data: bytes) -> None:
    with pytest.raises(SnapshotError):
        from_bytes(data)


def test_a_file_that_is_not_there_or_too_long_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(SnapshotError, match="cannot be read"):
        read(tmp_path / "none")
    monkeypatch.setattr("server.checkpoint.snapshot.LARGEST_FILE_BYTES", 10)
    (tmp_path / "long").write_bytes(b"x" * 11)
    with pytest.raises(SnapshotError, match="too long"):
        read(tmp_path / "long")


def test_without_a_take_what_was_written_since_is_lost_and_said_to_be(tmp_path: Path, mixed: Values) -> None:
    show = Show(tmp_path, mixed({"ada": 1.0}, SLUGS, mix_rate=10.0))
    show.play(20)
    snapshot = show.snapshot()
    show.kill()
    parameters = ParameterStore(ParameterTree(SLUGS))
    restored = restore_performance(
        snapshot, STAMPS, voices(), parameters, None, lambda: Performance(voices(), 1), 51.0, print
    )
    assert restored.performance.buffer.epoch == snapshot.engine.performance.buffer.epoch + 1
    assert restored.performance.buffer.sequence == 20
