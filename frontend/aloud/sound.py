"""Sound as numbers: what an engine wrote is read, trimmed, placed from left to right, and put into a WAV. Pure numpy.

Mono sound is (n,) from -1 to 1, stereo (n, 2), at ``RATE`` frames a second.
"""

from __future__ import annotations

import math
import struct
import wave
from io import BytesIO

import numpy as np
from numpy.typing import NDArray

from protocol.errors import ParameterError

Sound = NDArray[np.float32]
RATE = 22_050  # frames/s
SILENT_BELOW = 0.01  # of full scale; what an engine leaves quiet before and behind a word is cut off
MARGIN_S = 0.008  # of that silence that stays
MAX_SAYING_S = 30.0
LEVEL = 0.7  # of a word at its place, so that two at once do not clip


def read_wav(data: bytes) -> Sound:
    """The sound of a WAV of 16 bits, one channel or two, whose sizes may be wrong since it was written to a pipe.

    Raises ``ParameterError`` for anything else.
    """
    if data[:4] != b"RIFF" or data[8:12] != b"WAVE":
        raise ParameterError("the engine wrote no WAV")
    place, shape = 12, None
    while place + 8 <= len(data):
        kind, size = data[place : place + 4], struct.unpack_from("<I", data, place + 4)[0]
        body = data[place + 8 : place + 8 + size]
        if kind == b"fmt " and len(body) >= 16:
            shape = struct.unpack_from("<HHIIHH", body)
        if kind == b"data":
            if shape is None or shape[0] != 1 or shape[1] not in (1, 2) or shape[5] != 16 or not shape[2] >= 4_000:
                raise ParameterError("the engine's WAV is to have 16 bits and one or two channels")
            most = int(MAX_SAYING_S * shape[2]) * shape[1]
            raw = np.frombuffer(body[: len(body) // (2 * shape[1]) * 2 * shape[1]], "<i2")[:most]
            mono = raw.reshape(-1, shape[1]).mean(axis=1) / 32_768.0
            return _resampled(mono.astype(np.float32), shape[2])
        place += 8 + size + size % 2
    raise ParameterError("the engine's WAV has no sound")


def _resampled(sound: Sound, rate: int) -> Sound:
    if rate == RATE or not len(sound):
        return sound
    count = max(1, round(len(sound) * RATE / rate))
    return np.interp(np.linspace(0, len(sound) - 1, count), np.arange(len(sound)), sound).astype(np.float32)


def trimmed(sound: Sound) -> Sound:
    """Without the silence before and behind."""
    loud = np.flatnonzero(np.abs(sound) > SILENT_BELOW)
    if not len(loud):
        return sound[:0]
    margin = round(MARGIN_S * RATE)
    return sound[max(0, int(loud[0]) - margin) : int(loud[-1]) + 1 + margin]


def placed(sound: Sound, place: float) -> Sound:
    """``sound`` in stereo, at -1 (left) to 1 (right), as loud everywhere."""
    angle = (min(1.0, max(-1.0, place)) + 1.0) * math.pi / 4.0
    return (LEVEL * np.stack([sound * math.cos(angle), sound * math.sin(angle)], axis=1)).astype(np.float32)


def pcm(stereo: Sound) -> bytes:
    """As 16 bits, little-endian, left and right in turn."""
    return (np.clip(stereo, -1.0, 1.0) * 32_767.0).astype("<i2").tobytes()


def wav(stereo: Sound) -> bytes:
    file = BytesIO()
    with wave.open(file, "wb") as writing:
        writing.setnchannels(2)
        writing.setsampwidth(2)
        writing.setframerate(RATE)
        writing.writeframes(pcm(stereo))
    return file.getvalue()
