"""`antiphon aloud`: the text spoken in time with its words. Part of the command line.

What is heavy is imported inside. Main thread.
"""

from __future__ import annotations

import sys
from contextlib import closing
from pathlib import Path
from threading import Event
from typing import Annotated, Literal

import typer

from frontend.client.joining import HERE, AtServer, PerformanceName, ServersSecret, joined
from protocol.command_line import complain
from protocol.messages import MAIN

app = typer.Typer()

Casting = Annotated[
    Path | None, typer.Option("--file", help="Voice, pitch and place of each style; engine and player.")
]
By = Annotated[Literal["word", "phrase"], typer.Option("--by", help="Say each word as it ends, or whole phrases.")]

POLL_S = 0.005


@app.command()
def aloud(
    server: AtServer = HERE,
    performance: PerformanceName = MAIN,
    file: Casting = None,
    by: By = "word",
    secret_file: ServersSecret = None,
) -> None:
    """Speak the text in time with its words, each style in a voice and a place of its own (eSpeak NG)."""
    import time

    from frontend.aloud.engine import Engine
    from frontend.aloud.speaker import Speaker, player_of
    from frontend.aloud.voices import CastingFile, load_casting
    from protocol.command_line import ended_by_signals

    casting = load_casting(file) if file is not None else CastingFile()
    engine, player = Engine(casting.engine), player_of(casting.player)
    ending = Event()
    with joined(server, performance, secret_file, "aloud") as link:
        speaker = Speaker(link, engine, player, casting.voice, by, complain)
        print(f"antiphon: the text is spoken, played by {player[0]}", file=sys.stderr, flush=True)
        with closing(speaker), ended_by_signals(ending):
            while not ending.wait(POLL_S):
                speaker.turn(time.monotonic())
