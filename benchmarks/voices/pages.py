"""The page that judges all voices, in Markdown, and the README's block. Values in, text out.

Every figure stands beside the yardstick it is held to; where a yardstick is missed, the page says by how much. No
thread of its own.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping, Sequence
from statistics import fmean

from benchmarks.voices.findings import JUDGED, REAL, SOURCES, Findings, Placing, VoiceFindings, source
from benchmarks.voices.markdown import maybe, sample, table
from benchmarks.voices.reading import STRETCH_CHARS
from benchmarks.voices.subjects import LEAD_CHARS, PIECE_CHARS
from styles.card import Card

# ---- the page of one voice -------------------------------------------------------------------------------------------

STARTS_AT = source(JUDGED[0])  # the temperature at which the instrument starts


def page(voice: VoiceFindings, findings: Findings, card: Card) -> str:
    """All about one voice."""
    training = voice.training
    row = dict(zip(findings.styles, findings.matrix[findings.voices.index(voice)], strict=True))
    column = {
        each.slug: bits[findings.styles.index(voice.slug)]
        for each, bits in zip(findings.voices, findings.matrix, strict=True)
    }
    own = voice.slug
    sections = [
        f"# {card.name}",
        f"{card.line} ([what it read](../credits.md), [all voices](README.md))",
        table(
            ("", "bits per character"),
            [
                ("the voice", f"**{voice.bits:.3f}**"),
                ("PPMd, order 8", f"{voice.ppmd:.3f}"),
                ("PPMd as given", maybe(voice.yardstick, ".2f")),
                ("n-gram, order 6", f"{voice.ngram:.3f}"),
            ],
            "lr",
        ),
        f"On {voice.held_out:,} held-out characters, after {voice.read:,} others were read in training.",
        f"![The training curve of {own}]({own}.svg)",
        f"{training['minutes']:g} minutes of training after the base, in which "
        f"{training['characters'] / 1e6:.1f} million characters were read; made {training['made'] or 'some day'}.",
        "## What it writes",
        "From a line's end on, one random seed for all three.",
        *(
            f"Temperature {temperature}:\n\n{sample(text, card.kind == 'code')}"
            for temperature, text in voice.samples.items()
        ),
        "## Among the others",
        f"Best read by it, besides its own text ({row[own]:.2f}): {_best(row, own)}. Its text is best read, besides by "
        f"itself, by: {_best(column, own)}.",
        f"Its pieces of 500 characters are attributed to it {voice.placing[STARTS_AT].share:.0%} of the time "
        f"(temperature {STARTS_AT}; real text of the style {placed_share(voice.placing[REAL]) or 'is too short'}); "
        f"most often taken for: {mistaken(findings, voice) or 'nobody else'}.",
        "## What it copies",
        table(
            ("", "longest run", "mean over 10,000 characters", "30-character windows"),
            [
                (
                    name if name == REAL else f"written at {name}",
                    f"{found.longest}",
                    f"{found.per_10000:.0f}",
                    f"{found.windows:.2%}",
                )
                for name, found in voice.copying.items()
            ],
            "lrrr",
        ),
        _longest(voice),
        *(
            [
                f"Real words: {voice.words[STARTS_AT]:.1%} of what it writes at {STARTS_AT}, "
                f"{voice.words[REAL]:.1%} of the "
                "real text."
            ]
            if voice.words
            else []
        ),
    ]
    return "\n\n".join(section.rstrip("\n") for section in sections if section) + "\n"


def mistaken(findings: Findings, voice: VoiceFindings) -> str:
    """Whom a voice's pieces are taken for when not for itself, most often first."""
    placing = voice.placing[STARTS_AT]
    ordered = sorted(range(len(placing.counts)), key=lambda column: -placing.counts[column])
    wrong = [column for column in ordered if placing.counts[column] and column != placing.own]
    return ", ".join(f"{findings.styles[column]} {placing.counts[column] / placing.pieces:.0%}" for column in wrong[:2])


def placed_share(placing: Placing) -> str:
    """Of the pieces, those that were given to their own style; nothing where there was no piece."""
    return f"{placing.share:.0%}" if placing.pieces else ""  # a short text may have no piece to be placed


