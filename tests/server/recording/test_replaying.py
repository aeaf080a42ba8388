"""A take and the text that is made of it again: the same to the letter, whatever hands and time did."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import replace
from functools import cache
from pathlib import Path

import pytest

from models.composite import Composite, Part, compose
from models.fake_voices import FakeVoices, FusibleFakeVoices
from models.interface import Voices
from models.lexicon import Lexicon, save_own
from models.transformer.stepping import Stepper
from models.transformer.voices import TransformerVoices
from protocol.alphabet import ROLES, SENSE
from protocol.messages import (
    Arrive,
    Choose,
    ChooseLikely,
    CrowdPucks,
    FinishSentence,
    Panic,
    Prime,
    Reset,
    ReturnTo,
    Rewind,
    Step,
    WriteWord,
)
from protocol.tree import (
    ANTIPHONY,
    GRAIN,
    GRAIN_BOUNDARY,
    SPELLING,
    TURN,
    ParameterTree,
    choir_address,
    mix_tongue_address,
    on_address,
    tongue_address,
    weight_address,
)
from server.engine.clock import FakeClock
from server.engine.engine import Engine
from server.engine.parameter_store import ActionRequest, ParameterStore
from server.engine.performance import Performance
from server.engine.publisher import RecordingSink
from server.engine.status_line import StatusLine
from server.filters.filters import FilterSet
from server.filters.spelling import SpellingFilter
from server.recording.events import CharacterWritten, Event, Header, Identity, VoicesReplaced, line_of
from server.recording.reader import Take, checksum, gather_manners, keep, kept_folder
from server.recording.recorder import RecordedPerformance
from server.recording.replay import Outcome, replay
from tests.models.transformer.test_voices import adapter
from tests.models.transformer.tiny import weights

LINES = {"ada": "abcdefghij ", "bob": "0123456789 ", "cy": "ABC DEF. GHI. ", "dee": "xyz "}
SOURCE = ("127.0.0.1", 9)


class Restless(FusibleFakeVoices):
    """Fusible fake voices that need time for everything, by a clock that it moves."""

    clock: FakeClock | None = None
    pace = random.Random(0)

    def step(self, code: int, voices: Sequence[int]) -> None:
        super().step(code, voices)
        if self.clock:
            self.clock.advance(self.pace.random() * 0.002 * len(voices))


@cache
def stepper() -> Stepper:
    return Stepper(weights())


class Narrator(TransformerVoices):
    """A small transformer with two adapters, which needs time for every slice."""

    clock: FakeClock | None = None
    pace = random.Random(0)

    def work(self, voice: int) -> None:
        super().work(voice)
        if self.clock:
            self.clock.advance(self.pace.random() * 0.002)


def fresh(count: int = 3, clock: FakeClock | None = None, pace: random.Random | None = None) -> Voices:
    """The first ``count`` voices, all but ada's with further tongues, and a narrator; they need time by this clock."""
    lines = dict(list(LINES.items())[:count])
    own = Restless(lines, certainty=0.5, strangers=("bob",), slices=5)
    parts = [Part("fake", own, own.slugs)]
    tongues = []
    for role in ROLES:
        theirs = {slug: f"{role} {line}" for slug, line in lines.items() if slug != "ada"}
        tongues.append(Part(role, Restless(theirs, certainty=0.8), tuple(f"{role}/{slug}" for slug in theirs)))
    narrator = Narrator([stepper()], [adapter("bob", 1), adapter("cy", 2)])
    tongues.append(Part("sense", narrator, ("sense/tiny",)))
    for part in (*parts, *tongues):
        assert isinstance(part.voices, Restless | Narrator)
        part.voices.clock, part.voices.pace = clock, pace or part.voices.pace
    return compose(parts, own.slugs, Composite(tongues, [slug for part in tongues for slug in part.slugs]))


def spelling() -> FilterSet:
    """A lexicon that knows some of what the voices say."""
    words = {"ada": ["abcd", "abcdefghij"], "bob": [], "cy": ["abc", "def"], "dee": ["xyz"]}
    return FilterSet(lexicon=SpellingFilter([Lexicon.of(words)]))


