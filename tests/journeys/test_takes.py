"""A real server under random hands, and its takes played again by the command: the same to the letter."""

from __future__ import annotations

import random
import socket
import subprocess
import time
from base64 import b64encode
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from pythonosc.osc_message_builder import OscMessageBuilder
from typer.testing import CliRunner

from frontend.client.link import Link
from frontend.client.session_state import SessionState
from frontend.creature.artist import ArtistProcess, PatientArtist
from frontend.creature.creature import Creature
from frontend.look.png import png
from protocol.errors import TakeError
from protocol.mixing import effective_weights, normalised
from protocol.sprites import Picture
from server.engine.opening import OPENINGS, first_line
from server.recording.broadcast import broadcast_messages
from server.recording.commands import app, find_take, gathering, guards
from server.recording.events import ActionRequested, TakeEnded, TextPrimed, TextRewound, UpcomingControls
from server.recording.reader import Take, names, takes_folder
from server.recording.writer import part_path
from server.supervisor.child_process import ServerProcess
from tests.journeys.conftest import ANTIPHON, Witness
from tests.journeys.hands import PATIENCE

VOICES = ("austen", "bible", "linux", "nietzsche", "apollo11")
MOVES = 70  # of each player's hands
LIVING = -1  # the place of the creature whose sentence has not ended
PERFORMANCES = ("main", "second")


class Hands:
    """Somebody with python-osc who plays one performance, whatever comes to mind."""

    def __init__(self, server: tuple[str, int], performance: str, seed: int) -> None:
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._socket.connect(server)
        self._prefix = "" if performance == "main" else f"/performance/{performance}"
        self._mind = random.Random(seed)

    def say(self, address: str, *arguments: Any) -> None:
        builder = OscMessageBuilder(f"{self._prefix}{address}")
        for argument in arguments:
            builder.add_arg(argument)
        self._socket.send(builder.build().dgram)

    def move(self) -> None:
        mind, voice = self._mind, self._mind.choice(VOICES)
        match mind.randrange(16):
            case 0 | 1 | 2 | 3:
                self.say(f"/style/{voice}/on", mind.random() < 0.8)
                self.say(f"/style/{voice}/weight", mind.uniform(-0.5, 1.0))
            case 4 | 5:
                self.say("/mix/fusion", mind.choice([0.0, 0.5, 1.0]))
            case 6:
                self.say("/text/prime", "It was the best of times, ")
            case 7 | 8:
                self.say("/transport/rewind", mind.randrange(1, 60))
            case 9:
                self.say("/transport/hold", mind.random() < 0.3)
            case 10:
                self.say("/puck", mind.uniform(-1.0, 1.0), mind.uniform(-1.0, 1.0))
                self.say("/puck/lifted", mind.random() < 0.5)
            case 11:
                self.say("/mix/temperature", mind.uniform(0.2, 1.4))
            case 12:
                self.say("/mix/alloy", mind.uniform(-1.0, 1.0))
            case 13:
                self.say("/transport/word")
            case 14:
                self.say("/transport/run", mind.random() < 0.9)
            case 15:
                self.say("/subscribe", 0)

    def close(self) -> None:
        self._socket.close()


def antiphon(*words: str) -> str:
    """What `antiphon take WORDS` says; in this process, which has its libraries already."""
    result = CliRunner().invoke(app, list(words), catch_exceptions=False)
    assert result.exit_code == 0
    return result.stdout


