"""All that a show can have beside a performance, at work: the stage on the web with readers, lamps, paper, speech, a
second machine that follows, and, where they are installed, a broker with a ticker's words and the picture by NDI.

The programs are the real ones, each a process of its own, and a desk sends commands. What has no device here goes
nowhere: lamps to a closed port, paper to a picture, speech to a player that throws it away. Linux and macOS. The
caller's thread, and one of the readers.
"""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from importlib.util import find_spec
from pathlib import Path

from benchmarks.machine import FRONT_DOOR
from benchmarks.readers import Readers, stage_on_the_web
from protocol.messages import ShowCommand
from protocol.osc import encode

READERS = 8
COMMAND_PERIOD_S = 1.0
SETTLE_S = 15.0  # seconds until all of it has begun


@contextmanager
def everything_beside(address: tuple[str, int]) -> Iterator[list[str]]:
    """A show around the server at ``address``; gives what is at work."""
    place, names = f"{address[0]}:{address[1]}", ["web", "light", "receipt", "desk", "follower"]
    with ExitStack() as after:
        folder = Path(after.enter_context(tempfile.TemporaryDirectory(prefix="antiphon-show-")))
        port, _ = after.enter_context(stage_on_the_web(address))
        readers = Readers(port, READERS)
        readers.start()
        after.callback(readers.end)
        rig = folder / "light.toml"
        rig.write_text(
            "[[universe]]\nuniverse = 1\nport = 9\n[[lamp]]\nuniverse = 1\nslot = 1\nshows = 'mix'\n"
            "[[lamp]]\nuniverse = 1\nslot = 4\nshows = 'share'\n"
        )
        commands = [
            ["light", "--file", str(rig)],
            ["front", "--terminal"],  # what a machine that follows is for this one
            ["receipt", "--stay", "--every", "0.1", "--picture", str(folder / "poem.png")],
        ]
        if shutil.which("espeak-ng") is not None:
            (folder / "aloud.toml").write_text('player = ["sh", "-c", "cat > /dev/null"]\n')
            commands.append(["aloud", "--file", str(folder / "aloud.toml")])
            names.append("aloud")
        if find_spec("cyndilib") is not None:
            commands.append(["ndi", "--name", f"antiphon-{port}"])  # nobody looks: what it costs to be there
            names.append("ndi")
        mosquitto = shutil.which("mosquitto", path=f"{os.environ.get('PATH', '')}:/usr/sbin:/usr/local/sbin")
        if find_spec("paho") is not None and mosquitto:
            with closing(socket.socket()) as probe:
                probe.bind(("127.0.0.1", 0))
                broker: int = probe.getsockname()[1]
            after.enter_context(_running([mosquitto, "-p", str(broker)]))
            commands.append(["mqtt", "--broker", f"127.0.0.1:{broker}"])
            names.append("mqtt")
        for words in commands:
            after.enter_context(_running([sys.executable, str(FRONT_DOOR), words[0], "--server", place, *words[1:]]))
        after.enter_context(_desk(address))
        yield names


@contextmanager
def _running(command: list[str]) -> Iterator[None]:
    nothing = subprocess.DEVNULL
    with subprocess.Popen(command, env=os.environ, stdin=nothing, stdout=nothing, stderr=nothing) as child:
        try:
            yield
        finally:
            child.terminate()


@contextmanager
def _desk(address: tuple[str, int]) -> Iterator[None]:
    """A desk that sends a command every second."""
    ending = threading.Event()

    def send() -> None:
        with closing(socket.socket(socket.AF_INET, socket.SOCK_DGRAM)) as desk:
            while not ending.wait(COMMAND_PERIOD_S):
                desk.sendto(encode(ShowCommand("/cue/next")), address)

    thread = threading.Thread(target=send)
    thread.start()
    try:
        yield
    finally:
        ending.set()
        thread.join()
