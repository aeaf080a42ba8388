"""What is installed besides the necessary, and which ways to play go without. Caller's thread."""

from __future__ import annotations

import shutil
import sys
from importlib.util import find_spec

from benchmarks.doctor.findings import Finding, Level
from server.filters.load import load_filters, own_words

# ---- the lists that a text is guarded by -----------------------------------------------------------------------------


def examine_word_lists() -> list[Finding]:
    loaded = load_filters()
    if loaded.complaint:
        return [Finding("manners", Level.WARN, loaded.complaint, "mend the file, or move it away")]
    whose = "your own list" if own_words().exists() else "the shipped list"
    return [Finding("manners", Level.GOOD, f"{whose} of {len(loaded.filter_set.words.entries)} words can be read")]


TOPIC = "extras"
PACKAGES = {  # package: extra, what it is for
    "mediapipe": ("camera", "hands and faces by camera"),
    "aalink": ("link", "tempo by Ableton Link"),
    "sklearn": ("teach", "teach by showing"),
    "ray": ("ray", "training on several machines"),
}


def examine() -> list[Finding]:
    missing = [(extra, what) for package, (extra, what) in PACKAGES.items() if find_spec(package) is None]
    found = [Finding("Python", Level.GOOD, f"Python {sys.version.split()[0]}")]
    found += [
        Finding(TOPIC, Level.NOTE, f"{what}: not installed", f"pip install 'antiphon[{extra}]' if you want it")
        for extra, what in missing
    ]
    if shutil.which("ffmpeg") is None:
        found.append(Finding(TOPIC, Level.NOTE, "takes as video: ffmpeg is not installed", "install it if you want it"))
    return found
