"""The page *reading*: how what the instrument itself writes reads, before and after, for voices alone and for mixes.

*before* is the voices' plain vote, *after* what a new performance does by default (``live_text``). The notebook keeps
each text by its seed, and none is written again while what decides it is the same. Runs on the caller's thread.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from benchmarks.voices import live_text
from benchmarks.voices.live_text import LETTER_RATE, MIXES, OPENING, WARMTHS, Reading, live, measured
from benchmarks.voices.measuring import Notebook
from benchmarks.voices.placing import Judge, LinearJudge, attributions
from benchmarks.voices.subjects import FULL as REPORT_SCALE
from benchmarks.voices.subjects import PIECE_CHARS, pieces, subjects
from benchmarks.voices.words import lexicon
from models import voice_folders
from models.interface import Voices
from models.loading import load_voices
from protocol import layout, mixing
from protocol.atomic_file import write_atomically
from protocol.errors import StyleError
from protocol.tree import ParameterTree, Value, on_address, weight_address
from server.engine import performance
from server.engine.performance import Performance
from server.filters import aim, blocklist, filters, quotation, repetition, spelling
from server.filters.filters import FilterSet
from server.filters.load import SHIPPED_LEXICON, SHIPPED_QUOTATIONS, SHIPPED_WORDS, shipped_filters
from server.voice_cards import voices_of_code
from styles.library import corpus_path, shipped

CODE = (live_text, mixing, performance)  # whose change makes a measurement new
GUARDS = (filters, aim, blocklist, layout, quotation, repetition, spelling)  # and of those that are guarded
LISTS = (SHIPPED_LEXICON, SHIPPED_QUOTATIONS, SHIPPED_WORDS)
COPIED_CHARS = 40  # a run of so many that stands in a text is a copy
LOOKED_AT_CHARS = 120  # steps in which a text is looked at for circles
STEERED_AFTER_CHARS = 200  # of the first voice, before the weights move
STEERED_WITHIN_CHARS = 400  # in which the second voice's first word is waited for

Show = Callable[[str, int, int], None]


@dataclass(frozen=True)
class Scale:
    """How much is written."""

    seeds: int = 8
    chars: int = live_text.CHARS
    mixes: int = len(MIXES)


FULL, QUICK = Scale(), Scale(seeds=2, chars=600)


@dataclass(frozen=True)
class Compared:
    """One voice, or one mix, at one temperature."""

    voices: tuple[str, ...]
    temperature: float
    before: Reading
    after: Reading
    placed_before: float | None = None  # of a voice alone: the share of pieces that an independent judge gives to it
    placed_after: float | None = None


@dataclass(frozen=True)
class LiveFindings:
    scale: Scale
    alone: tuple[Compared, ...]
    mixed: tuple[Compared, ...]
    steered_before_chars: float  # from a weight's move to the end of the new voice's first word, in the mean
    steered_after_chars: float
    sample: str  # of the opening mix, the first that came


def examine(scale: Scale, notebook: Notebook, show: Show) -> LiveFindings:
    """Measure everything. Raises ``StyleError`` where a text is missing."""
    texts = {card.slug: _corpus(card.slug) for card in shipped()}
    known = lexicon(texts.values())
    tasks: list[tuple[tuple[str, ...], float]] = [((slug,), temperature) for slug in texts for temperature in WARMTHS]
    tasks += [(mix, temperature) for mix in MIXES[: scale.mixes] for temperature in WARMTHS[1:]]
    show("the judge learns", 0, 1)
    judge, columns = _judge()
    show("the judge learns", 1, 1)
    found = []
    for done, (mix, temperature) in enumerate(tasks):
        show("what the instrument writes", done, len(tasks))
        written = {plain: _written(mix, temperature, plain, scale, notebook) for plain in (True, False)}
        before, after = (_measured(written[plain], mix, texts, known) for plain in (True, False))
        row = Compared(mix, temperature, before, after)
        if len(mix) == 1:
            one, other = (_placed(judge, written[plain], columns.index(mix[0])) for plain in (True, False))
            row = replace(row, placed_before=one, placed_after=other)
        found.append(row)
    show("what the instrument writes", len(tasks), len(tasks))
    pairs = [mix for mix in MIXES[: scale.mixes] if len(mix) == 2]
    steered = {plain: _steering(pairs, plain, notebook) for plain in (True, False)}
    voices = _voices(OPENING)
    (sample,) = live(voices, dict.fromkeys(OPENING, 1.0), 0.7, [1], 600, shipped_filters())
    alone = tuple(each for each in found if len(each.voices) == 1)
    mixed = tuple(each for each in found if len(each.voices) > 1)
    return LiveFindings(scale, alone, mixed, steered[True], steered[False], sample)


def _written(mix: tuple[str, ...], temperature: float, plain: bool, scale: Scale, notebook: Notebook) -> list[str]:
    """The texts of one row, one for each seed."""
    stamps = [_stamp(slug) for slug in mix]
    texts = []
    for seed in range(1, scale.seeds + 1):

        def write(seed: int = seed) -> str:
            weights, filters = dict.fromkeys(mix, 1.0), None if plain else shipped_filters()
            return live(_voices(mix), weights, temperature, [seed], scale.chars, filters)[0]

        arguments = [mix, stamps, temperature, plain, scale.chars, seed, [] if plain else _lists()]
        texts.append(str(notebook.recall("text", CODE if plain else CODE + GUARDS, arguments, write)))
    return texts


def _measured(written: Sequence[str], mix: Sequence[str], texts: dict[str, str], known: frozenset[str]) -> Reading:
    corpora = [texts[slug] for slug in mix]
    return measured(written, known, circling, lambda text: copied(text, corpora))


def _judge() -> tuple[Judge, list[str]]:
    """The report's judge, who has read the texts and met no voice, and the styles that it tells apart."""
    styles = subjects()
    lessons = [pieces(style.training, REPORT_SCALE.lessons) for style in styles]
    return LinearJudge(lessons), [style.slug for style in styles]


