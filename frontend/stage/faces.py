"""The typefaces of the stage: Inconsolata, which comes with imgui-bundle, or an equally spaced one of the user's own.

A file of the user's is read before anything is shown in it, every character of it, so that one that is torn or that
would not stand in cells is refused in one line and the stage keeps its face. Small words are set in Roboto, which
comes along too. UI thread, when a face is chosen.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from functools import cache
from importlib.util import find_spec
from pathlib import Path

import numpy as np

from frontend.config.user_files import data_folder
from frontend.stage.truetype import Outlines
from protocol.errors import DisplayError, ParameterError

OURS, OURS_FILE = "Inconsolata Medium", "Inconsolata-Medium.ttf"
VISIBLE_CODES = range(33, 127)  # the visible characters
MAX_FONT_BYTES = 32 * 2**20  # bytes
MAX_REACH_EMS = 3.0  # ems from the pen; no character has ink farther away
MAX_UNEVENNESS_EMS = 0.002  # ems by which the widths of an equally spaced face may differ


@dataclass(frozen=True, eq=False)
class StageFont:
    """``advance``: how wide every character is, in ems."""

    name: str
    outlines: Outlines
    advance: float


def font_files(folder: Path | None = None) -> dict[str, Path]:
    """The files of the user's own faces by name, in alphabetical order: ``fonts/`` of the data folder."""
    where = data_folder() / "fonts" if folder is None else folder
    return {path.stem: path for path in sorted(where.glob("*.[tT][tT][fF]"))}


def load_stage_font(path: Path) -> StageFont:
    """Raises ``ParameterError``, one line that names the file, for what the stage cannot be set in."""
    try:
        with path.open("rb") as file:
            outlines = Outlines(file.read(MAX_FONT_BYTES))
        missing = [
            chr(code) for code in VISIBLE_CODES if not outlines.has(chr(code)) or not _is_inked(outlines, chr(code))
        ]
        widths = [outlines.advance(chr(code)) for code in VISIBLE_CODES]
    except OSError as error:
        raise ParameterError(f"the typeface {path.name} cannot be read: {error.strerror or error}") from error
    except (DisplayError, *TORN) as error:
        raise ParameterError(f"the typeface {path.name} is damaged or no TrueType file") from error
    if missing:
        raise ParameterError(f"the typeface {path.name} lacks {' '.join(missing[:3])}")
    if max(widths) - min(widths) > MAX_UNEVENNESS_EMS or not 0.3 <= min(widths) <= 1.0:
        raise ParameterError(f"the typeface {path.name} is not equally spaced: choose a monospaced one")
    return StageFont(path.stem, outlines, widths[0])


TORN = (struct.error, LookupError, ValueError, ArithmeticError, RecursionError, StopIteration)


def _is_inked(outlines: Outlines, character: str) -> bool:
    """Whether there is something to see. Raises one of ``TORN`` where it cannot be read or has no reasonable size."""
    lines = outlines.contours(character)
    if not all(np.abs(line).max(initial=0.0) <= MAX_REACH_EMS for line in lines):
        raise ValueError("a character is larger than any")
    return bool(lines)


@cache
def inconsolata() -> StageFont:
    """What the stage is designed in. Raises ``DisplayError`` when imgui-bundle is not there."""
    return StageFont(OURS, _shipped(OURS_FILE), 0.5)


@cache
def roboto() -> Outlines:
    """What small words are set in. Raises ``DisplayError`` when imgui-bundle is not there."""
    return _shipped("Roboto", "Roboto-Regular.ttf")


@cache
def roboto_bold() -> Outlines:
    """What large words behind the text are set in. Raises ``DisplayError`` when imgui-bundle is not there."""
    return _shipped("Roboto", "Roboto-Bold.ttf")


def face_file(name: str, folder: Path | None = None) -> tuple[bytes, float]:
    """The file of a typeface of ``font_names``, and how wide its characters are, in ems; ours for any other name.

    Raises ``ParameterError`` or ``DisplayError`` as ``load_stage_font`` and ``inconsolata`` do.
    """
    path = font_files(folder).get(name)
    if path is None:
        return _shipped_path(OURS_FILE).read_bytes(), inconsolata().advance
    advance = load_stage_font(path).advance
    return path.read_bytes(), advance


def _shipped_path(*place: str) -> Path:
    spec = find_spec("imgui_bundle")  # where it is, without loading it
    if spec is None or spec.origin is None:
        raise DisplayError("imgui-bundle is missing: install the requirements again")
    return Path(spec.origin).parent.joinpath("assets", "fonts", *place)


def _shipped(*place: str) -> Outlines:
    path = _shipped_path(*place)
    try:
        return Outlines(path.read_bytes())
    except (OSError, DisplayError) as error:
        raise DisplayError(f"the stage's typeface {path.name} is damaged: install imgui-bundle again") from error


def font_names(folder: Path | None = None) -> tuple[str, ...]:
    """Ours, then the user's."""
    return (OURS, *(name for name in font_files(folder) if name != OURS))
