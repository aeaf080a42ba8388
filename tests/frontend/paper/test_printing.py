"""Receipts on a printer made of software, dot for dot; a queue that outlives an empty roll; a button by OSC."""

from __future__ import annotations

import socket
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import datetime
from pathlib import Path

import numpy as np
import pytest

from frontend.client.fake_link import FakeLink
from frontend.paper.desk import LEAST_BETWEEN_S, PaperDesk
from frontend.paper.drawing import Dots, draw, pixels
from frontend.paper.printer import MAX_WAITING, MISSING, PrintQueue, printer_at, receipt_bytes
from frontend.paper.receipt import Receipt
from protocol.errors import LinkError, ParameterError
from protocol.messages import HoldShow, ShowDone, ShowRequest
from tests.frontend.paper.escpos_reader import PaperMachine, printed

PATIENCE_S = 60.0
NOW = datetime(2026, 11, 30, 20, 15)
POEM = Receipt("And the sea was a word.", (("Homer", 0.7), ("Bible", 0.3)), NOW, "tonight-1", "https://example.org/1")


def until(there: Callable[[], bool]) -> None:
    began = time.monotonic()
    while not there():
        assert time.monotonic() - began < PATIENCE_S
        time.sleep(0.01)


@pytest.fixture
def machine() -> Iterator[PaperMachine]:
    with closing(PaperMachine()) as opened:
        yield opened


@pytest.fixture
def queue(machine: PaperMachine) -> Iterator[PrintQueue]:
    with closing(PrintQueue(printer_at(f"127.0.0.1:{machine.port}"), 0.02)) as opened:
        yield opened


@pytest.mark.parametrize("width", [384, 512, 576])
def test_a_receipt_is_as_wide_as_the_paper_and_has_ink_for_all_that_it_says(width: int) -> None:
    dots = draw(POEM, width)
    bare = draw(Receipt("", (), NOW), width)
    assert dots.shape[1] == width and dots.shape[0] > bare.shape[0]
    assert 0.02 < dots.mean() < 0.5
    assert pixels(dots).shape == (*dots.shape, 3)


def test_the_printer_prints_the_picture_dot_for_dot() -> None:
    dots: Dots = np.random.default_rng(1).random((450, 381)) < 0.5
    (picture,), cuts = printed(receipt_bytes(dots))
    assert cuts == 1
    assert (picture[:, :381] == dots).all() and not picture[:, 381:].any()


def test_the_code_can_be_read_from_the_paper() -> None:
    with_code, without = draw(POEM), draw(Receipt(POEM.text, POEM.voices, NOW, POEM.take))
    code = with_code[len(without) :]
    rows, columns = np.flatnonzero(code.any(axis=1)), np.flatnonzero(code.any(axis=0))
    module = 6
    found = code[rows[0] : rows[-1] + 1 : module, columns[0] : columns[-1] + 1 : module]
    from frontend.remote.links import code_of

    assert (found == np.array(code_of(POEM.link))).all()


def test_receipts_come_out_in_their_order(machine: PaperMachine, queue: PrintQueue) -> None:
    poems = [draw(Receipt(words, (), NOW)) for words in ("one", "two", "three")]
    for poem in poems:
        queue.put(poem)
    assert queue.wait(PATIENCE_S)
    until(lambda: machine.data.count(b"\x1dVA") == 3)
    pictures, _ = printed(machine.data)
    assert all((picture == poem).all() for picture, poem in zip(pictures, poems, strict=True))


def test_what_waits_for_paper_is_printed_when_there_is_some(machine: PaperMachine, queue: PrintQueue) -> None:
    machine.has_paper = False
    queue.put(draw(POEM))
    until(lambda: queue.trouble == "the printer does not print: it is out of paper")
    assert queue.waiting == 1 and b"\x1dv0" not in machine.data
    machine.has_paper = True
    assert queue.wait(PATIENCE_S)
    until(lambda: machine.data.count(b"\x1dVA") == 1)
    assert queue.trouble == ""


