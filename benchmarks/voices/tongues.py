"""What a style's further tongues are worth: its letters, its words and its memory on the same held-out text, and mixed.

Every style is measured on the beginnings of its held-out places, which none of its voices was trained on. Voices are
mixed as on stage, by their probabilities. What the words write alone is compared with the words of all texts, and with
the style's own text. What is known from an earlier measurement of the same files is not measured again. Runs on the
caller's thread.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from hashlib import sha256
from pathlib import Path
from statistics import fmean
from typing import Any

import numpy as np

from benchmarks.voices import copying
from benchmarks.voices.markdown import maybe, sample, table
from benchmarks.voices.pages import rewritten
from benchmarks.voices.subjects import SEED, Subject, subjects
from benchmarks.voices.words import lexicon, share_of_words
from benchmarks.voices.writing import chances, draw, mix
from models import voice_folders
from models.evaluation import bits_of, foreseen
from models.ngram.voices import COMPANION, instant
from models.words.load import load
from models.words.weights_file import WordWeights
from protocol.alphabet import WORD_TONGUE
from protocol.atomic_file import write_atomically

PLACE_CHARS = 2_500  # of each held-out place that are read
SHOWN = ("austen", "bible", "homer", "trump")  # whose words are let write
WRITTEN_CHARS = 5_000
SAMPLE_CHARS = 600
TEMPERATURE = 0.7
ROOT = Path(__file__).parents[2]
FOLDER, README = ROOT / "docs" / "voices", ROOT / "README.md"
KINDS = {  # rows of the README, by the field of ``Figures`` that they are the mean of
    "letters": "letters: char-LSTMs",
    "words": "words: word LSTMs, with what unknown words cost to spell",
    "memory": "memory: n-grams of order 16 of a style's own text",
    "letters_memory": "letters and memory, a half each",
    "letters_words": "letters and words, a half each",
    "all_three": "all three, a third each",
}
README_MARKERS = "<!-- kinds: written by antiphon report --tongues -->\n", "<!-- kinds end -->\n"

Show = Callable[[str, int, int], None]


@dataclass(frozen=True)
class Figures:
    """Of one style; all but counts in bits per character."""

    slug: str
    name: str
    made_of: str  # digest of the files that were measured
    chars: int  # held out, that were read
    letters: float  # the char-LSTM
    memory: float  # the n-gram
    letters_memory: float  # both at a half
    words: float | None = None
    letters_words: float | None = None  # both at a half
    all_three: float | None = None  # a third each
    known: int | None = None  # words that it knows
    minutes: float | None = None  # of one processor, that the words were trained for


@dataclass(frozen=True)
class Writing:
    """What the words of a style wrote alone."""

    slug: str
    made_of: str
    real_words: float  # share of its words that stand in some text, 0-1
    real_words_held_out: float  # the same of the held-out text
    longest_run: int  # characters that stand so in what it has read
    longest_run_held_out: int
    text: str


def tongues_page(into: Path | None, show: Show) -> Path:
    """Measure all shipped styles; write ``tongues.md``, ``tongues.json`` and, where they go into docs/voices, the
    README's rows; returns where the page is."""
    folder, every = into or FOLDER, subjects()
    known_figures, known_writings = _known(folder / "tongues.json")
    figures, writings = [], []
    for done, each in enumerate(every):
        show("the tongues of each style", done, len(every))
        kept = known_figures.get(each.slug)
        figures.append(kept if kept and kept.made_of == _made_of(each) else measure(each))
    show("the tongues of each style", len(every), len(every))
    shown = [each for each in every if each.slug in SHOWN and _words(each.slug)]
    words = None
    for done, each in enumerate(shown):
        show("what words write", done, len(shown))
        written = known_writings.get(each.slug)
        if written is None or written.made_of != _made_of(each):
            words = words or lexicon(_text(other.text) for other in every if other.card.kind != "code")
            written = write(each, words)
        writings.append(written)
    found = {"figures": [asdict(each) for each in figures], "writings": [asdict(each) for each in writings]}
    write_atomically(folder / "tongues.json", json.dumps(found, indent=1) + "\n")
    write_atomically(folder / "tongues.md", page(figures, writings))
    if into is None:
        write_atomically(README, rewritten(README.read_text("utf-8"), readme_block(figures), README_MARKERS))
    return folder / "tongues.md"


def measure(subject: Subject) -> Figures:
    """How well each of a style's tongues foresees the beginnings of its held-out places, and how well mixtures do."""
    text = np.concatenate([place[:PLACE_CHARS] for place in subject.held_out])
    letters = foreseen(subject.voice(), text)
    memory = foreseen(instant(subject.slug, np.concatenate(subject.training), COMPANION), text)
    both = bits_of((letters + memory) / 2)
    more: dict[str, Any] = {}
    if path := _words(subject.slug):
        voice = WordWeights.load(path)
        words = foreseen(voice, text)
        more = {
            "words": bits_of(words),
            "letters_words": bits_of((letters + words) / 2),
            "all_three": bits_of((letters + words + memory) / 3),
            "known": len(voice.vocabulary),
            "minutes": round(voice.record.get("seconds", 0) / 60, 1),
        }
    return Figures(
        subject.slug, subject.card.name, _made_of(subject), len(text), bits_of(letters), bits_of(memory), both, **more
    )


