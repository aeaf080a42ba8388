"""The phones' server as a child: it is told its keys, tells how things stand, comes back, and ends with its parent."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from frontend.remote import host
from frontend.remote.host import NoPhones, PhoneServerProcess, PhoneServerReport
from frontend.remote.links import AccessTokens
from tests.frontend.remote.conftest import PATIENCE, wait_for

FAKE = """
import json, sys
keys = json.loads(sys.stdin.readline())
port = int(sys.argv[sys.argv.index("--port") + 1]) if "--port" in sys.argv else 7425
print(json.dumps({"audience": len(keys), "port": port}), flush=True)
for line in sys.stdin: pass
"""


@pytest.fixture
def phones() -> Iterator[PhoneServerProcess]:
    let_in = PhoneServerProcess([sys.executable, "-c", FAKE], "127.0.0.1", AccessTokens.fresh())
    yield let_in
    let_in.close()


def test_a_child_is_told_its_keys_and_tells_how_things_stand(phones: PhoneServerProcess) -> None:
    assert phones.wait(PATIENCE) is not None
    assert (phones.performers, phones.audience, phones.trouble) == (0, 2, "")
    assert phones.links is not None
    assert phones.links.audience == f"http://127.0.0.1:7425/{phones.keys.audience}/"


def test_new_links_make_the_old_ones_worthless(phones: PhoneServerProcess, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(host, "RESTART_PAUSE_S", 0.05)
    before = phones.wait(PATIENCE)
    phones.renew()
    wait_for(lambda: phones.links is None, "it still runs")
    after = phones.wait(PATIENCE)
    assert after is not None
    assert before is not None
    assert {before.performer, before.audience} & {after.performer, after.audience} == set()


def test_a_child_that_fails_says_why_and_is_started_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(host, "RESTART_PAUSE_S", 0.05)
    mark = tmp_path / "mark"
    fails_once = (
        f"import os, sys\nif not os.path.exists({str(mark)!r}):\n"
        f" open({str(mark)!r}, 'w').close()\n sys.exit('antiphon: no port')\n"
    )
    remarks: list[str] = []
    failing = PhoneServerProcess(
        [sys.executable, "-c", fails_once + FAKE], "127.0.0.1", AccessTokens.fresh(), remark=remarks.append
    )
    try:
        wait_for(lambda: failing.trouble or failing.links, "it neither failed nor runs")
        assert failing.trouble in ("phones: no port", "")
        assert failing.wait(PATIENCE) is not None
        assert failing.trouble == ""
        assert ["only this machine reaches it" in remark for remark in remarks] == [True]
    finally:
        failing.close()


@pytest.mark.parametrize(
    "line", ["", "x", "[]", '{"phones": 1}', '{"performers": "1"}', '{"trouble": 5}', '{"here": 5}', "[" * 5_000]
)
def test_a_line_that_tells_nothing_is_passed_over(line: str) -> None:
    assert PhoneServerReport.of_line(line) is None


def test_what_is_told_is_read_again() -> None:
    told = PhoneServerReport(1, 2, 3, "4", 5)
    assert PhoneServerReport.of_line(told.line()) == told
    assert NoPhones().links is None


def test_keys_are_told_on_no_command_line(phones: PhoneServerProcess) -> None:
    phones.wait(PATIENCE)
    assert not any(token in json.dumps(list(phones.command)) for token in vars(phones.keys).values())
