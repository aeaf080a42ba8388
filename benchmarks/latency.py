"""How long a hand's move takes to be heard: from a weight sent by OSC to the character that is drawn with it.

    server   the weight's arrival (until the answer to a ping sent right behind it has left: an upper bound) plus what
             the engine took from reading the values to drawing the character that this weight decided first
    outside  from the datagram being sent to the first `/text/char` drawn with it being handed to the system

Two of the voices are markers, networks of the shipped shape that want one rare character only; all voices are awake.
One marker's weight is moved below and above the other's at random moments, and the joint distribution told with each
character says on which side it was when that character was drawn. Runs on the caller's thread.
"""

from __future__ import annotations

import random
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

from benchmarks.machine import (
    ServerListener,
    busy_seconds,
    describe,
    flood,
    front_end_playing,
    listener,
    percentile,
    server,
)
from protocol.errors import VoiceError
from protocol.messages import Char, Joint, Ping, Pong, Set
from protocol.tree import GRAIN, LAYOUT, on_address, weight_address

MARKED, MARKER = "~", "^"  # what the voice whose weight moves wants, and the one that it is compared with
MOVED, STILL = "aaa-moved", "aaa-still"  # their slugs, the first of all
ABOVE, BELOW, BETWEEN = 1.0, 0.3, 0.5  # weights, the last one everybody else's; none so small that its voice sleeps
PAUSE_PERIODS = (1.3, 2.7)  # periods between two moves, at random
RATES = (10.0, 20.0, 60.0)  # characters/s
SETTLE_S = 2.0


def measure(
    seconds: float = 30.0,
    rates: Sequence[float] = RATES,
    flooding: int = 0,
    front_end: str = "none",
    precedence: bool = True,
) -> dict[str, Any]:
    """One JSON object: a row for each rate with the percentiles of both latencies in ms, ``seconds`` of moves each.

    ``core_percent`` is what the server took of one core.
    """
    options = () if precedence else ("--no-precedence",)
    rows = []
    with marked_voices() as folder:
        for rate in rates:
            with server(*options, weights=folder) as playing, listener(playing.address) as listening:
                _all_awake(listening, rate)
                with front_end_playing(front_end, playing.address), flood(playing.address, flooding):
                    list(listening.receive(SETTLE_S))
                    began, busy = time.perf_counter(), busy_seconds(playing.pid)
                    moves = _move(listening, seconds, rate)
                    load = (busy_seconds(playing.pid) - busy) / (time.perf_counter() - began)
                own = playing.stop()
            rows.append({**_row(moves, own, rate), "core_percent": round(100 * load, 1)})
    usual = min(rows, key=lambda row: abs(row["rate"] - 20.0))
    return {
        "benchmark": "latency",
        "machine": describe(),
        "flood": flooding,
        "front": front_end,
        "precedence": own["precedence"],
        "p50_ms": usual["outside_p50_ms"],
        "p99_ms": usual["outside_p99_ms"],
        "server_p50_ms": usual["server_p50_ms"],
        "server_p99_ms": usual["server_p99_ms"],
        "rows": rows,
    }


class Move:
    """A weight that was sent, and what became of it: when it had arrived, which character it decided and when."""

    def __init__(self, sent: float, above: bool) -> None:
        self.sent, self.above = sent, above
        self.arrived: float | None = None
        self.decided: tuple[int, float] | None = None


@contextmanager
def marked_voices() -> Iterator[Path]:
    """A folder with the shipped voices, the first two of them turned into markers."""
    from models import voice_folders
    from models.char_lstm.weights_file import VoiceWeights
    from models.int8_rows import Matrix

    paths = list(voice_folders.voices().values())
    if len(paths) < 2:
        raise VoiceError("the latency is measured with two voices or more: `antiphon train` makes one")
    with tempfile.TemporaryDirectory(prefix="antiphon-marked-") as name:
        for path in paths[2:]:
            (Path(name) / path.name).symlink_to(path.resolve())
        whole = VoiceWeights.load(paths[0])
        for slug, character in ((MOVED, MARKED), (STILL, MARKER)):
            bias = whole.output_bias * 0.0
            bias[ord(character)] = 12.0
            marker = replace(whole, slug=slug, output=Matrix.of(whole.output.to_float() * 0.0), output_bias=bias)
            marker.save(Path(name) / f"{slug}.safetensors")
        yield Path(name)


def _all_awake(listening: ServerListener, rate: float) -> None:
    cards = listening.introductions()
    for card in cards:
        weight = ABOVE if card.slug == MOVED else BETWEEN
        listening.send(Set(on_address(card.slug), True), Set(weight_address(card.slug), weight))
    # Grain and the layout guard may keep a letter from being that of the moved weight: they are no part of the way.
    listening.send(Set("/mix/rate", rate), Set(GRAIN, 0.0), Set(LAYOUT, False))
    listening.wait_for_voices(len(cards))


def _move(listening: ServerListener, seconds: float, rate: float) -> list[Move]:
    """Move the weight up and down for ``seconds`` and hear what happens."""
    chance = random.Random(1)
    moves: list[Move] = []
    until = time.perf_counter() + seconds
    while time.perf_counter() < until:
        move = Move(time.perf_counter(), above=len(moves) % 2 == 1)
        listening.send(Set(weight_address(MOVED), ABOVE if move.above else BELOW), Ping(len(moves)))
        moves.append(move)
        for heard in listening.receive(chance.uniform(*PAUSE_PERIODS) / rate):
            sequence = next((message.sequence for message in heard.messages if isinstance(message, Char)), 0)
            for message in heard.messages:
                if isinstance(message, Pong) and message.token < len(moves):
                    moves[message.token].arrived = heard.at
                if isinstance(message, Joint) and move.decided is None:
                    marked, marker = message.levels[ord(MARKED)], message.levels[ord(MARKER)]
                    if marked != marker and (marked > marker) == move.above:
                        move.decided = sequence, heard.at
    return moves


def _row(moves: Sequence[Move], own: dict[str, Any], rate: float) -> dict[str, Any]:
    """A rate's percentiles; moves that were overtaken by the next one before any character came are left out."""
    commits = own["commit_ms"]
    first = own["sequence"] - len(commits) + 1  # the sequence number of the oldest
    outside, arrivals, inside = [], [], []
    for move in moves:
        if move.arrived is None or move.decided is None:
            continue
        sequence, heard_at = move.decided
        outside.append(heard_at - move.sent)
        arrivals.append(move.arrived - move.sent)
        inside.append(arrivals[-1] + commits[sequence - first] / 1e3)
    return {
        "rate": rate,
        "moves": len(moves),
        "heard": len(outside),
        "period_ms": round(1e3 / rate, 2),
        "arrival_p99_ms": percentile(arrivals, 0.99),
        "commit_p99_ms": percentile([c / 1e3 for c in commits], 0.99),
        "server_p50_ms": percentile(inside, 0.5),
        "server_p99_ms": percentile(inside, 0.99),
        "outside_p50_ms": percentile(outside, 0.5),
        "outside_p99_ms": percentile(outside, 0.99),
        "beyond_a_period_ms": round(percentile(outside, 0.99) - 1e3 / rate, 3),
    }
