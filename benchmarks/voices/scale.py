"""How much is measured: the whole report, and a quick look. Only numbers; no thread of its own."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

LEAD = 40  # characters that a voice writes before those that are judged
SEED = 1

FUSED = (
    ("austen", "baudelaire"),
    ("austen", "linux"),
    ("bible", "trump"),
    ("kant", "lovesongs"),
    ("homer", "apollo11"),
    ("beeton", "nietzsche"),
    ("buddha", "quran"),
    ("frankenstein", "sensation"),
    ("latex", "linux"),
    ("davinci", "machiavelli"),
)
SLID = (
    ("bible", "linux"),
    ("austen", "trump"),
    ("beeton", "nietzsche"),
    ("homer", "apollo11"),
    ("kant", "lovesongs"),
    ("latex", "quran"),
)


@dataclass(frozen=True)
class Scale:
    """All counts that decide how long a report takes and how fine its figures are."""

    held_out: int = 1_000_000  # characters of each held-out place, at most
    stretches: int = 4  # of 250 characters, of each held-out place, that matrix and fusion read
    written: int = 40  # pieces of 500 characters that each voice writes at each temperature
    real: int = 100  # pieces of each style's held-out text, at most
    lessons: int = 1_200  # pieces of each style's training text that the judge learns from, at most
    fused: int = 10  # pairs
    slid: int = 6  # pairs
    slid_pieces: int = 40  # at each weight
    weights: int = 11  # from 0 to 1


FULL = Scale()
QUICK = Scale(held_out=2_000, stretches=1, written=10, real=20, lessons=250, fused=3, slid=2, slid_pieces=8, weights=5)


def pairs(listed: tuple[tuple[str, str], ...], slugs: list[str], most: int) -> list[tuple[str, str]]:
    """At most ``most`` pairs of ``slugs``: those ``listed`` first, then neighbours in the list."""
    chosen = [pair for pair in listed if set(pair) <= set(slugs)]
    known = {frozenset(pair) for pair in chosen}
    chosen += [pair for pair in pairwise(slugs) if frozenset(pair) not in known]
    return chosen[:most]
