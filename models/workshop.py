"""The workshop: from a name on the command line to a voice on the shelf, told line by line.

It finds the text, chooses the recipe, keeps a checkpoint and lets Ctrl-C end a run with the best so far. ``make_voice``
and ``make_base`` do the work. Runs on the caller's thread, which has to be the main one for Ctrl-C to be heard.
"""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType

from platformdirs import user_cache_path

from models import shelf
from models.choir import pick_device
from models.making import Made, make_base, make_voice, voice_recipe
from models.network import CharLSTM, Shape
from models.sampling import sample
from models.training import Progress, Recipe
from models.voice import VoiceWeights
from protocol.errors import AntiphonError, StyleError, TrainingError
from styles.library import corpus_path, find, shipped
from styles.making import make_card, save_style

SAMPLE = 120  # characters of text shown with each line of progress


class Workshop:
    """Makes voices into ``folder`` (default: the user's own), ``minutes`` each, and says how it goes to ``tell``."""

    def __init__(
        self,
        folder: Path | None,
        minutes: float,
        device: str | None,
        shape: Shape,
        from_scratch: bool,
        tell: Callable[[str], None],
        further: bool = False,
    ) -> None:
        self._folder, self._minutes, self._shape = folder, minutes, shape
        self._device = pick_device(device)
        self._from_scratch, self._further, self._tell = from_scratch, further, tell
        self._stop = threading.Event()

    @contextmanager
    def stoppable(self) -> Iterator[None]:
        """Inside, a first Ctrl-C or SIGTERM lets the run end with the best so far; a second one ends at once."""

        def end(number: int, frame: FrameType | None) -> None:
            if self._stop.is_set():
                raise KeyboardInterrupt
            self._stop.set()
            self._tell("stopping: the best so far is kept, and the same command goes on from here")

        before = {number: signal.signal(number, end) for number in (signal.SIGINT, signal.SIGTERM)}
        try:
            yield
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)

    def make(self, slug: str, text_path: Path | None = None, replace: bool = False) -> Made:
        """One voice: of a user's text, which thereby becomes a style, or of a style's own works."""
        if text_path is None:
            text = _read_corpus(find(slug).slug)
        else:
            card, cleaned = make_card(slug, text_path, replace=replace)
            for line in cleaned.report.lines():
                self._tell(line)
            self._tell(f"the style {slug}: {save_style(card, cleaned)}")
            text = cleaned.text
        base = None if self._from_scratch else VoiceWeights.load(shelf.voice(slug) if self._further else shelf.base())
        path = (self._folder or shelf.user_folder()) / f"{slug}{shelf.SUFFIX}"
        recipe = voice_recipe(len(text), self._minutes, self._from_scratch)
        made = make_voice(
            slug,
            text,
            path,
            self._checkpoint(slug),
            recipe,
            base,
            self._shape,
            self._device,
            self._report(slug),
            self._stop.is_set,
        )
        self._tell(_outcome(slug, made))
        return made

    def make_all(self) -> None:
        """A voice of every shipped style, one after the other; one that fails does not keep the rest waiting."""
        failed = []
        for card in shipped():
            if self._stop.is_set():
                return
            try:
                self.make(card.slug)
            except AntiphonError as error:
                self._tell(f"{card.slug}: {error}")
                failed.append(card.slug)
        if failed:
            raise TrainingError(f"not made: {', '.join(failed)}")

    def make_base(self) -> Made:
        """The network that all voices begin from, on the texts of all shipped styles that are here."""
        texts = {}
        for card in shipped():
            try:
                texts[card.slug] = _read_corpus(card.slug)
            except StyleError as error:
                self._tell(str(error))
        if not texts:
            raise TrainingError("there are no texts to train a base on: `antiphon styles fetch` downloads them")
        path = (self._folder or shelf.shipped_folder()) / f"{shelf.BASE}{shelf.SUFFIX}"
        made = make_base(
            texts,
            {},
            path,
            self._checkpoint(shelf.BASE),
            Recipe(self._minutes),
            self._shape,
            self._device,
            self._report(shelf.BASE),
            self._stop.is_set,
        )
        self._tell(_outcome(shelf.BASE, made))
        return made

    def _checkpoint(self, slug: str) -> Path:
        return user_cache_path("antiphon", appauthor=False) / "runs" / f"{slug}{shelf.SUFFIX}"

    def _report(self, slug: str) -> Callable[[Progress, CharLSTM], None]:
        before = [0.0, 0]  # seconds and characters at the last line

        def report(progress: Progress, network: CharLSTM) -> None:
            if not progress.examined:
                return
            speed = (progress.chars - before[1]) / max(1e-9, progress.seconds - before[0])
            before[:] = progress.seconds, progress.chars
            left = round(60 * self._minutes * (1 - progress.share))
            self._tell(
                f"{slug} {progress.share:4.0%}  {progress.held_out_bits:.3f} bits/char held out (best "
                f"{progress.best_bits:.3f}), {progress.train_bits:.3f} read  {speed:,.0f} chars/s"
                f"  {left // 60}:{left % 60:02} left"
            )
            self._tell(f"    {' '.join(sample(network, SAMPLE).split())}")

        return report


def _read_corpus(slug: str) -> str:
    path = corpus_path(slug)
    try:
        return path.read_text("ascii")
    except (OSError, UnicodeDecodeError) as error:
        raise StyleError(
            f"{path} is no cleaned text ({error}): `antiphon styles fetch --again {slug}` makes it anew"
        ) from None


def _outcome(slug: str, made: Made) -> str:
    took = f"{made.chars / 1e6:.1f} million characters read in {made.seconds / 60:.1f} minutes"
    if made.kept:
        return f"{slug}: {made.bits:.3f} bits per character held out, {took}; saved as {made.path}"
    better = f"{made.path} is better ({made.earlier:.3f}) and stays"
    return f"{slug}: {made.bits:.3f} bits per character held out, {took}; {better}"