def _longest(voice: VoiceFindings) -> str:
    found = voice.copying[STARTS_AT]
    if not found.run:
        return ""
    return f"The longest run at {STARTS_AT} ({found.longest} characters):\n\n{sample(found.run, code=True)}"


def _best(bits: Mapping[str, float], own: str) -> str:
    near = sorted((value, slug) for slug, value in bits.items() if slug != own)[:3]
    return ", ".join(f"{slug} ({value:.2f})" for value, slug in near) or "none"


MEAN_WANTED = 1.45  # bits per character
BEATEN_WANTED = 22  # of 24 voices
PLACED_WANTED = 0.95
BEGIN, END = "<!-- voices: written by antiphon report -->\n", "<!-- voices end -->\n"


# ---- all voices --------------------------------------------------------------------------------------------------


def index(findings: Findings, cards: Mapping[str, Card]) -> str:
    """The page that judges all voices."""
    made = findings.made
    sections = [
        "# The voices, examined",
        f"Written by `antiphon report` on {made['date']} in {made['minutes']} minutes, from the voices and texts named "
        f"[below](#how-it-was-measured). What a voice is examined on was cut from its text, in several places, before "
        f"it was trained. All figures are also in [figures.json](figures.json).",
        "## Yardsticks",
        yardsticks(findings),
        "Where a yardstick is missed, [what was tried](trials.md) tells what was done about it.",
        "## Bits per character",
        "![Bits per character of every voice, PPMd and an n-gram](overview.svg)",
        "The n-gram is ours (Witten-Bell, contexts of up to 6 characters) and PPMd is variant H at order 8, as 7-Zip "
        "packs with; both had the voice's training text and were scored on the same held-out text. PPMd goes on "
        "learning from the held-out text while it reads it; the others do not. *PPMd, given* is the yardstick that the "
        "voices were set, measured by others on another cut of the same texts.",
        bits_table(findings, cards),
        "## Every voice reads every text",
        "![Every voice reading every text](matrix.svg)",
        f"Bits per character on up to {8 * findings.scale['stretches'] * STRETCH_CHARS:,} characters of each held-out "
        "text, every text read in the same way; the table is [matrix.csv](matrix.csv). " + _own_best(findings),
        "## Whose text is it?",
        "![Whom the pieces are attributed to](placing.svg)",
        _placing_words(findings),
        placing_table(findings),
        "## From one voice to another",
        "![Attribution as the weight slides](steering.svg)",
        f"Two voices are mixed as on stage (temperature {STARTS_AT}) while the weight slides from the first to the "
        "second; the same random numbers at each weight. Lines: the share of pieces that the judge gives to each; "
        "grey: to anybody else. " + _steering_words(findings),
        *_fusion(findings),
        "## Copying",
        "What a voice shares, character for character, with the text that it has read: the longest run, the mean of "
        "the longest over every 10,000 characters written, and the share of 30-character windows found there. *Real* "
        "is held-out text of the style, which shows how much a style repeats itself.",
        copying_table(findings),
        "## Real words",
        "The share of words that stand at least twice in the training texts of all prose and verse voices (capitals do "
        "not matter). Real text has names and rare words too, so it does not reach 100 %.",
        words_table(findings),
        "## How it was measured",
        _method(findings),
        checksums_table(findings),
    ]
    return "\n\n".join(section.rstrip("\n") for section in sections if section) + "\n"


