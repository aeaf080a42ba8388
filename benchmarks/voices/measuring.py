"""The measurements of a report, one after the other: each decided by voices, texts and scale, and looked up if known.

Independent ones run side by side on a pool of threads, one for each processor; torch, numpy and scikit-learn leave
Python's lock while they work. No figure depends on how many there are. Ctrl-C ends after what is being measured, and
the next run goes on from there.
"""

from __future__ import annotations

import json
import os
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import asdict
from functools import cached_property
from hashlib import sha256
from pathlib import Path
from threading import Lock
from types import ModuleType
from typing import Any, TypeVar

import numpy as np
import torch
from numpy.typing import NDArray

from benchmarks.voices import copying, ngram, placing, reading, words, writing
from benchmarks.voices.copying import Passages
from benchmarks.voices.findings import (
    JUDGED,
    REAL,
    SAMPLED,
    SOURCES,
    Copying,
    Findings,
    Fusing,
    Placing,
    Slide,
    VoiceFindings,
    source,
)
from benchmarks.voices.subjects import FUSED, LEAD_CHARS, PIECE_CHARS, SEED, SLID, Scale, Subject, pairs, pieces
from models import evaluation
from models.interface import Codes
from protocol.atomic_file import write_atomically

# ---- what has been measured already ----------------------------------------------------------------------------------
# A measurement is looked up by everything that decides it: what it is, the source code that makes it, and its
# arguments, among them the checksums of voices and texts. One JSON file each; a torn one is measured again.


class Notebook:
    """Measurements kept in ``folder``; with ``again`` none is looked up, only written down."""

    def __init__(self, folder: Path, again: bool = False) -> None:
        self._folder, self._again = folder, again

    def recall(
        self, what: str, code: Sequence[ModuleType], arguments: Sequence[Any], measure: Callable[[], Any]
    ) -> Any:
        """The outcome (a JSON value) of ``measure()``, which ``code`` and ``arguments`` (JSON values) decide."""
        sources = [sha256(Path(str(module.__file__)).read_bytes()).hexdigest() for module in code]
        question = json.dumps([what, sources, list(arguments)])
        path = self._folder / f"{what}-{sha256(question.encode()).hexdigest()[:24]}.json"
        if not self._again and (answer := _answer(path, question)) is not None:
            return answer
        answer = measure()
        write_atomically(path, json.dumps({"question": question, "answer": answer}))
        return json.loads(json.dumps(answer))  # as it will be read next time


def _answer(path: Path, question: str) -> Any:
    """What stands in the file for this question; None if nothing does."""
    try:
        entry = json.loads(path.read_bytes())
        return entry["answer"] if entry["question"] == question else None
    except (OSError, ValueError, KeyError, TypeError):
        return None


COPIED_STRETCH_CHARS = 10_000  # characters, over which the longest copied run is looked for
SHOWN_CHARS = 80  # characters: a longer run of a corpus is not printed

Show = Callable[[str, int, int], None]  # what is being measured, how much of it is done, of how much
Item = TypeVar("Item")
Outcome = TypeVar("Outcome")


