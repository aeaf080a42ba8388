"""`antiphon sprites draw`: what a front end runs beside itself. What is heavy is imported inside."""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from models.sprites.shelf import SHIPPED
from protocol.errors import AntiphonError

Name = Annotated[str, typer.Option("--set", metavar="NAME", help="Whose creatures.")]


def draw(name: Name = SHIPPED) -> None:
    """Draw what is asked for on standard input, line by line, until that ends."""
    from models.sprites.shelf import generator
    from protocol.sprites import SpriteSet

    def say(line: str) -> None:
        print(line, flush=True)

    try:
        path = generator(name)
        import torch

        from models.sprites.drawing import CreatureArtist
        from models.sprites.weights_file import SpriteWeights
        from server.sprites.drawing_process import run

        torch.set_num_threads(1)
        artist = CreatureArtist(SpriteWeights.load(path))
    except AntiphonError as error:
        say(SpriteSet([], str(error)[:1_000]).line())
        raise
    run(artist, sys.stdin, say)