def improvise(seed: int, turns: int = 500, join: bool = False) -> tuple[list[Event], str]:
    """What a performance tells that random hands play at a random pace, and its text as it was drawn."""
    hands, clock, events = random.Random(seed), FakeClock(), list[Event]()
    pace = random.Random(seed)
    voices = fresh(clock=clock, pace=pace)
    parameters = ParameterStore(ParameterTree(voices.slugs), {"/mix/rate": 50.0})
    began = clock.now()
    performance = RecordedPerformance(voices, seed, events.append, lambda: clock.now() - began, spelling())
    engine = Engine(performance, parameters, RecordingSink(), clock, StatusLine())
    slugs, text = voices.slugs, ""
    for turn in range(turns):
        match hands.randrange(18):
            case 0 | 1 | 2:
                parameters.put(weight_address(hands.choice(slugs)), hands.uniform(-0.6, 1.0))
            case 3 | 4:
                parameters.put(on_address(hands.choice(slugs)), hands.random() < 0.7)
            case 5:
                parameters.put("/mix/fusion", hands.choice([0.0, 0.5, 1.0]))
            case 6:
                parameters.put("/transport/hold", hands.random() < 0.5)
            case 7:
                parameters.put("/transport/run", hands.random() < 0.8)
            case 8:
                parameters.put("/puck", (hands.uniform(-1, 1), hands.uniform(-1, 1)))
                parameters.put("/puck/lifted", hands.random() < 0.5)
            case 10:
                pucks = tuple(
                    (hands.uniform(-0.7, 0.7), hands.uniform(-0.7, 0.7), 1.0) for _ in range(hands.randrange(3))
                )
                parameters.add_pucks(CrowdPucks(turn, pucks), SOURCE, clock.now())
            case 9:
                commands = (
                    Step(3),
                    WriteWord(),
                    FinishSentence(),
                    Panic(),
                    Rewind(hands.randrange(1, 60)),
                    Prime("twelve é letters "),
                    Reset(hands.choice([None, 5])),
                )
                parameters.submit(ActionRequest(hands.choice(commands), SOURCE))
            case 11:
                more_commands = (
                    Choose("So it "),
                    ChooseLikely(2),
                    Arrive("the end", 40),
                    ReturnTo(hands.randrange(1, 6)),
                    Rewind(9),
                )
                parameters.submit(ActionRequest(hands.choice(more_commands), SOURCE))
            case 12:
                parameters.put("/aim/attract", hands.choice(["", "abc z", "GHI"]))
                parameters.put("/aim/avoid", hands.choice(["", "", "b"]))
                parameters.put("/aim/acrostic", hands.choice(["", "", "xy"]))
            case 13:
                parameters.put("/mix/grain", hands.choice([0.0, 0.5, 1.0]))
                parameters.put("/mix/grain_boundary", hands.randrange(4))
            case 14:
                parameters.put("/mix/spelling", hands.choice([0.0, 0.9, 1.0]))
            case 15:
                parameters.put(mix_tongue_address(hands.choice((*ROLES, SENSE))), hands.choice([0.0, 0.5, 1.0]))
                parameters.put(tongue_address(hands.choice(slugs), hands.choice(ROLES)), hands.random())
            case 16:
                parameters.put(ANTIPHONY, hands.random() < 0.7)
                parameters.put(choir_address(hands.choice(slugs)), hands.randrange(3))
            case 17:
                parameters.put(TURN, hands.choice([0.0, 0.5, 1.0]))
        if join and turn == turns // 2:
            more = fresh(4, clock, pace)
            slugs = more.slugs
            parameters.extend(ParameterTree(slugs))
            engine.replace_voices(more, (0, 1), ())
        clock.advance(hands.random() * 0.03)
        engine.tick()
        if hands.random() < 0.9:  # a performance among several may be asked to write before its voices have read
            engine.work_until()
    for event in events:
        text += event.character if isinstance(event, CharacterWritten) else ""
    return events, text