class Examiner:
    """Measures the voices of ``examined``; ``styles`` (which hold them) are what their texts are told apart from."""

    def __init__(
        self, examined: Sequence[Subject], styles: Sequence[Subject], scale: Scale, notebook: Notebook, show: Show
    ) -> None:
        self.examined, self.styles, self.scale = list(examined), list(styles), scale
        self._notebook, self._show = notebook, show
        self._column = {style.slug: place for place, style in enumerate(self.styles)}
        self._learning = Lock()  # so that judge and lexicon are made by one thread only
        torch.set_num_threads(1)  # a pool of threads shares the processors out instead

    def findings(self) -> Findings:
        """Everything."""
        bits = self._each("bits per character", self.examined, self._bits)
        matrix = self._each("every voice reads every text", self.examined, self._row)
        written = self._each("every voice writes", self.examined, self._written)
        family = _family(self.examined)
        fused = pairs(FUSED, [subject.slug for subject in family], self.scale.fused)
        halves = self._each("networks between voices", fused, self._fusing)
        mean_of_all, mean_sample = self._each("the mean of all", [family], self._mean)[0]
        texts = [self._sources(subject, own) for subject, own in zip(self.examined, written, strict=True)]
        slides = self._slides()
        first = self._each("whose text is it", texts, self._place)
        second = self._second(texts)
        copied = self._each("copying", list(zip(self.examined, texts, strict=True)), lambda each: self._copied(*each))
        real = self._each("real words", list(zip(self.examined, texts, strict=True)), lambda each: self._words(*each))
        voices = []
        for place, subject in enumerate(self.examined):
            own = self._column[subject.slug]
            record = subject.record
            voices.append(
                VoiceFindings(
                    slug=subject.slug,
                    **bits[place],
                    own_cell=matrix[place][own],
                    yardstick=ngram.yardstick().get(subject.slug),
                    held_out=sum(map(len, self._held_out(subject))),
                    read=sum(map(len, subject.training)),
                    training={
                        "minutes": round(record.get("seconds", 0) / 60, 1),
                        "characters": record.get("chars", 0),
                        "made": record.get("made", ""),
                        "curve": [(round(row[0] / 60, 2), row[2], row[3]) for row in record.get("curve", [])],
                    },
                    samples=written[place]["samples"],
                    placing={name: Placing(self._counted(first[place][name]), own) for name in SOURCES},
                    second={name: Placing(self._counted(second[place][name]), own) for name in SOURCES},
                    copying={name: Copying(**found) for name, found in copied[place].items()},
                    words=real[place],
                    weights=subject.weights,
                    text=subject.checksum,
                )
            )
        return Findings(
            styles=tuple(self._column),
            voices=tuple(voices),
            matrix=tuple(tuple(row) for row in matrix),
            slides=tuple(slides),
            fusings=tuple(halves),
            mean_of_all=mean_of_all,
            mean_sample=mean_sample,
            scale=asdict(self.scale),
        )

    # ---- reading ----------------------------------------------------------------------------------------------

    def _bits(self, subject: Subject) -> dict[str, float]:
        """Of the voice, the n-gram and PPMd on the same held-out text, after the same training text."""
        held_out, cut = self._held_out(subject), [self.scale.held_out, *_edges(subject)]
        examined = np.concatenate(held_out)
        return {
            "bits": self._notebook.recall(
                "bits",
                [evaluation],
                [subject.weights, subject.checksum, cut],
                lambda: evaluation.bits_per_char(subject.voice(), examined),
            ),
            "ngram": self._notebook.recall(
                "ngram",
                [ngram],
                [subject.checksum, cut],
                lambda: ngram.bits_per_char(ngram.Ngram(subject.training), held_out),
            ),
            "ppmd": self._notebook.recall(
                "ppmd", [ngram], [subject.checksum, cut], lambda: ngram.ppmd_bits_per_char(subject.training, held_out)
            ),
        }

    def _row(self, subject: Subject) -> list[float]:
        """One voice reads every style's held-out text."""
        arguments = [subject.weights, [[style.checksum, *_edges(style)] for style in self.styles], self.scale.stretches]
        answer: list[float] = self._notebook.recall(
            "row",
            [reading],
            arguments,
            lambda: reading.read(subject.voice().network(), [self._examination(style) for style in self.styles]),
        )
        return answer

    def _fusing(self, pair: tuple[str, str]) -> Fusing:
        """The networks between two voices read both texts; the one halfway writes."""
        two = [self._by_slug(slug) for slug in pair]
        weights = np.linspace(0.0, 1.0, self.scale.weights).round(3).tolist()

        def measure() -> dict[str, Any]:
            voices = [subject.voice() for subject in two]
            networks = [reading.average(voices, (1.0 - weight, weight)).network() for weight in weights]
            bits = [reading.read(network, [self._examination(subject) for subject in two]) for network in networks]
            halfway = reading.average(voices, (1.0, 1.0)).network()
            return {
                "reads_one": [one for one, _ in bits],
                "reads_other": [other for _, other in bits],
                "sample": _alone([halfway], 1, 0.7)[0],
            }

        who = [[subject.weights, subject.checksum, *_edges(subject)] for subject in two]
        arguments = [*who, weights, self.scale.stretches]
        found = self._notebook.recall("fusing", [reading, writing], arguments, measure)
        return Fusing(*pair, tuple(weights), tuple(found["reads_one"]), tuple(found["reads_other"]), found["sample"])

    def _mean(self, every: Sequence[Subject]) -> tuple[dict[str, float], str]:
        """The even mean of all voices of one base reads the text of each, and writes."""

        def measure() -> list[Any]:
            network = reading.average([subject.voice() for subject in every], [1.0] * len(every)).network()
            return [
                reading.read(network, [self._examination(subject) for subject in every]),
                _alone([network], 1, 0.7)[0],
            ]

        if not every:
            return {}, ""
        arguments = [[subject.weights, subject.checksum, *_edges(subject)] for subject in every]
        bits, sample = self._notebook.recall("mean", [reading, writing], [arguments, self.scale.stretches], measure)
        return {subject.slug: found for subject, found in zip(every, bits, strict=True)}, sample

    # ---- writing ----------------------------------------------------------------------------------------------

    def _written(self, subject: Subject) -> dict[str, Any]:
        """``samples`` by temperature, and the ``texts`` that are judged."""

        def measure() -> dict[str, Any]:
            network = subject.voice().network()
            counts = [self.scale.written if temperature in JUDGED else 1 for temperature in SAMPLED]
            chances = np.concatenate([writing.chances(count, LEAD_CHARS + PIECE_CHARS, SEED) for count in counts])
            temperatures = np.repeat(SAMPLED, counts)
            texts = iter(writing.write([network], np.ones((len(chances), 1)), temperatures, chances))
            by_temperature = {
                source(temperature): [next(texts) for _ in range(count)]
                for temperature, count in zip(SAMPLED, counts, strict=True)
            }
            return {
                "samples": {name: written[0] for name, written in by_temperature.items()},
                "texts": {source(temperature): by_temperature[source(temperature)] for temperature in JUDGED},
            }

        arguments = [subject.weights, self.scale.written, LEAD_CHARS, PIECE_CHARS, SEED]
        answer: dict[str, Any] = self._notebook.recall("written", [writing], arguments, measure)
        return answer

    def _sources(self, subject: Subject, written: dict[str, Any]) -> dict[str, list[Codes]]:
        """The pieces of each source, all of one length."""
        real = pieces(self._held_out(subject), self.scale.real)
        return {REAL: real, **{name: _judged(texts) for name, texts in written["texts"].items()}}

    def _slides(self) -> list[Slide]:
        """The mix slides from one voice to another; written side by side, then attributed."""
        chosen = pairs(SLID, self._slugs, self.scale.slid)
        weights = np.linspace(0.0, 1.0, self.scale.weights).round(3)
        count = self.scale.slid_pieces

        def write(pair: tuple[str, str]) -> list[str]:
            two = [self._by_slug(slug) for slug in pair]

            def measure() -> list[str]:
                shares = np.repeat(np.stack([1.0 - weights, weights], axis=1), count, axis=0)
                chances = np.tile(writing.chances(count, LEAD_CHARS + PIECE_CHARS, SEED), (len(weights), 1))
                networks = [subject.voice().network() for subject in two]
                return writing.write(networks, shares, np.full(len(shares), JUDGED[0]), chances)

            arguments = [[subject.weights for subject in two], weights.tolist(), count, LEAD_CHARS, PIECE_CHARS, SEED]
            answer: list[str] = self._notebook.recall("slide", [writing], arguments, measure)
            return answer

        slides = []
        for pair, texts in zip(chosen, self._each("from voice to voice", chosen, write), strict=True):
            given = np.array(self._attributed(_judged(texts))).reshape(len(weights), count)
            to_one, to_other = (tuple((given == self._column[slug]).mean(1).tolist()) for slug in pair)
            slides.append(Slide(*pair, tuple(weights.tolist()), to_one, to_other, count))
        return slides

    # ---- judging ----------------------------------------------------------------------------------------------

    @cached_property
    def _judge(self) -> placing.Judge:
        """Taught only if there is something that it has not said before."""
        self._show("the judge learns", 0, 1)
        judge = placing.LinearJudge([pieces(style.training, self.scale.lessons) for style in self.styles])
        self._show("the judge learns", 1, 1)
        return judge

    def _attributed(self, texts: Sequence[Codes]) -> list[int]:
        """The column that the judge gives each of ``texts``."""
        lessons = [[style.checksum, *_edges(style)] for style in self.styles]
        arguments = [lessons, self.scale.lessons, _digest(texts)]
        answer: list[int] = self._notebook.recall(
            "placed", [placing], arguments, lambda: placing.attributions(self._taught(), texts)
        )
        return answer

    def _taught(self) -> placing.Judge:
        with self._learning:
            return self._judge

    def _place(self, texts: dict[str, list[Codes]]) -> dict[str, list[int]]:
        return {name: self._attributed(texts[name]) for name in SOURCES}

    def _second(self, texts: Sequence[dict[str, list[Codes]]]) -> list[dict[str, list[int]]]:
        """The same by the n-gram models: a piece belongs to the style whose model needs the fewest bits for it."""
        every = [piece for own in texts for name in SOURCES for piece in own[name]]
        digest = _digest(every)

        def bits(style: Subject) -> list[float]:
            def measure() -> list[float]:
                known = ngram.Ngram(style.training).bits(np.concatenate(every))
                return [float(price) for price in known.reshape(len(every), PIECE_CHARS).sum(1).round(3)]

            arguments = [style.checksum, *_edges(style), digest]
            answer: list[float] = self._notebook.recall("priced", [ngram], arguments, measure)
            return answer

        prices = np.array(self._each("a second opinion", self.styles, bits))  # (styles, pieces)
        given = iter(prices.argmin(0).tolist())
        return [{name: [next(given) for _ in own[name]] for name in SOURCES} for own in texts]

    def _counted(self, given: Sequence[int]) -> tuple[int, ...]:
        return tuple(np.bincount(np.asarray(given, int), minlength=len(self.styles)).tolist())

    # ---- copying and words ------------------------------------------------------------------------------------

    def _copied(self, subject: Subject, texts: dict[str, list[Codes]]) -> dict[str, dict[str, Any]]:
        def measure() -> dict[str, dict[str, Any]]:
            corpus = Passages(subject.training)
            return {name: _compare(corpus, texts[name]) for name in SOURCES}

        arguments = [subject.checksum, *_edges(subject), [_digest(texts[name]) for name in SOURCES]]
        answer: dict[str, dict[str, Any]] = self._notebook.recall("copied", [copying], arguments, measure)
        return answer

    @cached_property
    def _lexicon(self) -> frozenset[str]:
        return words.lexicon(
            _text(piece) for style in self.styles if style.card.kind != "code" for piece in style.training
        )

    def _words(self, subject: Subject, texts: dict[str, list[Codes]]) -> dict[str, float] | None:
        if subject.card.kind == "code":
            return None
        lexicon = [[style.checksum, *_edges(style)] for style in self.styles if style.card.kind != "code"]

        def measure() -> dict[str, float]:
            with self._learning:
                known = self._lexicon
            return {name: words.share_of_words(map(_text, texts[name]), known) for name in SOURCES}

        arguments = [lexicon, [_digest(texts[name]) for name in SOURCES]]
        answer: dict[str, float] = self._notebook.recall("words", [words], arguments, measure)
        return answer

    # ---- small things -----------------------------------------------------------------------------------------

    @property
    def _slugs(self) -> list[str]:
        return [subject.slug for subject in self.examined]

    def _by_slug(self, slug: str) -> Subject:
        return self.examined[self._slugs.index(slug)]

    def _held_out(self, subject: Subject) -> list[Codes]:
        return [place[: self.scale.held_out] for place in subject.held_out]

    def _examination(self, subject: Subject) -> reading.Examination:
        return reading.examination(subject.held_out, self.scale.stretches)

    def _each(self, what: str, items: Sequence[Item], measure: Callable[[Item], Outcome]) -> list[Outcome]:
        """The outcome for each of ``items``, in their order, measured side by side."""
        self._show(what, 0, len(items))
        with ThreadPoolExecutor(os.cpu_count()) as pool:
            jobs = [pool.submit(measure, item) for item in items]
            try:
                for done, job in enumerate(as_completed(jobs), 1):
                    job.result()
                    self._show(what, done, len(items))
            except BaseException:
                pool.shutdown(cancel_futures=True)
                raise
        return [job.result() for job in jobs]


