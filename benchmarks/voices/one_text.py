"""One text learnt in every way that Antiphon has, side by side: letters, words, memory, a small GPT-2, SmolLM2.

All ways have the same minutes of one processor, the same text but for eight places that are held out, and are examined
on those. Each then writes alone, and all together as on stage: letters and words in equal shares, leaned to the adapted
narrator at 0.5. What was made and measured is kept in the user's cache, so that a command that was stopped goes on; the
table is written into docs/recipes.md. Runs on the caller's thread.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, replace
from functools import cached_property
from hashlib import sha256
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from platformdirs import user_cache_path

from benchmarks.machine import describe
from benchmarks.voices import copying
from benchmarks.voices.markdown import sample, table
from benchmarks.voices.subjects import SEED
from benchmarks.voices.words import lexicon, share_of_words
from benchmarks.voices.writing import chances, draw, mix
from models import voice_folders
from models.char_lstm.network import Shape
from models.char_lstm.weights_file import VoiceWeights
from models.interface import Codes, Voices, finish
from models.loading import load_voices
from models.ngram.voices import ALONE
from models.training.adapter_run import make_adapter
from models.training.adapter_trainer import AdapterConfig
from models.training.fine_tuning import FROM_NOTHING, fine_tune, small_gpt2
from models.training.ngram_run import make_ngram_voice
from models.training.streams import cut, spread_split
from models.training.train_voice import encode, make_voice, voice_config
from models.training.word_run import make_word_voice, word_config
from models.transformer import load as transformer
from models.words.weights_file import WordWeights
from protocol.atomic_file import write_atomically

TEXT = "tinyshakespeare"
MINUTES = 1.0
PLACE_CHARS = 100  # of each held-out place that are read: a transformer takes a while
WRITTEN_CHARS = 600
PRIMED_CHARS = 200  # held out, behind which each writes: on an empty page SmolLM2 writes whatever the web has
SAMPLE_CHARS = 400
TEMPERATURE = 0.7
SENSE = 0.5
PAGE = Path(__file__).parents[2] / "docs" / "recipes.md"
BEGIN, END = "<!-- one text: written by antiphon report --recipes -->\n", "<!-- one text end -->\n"

Show = Callable[[str, int, int], None]
Rows = NDArray[np.float64]


@dataclass(frozen=True)
class Figures:
    """Of one way."""

    name: str
    bits: float  # a character, held out
    real_words: float  # share of the words that it writes, 0-1
    longest_run: int  # characters that stand so in what was read
    seconds: float  # of the processor, that it was trained
    text: str  # that it writes


class Workshop:
    """A text, and the ``folder`` in which ways of learning it leave what they make."""

    def __init__(self, slug: str, text: str, minutes: float, vectors: Path | None, folder: Path) -> None:
        self.slug, self.text, self.minutes, self.vectors, self.folder = slug, text, minutes, vectors, folder
        folder.mkdir(parents=True, exist_ok=True)
        codes = encode(text)
        split = spread_split(len(codes))
        self.read: list[Codes] = cut(codes, split.training)
        self.held_out: Codes = np.concatenate([place[:PLACE_CHARS] for place in cut(codes, split.held_out)])
        self.before: Codes = cut(codes, split.held_out)[0][-PRIMED_CHARS:]

    def path(self, way: str) -> Path:
        return self.folder / f"{way}{voice_folders.SUFFIX}"

    @cached_property
    def words(self) -> frozenset[str]:
        return lexicon([self.text])

    def letters(self) -> float:
        """Seconds that a char-LSTM took, from the shipped base."""
        config = voice_config(len(self.text), self.minutes)
        base = VoiceWeights.load(voice_folders.base())
        return make_voice(
            self.slug,
            self.text,
            self.path("letters"),
            self.path("run"),
            config,
            base,
            Shape(2, 512),
            "cpu",
            lambda progress, network: None,
            clock=time.process_time,
        ).seconds

    def word_voice(self, way: str, base: WordWeights | None, vectors: Path | None) -> float:
        """Seconds that a word LSTM took."""
        config = word_config(self.minutes, base is not None)
        checkpoint = self.path("run")
        return make_word_voice(
            self.slug, self.text, self.path(way), checkpoint, config, base, vectors, lambda progress, write: None
        ).seconds

    def memory(self) -> float:
        return make_ngram_voice(self.slug, self.text, self.path("memory"), ALONE).seconds

    def gpt2(self) -> float:
        """Seconds that a small GPT-2 took, from nothing."""
        config = replace(FROM_NOTHING, minutes=self.minutes)
        weights, path = small_gpt2(self.text), self.path("gpt2")
        return fine_tune(
            self.slug, self.text, weights, path, self.path("run"), config, lambda progress, write: None
        ).seconds

    def adapter(self) -> float:
        config, narrator = AdapterConfig(minutes=self.minutes), voice_folders.installed_narrator()
        path = self.path("adapted")
        return make_adapter(
            self.slug, self.text, path, self.path("run"), config, narrator, lambda progress, write: None
        ).seconds

    def voices(self, way: str) -> Voices:
        """What a way made, to be read with."""
        if way == "gpt2":
            return transformer.load([self.path(way)], "cpu", _refuse)
        if way in ("smollm2", "adapted"):
            files = [voice_folders.installed_narrator(), *([self.path(way)] if way == "adapted" else [])]
            narrator = transformer.load(files, "cpu", _refuse)
            narrator.lean({self.slug: 1.0})
            return narrator
        return load_voices([self.path(way)])


def ways(shop: Workshop) -> dict[str, tuple[str, Callable[[], float]]]:
    """By what its file is called, each way's name and what makes it and says how long that took."""
    found: dict[str, tuple[str, Callable[[], float]]] = {
        "letters": ("letters: char-LSTM, from the base", shop.letters),
        "words": ("words, own vectors", lambda: shop.word_voice("words", None, None)),
    }
    if shop.vectors:
        vectors = shop.vectors
        found["glove"] = (f"words, vectors of {vectors.stem}", lambda: shop.word_voice("glove", None, vectors))
    found["based"] = (
        "words, from the word base",
        lambda: shop.word_voice("based", WordWeights.load(voice_folders.word_base()), None),
    )
    found["memory"] = (f"memory: n-gram of order {ALONE}", shop.memory)
    found["gpt2"] = ("GPT-2, small, from nothing", shop.gpt2)
    found["smollm2"] = ("SmolLM2 as it is", lambda: 0.0)
    found["adapted"] = ("SmolLM2 with an adapter", shop.adapter)
    return found


