"""The process that draws, as its front end sees it: asked, answered, given up, ended; and what is said of it."""

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import closing

import numpy as np
import pytest

from frontend.creature.artist import JUDGED_ANSWERS, SLOW_S, AnswerTimes, ArtistProcess, PatientArtist
from protocol.sprites import Picture, SpriteRequest, noise_of
from tests.frontend.creature.fakes import picture

PATIENCE_S = 60.0
ECHO = f"""
import json, sys
print(json.dumps({{"categories": ["undead"], "trouble": ""}}), flush=True)
for line in sys.stdin:
    number = json.loads(line)["number"]
    print("a word in between", flush=True)
    print(json.dumps({{"number": number, "picture": {picture().packed()!r} if number < 9 else ""}}), flush=True)
"""


def command(script: str) -> list[str]:
    return [sys.executable, "-c", script]


def request(number: int) -> SpriteRequest:
    return SpriteRequest.of(number, {"undead": 1.0}, noise_of("night"))


def wait_for(holds: Callable[[], object]) -> None:
    until = time.monotonic() + PATIENCE_S
    while not holds():
        assert time.monotonic() < until
        time.sleep(0.01)


@pytest.fixture
def artist() -> Iterator[ArtistProcess]:
    with closing(ArtistProcess(command(ECHO))) as process:
        yield process


def test_what_is_asked_for_comes_and_is_given_once(artist: ArtistProcess) -> None:
    wait_for(lambda: artist.may_ask(time.monotonic()))
    artist.ask(request(4), time.monotonic())
    taken: list[tuple[int, Picture | None]] = []

    def came() -> bool:
        if answer := artist.take(time.monotonic()):
            taken.append(answer)
        return bool(taken)

    wait_for(came)
    number, drawn = taken[0]
    assert number == 4 and drawn is not None and np.array_equal(drawn.places, picture().places)
    assert artist.take(time.monotonic()) is None and artist.trouble == ""


def test_a_second_question_waits_for_the_first_ones_answer_or_for_a_while(artist: ArtistProcess) -> None:
    wait_for(lambda: artist.may_ask(0.0))
    artist.ask(request(1), 100.0)
    assert not artist.may_ask(101.0)
    assert artist.may_ask(103.0)


def test_a_film_waits_for_each_picture(artist: ArtistProcess) -> None:
    patient = PatientArtist(artist)
    assert patient.may_ask(0.0)
    patient.ask(request(3), 0.0)
    answer = patient.take(0.0)
    assert answer is not None and answer[0] == 3 and answer[1] is not None
    patient.ask(request(9), 0.0)
    assert patient.take(0.0) == (9, None)


def test_nothing_is_started_before_it_is_wanted() -> None:
    with closing(ArtistProcess(["there-is-no-such-program"])) as process:
        assert process.trouble == ""


def test_who_cannot_draw_says_why_and_a_film_goes_on_without() -> None:
    script = """print('{"categories": [], "trouble": "there are no sprites"}', flush=True)"""
    with closing(ArtistProcess(command(script))) as process:
        assert process.drawn(request(1), PATIENCE_S) is None
        assert process.trouble == "the creature: there are no sprites"


def test_a_process_that_ends_is_told_by_its_last_words() -> None:
    with closing(ArtistProcess(command("raise SystemExit('antiphon: the package torch is missing')"))) as process:
        assert not process.may_ask(0.0)
        wait_for(lambda: process.trouble)
        assert process.trouble == "the creature: the package torch is missing"


def test_a_machine_that_draws_too_slowly_is_told_from_one_that_was_slow_once() -> None:
    times = AnswerTimes()
    times.note(10 * SLOW_S)
    for _ in range(JUDGED_ANSWERS - 2):
        times.note(0.02)
    assert not times.slow
    for _ in range(JUDGED_ANSWERS):
        times.note(2 * SLOW_S)
    assert times.slow
    times.forget()
    assert not times.slow
