"""`antiphon aloud`: the text spoken in time with its words. Part of the command line.

What is heavy is imported inside. Main thread.
"""

from __future__ import annotations

import os
import sys
from contextlib import closing
from pathlib import Path
from threading import Event
from typing import Annotated, Literal

import typer

from protocol.command_line import complain
from protocol.heartbeat import LOOPBACK
from protocol.messages import DEFAULT_PORT, MAIN

app = typer.Typer()

AtServer = Annotated[str, typer.Option("--server", metavar="HOST:PORT", help="Where Antiphon plays.")]
Performance = Annotated[str, typer.Option(metavar="NAME", help="Which of the server's performances.")]
Casting = Annotated[
    Path | None, typer.Option("--file", help="Voice, pitch and place of each style; engine and player.")
]
By = Annotated[Literal["word", "phrase"], typer.Option("--by", help="Say each word as it ends, or whole phrases.")]
Secret = Annotated[Path | None, typer.Option(help="The server's secret, where it wants one.")]

POLL_S = 0.005


@app.command()
def aloud(
    server: AtServer = f"{LOOPBACK}:{DEFAULT_PORT}",
    performance: Performance = MAIN,
    file: Casting = None,
    by: By = "word",
    secret_file: Secret = None,
) -> None:
    """Speak the text in time with its words, each style in a voice and a place of its own (eSpeak NG)."""
    import time

    from frontend.aloud.engine import Engine
    from frontend.aloud.speaker import Speaker, player_of
    from frontend.aloud.voices import CastingFile, load_casting
    from frontend.client.link import Link
    from protocol.command_line import ended_by_signals
    from protocol.networks import host_and_port, reachable
    from protocol.sessions import secret_of

    casting = load_casting(file) if file is not None else CastingFile()
    engine, player = Engine(casting.engine), player_of(casting.player)
    place, secret, ending = host_and_port(server), secret_of(secret_file, os.environ), Event()
    with closing(Link(reachable(place[0]), place[1], performance, secret, name="aloud")) as link:
        speaker = Speaker(link, engine, player, casting.voice, by, complain)
        print(f"antiphon: the text is spoken, played by {player[0]}", file=sys.stderr, flush=True)
        with closing(speaker), ended_by_signals(ending):
            while not ending.wait(POLL_S):
                speaker.turn(time.monotonic())
