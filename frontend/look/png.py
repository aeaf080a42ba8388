"""Pictures of a window as PNG files (ISO/IEC 15948), written whole or not at all.

Pure but for the file; no thread of its own.
"""

from __future__ import annotations

import struct
import zlib
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from protocol.atomic_file import write_atomically

SIGNATURE = b"\x89PNG\r\n\x1a\n"
TRUE_COLOUR, WITH_ALPHA = 2, 6
SUBTRACT_ABOVE = 2  # the filter that suits a picture of flat areas


def png(pixels: NDArray[np.uint8]) -> bytes:
    """``pixels`` (height, width, 3 or 4), 8-bit sRGB and alpha, row 0 on top, as a PNG file."""
    height, width, channels = pixels.shape
    rows = np.ascontiguousarray(pixels).reshape(height, channels * width)
    above = np.vstack([np.zeros((1, channels * width), np.uint8), rows[:-1]])
    filtered = np.hstack([np.full((height, 1), SUBTRACT_ABOVE, np.uint8), rows - above])
    header = struct.pack(">LLBBBBB", width, height, 8, WITH_ALPHA if channels == 4 else TRUE_COLOUR, 0, 0, 0)
    body = zlib.compress(filtered.tobytes(), 6)
    return SIGNATURE + _chunk(b"IHDR", header) + _chunk(b"sRGB", b"\0") + _chunk(b"IDAT", body) + _chunk(b"IEND", b"")


def _chunk(kind: bytes, body: bytes) -> bytes:
    return struct.pack(">L", len(body)) + kind + body + struct.pack(">L", zlib.crc32(kind + body))


def save_png(path: Path, pixels: NDArray[np.uint8]) -> None:
    """Write ``pixels`` to ``path``, whole or not at all. Raises ``OSError``."""
    write_atomically(path, png(pixels))
