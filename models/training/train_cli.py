"""The workshop: from a name on the command line to a voice on the shelf, shown while it goes.

It finds the text, chooses the recipe, keeps a checkpoint, draws the curve and lets Ctrl-C end a run with the best so
far. ``make_voice`` and ``make_base`` do the work. Runs on the caller's thread, which has to be the main one for Ctrl-C
to be heard.
"""

from __future__ import annotations

import json
import threading
from contextlib import AbstractContextManager
from pathlib import Path

import torch
from platformdirs import user_cache_path

from models import voice_folders
from models.char_lstm.network import Shape
from models.char_lstm.weights_file import VoiceWeights
from models.lexicon import save_own
from models.loading import pick_device
from models.training.adapter_run import make_adapter
from models.training.adapter_trainer import AdapterConfig
from models.training.another_kind import AnotherKind, default_order
from models.training.base_run import BaseRun, state_file
from models.training.card_run import (
    BASE_CONFIG,
    VOICES_SHARE,
    begin_voices,
    conclude_voices,
    make_base_on_card,
    train_together,
)
from models.training.long_run import LongRunConfig
from models.training.loss_curve import Point, svg
from models.training.ngram_run import make_ngram_voice
from models.training.progress import SAMPLE_CHARS, Display, ProgressReporter, stoppable
from models.training.recipe_run import run_recipe
from models.training.recipes import Recipe
from models.training.train_voice import TrainingResult, base_config, fingerprint, make_base, make_voice, voice_config
from models.training.voice_kind import VoiceKind
from models.training.word_run import make_word_base, make_word_voice, word_base_config, word_config
from models.words.weights_file import WordWeights
from protocol.alphabet import WORD_TONGUE
from protocol.atomic_file import write_atomically
from protocol.errors import AntiphonError, StyleError, TrainingError, VoiceError
from styles.library import corpus_path, find, shipped
from styles.making import check_slug, make_card, save_style