def yardsticks(findings: Findings) -> str:
    """What was asked for, what was reached, and by how much it was missed."""
    voices = len(findings.voices)
    wanted = max(1, round(BEATEN_WANTED * voices / 24))
    mean, given, here = findings.mean("bits"), len(findings.beat("yardstick")), len(findings.beat("ppmd"))
    placed = findings.placed(STARTS_AT)
    short = _short_of_real(findings)
    falls = max((slide.falls for slide in findings.slides), default=0.0)
    rows = [
        (
            "mean bits per character",
            f"below {MEAN_WANTED}",
            f"{mean:.3f}",
            _verdict(mean < MEAN_WANTED, f"by {mean - MEAN_WANTED:.3f}"),
        ),
        (
            "voices that beat PPMd as given",
            f"{wanted} of {voices}",
            f"{given}",
            _verdict(given >= wanted, _lagging(findings, "yardstick")),
        ),
        (
            "voices that beat PPMd measured here",
            f"{wanted} of {voices}",
            f"{here}",
            _verdict(here >= wanted, _lagging(findings, "ppmd")),
        ),
        (
            f"pieces placed, temperature {STARTS_AT}",
            f"{PLACED_WANTED:.0%}",
            f"{placed:.1%}",
            _verdict(placed >= PLACED_WANTED, f"by {100 * (PLACED_WANTED - placed):.1f} points"),
        ),
        (
            "every voice placed as often as real text",
            "all",
            f"{voices - len(short)} of {voices}",
            _verdict(not short, "; ".join(f"{slug} by {100 * gap:.0f} points" for slug, gap in short)),
        ),
        (
            "steering is monotone",
            "no fall",
            f"{100 * falls:.0f} points at most",
            _verdict(falls == 0.0, f"in {sum(slide.falls > 0 for slide in findings.slides)} of {len(findings.slides)}"),
        ),
    ]
    return table(("what", "wanted", "reached", ""), rows)


def bits_table(findings: Findings, cards: Mapping[str, Card]) -> str:
    rows = [
        (
            f"[{voice.slug}]({voice.slug}.md)",
            cards[voice.slug].name,
            f"**{voice.bits:.3f}**",
            f"{voice.ngram:.3f}",
            f"{voice.ppmd:.3f}",
            maybe(voice.yardstick, ".2f"),
            f"{voice.bits - voice.ppmd:+.3f}",
            f"{voice.held_out:,}",
        )
        for voice in findings.voices
    ]
    given = [voice.yardstick for voice in findings.voices if voice.yardstick is not None]
    rows.append(
        (
            "mean",
            "",
            f"**{findings.mean('bits'):.3f}**",
            f"{findings.mean('ngram'):.3f}",
            f"{findings.mean('ppmd'):.3f}",
            maybe(fmean(given) if given else None, ".2f"),
            f"{findings.mean('bits') - findings.mean('ppmd'):+.3f}",
            "",
        )
    )
    return table(("voice", "", "bits", "n-gram", "PPMd", "PPMd, given", "voice - PPMd", "characters"), rows, "llrrrrrr")


def placing_table(findings: Findings) -> str:
    heads = ("voice", "real text", *(f"written at {name}" for name in SOURCES[1:]), "pieces", "most often taken for")
    rows = [
        (
            voice.slug,
            *(placed_share(voice.placing[name]) for name in SOURCES),
            " + ".join(str(voice.placing[name].pieces) for name in SOURCES),
            mistaken(findings, voice),
        )
        for voice in findings.voices
    ]
    rows.append(("all", *(f"**{findings.placed(name):.1%}**" for name in SOURCES), "", ""))
    rows.append(("by the n-gram models", *(f"{findings.placed(name, 'second'):.1%}" for name in SOURCES), "", ""))
    return table(heads, rows, "lrrrrl")


def copying_table(findings: Findings) -> str:
    heads = ("voice", *(f"{what}, {name}" for what in ("longest", "a 10,000", "windows") for name in SOURCES))
    rows = []
    for voice in findings.voices:
        found = [voice.copying[name] for name in SOURCES]
        rows.append(
            (
                voice.slug,
                *(f"{each.longest}" for each in found),
                *(f"{each.per_10000:.0f}" for each in found),
                *(f"{each.windows:.2%}" for each in found),
            )
        )
    return table(heads, rows, "l" + "r" * 9)


def words_table(findings: Findings) -> str:
    rows = [(voice.slug, *(f"{voice.words[name]:.1%}" for name in SOURCES)) for voice in findings.voices if voice.words]
    prose = [voice.words for voice in findings.voices if voice.words]
    if prose:
        rows.append(("mean", *(f"**{fmean(words[name] for words in prose):.1%}**" for name in SOURCES)))
    return table(("voice", "real text", *(f"written at {name}" for name in SOURCES[1:])), rows, "lrrr")