def _family(subjects: Sequence[Subject]) -> list[Subject]:
    """The voices that share one base, the largest such family; only they can be averaged."""
    bases = Counter(subject.record.get("base") for subject in subjects)
    bases.pop(None, None)
    return [subject for subject in subjects if bases and subject.record.get("base") == bases.most_common(1)[0][0]]


def _alone(networks: Sequence[Any], texts: int, temperature: float) -> list[str]:
    chances = writing.chances(texts, LEAD_CHARS + PIECE_CHARS, SEED)
    return writing.write(networks, np.ones((texts, len(networks))), np.full(texts, temperature), chances)


def _judged(texts: Iterable[str]) -> list[Codes]:
    """The pieces without what leads up to them."""
    return [np.frombuffer(text[LEAD_CHARS:].encode("ascii"), np.uint8) for text in texts]


def _compare(corpus: Passages, texts: Sequence[Codes]) -> dict[str, Any]:
    """The fields of ``Copying``."""
    a_stretch = COPIED_STRETCH_CHARS // PIECE_CHARS
    parts = [texts[start : start + a_stretch] for start in range(0, len(texts), a_stretch)]
    runs = [copying.longest_run(corpus, Passages(part)) for part in parts]
    whole = [len(run) for run, part in zip(runs, parts, strict=True) if len(part) == a_stretch or len(parts) == 1]
    run = max(runs, key=len, default="")
    return {
        "longest": len(run),
        "run": run if len(run) < SHOWN_CHARS else "",
        "per_10000": float(np.mean(whole)) if whole else 0.0,
        "windows": copying.share_found(corpus, Passages(texts)),
    }


def _edges(subject: Subject) -> list[int]:
    """What was held out, for a measurement's arguments."""
    return [edge for span in subject.spans for edge in (span.start, span.stop)]


def _digest(texts: Sequence[NDArray[np.uint8]]) -> str:
    return sha256(b"\0".join(text.tobytes() for text in texts)).hexdigest()


def _text(piece: Codes) -> str:
    return piece.tobytes().decode("ascii")