def kept(folder: Path, events: Sequence[Event], seed: int) -> Take:
    voices = tuple(Identity(slug, slug, slug, "#000000") for slug in fresh().slugs)
    header = Header("main", "2026-11-25T20:30:00+00:00", seed, voices, "0", {})
    path = folder / "take.jsonl"
    path.write_text("".join(map(line_of, (header, *events))))
    return Take(path)


def gather(voices: Sequence[Identity]) -> Voices:
    return fresh(len(voices))


def again(take: Take) -> Outcome:
    return replay(take, Performance(fresh(), take.header.seed, filters=spelling()), gather)


@pytest.mark.parametrize("seed", range(4))
def test_a_take_played_again_is_the_same_to_the_letter(tmp_path: Path, seed: int) -> None:
    events, text = improvise(seed, join=seed % 2 == 1)
    assert len(text) > 100 and any(isinstance(event, VoicesReplaced) for event in events) == bool(seed % 2)
    assert again(kept(tmp_path, events, seed)).difference == ""


def test_a_take_from_before_there_was_grain_and_spelling_is_replayed_as_it_was_written(tmp_path: Path) -> None:
    clock, events = FakeClock(), list[Event]()
    performance = RecordedPerformance(fresh(), 5, events.append, clock.now)
    values = ParameterTree(LINES).defaults() | {on_address("ada"): True, weight_address("ada"): 1.0}
    values |= {on_address("cy"): True, weight_address("cy"): 0.8}
    older = {address: value for address, value in values.items() if address not in {GRAIN, GRAIN_BOUNDARY, SPELLING}}
    for _ in range(200):
        performance.settle(older)
        performance.catch_up(lambda: True)
        performance.write(older)
        performance.listen()
    outcome = again(kept(tmp_path, events, 5))
    assert (outcome.characters, outcome.difference) == (200, "")


def test_the_lexicon_of_a_take_is_found_again_by_its_checksum(tmp_path: Path) -> None:
    path = save_own("ada", "abcd", tmp_path)
    told = checksum(path)
    keep(path, told, kept_folder(tmp_path))
    header = Header("main", "2026-11-25T20:30:00+00:00", 1, (), "0", {}, {"lexicon of ada": told})
    path.unlink()
    known = gather_manners(header, kept_folder(tmp_path)).spelling.known("abc", {"ada"})
    assert known is not None and known[ord("d")] and not known[ord("e")]


def test_a_take_that_was_tampered_with_differs_there(tmp_path: Path) -> None:
    events, _ = improvise(3)
    place = [number for number, event in enumerate(events) if isinstance(event, CharacterWritten)][50]
    changed = events[place]
    assert isinstance(changed, CharacterWritten)
    events[place] = replace(changed, character="~")
    outcome = again(kept(tmp_path, events, 3))
    assert outcome.characters == 50
    assert outcome.difference == f"character {changed.number} was '~' and is {changed.character!r} now"


def test_with_another_seed_it_differs(tmp_path: Path) -> None:
    events, _ = improvise(3)
    assert again(kept(tmp_path, events, 4)).difference


def test_a_text_that_stands_still_makes_no_lines() -> None:
    events, clock = list[Event](), FakeClock()
    parameters = ParameterStore(ParameterTree(LINES), {"/transport/run": False})
    performance = RecordedPerformance(FakeVoices(LINES), 1, events.append, clock.now)
    engine = Engine(performance, parameters, RecordingSink(), clock, StatusLine())
    told = []
    for _ in range(2_000):
        clock.advance(0.01)
        engine.tick()
        engine.work_until()
        told.append(len(events))
    assert told[-1] == told[1_000] < 10


def test_a_character_costs_one_line_while_nothing_else_happens() -> None:
    events, clock = list[Event](), FakeClock()
    parameters = ParameterStore(ParameterTree(LINES), {on_address("ada"): True, weight_address("ada"): 1.0})
    performance = RecordedPerformance(FakeVoices(LINES), 1, events.append, clock.now)
    engine = Engine(performance, parameters, RecordingSink(), clock, StatusLine())
    for _ in range(1_000):
        clock.advance(0.01)
        engine.tick()
        engine.work_until()
    assert [type(event) for event in events[-100:]] == [CharacterWritten] * 100