def write(subject: Subject, known: frozenset[str]) -> Writing:
    """Let the words of a style write alone; ``known`` are the words that there are."""
    path = _words(subject.slug)
    assert path is not None
    voices = load([path], "cpu", lambda line: None)
    written = []
    for number in chances(1, WRITTEN_CHARS, SEED)[0]:
        chosen = mix(voices.distributions[:, None], np.ones((1, 1)), np.array([TEMPERATURE]))
        written.append(int(draw(chosen, np.array([number]))[0]))
        voices.step(written[-1], [0])
    codes = np.array(written, np.uint8)
    read, held_out = copying.Passages(subject.training), np.concatenate(subject.held_out)[:WRITTEN_CHARS]
    return Writing(
        subject.slug,
        _made_of(subject),
        share_of_words([_text(codes)], known),
        share_of_words([_text(held_out)], known),
        len(copying.longest_run(read, copying.Passages([codes]))),
        len(copying.longest_run(read, copying.Passages([held_out]))),
        _text(codes),
    )


def page(figures: Sequence[Figures], writings: Sequence[Writing]) -> str:
    """The page, as Markdown."""
    spoken = [each for each in figures if each.words is not None]
    rows: list[Sequence[str]] = [
        (
            each.name,
            f"{each.letters:.3f}",
            maybe(each.words, ".3f"),
            maybe(each.letters_words, ".3f"),
            f"{each.memory:.3f}",
            f"{each.letters_memory:.3f}",
            maybe(each.all_three, ".3f"),
            maybe(each.known, ","),
            maybe(each.minutes, ".1f"),
        )
        for each in figures
    ]
    if spoken:
        rows.append(
            (
                f"mean of the {len(spoken)} with words",
                *(
                    f"{np.mean([getattr(each, name) for each in spoken]):.3f}"
                    for name in ("letters", "words", "letters_words", "memory", "letters_memory", "all_three")
                ),
                "",
                "",
            )
        )
    heads: Sequence[str] = (
        "style",
        "letters",
        "words",
        "both",
        "memory",
        "letters and memory",
        "all three",
        "words known",
        "minutes",
    )
    parts = [
        "# The further tongues of the styles, examined\n",
        "Written by `antiphon report --tongues`; [kinds.md](kinds.md) says what these kinds of voice are. Bits per "
        f"character on the first {PLACE_CHARS:,} characters of each of the eight places that were cut from a style's "
        "text before any of its voices was trained. *Letters* is the char-LSTM, *words* the word LSTM with what it "
        "costs to spell the words that it does not know, *memory* the n-gram of order "
        f"{COMPANION} of the same training text. Mixtures are of equal shares. *Minutes* are those of one processor "
        "that the words were trained for, from the word base. All figures are also in [tongues.json](tongues.json).\n",
        table(heads, rows, "lrrrrrrrr"),
    ]
    if writings:
        names = {each.slug: each.name for each in figures}
        told = [
            (
                names.get(each.slug, each.slug),
                f"{each.real_words:.1%}",
                f"{each.real_words_held_out:.1%}",
                f"{each.longest_run}",
                f"{each.longest_run_held_out}",
            )
            for each in writings
        ]
        heads = ("style", "real words", "of held-out text", "longest run", "of held-out text")
        parts += [
            "## What words write alone\n",
            f"{WRITTEN_CHARS:,} characters at temperature {TEMPERATURE}, and as many of the held-out text. "
            "*Real words* stand twice or more in the texts of all prose and verse; the *longest run* is the longest "
            "that stands character for character in what was read.\n",
            table(heads, told, "lrrrr"),
            *(f"{names.get(each.slug, each.slug)}\n\n{sample(each.text[:SAMPLE_CHARS])}\n" for each in writings),
        ]
    return "\n".join(parts)


def readme_block(figures: Sequence[Figures]) -> str:
    """What each kind of voice foresees, for the README's marked place: means of the styles that have words."""
    worded = [each for each in figures if each.words is not None]
    mean = {name: fmean([getattr(each, name) for each in worded] or [0.0]) for name in KINDS}
    rows = [
        (told, f"{mean[name]:.2f}", "" if name == "letters" else f"{mean[name] - mean['letters']:+.2f}")
        for name, told in KINDS.items()
    ]
    heading = f"kinds of voice, mean of {len(worded)} styles ([examined](docs/voices/tongues.md))"
    return table((heading, "bits a character", "beside letters"), rows, "lrr")


def _words(slug: str) -> Path | None:
    """The file of a shipped style's words, if there is one."""
    path = voice_folders.shipped_folder() / WORD_TONGUE / f"{slug}{voice_folders.SUFFIX}"
    return path if path.exists() else None


def _made_of(subject: Subject) -> str:
    path = _words(subject.slug)
    return sha256(subject.weights.encode() + (path.read_bytes() if path else b"")).hexdigest()


def _known(path: Path) -> tuple[dict[str, Figures], dict[str, Writing]]:
    """What an earlier measurement has left; nothing where it cannot be read."""
    try:
        found = json.loads(path.read_text("utf-8"))
        figures = [Figures(**each) for each in found["figures"]]
        writings = [Writing(**each) for each in found["writings"]]
    except (OSError, ValueError, KeyError, TypeError):
        return {}, {}
    return {each.slug: each for each in figures}, {each.slug: each for each in writings}


def _text(codes: np.ndarray[Any, np.dtype[np.uint8]]) -> str:
    return codes.tobytes().decode("ascii")
