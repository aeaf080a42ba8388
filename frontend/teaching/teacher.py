"""The lesson in the performer's hands: poses recorded, deleted, learnt from, and kept in a file. UI thread.

Recording takes the mean of what every input says while the pose is held. Learning happens in a thread of its own, so
that no frame waits for it; what was learnt goes to ``frontend.teaching.taught``. The file is ``poses.json`` in the
user's data folder; from it the mapping is learnt anew at the start.
"""

from __future__ import annotations

import threading
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from frontend.config.user_files import copied_aside, data_folder, kept_aside
from frontend.inputs.hub import Hub
from frontend.teaching.lesson import MAX_FILE_BYTES, METHODS, Lesson, PoseTarget, parse, render
from frontend.teaching.mapping import TrainingResult, learn, prepare
from frontend.teaching.taught import PoseInput, TrainedLesson
from protocol.atomic_file import write_atomically
from protocol.documents import read
from protocol.errors import AntiphonError, ParameterError

HOLD_S = 0.6  # seconds for which a pose is listened to
SAVE_AFTER_S = 1.0  # seconds after a change before it is written


def default_path() -> Path:
    return data_folder() / "poses.json"


@dataclass
class Recording:
    """A pose that is being shown: from ``begins`` to ``ends`` it is listened to, in monotonic seconds."""

    key: str
    aim: PoseTarget
    begins: float
    ends: float
    sums: dict[str, float] = field(default_factory=dict)
    counts: dict[str, int] = field(default_factory=dict)

    def hear(self, features: Mapping[str, float]) -> None:
        for name, level in features.items():
            self.sums[name] = self.sums.get(name, 0.0) + level
            self.counts[name] = self.counts.get(name, 0) + 1

    @property
    def mean(self) -> dict[str, float]:
        """The features that were there for at least half of the time."""
        most = max(self.counts.values(), default=0)
        return {name: total / self.counts[name] for name, total in self.sums.items() if 2 * self.counts[name] >= most}


class Teacher:
    """``poses`` are an input of ``hub``; ``path`` None keeps nothing."""

    def __init__(self, poses: PoseInput, hub: Hub, path: Path | None = None) -> None:
        self.poses, self.path = poses, path
        self.lesson = Lesson()
        self.learnt: TrainingResult | None = None
        self.recording: Recording | None = None
        self.trouble = ""
        self.delay = 0.0  # seconds between the press and the pose, for those who need both hands for it
        self._hub = hub
        self._learnt_from: Lesson | None = None
        self._thread: threading.Thread | None = None
        self._prepared = False
        self._result: tuple[Lesson, TrainingResult | str] | None = None
        self._changed_at: float | None = None
        self._now = 0.0
        self._load()

    # ---- showing ---------------------------------------------------------------------------------------------------

    def features(self) -> dict[str, float]:
        """What can be taught with now: all that the inputs say, but not what the poses themselves say."""
        own = self.poses.key + "/"
        return {name: level for name, level in self._hub.features().items() if not name.startswith(own)}

    def record(self, key: str, aim: PoseTarget) -> None:
        """Listen to the pose that is held now, or after the delay, as one of ``aim``."""
        self.trouble = ""
        begins = self._now + self.delay
        self.recording = Recording(key, aim, begins, begins + HOLD_S)

    def delete(self, place: int) -> None:
        """Forget the example at ``place``."""
        self._put(self.lesson.without(place))

    def delete_last(self, key: str) -> None:
        """Forget the last example of an aim."""
        places = [place for place, example in enumerate(self.lesson.examples) if example.aim == key]
        if places:
            self.delete(places[-1])

    def delete_aim(self, key: str) -> None:
        self._put(self.lesson.without_aim(key))

    def clear(self) -> None:
        self._put(Lesson(method=self.lesson.method))

    def choose(self, method: str) -> None:
        """How to fill what lies between the poses, one of ``METHODS``."""
        if method in METHODS:
            self._put(replace(self.lesson, method=method))

    def switch(self, on: bool) -> None:
        """Let the poses play, or not. Raises ``ParameterError`` where the hub has none."""
        self._hub.change(self.poses.key, on=on)

    # ---- learning --------------------------------------------------------------------------------------------------

    @property
    def training(self) -> bool:
        return self._thread is not None

    @property
    def stale(self) -> bool:
        """Whether something was shown, or forgotten, that is not learnt yet."""
        return self.lesson is not self._learnt_from

    def prepare(self) -> None:
        """Load what learning needs, once, in a thread of its own, so that a press on train need not wait for it."""
        if not self._prepared:
            self._prepared = True
            threading.Thread(target=prepare, name="antiphon teaching", daemon=True).start()

    def train(self) -> None:
        """Learn from what was shown; ``pump`` takes what comes of it."""
        if self._thread is not None:
            return
        self.trouble, lesson = "", self.lesson

        def work() -> None:
            try:
                self._result = (lesson, learn(lesson))
            except AntiphonError as error:
                self._result = (lesson, str(error))
            except Exception as error:  # what a library raises must not leave the panel waiting for ever
                self._result = (lesson, f"learning failed: {error!r}")

        self._thread = threading.Thread(target=work, name="antiphon teaching", daemon=True)
        self._thread.start()

    def pump(self, now: float) -> None:
        """Once a frame: listen while a pose is shown, take what was learnt, obey other programs, write what is due."""
        self._now = now
        if self.recording is not None and now >= self.recording.begins:
            self.recording.hear(self.features())
            if now >= self.recording.ends:
                self._show(self.recording)
        if self._result is not None and self._thread is not None:
            self._thread.join()
            (lesson, result), self._result, self._thread = self._result, None, None
            self._take(lesson, result)
        for order in self.poses.orders():
            self._carry_out(order)
        if self._changed_at is not None and now >= self._changed_at + SAVE_AFTER_S:
            self.save()

    def save(self) -> None:
        """Write what is not written yet; trouble with the disk is reported, not raised."""
        if self._changed_at is None or self.path is None:
            return
        self._changed_at = None
        try:
            write_atomically(self.path, render(self.lesson))
        except OSError as error:
            self.trouble = f"the poses are not saved: {error.strerror or error}"

    def _carry_out(self, order: str) -> None:
        match order:
            case "train":
                self.train()
            case "deleteAllExamples":
                self.clear()
            case "startRunning" | "stopRunning":
                self.switch(order == "startRunning")

    def _show(self, recording: Recording) -> None:
        self.recording = None
        try:
            self._put(self.lesson.shown(recording.key, recording.aim, recording.mean))
        except ParameterError as error:
            self.trouble = str(error)

    def _take(self, lesson: Lesson, result: TrainingResult | str) -> None:
        if isinstance(result, str):
            self.trouble = result
            return
        self.learnt, self._learnt_from = result, lesson
        self.poses.teach(TrainedLesson(lesson, result.meaning))

    def _put(self, lesson: Lesson) -> None:
        self.lesson, self._changed_at = lesson, self._now
        if len(lesson.aims) < 2:
            self.learnt, self._learnt_from = None, None
            self.poses.teach(None)

    def _load(self) -> None:
        if self.path is None:
            return
        try:
            self.lesson, complaints = parse(read(self.path, MAX_FILE_BYTES))
        except FileNotFoundError:
            return
        except (OSError, UnicodeDecodeError, ParameterError) as error:
            self.trouble = f"{self.path.name} could not be read ({error}); {kept_aside(self.path)}"
            return
        if complaints:
            self.trouble = f"{self.path.name}: {complaints[0]}; {copied_aside(self.path)}"
        if len(self.lesson.aims) > 1:
            self.train()
