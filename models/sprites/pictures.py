"""The pictures that a generator learns from: a shipped set, or a user's own folder, made alike.

All become squares of RGBA bytes. ``prepared`` makes of them what networks read: drop shadows and outlines, which are
black and touch the outside, are taken away (a finished sprite gets an outline anew), and each figure stands on the
lowest row, in the middle. Reading a folder needs Pillow; the shipped set only numpy. No thread of its own.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from protocol.errors import TrainingError

Bytes = npt.NDArray[np.uint8]
Mask = npt.NDArray[np.bool_]

SHIPPED = Path(__file__).parent / "pictures"
CATEGORIES = (  # of the shipped set
    *("beasts", "wings", "crawlers", "sea", "dragons", "undead", "demons", "folk", "spirits", "slimes", "machines"),
    *("plants", "faces"),
)
SIDE = 64  # pixels, of what is kept
SUFFIXES = (".png", ".webp", ".gif", ".bmp", ".jpg", ".jpeg")
MOST_PICTURES = 100_000  # of a folder
MOST_CATEGORIES = 64
MOST_FILE_BYTES = 32 * 2**20
MOST_PIXELS = 64 * 2**20  # of one picture, before it is made small
FEWEST_PICTURES = 24  # of which anything can be learnt
FEWEST_IN_CATEGORY = 4  # those of fewer are left out
BLACK = 20  # the brightest value of what counts as black
FAINT = 128  # the alpha under which a pixel is outside
LEAST_LEFT = 0.35  # of a figure has to be left when the black around it goes, else it stays as it is


@dataclass(frozen=True)
class PictureSet:
    """Pictures by category: RGBA bytes [count, 64, 64, 4], colours not multiplied by alpha."""

    categories: tuple[str, ...]
    pixels: Bytes
    labels: npt.NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.labels)


def shipped(folder: Path = SHIPPED) -> PictureSet:
    """The set that comes with Antiphon; its origins and licences stand in SOURCES.toml beside it."""
    parts = []
    for name in CATEGORIES:
        try:
            with np.load(folder / f"{name}.npz", allow_pickle=False) as file:
                parts.append(file["pixels"])
        except (OSError, KeyError, ValueError) as error:
            raise TrainingError(f"the pictures of {name} in {folder} cannot be read ({error})") from None
    labels = np.repeat(np.arange(len(parts)), [len(part) for part in parts])
    return PictureSet(CATEGORIES, np.concatenate(parts), labels)


def from_folder(folder: Path, say: Callable[[str], None]) -> PictureSet:
    """A user's own pictures; each sub-folder is a category, a folder without any is one. ``say`` hears what is odd."""
    if not folder.is_dir():
        raise TrainingError(f"{folder} is no folder: give one of pictures, with a sub-folder for each category")
    places = sorted(path for path in folder.iterdir() if path.is_dir() and not path.name.startswith(".")) or [folder]
    names: list[str] = []
    kept: list[Bytes] = []
    labels: list[int] = []
    broken: list[str] = []
    few: list[str] = []
    opaque = read = 0
    for place in places[:MOST_CATEGORIES]:
        files = sorted(path for path in place.rglob("*") if path.suffix.lower() in SUFFIXES and path.is_file())
        found, unread = _read_all(files[: MOST_PICTURES - len(kept)])
        broken += unread
        read += len(found)
        if len(found) < FEWEST_IN_CATEGORY:
            few.append(place.name)
            continue
        opaque += sum(whole for _, whole in found)
        labels += [len(names)] * len(found)
        names.append(place.name)
        kept += [picture for picture, _ in found]
    if len(kept) < FEWEST_PICTURES:
        alone = f", {read - len(kept)} in categories of fewer than {FEWEST_IN_CATEGORY}" if len(kept) < read else ""
        raise TrainingError(
            f"{folder} has {read} pictures that can be read{alone}: a set needs {FEWEST_PICTURES} at the least"
        )
    if broken:
        say(f"{_names(broken)} cannot be read and {'is' if len(broken) == 1 else 'are'} left out")
    if few:
        say(f"left out, for they have fewer than {FEWEST_IN_CATEGORY} pictures: {_names(few)}")
    if len(places) > MOST_CATEGORIES:
        say(f"only the first {MOST_CATEGORIES} sub-folders are read")
    if opaque > len(kept) // 2:
        say("most pictures have no alpha: what they show fills the whole square, ground and all")
    return PictureSet(tuple(names), np.stack(kept), np.array(labels, np.int64))