def checksums_table(findings: Findings) -> str:
    rows = [
        (
            voice.slug,
            f"`{voice.weights[:16]}`",
            f"`{voice.text[:16]}`",
            f"{voice.training['minutes']:g}",
            f"{voice.training['characters'] / 1e6:.1f}",
            voice.training["made"],
        )
        for voice in findings.voices
    ]
    heads = ("voice", "voice's SHA-256", "text's SHA-256", "minutes", "million characters", "made")
    return table(heads, rows, "lllrrl")


def matrix_csv(findings: Findings) -> str:
    """Bits per character: a row for each voice, a column for each text."""
    file = io.StringIO()
    writer = csv.writer(file, lineterminator="\n")
    writer.writerow(["voice", *findings.styles])
    for voice, row in zip(findings.voices, findings.matrix, strict=True):
        writer.writerow([voice.slug, *(f"{bits:.4f}" for bits in row)])
    return file.getvalue()


# ---- the README --------------------------------------------------------------------------------------------------


def readme_block(findings: Findings) -> str:
    """The best figures, for the README's marked place."""
    count = len(findings.voices)
    halves = [
        max(
            pair.reads_one[_middle(pair.weights)] - pair.reads_one[0],
            pair.reads_other[_middle(pair.weights)] - pair.reads_other[-1],
        )
        for pair in findings.fusings
    ]
    prose = [voice.words[STARTS_AT] for voice in findings.voices if voice.words]
    rows = [
        (
            f"bits per character on text never seen, mean of {count} voices",
            f"**{findings.mean('bits'):.2f}**",
            f"PPMd {findings.mean('ppmd'):.2f}, 6-gram {findings.mean('ngram'):.2f}",
        ),
        (
            "pieces of 500 characters attributed to the voice that wrote them",
            f"**{findings.placed(STARTS_AT):.1%}**",
            f"real text {findings.placed(REAL):.1%}",
        ),
        (
            "real words in what prose and verse voices write",
            f"**{fmean(prose or [0]):.1%}**",
            f"real text {fmean([v.words[REAL] for v in findings.voices if v.words] or [0]):.1%}",
        ),
        (
            "30-character windows copied from what was read",
            f"**{fmean(voice.copying[STARTS_AT].windows for voice in findings.voices):.1%}**",
            f"real text {fmean(voice.copying[REAL].windows for voice in findings.voices):.1%}",
        ),
        (
            "what the network halfway between two voices loses, in bits",
            f"**{fmean(halves or [0]):.2f}**",
            f"mean of {len(halves)} pairs",
        ),
    ]
    return table(("[examined](docs/voices/README.md) with `antiphon report`", "voices", "beside it"), rows, "lrl")


def rewritten(page: str, block: str, markers: tuple[str, str] = (BEGIN, END)) -> str:
    """``page`` with ``block`` between its markers. Raises ``ValueError`` where a marker is missing."""
    before, begin, rest = page.partition(markers[0])
    _, end, after = rest.partition(markers[1])
    if not end:
        raise ValueError(f"the page has no place between {' and '.join(map(str.strip, markers))}")
    return before + begin + block + end + after


# ---- sentences ---------------------------------------------------------------------------------------------------


def _own_best(findings: Findings) -> str:
    columns = zip(*findings.matrix, strict=True)
    own = sum(
        findings.voices[min(range(len(column)), key=column.__getitem__)].slug == slug
        for slug, column in zip(findings.styles, columns, strict=True)
    )
    return f"{own} of {len(findings.voices)} texts are read best by their own voice."


def _placing_words(findings: Findings) -> str:
    lessons, written, last = findings.scale["lessons"], findings.scale["written"], SOURCES[-1]
    first, second = ([f"{findings.placed(name, opinion):.1%}" for name in SOURCES] for opinion in ("placing", "second"))
    return (
        f"A judge that has never met a voice, a linear classifier on runs of 2-5 characters (scikit-learn), learns "
        f"from up to {lessons:,} pieces of {PIECE_CHARS} characters of each style's training text. Then it is given "
        f"held-out text, and what each voice wrote alone: {written} pieces at each temperature, after {LEAD_CHARS} "
        f"characters that are not judged. It attributes {first[0]} of the real pieces to their own style, "
        f"{first[1]} of those written at {STARTS_AT} and {first[2]} of those at {last}. Our n-gram models, asked who "
        f"needs the fewest bits for a piece, say {second[0]}, {second[1]} and {second[2]}."
    )