class TrainingSession:
    """Makes voices into ``folder`` (default: the user's own), ``minutes`` each, and lets ``display`` show it."""

    def __init__(
        self,
        folder: Path | None,
        minutes: float,
        device: str | None,
        shape: Shape,
        from_scratch: bool,
        display: Display,
        further: bool = False,
        runs: Path | None = None,
        another: AnotherKind | None = None,
    ) -> None:
        """``runs`` is where unfinished runs are kept, by default the user's cache; ``another``: no char-LSTMs."""
        self._folder, self._minutes, self._shape = folder, minutes, shape
        self._device = pick_device(device)
        self._from_scratch, self._further, self._display = from_scratch, further, display
        self._runs = runs or user_cache_path("antiphon", appauthor=False) / "runs"
        self._another = another
        self._stop = threading.Event()

    def stoppable(self) -> AbstractContextManager[None]:
        """Inside, a first Ctrl-C or SIGTERM lets the run end with the best so far; a second one ends at once."""
        return stoppable(self._stop, self._display.say)

    def make(self, slug: str, text_path: Path | None = None, replace: bool = False) -> TrainingResult:
        """One voice: of a user's text, which thereby becomes a style, or of a style's own works."""
        text = self._text(slug, slug, text_path, replace)
        if self._another:
            made = self._make_of_another_kind(self._another, slug, text)
            self._conclude(slug, made)
            return made
        base = (
            None
            if self._from_scratch
            else VoiceWeights.load(voice_folders.voice(slug) if self._further else voice_folders.base())
        )
        path = self._path(slug)
        config = voice_config(len(text), self._minutes, self._from_scratch)
        descent = f"{self._shape} from scratch" if base is None else f"{base.shape} from {base.slug}"
        made = make_voice(
            slug,
            text,
            path,
            self._checkpoint(slug),
            config,
            base,
            self._shape,
            self._device,
            ProgressReporter(f"{slug}: {descent}", self._display),
            self._stop.is_set,
        )
        self._conclude(slug, made)
        return made

    def _make_of_another_kind(self, another: AnotherKind, slug: str, text: str) -> TrainingResult:
        """A further tongue of the style ``slug``, or, where it has no voice of its own, that voice."""
        path = (self._folder or voice_folders.user_folder()) / another.role / f"{slug}{voice_folders.SUFFIX}"
        if another.kind is VoiceKind.NGRAM:
            return make_ngram_voice(slug, text, path, another.order or default_order(slug))
        if another.kind is VoiceKind.ADAPTER:
            return make_adapter(
                slug,
                text,
                path,
                self._checkpoint(f"{slug}.{another.role}"),
                AdapterConfig(minutes=self._minutes),
                voice_folders.installed_narrator(),
                ProgressReporter(
                    f"{slug}: the narrator's adapter", self._display, write=lambda write: write(SAMPLE_CHARS)
                ),
                self._stop.is_set,
            )
        base = None if self._from_scratch or another.vectors else WordWeights.load(voice_folders.word_base())
        descent = f"words from {base.slug}" if base else "words from scratch"
        return make_word_voice(
            slug,
            text,
            path,
            self._checkpoint(f"{slug}.{another.role}"),
            word_config(self._minutes, base is not None),
            base,
            another.vectors,
            ProgressReporter(f"{slug}: {descent}", self._display, write=lambda write: write(SAMPLE_CHARS)),
            self._stop.is_set,
        )

    def run_recipe(self, recipe: Recipe, slug: str, text_path: Path | None, replace: bool = False) -> TrainingResult:
        """A voice called ``slug`` by a recipe, of its own text or of a user's."""
        text = self._text(slug, recipe.text, text_path, replace)
        path = self._path(slug)
        if text_path is None:
            check_slug(slug, replace)
        made = run_recipe(
            recipe, slug, text, path, self._checkpoint(slug), self._device, self._display, self._stop.is_set
        )
        self._conclude(slug, made)
        return made

    def _text(self, slug: str, corpus: str, path: Path | None, replace: bool) -> str:
        """The text of a user's file, which thereby becomes the style ``slug``, or else that of ``corpus``."""
        if path is None:
            return _read_corpus(find(corpus).slug)
        card, cleaned = make_card(slug, path, replace=replace)
        for line in cleaned.report.lines():
            self._display.say(line)
        self._display.say(f"the style {slug}: {save_style(card, cleaned)}")
        save_own(slug, cleaned.text)
        return cleaned.text

    def make_all(self) -> None:
        """A voice of every shipped style, one after the other; one that fails does not keep the rest waiting.

        What is done stands in a ledger, so that the same command goes on after an interruption.
        """
        failed = []
        ledger, left = self._round()
        for slug in left:
            try:
                self.make(slug)
            except AntiphonError as error:
                self._display.say(f"{slug}: {error}")
                failed.append(slug)
                continue
            if self._stop.is_set():
                return
            ledger.add(slug)
        _end_round(ledger, failed)

    def make_all_together(self, address: str | None) -> None:
        """The same on the Ray cluster at ``address``, or on one that is started here: one task a voice."""
        from models.training.cluster import Job, cluster, store_if_better, train_on_cluster

        ledger, left = self._round()
        jobs, failed = [], []
        base = None if self._from_scratch else voice_folders.base().read_bytes()
        for slug in left:
            try:
                text = _read_corpus(slug)
                parent = voice_folders.voice(slug).read_bytes() if self._further else base
                config = voice_config(len(text), self._minutes, self._from_scratch)
                jobs.append(Job(slug, text, config, parent, self._shape))
            except AntiphonError as error:
                self._display.say(f"{slug}: {error}")
                failed.append(slug)
        texts = {job.slug: job.text for job in jobs}
        with cluster(address) as ray:
            for result in train_on_cluster(ray, jobs, self._runs, self._display.say, self._stop.is_set):
                slug = result.slug
                try:
                    self._conclude(slug, store_if_better(result, texts[slug], self._path(slug)))
                except AntiphonError as error:
                    self._display.say(str(error))
                    failed.append(slug)
                    continue
                if not self._stop.is_set():
                    ledger.add(slug)
        if not self._stop.is_set():
            _end_round(ledger, failed)

    def _round(self) -> tuple[CompletedVoices, list[str]]:
        """The ledger of a round over all styles, and those that are not done yet."""
        another = self._another
        ledger = CompletedVoices(self._runs / f"all{f'.{another.role}' if another else ''}.json", self.terms())
        for slug in ledger.done:
            self._display.say(f"{slug}: done before the interruption")
        wanted = [
            card for card in shipped() if not (another and another.kind is VoiceKind.WORD and card.kind == "code")
        ]
        return ledger, [card.slug for card in wanted if card.slug not in ledger.done]

    def terms(self) -> dict[str, object]:
        """What has to be the same for an interrupted round over all styles to be gone on with."""
        if self._another:
            return {"minutes": self._minutes, **self._another.terms()}
        base = None if self._from_scratch else fingerprint(VoiceWeights.load(voice_folders.base()))
        return {"base": base, "minutes": self._minutes, "shape": str(self._shape), "further": self._further}

    def make_base(self) -> TrainingResult:
        """The network that all voices begin from, on the texts of all shipped styles that are here.

        ``further`` goes on from the base that there is.
        """
        if self._another:
            return self._make_word_base()
        path = self._base_path()
        made = make_base(
            self._texts(),
            {},
            path,
            self._checkpoint(voice_folders.BASE),
            base_config(self._minutes, self._further),
            self._shape,
            self._device,
            ProgressReporter(f"{voice_folders.BASE}: {self._shape}", self._display),
            self._stop.is_set,
            earlier=VoiceWeights.load(voice_folders.base()) if self._further else None,
        )
        self._conclude(voice_folders.BASE, made)
        return made

    def _make_word_base(self) -> TrainingResult:
        """The network that word voices begin from, on the prose and verse of the shipped styles."""
        prose = {card.slug for card in shipped() if card.kind != "code"}
        folder = (self._folder or voice_folders.shipped_folder()) / WORD_TONGUE
        made = make_word_base(
            {slug: text for slug, text in self._texts().items() if slug in prose},
            folder / f"{voice_folders.BASE}{voice_folders.SUFFIX}",
            self._checkpoint(f"{voice_folders.BASE}.{WORD_TONGUE}"),
            word_base_config(self._minutes),
            ProgressReporter("the word base", self._display, write=lambda write: write(SAMPLE_CHARS)),
            self._stop.is_set,
        )
        self._conclude(voice_folders.BASE, made)
        return made

    def hold_base(self, minutes: float | None, state: Path | None) -> None:
        """The base's long run: gone on with at its held rate until it is stopped, or for so many minutes."""
        self._base_run(state, self._texts()).hold(self._stop.is_set, minutes)

    def decay_base(self, chars: int, state: Path | None) -> TrainingResult | None:
        """The base, from where its long run stands: the rate falls over ``chars`` characters."""
        made = self._base_run(state, self._texts()).decay(chars, self._base_path(), self._stop.is_set)
        if made:
            self._conclude(voice_folders.BASE, made)
        return made

    def make_all_on_card(self, minutes: float, state: Path | None) -> None:
        """The base further and a voice of every shipped style from it, all within ``minutes`` on one accelerator."""
        texts, path = self._texts(), self._base_path()
        run = self._base_run(state, texts, BASE_CONFIG)
        made = make_base_on_card(run, minutes, path, self._stop.is_set)
        if made is None:
            return
        self._conclude(voice_folders.BASE, made)
        runs = begin_voices(texts, VoiceWeights.load(path), self._device, self._display.say)
        train_together(runs, 60.0 * VOICES_SHARE * minutes, self._stop.is_set, self._display.say)
        for slug, voice in conclude_voices(runs, self._path).items():
            self._conclude(slug, voice)
        if self._device.startswith("cuda"):
            self._display.say(
                f"memory used on the card: {torch.cuda.max_memory_allocated() / 2**30:.1f} GiB at the most"
            )

    def _base_run(self, state: Path | None, texts: dict[str, str], config: LongRunConfig | None = None) -> BaseRun:
        try:
            start = None if self._from_scratch else VoiceWeights.load(voice_folders.base())
        except VoiceError:
            start = None
        return BaseRun(
            texts,
            self._runs / f"{voice_folders.BASE}.long{voice_folders.SUFFIX}",
            state or state_file(),
            self._device,
            self._shape,
            start,
            self._display.say,
            config,
        )

    def _base_path(self) -> Path:
        return (self._folder or voice_folders.shipped_folder()) / f"{voice_folders.BASE}{voice_folders.SUFFIX}"

    def _texts(self) -> dict[str, str]:
        """The texts of all shipped styles that are here, by slug."""
        texts = {}
        for card in shipped():
            try:
                texts[card.slug] = _read_corpus(card.slug)
            except StyleError as error:
                self._display.say(str(error))
        if not texts:
            raise TrainingError("there are no texts to train a base on: `antiphon styles fetch` downloads them")
        return texts

    def _conclude(self, slug: str, made: TrainingResult) -> None:
        """Draw the curve beside the voice and say what came of it."""
        self._display.say(outcome(slug, made))
        picture = save_curve(slug, made)
        if picture:
            self._display.say(f"{slug}: the loss curve is {picture}")

    def _checkpoint(self, slug: str) -> Path:
        return self._runs / f"{slug}{voice_folders.SUFFIX}"

    def _path(self, slug: str) -> Path:
        return (self._folder or voice_folders.user_folder()) / f"{slug}{voice_folders.SUFFIX}"


