"""How soon a front end is right again after a bad wire: a real server, a real link, and hands that move all the while.

``measure`` plays through each weather for some seconds, then lets text, hands and weather rest, and tells how many
seconds later the front end's text was the server's, and its controls too. The delay stays when the weather clears.
"""

from __future__ import annotations

import random
import time
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

from benchmarks.endure.lossy import LossyRelay, NetworkConditions
from benchmarks.endure.waiting import pump_until, welcome
from benchmarks.listening import server
from frontend.client.link import Link
from protocol.messages import Rewind, Step, Word
from protocol.tree import Value

CONDITIONS = {
    f"{lost:.0%} lost, 10% doubled, 10% out of order, 200 ms late": NetworkConditions(lost, 0.1, 0.1, 0.2)
    for lost in (0.0, 0.05, 0.2, 0.5)
} | {f"{lost:.0%} lost": NetworkConditions(lost) for lost in (0.05, 0.2, 0.5)}
FRAME_S = 1 / 60  # seconds
MOVED_ADDRESSES = ("/mix/temperature", "/mix/alloy", "/puck/falloff", "/mix/top_p")


def measure(seconds: float = 5.0, times: int = 3, weights: Path | None = None) -> dict[str, Any]:
    """One row a weather: the longest of ``times`` ways back, in seconds."""
    rows = []
    with server("--no-precedence", weights=weights) as serving:
        for name, weather in CONDITIONS.items():
            healed = [heal(serving.address, weather, seconds, seed) for seed in range(times)]
            rows.append({"weather": name, "healed_s": max(healed)})
    return {"seconds_each": seconds, "times": times, "rows": rows}


def heal(address: tuple[str, int], weather: NetworkConditions, seconds: float, seed: int) -> float:
    """Seconds from rest until all is right. Raises ``LinkError`` if it never is."""
    luck = random.Random(seed)
    with (
        closing(LossyRelay(address, replace(weather, lost=0.0), seed)) as wire,
        closing(Link(*wire.address)) as player,
        closing(Link(*address)) as witness,  # on a good wire: what it knows is what the server says
    ):
        links = (player, witness)
        for link in links:
            welcome(link)
        wire.weather = weather
        player.set("/transport/run", True)
        wished: dict[str, Value] = {}
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            _play(player, wished, luck)
            for link in links:
                link.pump(time.monotonic())
            time.sleep(FRAME_S)
        witness.set("/transport/run", False)
        wire.weather = replace(weather, lost=0.0)
        rested = time.monotonic()

        def right() -> bool:
            mine, true = player.session, witness.session
            return (
                (mine.text, mine.length, mine.epoch) == (true.text, true.length, true.epoch)
                and mine.missing() is true.missing() is None
                and mine.values == true.values
                and all(_near(true.values[name], value) for name, value in wished.items())
            )

        pump_until(right, "the front end is not right again", *links)
        return round(time.monotonic() - rested, 2)


def _play(player: Link, wished: dict[str, Value], luck: random.Random) -> None:
    """What hands do in a frame: mostly a fader, now and then something that is done once."""
    address = luck.choice(MOVED_ADDRESSES)
    parameter = player.session.tree[address]
    wished[address] = parameter.accept([luck.uniform(parameter.low, parameter.high)])
    player.set(address, wished[address])
    if luck.random() < 0.03:
        player.send(luck.choice((Rewind(luck.randint(1, 30)), Step(3), Word())))


def _near(one: Value, other: Value) -> bool:
    return isinstance(one, float) and isinstance(other, float) and abs(one - other) < 1e-5