def test_what_random_hands_played_is_played_again_to_the_letter(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("ANTIPHON_WEIGHTS")  # the shipped voices: they can be fused
    command = [*ANTIPHON, "serve", "--with-parent", "--port", "0", "--seed", "3", "--no-oscquery"]
    command += ["--performance", "second"]
    with ServerProcess(command, print) as server:
        place = server.address()
        players = [Hands(place, name, seed) for seed, name in enumerate(PERFORMANCES)]
        for player in players:
            player.say("/subscribe", 0)
            player.say("/mix/rate", 40.0)
        for _ in range(MOVES):
            for player in players:
                player.move()
            time.sleep(0.04)
        for player in players:
            player.say("/transport/run", False)
            with closing(player):
                time.sleep(0.2)
    found = {name.rpartition("-")[2]: name for name in names(takes_folder())}
    assert set(found) == set(PERFORMANCES)
    for performance in PERFORMANCES:
        take = Take(part_path(takes_folder(), found[performance], 1))
        kinds = {type(event) for event in take.events()}
        assert {TextPrimed, TextRewound, UpcomingControls, ActionRequested, TakeEnded} <= kinds
        assert "the same to the letter" in antiphon("replay", performance)


def test_a_take_is_listed_shown_rendered_and_exported(home: Path, tmp_path: Path) -> None:
    command = [*ANTIPHON, "serve", "--with-parent", "--port", "0", "--seed", "3", "--no-oscquery"]
    with ServerProcess(command, print) as server, closing(Hands(server.address(), "main", 1)) as player:
        player.say("/mix/rate", 60.0)
        time.sleep(1.2)
    listed = antiphon("list")
    assert "characters" in listed and listed.count("\n") == 1
    assert "seed 3" in antiphon("show", "last")
    out = tmp_path / "other.jsonl"
    turn = str(len(first_line({}, 3, OPENINGS)) + 20)  # the first line counts, too
    words = ("--from", turn, "--set", "/style/linux/weight=1", "--set", "/style/austen/on=false", "--seed", "9")
    rendered = antiphon("render", "last", *words, "--out", str(out))
    assert rendered.strip()
    old, new = (Take(path) for path in (part_path(takes_folder(), names(takes_folder())[0], 1), out))
    assert "the same to the letter" in antiphon("replay", str(out))
    texts = ["".join(getattr(event, "character", "") for event in take.events()) for take in (old, new)]
    assert texts[0][:19] == texts[1][:19] and texts[0] != texts[1] and len(texts[0]) == len(texts[1])
    page = tmp_path / "page.html"
    exported = subprocess.run([*ANTIPHON, "take", "export", "last", "--out", str(page)], capture_output=True, text=True)
    assert (exported.stdout, exported.stderr) == (f"{page}\n", "")
    assert page.read_text().startswith("<!doctype html>")


class Watcher:
    """Somebody who looks at a performance, each picture of whose creature is drawn by the real process."""

    def __init__(self, artist: ArtistProcess) -> None:
        self.session, self.now = SessionState(), 0.0
        self.creature = Creature(PatientArtist(artist))

    def looks(self, times: int = 1) -> None:
        for _ in range(times):
            self.now += 1.0
            shares = normalised(effective_weights(self.session.mixing, self.session.slugs))
            self.creature.follow(self.session, shares.tolist(), self.now)

    def pictures(self) -> dict[int, str]:
        """The living one, as it is at rest, and those of ended sentences by their places."""
        self.looks(60)
        assert self.creature.picture is not None and all(kept.settled for kept in self.creature.kept.values())
        seen = {place: kept.picture.packed() for place, kept in self.creature.kept.items()}
        return {LIVING: self.creature.picture.packed(), **seen}


def test_a_take_replays_the_creatures_of_the_evening(
    home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("ANTIPHON_WEIGHTS")  # the shipped voices: they have creatures
    command = [*ANTIPHON, "serve", "--with-parent", "--port", "0", "--seed", "3", "--no-oscquery"]
    with closing(ArtistProcess([*ANTIPHON, "sprites", "draw"])) as artist:
        with ServerProcess(command, print) as server, closing(Link(*server.address())) as link:
            evening = Watcher(artist)
            evening.session = link.session
            witness = Witness(link)
            witness.sees("the voices", lambda session: "frankenstein" in session.slugs and session.length > 0)
            until = time.monotonic() + PATIENCE
            link.set("/mix/rate", 40.0)
            turn = 0
            while len(evening.creature.kept) < 4 and time.monotonic() < until:
                link.pump(time.monotonic())
                turn += 1
                link.set("/style/frankenstein/on", turn % 40 < 20)
                link.set("/style/frankenstein/weight", turn % 10 / 10)
                evening.looks()
                time.sleep(0.05)
            link.set("/transport/run", False)
            for _ in range(40):
                time.sleep(0.05)
                link.pump(time.monotonic())
            seen = evening.pictures()
        assert len(seen) >= 5
        replayed = Watcher(artist)
        found = find_take("last", None)
        for t, messages in broadcast_messages(found, gathering(found, None), guards(found, None), print):
            for message in messages:
                replayed.session.apply(message, t)  # type: ignore[arg-type]
            replayed.looks()
        assert replayed.session.text == evening.session.text
        assert replayed.pictures() == seen
    page = tmp_path / "page.html"
    exporting = [*ANTIPHON, "take", "export", "last", "--out", str(page), "--stage", "creature=on"]
    assert subprocess.run(exporting, capture_output=True, text=True).stderr == ""
    shown = page.read_text()
    for place, packed in seen.items():
        picture = b64encode(png(Picture.unpacked(packed).trimmed().rgba)).decode()
        assert place == LIVING or picture in shown


def test_a_take_that_is_not_there_is_said(home: Path) -> None:
    with pytest.raises(TakeError, match="there are no takes in"):
        antiphon("replay", "last")
