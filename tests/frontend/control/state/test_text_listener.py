"""A text that is pasted or dropped is made a voice by a process, and what became of it is said once."""

from __future__ import annotations

import sys
import time
from pathlib import Path

import pytest

from frontend.control.state.text_listener import Heard, TextListener

PATIENCE_S = 60.0
ROOT = Path(__file__).parents[4]
SAYS = "import sys, json; print(json.dumps({'slug': 'heard', 'characters': len(sys.stdin.read())}))"
REFUSES = "import sys; sys.stdin.read(); print('antiphon: the text is too short', file=sys.stderr); sys.exit(2)"


def became(listener: TextListener) -> Heard:
    until = time.monotonic() + PATIENCE_S
    while time.monotonic() < until:
        heard = listener.poll()
        if heard is not None:
            return heard
        time.sleep(0.01)
    raise AssertionError("nothing became of it")


def test_a_text_goes_to_the_process_and_its_voice_comes_back_once() -> None:
    listener = TextListener([sys.executable, "-c", SAYS], "127.0.0.1")
    assert listener.hear("a text") == "the text is being heard: a voice in a moment"
    assert became(listener) == Heard("heard", 6)
    assert listener.poll() is None


def test_a_second_text_waits_for_the_first() -> None:
    listener = TextListener([sys.executable, "-c", SAYS], "::1")
    listener.hear("one")
    assert listener.hear("two") == "one text after the other: the text is being heard"
    assert became(listener).characters == 3


def test_a_refusal_is_told_in_its_own_words() -> None:
    listener = TextListener([sys.executable, "-c", REFUSES], "localhost")
    listener.hear("a")
    assert became(listener) == Heard(trouble="antiphon: the text is too short")


def test_a_program_that_is_gone_is_told(tmp_path: Path) -> None:
    listener = TextListener([str(tmp_path / "gone")], "127.0.0.1")
    listener.hear("a")
    assert "antiphon listen: " in became(listener).trouble


@pytest.mark.parametrize(("program", "host"), [((), "127.0.0.1"), (("antiphon",), "192.168.1.7")])
def test_nothing_is_begun_where_no_voice_would_come(program: tuple[str, ...], host: str) -> None:
    listener = TextListener(program, host)
    assert "heard" in listener.hear("a") or "192.168.1.7" in listener.hear("a")
    assert listener.poll() is None


def test_the_real_command_makes_a_voice_of_a_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    text = tmp_path / "sea song.txt"
    text.write_bytes((ROOT / "LICENSE").read_bytes())
    listener = TextListener([sys.executable, str(ROOT / "antiphon.py")], "127.0.0.1")
    listener.hear_file(text)
    heard = became(listener)
    assert (heard.slug, heard.trouble) == ("sea-song", "")
    assert len(list(tmp_path.rglob("voices/memory/sea-song.safetensors"))) == 1
