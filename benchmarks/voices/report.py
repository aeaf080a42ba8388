"""`antiphon report`: from voices and texts to the pages in docs/voices/, in one go.

Whole or not at all: everything is measured and drawn before the first file is written, and each file is written in one
piece. Only a whole report goes into docs/voices/ and the README; a quick one, or one of some voices only, into a folder
of its own. Runs on the caller's thread; the measurements on a pool.
"""

from __future__ import annotations

import importlib.util
import json
import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict, replace
from importlib.metadata import version
from pathlib import Path

from platformdirs import user_cache_path

from benchmarks.machine import describe
from benchmarks.voices import live_report
from benchmarks.voices.findings import REAL, Findings, source
from benchmarks.voices.measuring import Examiner, Notebook, Show
from benchmarks.voices.subjects import FULL, QUICK, SEED, Subject, subject, subjects
from protocol.atomic_file import write_atomically
from protocol.errors import AntiphonError, StyleError, VoiceError
from styles.card import Card
from styles.library import shipped

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs" / "voices"
README = ROOT / "README.md"
PARTIAL = Path(".runs") / "report"  # where a report that is not whole goes
NEEDED = {"matplotlib": "matplotlib", "sklearn": "scikit-learn", "pyppmd": "pyppmd"}  # module: package


def report(slugs: Sequence[str], quick: bool, into: Path | None, again: bool, show: Show) -> tuple[Path, Findings]:
    """Examine the voices ``slugs``, or all shipped ones, and write the pages; returns where they are, and the findings.

    Raises ``AntiphonError`` (one line) where a package, a voice or a text is missing.
    """
    check_packages()
    began = time.monotonic()
    examined = subjects(slugs)
    styles = _with(examined)
    scale = QUICK if quick else FULL
    whole = not quick and not slugs
    notebook = Notebook(user_cache_path("antiphon", appauthor=False) / "report", again)
    findings = Examiner(examined, styles, scale, notebook, show).findings()
    findings = replace(findings, made=_made(time.monotonic() - began))
    cards = {style.slug: style.card for style in styles}
    folder = into or (DOCS if whole else Path.cwd() / PARTIAL)
    show("pages and pictures", 0, 1)
    write_pages(findings, cards, folder, README if whole and into is None else None)
    show("pages and pictures", 1, 1)
    return folder, findings


def reading_page(quick: bool, seeds: int | None, into: Path | None, again: bool, show: Show) -> Path:
    """Measure how what the instrument itself writes reads, and write that page; returns where it is.

    ``seeds`` are the texts of each row, where other than the scale has.
    """
    scale = live_report.QUICK if quick else live_report.FULL
    scale = replace(scale, seeds=seeds or scale.seeds)
    notebook = Notebook(user_cache_path("antiphon", appauthor=False) / "report", again)
    return live_report.write_page(live_report.examine(scale, notebook, show), into or DOCS)


def check_packages() -> None:
    """Raise ``AntiphonError`` if a package that only the report needs is not installed."""
    missing = [package for module, package in NEEDED.items() if importlib.util.find_spec(module) is None]
    if missing:
        raise AntiphonError(
            f"the report needs {', '.join(missing)}: pip install -c constraints.txt '.[report]' in Antiphon's folder"
        )


def write_pages(findings: Findings, cards: Mapping[str, Card], folder: Path, readme: Path | None = None) -> None:
    """All files of a report into ``folder``, and the README's block; nothing if any of them cannot be made."""
    from benchmarks.voices.pages import readme_block, rewritten

    files = {folder / name: content for name, content in contents(findings, cards).items()}
    if readme and readme.exists():
        files[readme] = rewritten(readme.read_text("utf-8"), readme_block(findings)).encode()
    for path, content in files.items():
        write_atomically(path, content)


def contents(findings: Findings, cards: Mapping[str, Card]) -> dict[str, bytes]:
    """Every file of a report by its name."""
    from benchmarks.voices import pages, plots

    colours = {slug: card.colour for slug, card in cards.items()}
    at = source(0.7)
    files = {
        "README.md": pages.index(findings, cards).encode(),
        "figures.json": (json.dumps(asdict(findings), indent=1) + "\n").encode(),
        "matrix.csv": pages.matrix_csv(findings).encode(),
        "overview.svg": plots.overview(findings, colours),
        "matrix.svg": plots.matrix(findings, colours),
        "placing.svg": plots.confusion(findings, {REAL: "real text", at: f"written at {at}"}, colours),
    }
    if findings.slides:
        files["steering.svg"] = plots.steering(findings, colours)
    if findings.fusings:
        files["fusion.svg"] = plots.fusion(findings, colours)
    for voice in findings.voices:
        files[f"{voice.slug}.md"] = pages.page(voice, findings, cards[voice.slug]).encode()
        files[f"{voice.slug}.svg"] = plots.curve(voice, colours[voice.slug])
    return files


def _with(examined: Sequence[Subject]) -> list[Subject]:
    """``examined`` and every other shipped style whose voice and text are here, in alphabetical order."""
    found = {each.slug: each for each in examined}
    for card in shipped():
        if card.slug not in found:
            try:
                found[card.slug] = subject(card.slug)
            except (StyleError, VoiceError):  # they are only compared with: the fewer, the coarser
                continue
    return [found[slug] for slug in sorted(found)]


def _made(seconds: float) -> dict[str, object]:
    """When, how long, on what, with which versions."""
    machine = {name: value for name, value in describe().items() if name in ("processor", "cores", "memory", "system")}
    packages = ("torch", "numpy", "scipy", *NEEDED.values())
    return {
        "date": time.strftime("%Y-%m-%d"),
        "minutes": round(seconds / 60, 1),
        "seed": SEED,
        "machine": machine,
        "versions": {name: version(name) for name in packages},
    }


def summary(findings: Findings) -> dict[str, object]:
    """The few figures that the command prints."""
    at = source(0.7)
    return {
        "voices": len(findings.voices),
        "bits_per_char": round(findings.mean("bits"), 4),
        "ngram_bits_per_char": round(findings.mean("ngram"), 4),
        "ppmd_bits_per_char": round(findings.mean("ppmd"), 4),
        "beat_ppmd": len(findings.beat("ppmd")),
        "beat_ppmd_given": len(findings.beat("yardstick")),
        "placed_written": round(findings.placed(at), 4),
        "placed_real": round(findings.placed(REAL), 4),
        "steering_falls": round(max((slide.falls for slide in findings.slides), default=0.0), 4),
    }