def _steering_words(findings: Findings) -> str:
    falls = [f"{slide.one} to {slide.other} by {100 * slide.falls:.0f}" for slide in findings.slides if slide.falls]
    pieces = findings.slides[0].pieces if findings.slides else 0
    said = "The second voice's share never falls."
    if falls:
        said = f"Somewhere the second voice's share falls below what it had been: {'; '.join(falls)} points."
    return f"{pieces} pieces at each weight. {said}"


def _fusion(findings: Findings) -> Iterable[str]:
    """The section on averaged networks; nothing where voices have no base in common."""
    if not findings.fusings:
        return
    yield "## Between the networks"
    yield "![The networks between two voices](fusion.svg)"
    yield (
        "All voices are children of one base, so their parameters can be averaged. Each panel goes from one voice's "
        "network to the other's and shows how well the networks between read the text of the first and of the second, "
        "in the same way as the matrix does. Halfway:"
    )
    rows = []
    for pair in findings.fusings:
        half = _middle(pair.weights)
        rows.append(
            (
                pair.one,
                f"{pair.reads_one[0]:.2f}",
                f"**{pair.reads_one[half]:.2f}**",
                pair.other,
                f"{pair.reads_other[-1]:.2f}",
                f"**{pair.reads_other[half]:.2f}**",
            )
        )
    yield table(("text", "its voice", "halfway", "text", "its voice", "halfway"), rows, "lrrlrr")
    own = {voice.slug: voice.own_cell for voice in findings.voices}
    gaps = [findings.mean_of_all[slug] - own[slug] for slug in findings.mean_of_all]
    yield (
        f"The even mean of all {len(gaps)} networks reads their texts at "
        f"{fmean(findings.mean_of_all.values()):.2f} bits per character on average, {fmean(gaps):.2f} more than the "
        "voice of each:"
    )
    yield table(
        ("text", "its voice", "mean of all"),
        [(slug, f"{own[slug]:.2f}", f"{bits:.2f}") for slug, bits in findings.mean_of_all.items()],
        "lrr",
    )
    yield f"Written by the network halfway between two voices, temperature {STARTS_AT}:"
    for pair in findings.fusings[:4]:
        yield f"{pair.one} and {pair.other}\n\n{sample(pair.sample)}"
    yield f"By the even mean of all:\n\n{sample(findings.mean_sample)}"


def _method(findings: Findings) -> str:
    made = findings.made
    machine = ", ".join(f"{name} {value}" for name, value in made["machine"].items() if value is not None)
    versions = ", ".join(f"{name} {version}" for name, version in made["versions"].items())
    return (
        f"All random numbers come from seed {made['seed']} (numpy's PCG64), so the same voices and texts give the same "
        "report. Voices read and write in float32 on the int8 weights as shipped; texts are written many at a time, "
        "from a line's end on, with the stage's mixing (arithmetic mean, writable characters, temperature). Bits are "
        "those of the whole held-out text; matrix and fusion read parts of it, all in one way, so their figures are a "
        f"little higher. Machine: {machine}. Versions: {versions}. Scale: "
        + ", ".join(f"{name} {value:,}" for name, value in findings.scale.items())
        + "."
    )


def _short_of_real(findings: Findings) -> list[tuple[str, float]]:
    """The voices whose pieces are placed less often than real ones of their style, and by how much."""
    gaps = [(voice.slug, voice.placing[REAL].share - voice.placing[STARTS_AT].share) for voice in findings.voices]
    return [(slug, gap) for slug, gap in gaps if gap > 0]


def _lagging(findings: Findings, column: str) -> str:
    """The voices that do not beat ``column``, and by how much."""
    beat = {voice.slug for voice in findings.beat(column)}
    behind = [(voice, getattr(voice, column)) for voice in findings.voices if voice.slug not in beat]
    return "; ".join(f"{voice.slug} by {voice.bits - other:.2f}" for voice, other in behind if other is not None)


def _verdict(reached: bool, missed: str) -> str:
    return "reached" if reached else f"missed: {missed}"


def _middle(weights: Sequence[float]) -> int:
    return min(range(len(weights)), key=lambda place: abs(weights[place] - 0.5))
