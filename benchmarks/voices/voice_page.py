"""The page of one voice, in Markdown: how it learnt, what it writes, whom it is like.

Values in, text out; no thread of its own.
"""

from __future__ import annotations

from collections.abc import Mapping

from benchmarks.voices.findings import JUDGED, REAL, Findings, Placing, VoiceFindings, source
from benchmarks.voices.markdown import maybe, sample, table
from styles.card import Card

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
