"""The kind of voice that docs/add-a-kind.md makes is built here from that page, as a package, and plays."""

from __future__ import annotations

import re
import runpy
import sys
from pathlib import Path

import numpy as np
import pytest

from models.interface import Tongued
from models.loading import load_voices
from server.speak import speak
from tests.spelling import save_spelling_voice

PAGE = Path(__file__).parents[2] / "docs" / "add-a-kind.md"


@pytest.fixture
def package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """What stands on the page, installed for this test: a module and its entry point."""
    module, maker = re.findall(r"```python\n(.*?)```", PAGE.read_text("utf-8"), re.DOTALL)
    group, entry = re.findall(r'\[project\.entry-points\."(.*?)"\]\n(.*?)\n', PAGE.read_text("utf-8"))[0]
    (tmp_path / "pairs.py").write_text(module)
    (tmp_path / "make.py").write_text(maker)
    told = tmp_path / "pairs-1.0.dist-info"
    told.mkdir()
    (told / "METADATA").write_text("Metadata-Version: 2.1\nName: pairs\nVersion: 1.0\n")
    (told / "entry_points.txt").write_text(f"[{group}]\n{entry.replace(chr(34), '')}\n")
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.delitem(sys.modules, "pairs", raising=False)
    return tmp_path


def made(folder: Path, slug: str, text: str, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A voice's file in ``folder``, by the maker on the page."""
    maker = next(path / "make.py" for path in (folder, folder.parent) if (path / "make.py").exists())
    (folder / "text.txt").write_text(text)
    monkeypatch.chdir(folder)
    monkeypatch.setattr(sys, "argv", ["make.py", slug, "text.txt"])
    runpy.run_path(str(maker))
    return folder / f"{slug}.safetensors"


def test_it_is_built_and_plays(package: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = made(package, "mine", "abcabcabc\nabcabc\n", monkeypatch)
    voices = load_voices([path])
    text = "".join(one.character for one in speak(voices, {"mine": 1.0}, 60, 1, 0.2))
    assert voices.slugs == ("mine",) and set(text) == set("abc\n") and "abcabc" in text
    again = voices.for_new_text()
    again.load_state(voices.save_state())
    assert np.array_equal(again.distributions, voices.distributions)
    trail, before = again.trail(2), again.distributions.copy()
    trail.push(1, [0])
    again.step(ord("a"), [0])
    assert chr(int(again.distributions[0].argmax())) == "b"
    assert trail.restore(1) == (0,) and np.array_equal(again.distributions, before)


def test_it_plays_beside_a_voice_of_another_kind_and_as_its_words(
    package: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    own = save_spelling_voice(package, "austen", {"a": 1.0})
    (package / "words").mkdir()
    mine = made(package, "mine", "xyxyxy\n", monkeypatch)
    words = made(package / "words", "austen", "bcbc\nbcbcbc\n", monkeypatch)
    voices = load_voices([own, mine], tongues={"austen": {"words": words}})
    assert voices.slugs == ("austen", "mine")
    assert isinstance(voices, Tongued) and voices.tongues is not None and voices.tongues.slugs == ("words/austen",)
    text = [one.character for one in speak(voices, {"austen": 1.0}, 30, 1, 0.1, settings={"/mix/words": 1.0})]
    assert "bcbcbc" in "".join(text)