TOGETHER = ("letters", "based", "adapted")  # the mix of all: what a performance has


def one_text(slug: str, text: str, minutes: float, vectors: Path | None, page: Path | None, show: Show) -> Path:
    """Learn and examine ``text`` in every way, and write the table into ``page``; returns where that is."""
    voice_folders.installed_narrator()
    made_of = sha256(f"{text}{minutes}{vectors}{PLACE_CHARS}{WRITTEN_CHARS}".encode()).hexdigest()[:12]
    shop = Workshop(slug, text, minutes, vectors, user_cache_path("antiphon", appauthor=False) / "one-text" / made_of)
    every = ways(shop)
    figures = []
    for done, (way, (name, make)) in enumerate(every.items()):
        show("ways to learn it", done, len(every) + 1)
        figures.append(_known(shop, way) or measured(shop, way, name, make))
    show("ways to learn it", len(every), len(every) + 1)
    figures.append(_known(shop, "together") or together(shop))
    show("ways to learn it", len(every) + 1, len(every) + 1)
    page = page or PAGE
    before, _, rest = page.read_text("utf-8").partition(BEGIN)
    write_atomically(page, f"{before}{BEGIN}{section(shop, figures)}{END}{rest.partition(END)[2]}")
    return page


def measured(shop: Workshop, way: str, name: str, make: Callable[[], float]) -> Figures:
    """One way: made, examined, and let write."""
    seconds = make()
    voices = shop.voices(way)
    rows = expectations(voices, shop.held_out)
    np.save(shop.folder / f"{way}.npy", rows)
    bits = bits_of_rows(rows, shop.held_out)
    return _keep(shop, way, name, bits, seconds, written([voices], shop.before, lambda each: each[0]))


def together(shop: Workshop) -> Figures:
    """Letters and words in equal shares, leaned to the adapted narrator."""
    rows = leaned([np.load(shop.folder / f"{way}.npy") for way in TOGETHER])
    voices = [shop.voices(way) for way in TOGETHER]
    text = written(voices, shop.before, lambda each: leaned([row[None] for row in each])[0])
    name = f"all: letters and words a half each, sense {SENSE:g}"
    return _keep(shop, "together", name, bits_of_rows(rows, shop.held_out), 0.0, text)


