"""What the player streams where output is no terminal."""

from __future__ import annotations

import io
import subprocess
import sys

from frontend.client.fake_link import FakeLink
from frontend.client.session_state import SessionState
from frontend.terminal.player import TextStream, stream
from protocol.messages import Char, TextExcerpt

PLAY = (
    "from frontend.client.fake_link import FakeLink; from frontend.terminal.player import run; "
    "run(FakeLink.demo(), {}, 'no screen')"
)


def char(text: str, epoch: int = 0, sequence: int | None = None) -> Char:
    tail = text[-80:]
    return Char(len(text) if sequence is None else sequence, text[-1], tail, len(text), epoch, ((),) * len(tail))


def test_the_stream_tells_every_character_once() -> None:
    session, telling, told = SessionState(), TextStream(), ""
    for message in (char("I"), char("In"), char("In"), char("In th")):
        session.apply(message, 0.0)
        told += telling.fresh(session, 0.0)
    assert told == "In th"


def test_the_stream_waits_for_a_piece_that_is_missing_but_not_for_ever() -> None:
    text = "".join(chr(97 + place % 26) for place in range(200))
    for fills in (True, False):
        session, telling = SessionState(), TextStream()
        session.apply(char(text[:20]), 0.0)
        assert telling.fresh(session, 0.0) == text[:20]
        session.apply(char(text), 1.0)
        assert telling.fresh(session, 1.0) == ""
        if fills:
            session.apply(TextExcerpt(0, 20, text[20:120], ((),) * 100), 1.1)
            assert telling.fresh(session, 1.1) == text[20:]
        else:
            assert telling.fresh(session, 3.1) == " " * 100 + text[120:]


def test_after_text_was_taken_back_the_stream_goes_on_in_a_new_line() -> None:
    session, telling = SessionState(), TextStream()
    session.apply(char("one two"), 0.0)
    assert telling.fresh(session, 0.0) == "one two"
    session.apply(char("one t", epoch=1, sequence=8), 0.0)
    assert telling.fresh(session, 0.0) == "\n"
    session.apply(char("one tree", epoch=1, sequence=11), 0.0)
    assert telling.fresh(session, 0.0) == "ree"


def test_a_stream_ends_by_itself_with_a_line_end() -> None:
    out, err = io.StringIO(), io.StringIO()
    link = FakeLink.demo()
    stream(link, 0.5, out, err)
    assert out.getvalue() == link.session.text + "\n" and len(out.getvalue()) >= 7
    assert err.getvalue() == ""


def test_output_that_is_no_terminal_gets_plain_text_and_the_reason_goes_elsewhere() -> None:
    command = [sys.executable, "-c", PLAY.format(1.0)]
    result = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=60)
    assert result.returncode == 0
    assert "\x1b" not in result.stdout and len(result.stdout) > 5
    assert result.stderr == "antiphon: no screen\n"


def test_a_reader_that_has_enough_ends_the_stream_quietly() -> None:
    command = [sys.executable, "-c", PLAY.format(20.0)]
    process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    assert process.stdout is not None and process.stderr is not None
    assert process.stdout.read(3)
    process.stdout.close()
    assert process.stderr.read() == b"antiphon: no screen\n"
    assert process.wait(15) == 0
    process.stderr.close()
