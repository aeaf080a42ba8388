"""The doctor: what is found is judged in plain words, and what breaks off costs only itself."""

from __future__ import annotations

import json
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from benchmarks.doctor import command, hands, picture, this_machine, voices
from benchmarks.doctor.findings import Finding, Level, report, verdict
from frontend.inputs.midi.controller_maps import load_maps
from models import voice_folders
from protocol.messages import Pong
from protocol.osc import encode

GOOD, NOTE, WARN, BAD = Level


def finding(topic: str, level: Level) -> Finding:
    return Finding(topic, level, "words")


@pytest.mark.parametrize(
    ("findings", "words"),
    [
        ([finding("voices", GOOD), finding("picture", NOTE)], "It will play tonight."),
        (
            [finding("disk", WARN), finding("disk", WARN), finding("MIDI", WARN)],
            "It will play tonight; look at disk and MIDI first.",
        ),
        ([finding("disk", WARN), finding("voices", BAD)], "It will not play tonight: see voices."),
    ],
)
def test_the_worst_that_was_found_decides(findings: list[Finding], words: str) -> None:
    assert verdict(findings) == words
    assert report(findings)["plays"] == ("not" not in words)


@pytest.mark.parametrize(("p99", "level"), [(4.0, GOOD), (30.0, NOTE), (70.0, WARN)])
def test_a_step_is_judged_by_what_it_leaves_of_a_tick(p99: float, level: Level) -> None:
    assert voices.judge_step(3.0, p99, 24).level is level


def test_a_slow_machine_is_told_a_rate_that_it_can_keep() -> None:
    assert "play at 5 a second or fewer" in voices.judge_step(100.0, 140.0, 24).advice


@pytest.mark.parametrize(
    ("found", "level"),
    [
        (this_machine.judge_timing(0.2, 9.0), GOOD),
        (this_machine.judge_timing(4.0, 9.0), WARN),
        (this_machine.judge_memory(4_000), GOOD),
        (this_machine.judge_memory(400), WARN),
        (this_machine.judge_disk(90_000.0), GOOD),
        (this_machine.judge_disk(90.0), WARN),
    ],
)
def test_time_memory_and_disk_are_judged_by_what_a_show_needs(found: Finding, level: Level) -> None:
    assert found.level is level


def test_two_screens_and_a_card_are_as_they_should_be() -> None:
    seen = {"screens": [[2560, 1440], [1920, 1080]], "gl": [4, 6], "renderer": "A card", "frame_ms": 0.4}
    assert [one.level for one in picture.judge(seen)] == [GOOD, GOOD]
    assert [one.level for one in picture.judge(seen | {"screens": [[2560, 1440]]})] == [NOTE, GOOD]


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"gl": [2, 1]}, "3.3 is needed"),
        ({"renderer": "llvmpipe (LLVM)"}, "drawn by the processor"),
        ({"frame_ms": 40.0}, "motion will not be smooth"),
    ],
)
def test_what_the_picture_lacks_is_told(change: dict[str, object], words: str) -> None:
    seen = {"screens": [[800, 600], [800, 600]], "gl": [4, 6], "renderer": "A card", "frame_ms": 0.4}
    found = picture.judge(seen | change)[-1]
    assert found.level is WARN
    assert words in found.words


def test_without_a_screen_it_plays_in_the_terminal(home: Path) -> None:
    (found,) = picture.examine()
    assert found.level is NOTE
    assert found.words.endswith("it plays in the terminal")


def test_a_real_screen_is_looked_at(screen: str) -> None:
    found = picture.examine()
    assert found[0].words == "1 screen: 1920x1080"
    assert "OpenGL" in found[1].words


def test_a_controller_with_a_map_plays_at_once() -> None:
    maps, _ = load_maps()
    known, unknown = hands.judge(["nanoKONTROL2 MIDI 1", "A thing"], maps)
    assert (known.level, unknown.level) == (GOOD, NOTE)
    assert "plays at once" in known.words
    assert "has to learn" in unknown.words


def test_a_port_is_free_taken_or_an_antiphons() -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as taking:
        taking.bind(("127.0.0.1", 0))
        port = taking.getsockname()[1]
        assert "taken by another program" in this_machine.examine_ports(port)[0].words
    assert this_machine.examine_ports(port)[0].level is GOOD


def test_an_antiphon_is_known_by_its_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    from threading import Thread

    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as answering:
        answering.bind(("127.0.0.1", 0))
        monkeypatch.setattr(this_machine, "ANSWER_TIMEOUT_S", 10.0)

        def answer() -> None:
            _, asker = answering.recvfrom(100)
            answering.sendto(encode(Pong(7424)), asker)

        thread = Thread(target=answer)
        thread.start()
        assert this_machine.is_answering(answering.getsockname()[1])
        thread.join()


def test_voices_that_answer_are_counted(home: Path) -> None:
    found = voices.examine()
    assert found[0].words == "4 voices answer their golden vectors"


def test_a_broken_voice_is_told_and_the_others_play(home: Path) -> None:
    voice_folders.user_folder().mkdir(parents=True)
    (voice_folders.user_folder() / "mine.safetensors").write_bytes(b"\xff" * 100)
    levels = [one.level for one in voices.examine()]
    assert levels[:2] == [WARN, WARN]


def test_without_any_voice_nothing_plays(home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "none").mkdir()
    monkeypatch.setenv("ANTIPHON_WEIGHTS", str(tmp_path / "none"))
    assert [one.level for one in voices.examine()] == [BAD]


def test_what_breaks_off_is_a_finding_and_the_rest_goes_on(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken() -> list[Finding]:
        raise RuntimeError("no such thing")

    monkeypatch.setattr(command, "_examinations", lambda: [broken, lambda: [finding("disk", GOOD)]])
    first, second = command.examined()
    assert first.level is WARN
    assert "no such thing" in first.words
    assert second == finding("disk", GOOD)


def test_the_command_examines_a_real_machine(home: Path) -> None:
    done = subprocess.run(
        [sys.executable, "antiphon.py", "doctor", "--json"], capture_output=True, text=True, timeout=240, check=False
    )
    assert done.returncode == 0, done.stderr
    examined = json.loads(done.stdout)
    assert examined["plays"]
    assert {"voices", "ports", "timing", "disk", "picture", "MIDI", "manners"} <= {
        one["topic"] for one in examined["findings"]
    }
