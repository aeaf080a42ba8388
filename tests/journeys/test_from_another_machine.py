"""Played from outside: in a network of its own that no datagram leaves, by real processes and real addresses."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SCRIPT = """
set -eu
ip link set lo up
ip address add 10.77.0.1/24 dev lo  # its own datagrams come from here: to the server, another machine
exec "$@"
"""
PLAYER = """
import os, subprocess, sys, time
from pathlib import Path
from benchmarks.machine import server
from frontend.client.link import Link

def until(link, what):
    deadline = time.monotonic() + 60
    while not what():
        assert time.monotonic() < deadline, link.access_warning
        link.pump(time.monotonic())
        time.sleep(0.01)

secret = Path(sys.argv[1])
allowed = ("--host", "0.0.0.0", "--allow", "10.77.0.0/24", "--secret-file", str(secret))
with server(*allowed) as serving:
    port = serving.address[1]
    player = Link("10.77.0.1", port, secret=secret.read_bytes().strip())
    watcher = Link("10.77.0.1", port)
    until(player, lambda: len(player.session.text) > 5 and player.session.cards)
    until(watcher, lambda: len(watcher.session.text) > 5 and watcher.session.cards and watcher.access_warning)
    assert "watching only" in watcher.access_warning and player.access_warning == ""
    watcher.set("/mix/rate", 7.0)
    player.set("/mix/temperature", 0.25)
    until(watcher, lambda: watcher.session.values["/mix/temperature"] == 0.25)
    time.sleep(0.6)
    until(watcher, lambda: watcher.session.values["/mix/rate"] == 15.0)
    assert player.session.values["/mix/rate"] == 15.0
    player.close(), watcher.close()
print("played")
"""

FOLLOWER = """
import sys, time
from benchmarks.machine import server
from frontend.client.following import FollowingLink
from frontend.client.link import Link

allowed = ("--host", "0.0.0.0", "--allow", "10.77.0.0/24", "--secret-file", sys.argv[1])
with server(*allowed) as there, server() as here:
    followed = Link("10.77.0.1", there.address[1])
    link = FollowingLink(Link(*here.address), followed)
    deadline = time.monotonic() + 60
    ours, theirs = link.session, followed.session
    while not (followed.access_warning and ours.length > 40 and ours.text[-9:] in theirs.text):
        assert time.monotonic() < deadline, (link.line, ours.text[-99:], theirs.text[-99:])
        link.pump(time.monotonic())
        time.sleep(0.01)
    assert theirs.values["/transport/run"] and not ours.values["/transport/run"]
    link.close()
print("followed")
"""


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux makes a network of one's own")
@pytest.mark.parametrize("script", [PLAYER, FOLLOWER], ids=["plays", "follows"])
def test_who_holds_the_secret_plays_and_who_does_not_watches_and_can_follow(home: Path, script: str) -> None:
    assert shutil.which("unshare") and shutil.which("ip")
    secret = home / "secret"
    made = [sys.executable, str(ROOT / "antiphon.py"), "secret", str(secret)]
    assert subprocess.run(made, capture_output=True, check=True).stdout == b""
    alone = ["unshare", "--net", "--map-root-user", "sh", "-c", SCRIPT, "sh"]
    ran = subprocess.run(
        [*alone, sys.executable, "-c", script, str(secret)], capture_output=True, text=True, cwd=ROOT, timeout=150
    )
    assert ran.stdout.endswith(("played\n", "followed\n")), ran.stderr
