"""Playing where there is no screen: the text streams, one line says why, and nothing is left behind."""

from __future__ import annotations

import os
import shutil
import signal
from pathlib import Path

import pytest

from models.char_lstm.network import Shape
from models.voice_folders import user_folder
from protocol.tree import on_address, weight_address
from server.engine.opening import OPENINGS
from tests.journeys.conftest import Witness, alive, children, finished, running
from tests.journeys.hands import PATIENCE, wait_until
from tests.spelling import save_spelling_voice


def behind_the_first_line(text: str) -> str:
    return text.removeprefix(next(line for line in OPENINGS if text.startswith(line)))


def test_without_screen_and_terminal_the_text_streams_and_ends_by_itself(home: Path) -> None:
    played = finished("play", "--seconds", "6", "--port", "0")
    assert played.returncode == 0
    text = behind_the_first_line(played.stdout)
    assert len(text) > 10 and set(text) <= set("abln \n"), played.stdout
    assert played.stderr.count("\n") == 1 and "DISPLAY" in played.stderr, played.stderr


def test_a_broken_voice_costs_one_line_and_the_others_speak(
    home: Path, spelling_voices: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shutil.copytree(spelling_voices, home / "weights")
    torn = home / "weights" / "bible.safetensors"
    torn.write_bytes(torn.read_bytes()[:-100])
    monkeypatch.setenv("ANTIPHON_WEIGHTS", str(torn.parent))
    played = finished("play", "--seconds", "5", "--port", "0")
    assert played.returncode == 0
    assert {"a", "l"} <= set(behind_the_first_line(played.stdout)) <= set("aln \n")
    broken, no_window = played.stderr.splitlines()
    assert "bible.safetensors" in broken and "going on without it" in broken
    assert "DISPLAY" in no_window


@pytest.mark.parametrize("goodbye", [signal.SIGINT, signal.SIGTERM], ids=["ctrl-c", "kill"])
def test_whoever_ends_the_playing_ends_all_that_it_started(home: Path, goodbye: signal.Signals) -> None:
    with running("play", "--port", "0") as player:
        assert player.stdout
        player.stdout.read(5)
        started = children(player.pid)
        assert len(started) >= 2
        player.send_signal(goodbye)
        assert player.wait(PATIENCE) == 0
        assert not any(map(alive, started))


def test_nothing_plays_on_when_whoever_watches_is_killed(home: Path) -> None:
    with running("play", "--port", "0") as player:
        assert player.stdout
        player.stdout.read(5)
        started = children(player.pid)
        assert len(started) >= 2
        os.kill(player.pid, signal.SIGKILL)
        wait_until(lambda: not any(map(alive, started)), "the end of server and front end")


def test_the_front_end_streams_what_a_server_elsewhere_writes(server: tuple[str, int], witness: Witness) -> None:
    host, port = server
    with running("front", "--server", f"{host}:{port}") as player:
        assert player.stdout
        streamed = player.stdout.read(40)
        witness.sees("the same text in both", lambda session: streamed in session.text)
        player.send_signal(signal.SIGINT)
        assert player.wait(PATIENCE) == 0
    witness.next_text(10)  # the server plays on


def test_a_voice_that_is_trained_meanwhile_joins_the_server_and_can_be_played(
    home: Path, server: tuple[str, int], witness: Witness
) -> None:
    before = witness.session.text
    save_spelling_voice(user_folder(), "ahab", {"w": 0.9, " ": 0.1})
    witness.sees("five voices, the new one last", lambda session: session.slugs[4:] == ("ahab",))
    assert len(witness.session.values) == len(witness.session.tree)
    for slug in witness.session.slugs:
        witness.link.set(weight_address(slug), float(slug == "ahab"))
        witness.link.set(on_address(slug), slug == "ahab")
    witness.sees("its letter", lambda session: set(session.text[-20:]) == {"w", " "})
    session = witness.session
    assert session.text.startswith(before) and session.tints[-1][0][0] == 4, "the text went on, and the tints name it"

    save_spelling_voice(user_folder(), "ahab", {"q": 0.9, " ": 0.1})  # trained further
    witness.sees("what it learnt since", lambda session: set(session.text[-20:]) == {"q", " "})
    save_spelling_voice(user_folder(), "stranger", {"x": 1.0}, Shape(1, 16))
    witness.sees("why one cannot sing", lambda session: "stranger is 1x16" in str(session.status))
    witness.next_text(10)


def test_a_server_that_is_not_there_is_said_to_be_silent(home: Path) -> None:
    played = finished("front", "--server", "127.0.0.1:9", "--seconds", "7")
    assert "127.0.0.1:9" in played.stderr
    assert "Traceback" not in played.stderr