def prepared(pixels: Bytes, side: int) -> Tensor:
    """What networks read of ``pixels``: [count, 4, side, side], colours multiplied by alpha, values 0-1."""
    small = resized(pixels, side)
    small = centred(without_black_around(small))
    x = small.astype(np.float32) / 255.0
    x[..., :3] *= x[..., 3:]
    return torch.from_numpy(np.ascontiguousarray(x.transpose(0, 3, 1, 2)))


def resized(pixels: Bytes, side: int) -> Bytes:
    """Squares of ``side`` by the mean of what falls on a pixel, weighed by alpha; ``side`` divides the old one."""
    factor = pixels.shape[1] // side
    if factor == 1:
        return pixels
    blocks = pixels.reshape(len(pixels), side, factor, side, factor, 4).astype(np.float32)
    alpha = blocks[..., 3:]
    weight = alpha.sum((2, 4))
    colours = (blocks[..., :3] * alpha).sum((2, 4)) / np.maximum(weight, 1e-6)
    both = np.concatenate([colours, weight / factor**2], -1)
    return (both + 0.5).astype(np.uint8)


def without_black_around(pixels: Bytes) -> Bytes:
    """Without shadows and outlines: black that is joined to the outside becomes clear."""
    solid = pixels[..., 3] >= FAINT
    black = solid & (pixels[..., :3].max(-1) <= BLACK)
    outside = np.pad(~solid, ((0, 0), (1, 1), (1, 1)), constant_values=True)
    passable = np.pad(black, ((0, 0), (1, 1), (1, 1)))
    while True:
        grown = outside | (_touching(outside) & passable)
        if (grown == outside).all():
            break
        outside = grown
    left = ~outside[:, 1:-1, 1:-1]
    enough = left.sum((1, 2)) >= LEAST_LEFT * np.maximum(solid.sum((1, 2)), 1)
    out = pixels.copy()
    out[..., 3] = np.where(left | ~enough[:, None, None], pixels[..., 3], 0)
    return out


def centred(pixels: Bytes) -> Bytes:
    """Each figure in the middle, its lowest pixel in the lowest row but one."""
    out = np.zeros_like(pixels)
    side = pixels.shape[1]
    for to, picture in zip(out, pixels, strict=True):
        rows, columns = (np.flatnonzero((picture[..., 3] >= FAINT).any(axis)) for axis in (1, 0))
        if not len(rows):
            continue
        top, bottom, left, right = rows[0], rows[-1] + 1, columns[0], columns[-1] + 1
        down = max(side - 1 - (bottom - top), 0)
        across = (side - (right - left)) // 2
        to[down : down + bottom - top, across : across + right - left] = picture[top:bottom, left:right]
    return out


def _touching(mask: Mask) -> Mask:
    """What lies above, below, left or right of ``mask``."""
    out = np.zeros_like(mask)
    out[:, 1:] |= mask[:, :-1]
    out[:, :-1] |= mask[:, 1:]
    out[:, :, 1:] |= mask[:, :, :-1]
    out[:, :, :-1] |= mask[:, :, 1:]
    return out


def _read_all(files: Sequence[Path]) -> tuple[list[tuple[Bytes, bool]], list[str]]:
    read, broken = [], []
    for path in files:
        try:
            read.append(_read(path))
        except (OSError, ValueError, SyntaxError, EOFError, MemoryError, Warning):
            broken.append(path.name)
    return read, broken


def _read(path: Path) -> tuple[Bytes, bool]:
    """One picture of any size as a square of 64 with nothing cut off, and whether nothing of it was clear; the first
    frame of a moving one."""
    from PIL import Image

    if path.stat().st_size > MOST_FILE_BYTES:
        raise ValueError("too large a file")
    with warnings.catch_warnings():
        warnings.simplefilter("error", Image.DecompressionBombWarning)
        with Image.open(path) as opened:
            if opened.width * opened.height > MOST_PIXELS:
                raise ValueError("too many pixels")
            image = opened.convert("RGBA")
    box = image.getchannel("A").getbbox()
    if not box:
        raise ValueError("all of it is clear")
    side = max(image.size)
    square = Image.new("RGBA", (side, side))
    square.paste(image, ((side - image.width) // 2, side - image.height))
    small = side < SIDE and SIDE % side == 0  # small pixels stay pixels
    pixels = np.asarray(square.resize((SIDE, SIDE), Image.Resampling.NEAREST if small else Image.Resampling.BOX))
    return pixels, bool(np.asarray(image.getchannel("A")).min() >= FAINT)


def _names(files: Sequence[str]) -> str:
    return ", ".join(files[:3]) + (f" and {len(files) - 3} more" if len(files) > 3 else "")