def leaned(rows: Sequence[Rows]) -> Rows:
    """(T, 128) of those of letters, of words and of the narrator, mixed as on stage."""
    letters, words, narrator = (np.maximum(each, 1e-12) for each in rows)
    logs = (1.0 - SENSE) * np.log((letters + words) / 2) + SENSE * np.log(narrator)
    powers = np.exp(logs)
    return np.asarray(powers / powers.sum(1, keepdims=True))


def expectations(voices: Voices, text: Codes) -> Rows:
    """(T, 128) what the first of ``voices`` expected where each character of ``text`` came."""
    voices.reset([0])
    found = np.empty((len(text), voices.distributions.shape[1]))
    for place, code in enumerate(text.tolist()):
        finish(voices, 0)
        found[place] = voices.distributions[0]
        voices.step(code, [0])
    return found


def bits_of_rows(rows: Rows, text: Codes) -> float:
    """The mean of -log2 of what ``rows`` gave to each character."""
    return float(-np.log2(rows[np.arange(len(text)), text]).mean())


def written(several: Sequence[Voices], before: Codes, mixed: Callable[[list[Rows]], Rows]) -> str:
    """What is written behind ``before`` by what ``mixed`` makes of the rows of the first of each of ``several``."""
    for voices in several:
        voices.reset([0])
        for code in before.tolist():
            voices.step(code, [0])
    found = []
    for number in chances(1, WRITTEN_CHARS, SEED)[0]:
        for voices in several:
            finish(voices, 0)
        row = mixed([voices.distributions[0].astype(np.float64) for voices in several])
        tempered = mix(row[None, None].astype(np.float32), np.ones((1, 1)), np.array([TEMPERATURE]))
        found.append(int(draw(tempered, np.array([number]))[0]))
        for voices in several:
            voices.step(found[-1], [0])
    return bytes(found).decode("ascii")


def section(shop: Workshop, figures: Sequence[Figures]) -> str:
    """What stands between the marks of the page."""
    held_out = shop.held_out.tobytes().decode("ascii")
    rows = [
        (
            each.name,
            f"{each.bits:.3f}",
            f"{each.real_words:.1%}",
            str(each.longest_run),
            f"{each.seconds:.0f} s" if each.seconds else "",
        )
        for each in figures
    ]
    rows.append(("the held-out text itself", "", f"{share_of_words([held_out], shop.words):.1%}", "", ""))
    heads = ("way", "bits a character", "real words", "longest run", "trained")
    machine = describe()
    told = (
        f"*{shop.slug}*, {len(shop.text):,} characters; each way was trained for {shop.minutes:g} min of one core "
        f"({machine['processor']}, {machine['cores']} cores at a load of {machine['load']}, torch {machine['torch']}). "
        f"Bits are those of the first {PLACE_CHARS} characters of eight places that were held out, *real words* stand "
        f"twice or more in the text, the *longest run* stands so in what was read; both of {WRITTEN_CHARS:,} "
        f"characters written at temperature {TEMPERATURE:g} behind {PRIMED_CHARS} that were held out. SmolLM2 has "
        "probably read the text."
    )
    samples = [f"{each.name}\n\n{sample(each.text[:SAMPLE_CHARS], code=True)}\n" for each in figures]
    return "\n".join([told + "\n", table(heads, rows, "lrrrr"), *samples])


def _keep(shop: Workshop, way: str, name: str, bits: float, seconds: float, text: str) -> Figures:
    """The figures of a way, on the disk too."""
    codes = np.frombuffer(text.encode("ascii"), np.uint8)
    run = copying.longest_run(copying.Passages(shop.read), copying.Passages([codes]))
    found = Figures(name, bits, share_of_words([text], shop.words), len(run), seconds, text)
    write_atomically(shop.folder / f"{way}.json", json.dumps(asdict(found)))
    return found


def _known(shop: Workshop, way: str) -> Figures | None:
    """What an earlier run has left of a way."""
    try:
        return Figures(**json.loads((shop.folder / f"{way}.json").read_text("utf-8")))
    except (OSError, ValueError, TypeError):
        return None


def _refuse(line: str) -> None:
    raise ValueError(line)
