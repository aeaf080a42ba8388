"""The stage as a live picture: what NDI's own receiver gets, and what becomes of a picture that nobody looks at."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from frontend.stage.feed import NdiFeed
from protocol.errors import ParameterError

ROOT = Path(__file__).parents[3]
UNWATCHED = """
import json, time
import numpy as np
from frontend.client.fake_link import FakeLink
from frontend.stage.feed import FakeFeed, run
from frontend.stage.staging import StageState
from protocol.messages import ShowStands

link, feed, began, seen = FakeLink.demo(), FakeFeed(watched=False), time.monotonic(), []

def ended():
    now = time.monotonic() - began
    feed.watched = now > 2.0
    if feed.watched and not seen:
        seen.append(feed.count)
        link.deliver([ShowStands("", 0, False, False, "paper")])
    return feed.count > 8 or now > 60.0

run(link, StageState(), (320, 180), 30.0, feed, ended, grounded=True)
print(json.dumps([seen, feed.closed, list(feed.newest.shape), feed.newest[1, 1].tolist()]))
"""


@pytest.mark.skipif(sys.platform != "linux", reason="only on Linux it is drawn without a screen")
def test_ndis_own_receiver_gets_letters_over_nothing_and_nothing_of_a_black_stage(home: Path) -> None:
    ran = child("-m", "tests.frontend.stage.ndi_child", str(home))
    report = json.loads(ran.stdout.splitlines()[-1])
    assert report["size"] == [640, 360] and report["corner"] == [0, 0, 0, 0] and report["black"] == 0
    assert report["brightest"] > 200 and len(report["ages_ms"]) == 20


@pytest.mark.skipif(sys.platform != "linux", reason="only on Linux it is drawn without a screen")
def test_nothing_is_drawn_while_nobody_looks_and_with_a_ground_all_of_it_is_seen(home: Path) -> None:
    seen, closed, shape, corner = json.loads(child("-c", UNWATCHED).stdout.splitlines()[-1])
    assert (seen, closed, shape, corner) == ([0], True, [180, 320, 4], [244, 240, 230, 255])


def child(*words: str) -> subprocess.CompletedProcess[str]:
    ran = subprocess.run([sys.executable, *words], capture_output=True, text=True, cwd=ROOT, timeout=170)
    assert ran.returncode == 0, ran.stderr
    return ran


def test_without_the_package_one_line_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "cyndilib", None)
    with pytest.raises(ParameterError, match=r"antiphon\[ndi\]"):
        NdiFeed("Antiphon", (64, 64), 30.0)