def test_a_printer_that_vanishes_is_waited_for(machine: PaperMachine) -> None:
    with closing(socket.socket()) as nobody:
        nobody.bind(("127.0.0.1", 0))  # and does not listen
        places = [f"127.0.0.1:{nobody.getsockname()[1]}"]
        with closing(PrintQueue(lambda: printer_at(places[0])(), 0.02)) as queue:
            queue.put(draw(POEM))
            until(lambda: queue.trouble.startswith("the printer does not print: "))
            places[0] = f"127.0.0.1:{machine.port}"
            assert queue.wait(PATIENCE_S) and queue.printed == 1


def test_a_queue_is_bounded(machine: PaperMachine, queue: PrintQueue) -> None:
    machine.has_paper = False
    poem = draw(Receipt("x", (), NOW))
    for _ in range(MAX_WAITING):
        queue.put(poem)
    with pytest.raises(ParameterError, match="receipts wait for the printer"):
        queue.put(poem)


def test_a_printer_that_is_a_file_gets_the_bytes(tmp_path: Path) -> None:
    with closing(PrintQueue(printer_at(str(tmp_path / "lp0")))) as queue:
        queue.put(draw(POEM))
        assert queue.wait(PATIENCE_S)
    assert (tmp_path / "lp0").read_bytes() == receipt_bytes(draw(POEM))


@pytest.mark.parametrize(
    ("where", "words"), [("usb:12:34", "usb:VENDOR:PRODUCT"), ("h:x", "--printer takes"), ("", "--printer")]
)
def test_what_is_no_printer_is_one_line(where: str, words: str) -> None:
    with pytest.raises((LinkError, ParameterError), match=words):
        printer_at(where)


def test_without_the_package_a_usb_printer_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(__import__("sys").modules, "escpos.printer", None)
    with pytest.raises(OSError, match="pip install"):
        printer_at("usb:04b8:0e28")()
    assert "antiphon[paper]" in MISSING


class Desk:
    """Paper before a performance in memory."""

    def __init__(self, folder: Path, queue: PrintQueue | None) -> None:
        self.link, self.complaints = FakeLink.demo(), list[str]()
        self.picture = folder / "poem.png"
        self.desk = PaperDesk(self.link, queue, self.picture, "sentence", "", 384, self.complaints.append, lambda: NOW)
        self.now = 0.0
        until(lambda: self._wrote())

    def _wrote(self) -> bool:
        self.now += 0.5
        self.link.pump(self.now)
        return ". " in self.link.session.text

    def ask(self, number: int) -> ShowDone:
        self.link.deliver([ShowRequest(number, "/paper/print")])
        self.desk.turn(self.now)
        answers = [each for each in self.link.sent if isinstance(each, ShowDone)]
        return answers[-1]


def test_a_button_prints_once_and_is_answered(tmp_path: Path, machine: PaperMachine, queue: PrintQueue) -> None:
    desk = Desk(tmp_path, queue)
    answer = desk.ask(7)
    assert answer.done and answer.words.endswith("1 in the printer's queue")
    assert desk.link.held == HoldShow("", 0, "paper")
    assert desk.ask(7) == answer  # said again, and done once
    assert desk.ask(8) == ShowDone(8, False, "one was printed a moment ago")
    desk.now += LEAST_BETWEEN_S
    assert desk.ask(9).done
    assert queue.wait(PATIENCE_S)
    until(lambda: machine.data.count(b"\x1dVA") == 2)
    assert desk.picture.read_bytes().startswith(b"\x89PNG")


def test_without_a_printer_the_picture_is_drawn(tmp_path: Path) -> None:
    desk = Desk(tmp_path, None)
    assert desk.desk.print_once().endswith(f"drawn as {desk.picture}")
    assert desk.picture.exists()


def test_an_empty_roll_is_said_once(tmp_path: Path, machine: PaperMachine, queue: PrintQueue) -> None:
    machine.has_paper = False
    desk = Desk(tmp_path, queue)
    desk.ask(1)
    until(lambda: bool(queue.trouble))
    for _ in range(3):
        desk.desk.turn(desk.now)
    assert desk.complaints == ["the printer does not print: it is out of paper"]
