"""`antiphon light`: lamps that follow the text, by sACN or Art-Net; `antiphon mqtt`, `antiphon ndi`.

What is heavy is imported inside. Main thread.
"""

from __future__ import annotations

import sys
from pathlib import Path
from threading import Event
from typing import Annotated

import typer

from frontend.client.joining import HERE, AtServer, PerformanceName, ServersSecret, joined
from protocol.messages import MAIN

app = typer.Typer()

RigFile = Annotated[
    Path | None, typer.Option("--file", help="Which slot shows what; by default what ships, to 127.0.0.1.")
]
Print = Annotated[bool, typer.Option("--print", help="Print the file that ships, to be copied and changed.")]


@app.command()
def light(
    server: AtServer = HERE,
    performance: PerformanceName = MAIN,
    file: RigFile = None,
    show: Print = False,
    secret_file: ServersSecret = None,
) -> None:
    """Let lamps follow the text: voices' colours, shares, surprise, agreement, by sACN or Art-Net."""
    from frontend.outputs.light import SHIPPED_RIG, load_rig
    from frontend.outputs.light_out import LightOut, run
    from protocol.command_line import ended_by_signals

    if show:
        print(SHIPPED_RIG.read_text("utf-8"), end="")
        return
    rig, ending = load_rig(file), Event()
    with joined(server, performance, secret_file, "light") as link:
        light = LightOut(link, rig)
        where = ", ".join(f"universe {row.universe} by {row.protocol} to {row.to}" for row in rig.universe)
        print(f"antiphon: lamps follow the text: {where}", file=sys.stderr, flush=True)
        with ended_by_signals(ending):
            run(light, ending.is_set)


Place = Annotated[
    str, typer.Option("--broker", metavar="HOST[:PORT]", help="The MQTT broker; its port is 1883, or 8883.")
]
Topic = Annotated[str, typer.Option(help="How every topic begins.")]
User = Annotated[str, typer.Option(help="Whom the broker knows.")]
Password = Annotated[Path | None, typer.Option("--password-file", help="A file with the password, and nothing else.")]
Tls = Annotated[bool, typer.Option("--tls", help="Encrypted; the broker's certificate must be good.")]


@app.command()
def mqtt(
    broker: Place,
    server: AtServer = HERE,
    performance: PerformanceName = MAIN,
    topic: Topic = "antiphon",
    user: User = "",
    password: Password = None,
    tls: Tls = False,
    secret_file: ServersSecret = None,
) -> None:
    """Publish text and signals by MQTT, for LED tickers, e-ink and home automation."""
    from frontend.outputs.mqtt import PahoBroker, run
    from protocol.command_line import complain, ended_by_signals
    from protocol.networks import host_and_port

    named = ":" in broker.rpartition("]")[2]
    host, port = host_and_port(broker if named else f"{broker}:1", "--broker takes HOST or HOST:PORT")
    ending, place = Event(), PahoBroker(host, port if named else 0, topic, user, password, tls)
    with joined(server, performance, secret_file, "mqtt") as link, ended_by_signals(ending):
        print(f"antiphon: the text is published as {topic}/..", file=sys.stderr, flush=True)
        run(link, place, ending.is_set, complain)


Name = Annotated[str, typer.Option(help="What the source is called, behind this machine's name.")]
Size = Annotated[str, typer.Option(metavar="WIDTHxHEIGHT", help="Of the picture, in pixels.")]
Fps = Annotated[float, typer.Option(min=1.0, max=60.0, help="Pictures a second.")]
Ground = Annotated[bool, typer.Option("--ground", help="With the theme's ground instead of nothing.")]
Setting = Annotated[list[str] | None, typer.Option("--stage", metavar="NAME=VALUE", help="How it looks; repeat.")]


@app.command()
def ndi(
    server: AtServer = HERE,
    performance: PerformanceName = MAIN,
    name: Name = "Antiphon",
    size: Size = "1280x720",
    fps: Fps = 30.0,
    ground: Ground = False,
    stage: Setting = None,
    secret_file: ServersSecret = None,
) -> None:
    """Send the stage as a picture with transparency to video mixers and media servers, by NDI."""
    from frontend.stage.feed import NdiFeed, run
    from frontend.stage.film import size_of
    from frontend.stage.settings import settings_of_words
    from frontend.stage.staging import StageState, default_path
    from protocol.command_line import ended_by_signals

    chosen = settings_of_words(stage or [])
    staging, area, ending = StageState(default_path(), chosen), size_of(size), Event()
    with joined(server, performance, secret_file, "ndi") as link, ended_by_signals(ending):
        feed = NdiFeed(name, area, fps)
        print(f"antiphon: the stage is sent by NDI as {name}, {size}", file=sys.stderr, flush=True)
        run(link, staging, area, fps, feed, ending.is_set, ground, "theme" in chosen)