def _placed(judge: Judge, texts: Sequence[str], column: int) -> float:
    """The share of ``texts``' pieces of 500 characters that the judge gives to the style of that column."""
    cut = pieces([np.frombuffer(text.encode("ascii"), np.uint8) for text in texts], sum(map(len, texts)) // PIECE_CHARS)
    return attributions(judge, cut).count(column) / max(1, len(cut))


def circling(text: str) -> float:
    """The share of places, every ``LOOKED_AT_CHARS``, at which a text goes round in circles."""
    ends = range(LOOKED_AT_CHARS, len(text) + 1, LOOKED_AT_CHARS)
    return sum(repetition.warmth(text[:end]) > 1.0 for end in ends) / max(1, len(ends))


def copied(text: str, corpora: Sequence[str]) -> float:
    """The share of runs of ``COPIED_CHARS``, side by side, that stand in one of ``corpora``; blanks are no copy."""
    runs = [text[start : start + COPIED_CHARS] for start in range(0, len(text) - COPIED_CHARS + 1, COPIED_CHARS)]
    runs = [run for run in runs if sum(map(str.isalpha, run)) > COPIED_CHARS // 2]
    return sum(any(run in corpus for corpus in corpora) for run in runs) / max(1, len(runs))


def steered_chars(slugs: tuple[str, str], seed: int, plain: bool) -> int:
    """Characters from a weight's move, from the first voice to the second, to the end of the second's first word."""
    voices = _voices(slugs)
    guards = FilterSet() if plain else shipped_filters()
    guards.code.update(voices_of_code())
    stage = Performance(voices, seed, remembered=0, filters=guards)
    values: dict[str, Value] = ParameterTree(voices.slugs).defaults()
    values |= {address: value for address, value in live_text.PLAIN.items() if plain and address in values}
    values |= {on_address(slug): True for slug in slugs}
    second = voices.slugs.index(slugs[1])
    letters: list[float] = []  # the second voice's share of each letter of the present word
    for place in range(STEERED_AFTER_CHARS + STEERED_WITHIN_CHARS):
        moved = place >= STEERED_AFTER_CHARS
        values |= {weight_address(slugs[0]): 0.15 if moved else 1.0, weight_address(slugs[1]): 1.0 if moved else 0.15}
        stage.settle(values)
        stage.catch_up(lambda: True)
        written = stage.write(values)
        stage.listen()
        if written.character.isalpha():
            letters.append(float(written.shares[second]))
            continue
        if moved and len(letters) > 2 and float(np.mean(letters)) > 0.5:
            return place - STEERED_AFTER_CHARS
        letters = []
    return STEERED_WITHIN_CHARS


def _steering(pairs: Sequence[tuple[str, ...]], plain: bool, notebook: Notebook) -> float:
    stamps = [[_stamp(slug) for slug in pair] for pair in pairs]
    arguments = [list(pairs), stamps, plain, [] if plain else _lists()]

    def measure() -> float:
        return float(np.mean([steered_chars((pair[0], pair[1]), 1, plain) for pair in pairs]))

    return float(notebook.recall("steered", CODE if plain else CODE + GUARDS, arguments, measure))


def write_page(findings: LiveFindings, folder: Path) -> Path:
    """The page, written whole; returns where it is."""
    path = folder / "reading.md"
    write_atomically(path, page(findings))
    return path


def page(findings: LiveFindings) -> str:
    """What ``findings`` say, for people."""
    scale = findings.scale
    texts = "one text" if scale.seeds == 1 else f"{scale.seeds} texts"
    option = "" if scale.seeds == FULL.seeds else f" --seeds {scale.seeds}"
    lines = [
        "# How it reads",
        "",
        f"Made by `antiphon report --reading{option}`: {texts} of {scale.chars} characters for each row.",
        "*Before* is the voices' plain vote, *after* what a new performance does by default: layout guard, grain,",
        "spelling and the words beside the letters as they stand. A real word stands at least twice in the texts of",
        f"all voices. Silence is the longest time without a letter at {LETTER_RATE:g} characters a second. Placed is",
        f"the share of pieces of {PIECE_CHARS} characters that a judge, who has met no voice, gives to their style.",
        "",
        *_table(_totals(findings)),
        "",
        "From a weight's move to the end of the new voice's first word:",
        f"{findings.steered_before_chars:.1f} letters before, {findings.steered_after_chars:.1f} after, in the mean.",
        "",
        "The default mix at 0.7, the first text that came:",
        "",
        "```",
        *findings.sample.strip("\n").split("\n"),
        "```",
        "",
        "## Mixes",
        "",
        *_table(findings.mixed),
        "",
        "## Voices alone",
        "",
        *_table(findings.alone),
    ]
    return "\n".join(lines) + "\n"


def _totals(findings: LiveFindings) -> list[Compared]:
    """All mixes, those of prose only, and all voices alone, at each temperature: the worst run and silence, the mean of
    the shares.
    """
    prose = {card.slug for card in shipped() if card.kind == "prose"}
    of_prose = tuple(each for each in findings.mixed if set(each.voices) <= prose)
    rows = []
    for name, group in (
        ("all mixes", findings.mixed),
        ("mixes of prose", of_prose),
        ("all voices alone", findings.alone),
    ):
        for temperature in sorted({each.temperature for each in group}):
            here = [each for each in group if each.temperature == temperature]
            before, after = _joined([each.before for each in here]), _joined([each.after for each in here])
            placed = _mean([each.placed_before for each in here]), _mean([each.placed_after for each in here])
            rows.append(Compared((name,), temperature, before, after, *placed))
    return rows


def _mean(shares: Sequence[float | None]) -> float | None:
    """None where one was not measured."""
    measured = [share for share in shares if share is not None]
    return float(np.mean(measured)) if len(measured) == len(shares) else None


def _joined(readings: Sequence[Reading]) -> Reading:
    def mean(name: str) -> float:
        return float(np.mean([getattr(each, name) for each in readings]))

    return Reading(
        max(each.longest_blank_run for each in readings),
        mean("blanks"),
        max(each.silence_s for each in readings),
        mean("real_words"),
        mean("repeated"),
        mean("copied"),
    )


def _table(rows: Sequence[Compared]) -> list[str]:
    lines = [
        "| voices | temperature | longest blank run | blanks | silence, s | real words | circling | copied | placed |",
        "|---|---|---|---|---|---|---|---|---|",
    ]
    for row in rows:
        one, other = row.before, row.after
        cells = [
            f"{one.longest_blank_run} \u2192 **{other.longest_blank_run}**",
            f"{one.blanks:.0%} \u2192 **{other.blanks:.0%}**",
            f"{one.silence_s:.1f} \u2192 **{other.silence_s:.1f}**",
            f"{one.real_words:.1%} \u2192 **{other.real_words:.1%}**",
            f"{one.repeated:.0%} \u2192 **{other.repeated:.0%}**",
            f"{one.copied:.1%} \u2192 **{other.copied:.1%}**",
            ""
            if row.placed_before is None or row.placed_after is None
            else f"{row.placed_before:.0%} \u2192 **{row.placed_after:.0%}**",
        ]
        lines.append(f"| {', '.join(row.voices)} | {row.temperature} | " + " | ".join(cells) + " |")
    return lines


def _corpus(slug: str) -> str:
    try:
        return corpus_path(slug).read_text("ascii")
    except OSError as error:
        raise StyleError(
            f"the text of {slug} is not here ({error.strerror}): `antiphon styles fetch` gets it"
        ) from None


def _voices(slugs: Sequence[str]) -> Voices:
    """The voices of these styles with their further tongues, as a performer has them."""
    return load_voices([voice_folders.voice(slug) for slug in slugs], tongues=voice_folders.tongues())


def _stamp(slug: str) -> list[object]:
    files = [voice_folders.voice(slug), *voice_folders.tongues().get(slug, {}).values()]
    return [_file_stamp(path) for path in files]


def _lists() -> list[list[object]]:
    return [_file_stamp(path) for path in LISTS]


def _file_stamp(path: Path) -> list[object]:
    return [path.name, path.stat().st_size, int(path.stat().st_mtime)]