class CompletedVoices:
    """Which styles of a round are done, kept in a file until the round is; other ``terms`` begin a new one."""

    def __init__(self, path: Path, terms: dict[str, object]) -> None:
        self._path, self._terms = path, terms
        self.done: list[str] = []
        try:
            kept = json.loads(path.read_text("utf-8"))
            if kept["terms"] == terms:
                self.done = [str(slug) for slug in kept["done"]]
        except (OSError, ValueError, KeyError, TypeError):
            pass  # none, or none that can be read: a new round

    def add(self, slug: str) -> None:
        self.done.append(slug)
        write_atomically(self._path, json.dumps({"terms": self._terms, "done": self.done}))

    def close(self) -> None:
        """The round is over."""
        self._path.unlink(missing_ok=True)


def save_curve(slug: str, made: TrainingResult) -> Path | None:
    """The run's curve as a picture beside the voice; that of a run that made none has a name of its own."""
    if not made.curve:
        return None
    end = max(made.curve[-1][0], 1e-9)
    points = [Point(seconds / end, seconds, read, held_out) for seconds, _, read, held_out in made.curve]
    path = made.path.with_name(f"{slug}.svg" if made.kept else f"{slug}.not-kept.svg")
    title = f"{slug}: {made.bits:.3f} bits per character held out, {made.chars / 1e6:.1f} million characters read"
    write_atomically(path, svg(points, title))
    return path


def _end_round(ledger: CompletedVoices, failed: list[str]) -> None:
    if failed:
        raise TrainingError(f"not made: {', '.join(sorted(failed))}")
    ledger.close()


def _read_corpus(slug: str) -> str:
    path = corpus_path(slug)
    try:
        return path.read_text("ascii")
    except (OSError, UnicodeDecodeError) as error:
        raise StyleError(
            f"{path} is no cleaned text ({error}): `antiphon styles fetch --again {slug}` makes it anew"
        ) from None


def outcome(slug: str, made: TrainingResult) -> str:
    """What a run came to, in one line."""
    took = f"{made.chars / 1e6:.1f} million characters read in {made.seconds / 60:.1f} minutes"
    if made.kept:
        return f"{slug}: {made.bits:.3f} bits per character held out, {took}; saved as {made.path}"
    better = f"{made.path} is better ({made.earlier:.3f}) and stays"
    return f"{slug}: {made.bits:.3f} bits per character held out, {took}; {better}"
