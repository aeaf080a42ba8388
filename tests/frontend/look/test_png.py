"""PNG files: the very pixels, whole or not at all."""

import struct
import zlib
from pathlib import Path

import numpy as np
import pytest

from frontend.look.png import SIGNATURE, png, save_png

PIXELS = np.random.default_rng(1).integers(0, 256, (5, 7, 3)).astype(np.uint8)


def chunks(data: bytes) -> dict[bytes, bytes]:
    """The chunks of a PNG file by name, their checksums proved."""
    assert data.startswith(SIGNATURE)
    at, found = len(SIGNATURE), {}
    while at < len(data):
        length, kind = struct.unpack_from(">L4s", data, at)
        body = data[at + 8 : at + 8 + length]
        assert struct.unpack_from(">L", data, at + 8 + length)[0] == zlib.crc32(kind + body)
        found[kind] = body
        at += 12 + length
    return found


def test_a_picture_holds_its_pixels() -> None:
    found = chunks(png(PIXELS))
    assert list(found) == [b"IHDR", b"sRGB", b"IDAT", b"IEND"]
    assert struct.unpack(">LLBBBBB", found[b"IHDR"]) == (7, 5, 8, 2, 0, 0, 0)
    rows = np.frombuffer(zlib.decompress(found[b"IDAT"]), np.uint8).reshape(5, 22)
    assert (rows[:, 0] == 2).all()  # each row says how it differs from the one above
    assert np.array_equal(np.cumsum(rows[:, 1:], axis=0, dtype=np.uint8).reshape(5, 7, 3), PIXELS)


def test_alpha_is_a_fourth_channel() -> None:
    found = chunks(png(np.full((2, 3, 4), 7, np.uint8)))
    assert struct.unpack(">LLBBBBB", found[b"IHDR"]) == (3, 2, 8, 6, 0, 0, 0)
    assert len(zlib.decompress(found[b"IDAT"])) == 2 * (1 + 3 * 4)


def test_rows_that_are_a_view_from_the_bottom_up_are_written_as_seen() -> None:
    assert png(PIXELS[::-1]) == png(PIXELS[::-1].copy())


def test_saving_replaces_a_file_and_leaves_nothing_else(tmp_path: Path) -> None:
    path = tmp_path / "stage.png"
    path.write_bytes(b"old")
    save_png(path, PIXELS)
    assert path.read_bytes() == png(PIXELS)
    assert list(tmp_path.iterdir()) == [path]


def test_a_failed_save_leaves_the_old_file_alone(tmp_path: Path) -> None:
    path = tmp_path / "stage.png"
    path.write_bytes(b"old")
    with pytest.raises(ValueError):
        save_png(path, PIXELS[0])
    assert path.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [path]
