"""Bytes of unknown origin to text: byte order marks, UTF-8, then Windows-1252; what is no text is refused.

A text that is nearly all of one encoding stays so: a bad byte costs itself and no more. Pure; no thread of its own.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from protocol.documents import BYTE_ORDER_MARKS
from protocol.errors import StyleError

OTHER_FILE_TYPES = (  # files that people take for text
    (b"%PDF-", "a PDF"),
    (b"PK\x03\x04", "a zip archive, as Word, LibreOffice and EPUB files are"),
    (b"\xd0\xcf\x11\xe0", "an old Word file"),
    (b"{\\rtf", "a rich-text (RTF) file"),
    (b"\x1f\x8b", "a gzip archive"),
)
MAX_CONTROL_SHARE = 0.01  # of the bytes may be control characters; more is no text
MAX_DAMAGED_SHARE = 0.01  # of the characters that a byte-order mark's encoding cannot read; more is no such text

_LAYOUT = frozenset(b"\t\n\v\f\r\x1b")
_WINDOWS = {code: bytes((code,)).decode("cp1252", "ignore") or chr(code) for code in range(0x80, 0xA0)}
_CONTROLS = bytes(code for code in range(32) if code not in _LAYOUT) + b"\x7f"
_BAD = re.compile(
    "(?P<pair>\udced[\udca0-\udcaf][\udc80-\udcbf]\udced[\udcb0-\udcbf][\udc80-\udcbf])"  # surrogates, each as UTF-8
    "|(?P<cut>[\udcc3-\udcf4][\udc80-\udcbf]*\\Z)"  # a character that the end of the file cuts off
    "|[\udc80-\udcff]"
)
_BEYOND_ASCII = re.compile("[\x80-\ud7ff\ue000-\U0010ffff]")


class Decoded(NamedTuple):
    """A text, the name of the encoding that it was in, and how many bytes (or characters) were none of it."""

    text: str
    encoding: str
    damaged: int = 0


def decode(data: bytes, name: str = "the text") -> Decoded:
    """The text in ``data``. Raises ``StyleError`` for what is no text, with what to do; ``name`` says whose text it is.

    Where most of what is not ASCII is UTF-8, the bytes that are not are read as Windows-1252, one by one. Otherwise,
    without a mark, all of it is Windows-1252, in which every byte is a character (five are taken from Latin-1).
    """
    for magic, what in OTHER_FILE_TYPES:
        if data.startswith(magic):
            raise StyleError(f"{name} is {what}: save it as plain text (.txt) and try again")
    marked = next((encoding for mark, encoding in BYTE_ORDER_MARKS if data.startswith(mark)), None)
    if marked in ("utf-16", "utf-32"):
        return _wide(data, marked, name)
    controls = len(data) - len(data.translate(None, _CONTROLS))
    if controls > MAX_CONTROL_SHARE * len(data) and controls > 1:
        raise StyleError(f"{name} is no text but binary data: give a plain text file (.txt, best in UTF-8)")
    try:
        return Decoded(data.decode("utf-8-sig"), "utf-8")
    except UnicodeDecodeError:
        half_read = data.decode("utf-8-sig", "surrogateescape")  # a bad byte is half a surrogate pair
    bad = list(_BAD.finditer(half_read))
    if len(_BEYOND_ASCII.findall(half_read)) > len(bad) or marked:
        return Decoded(_BAD.sub(_mended, half_read), "utf-8", sum(len(one[0]) for one in bad))
    return Decoded(data.decode("latin-1").translate(_WINDOWS), "windows-1252")


def _mended(bad: re.Match[str]) -> str:
    """What stands for bytes that are no UTF-8."""
    found = bytes(ord(half) - 0xDC00 for half in bad[0])
    if bad["pair"]:
        return found.decode("utf-8", "surrogatepass").encode("utf-16", "surrogatepass").decode("utf-16")
    if bad["cut"]:
        return ""
    return found.decode("latin-1").translate(_WINDOWS)


def _wide(data: bytes, encoding: str, name: str) -> Decoded:
    """A text in UTF-16 or UTF-32, less what cannot be read. Raises ``StyleError`` where that is more than a little."""
    try:
        return Decoded(data.decode(encoding), encoding)
    except UnicodeDecodeError:
        text = data.decode(encoding, "replace")
    damaged = text.count("\ufffd")
    if damaged > MAX_DAMAGED_SHARE * len(text):
        raise StyleError(f"{name} begins as {encoding} but is damaged: save it as UTF-8")
    return Decoded(text.replace("\ufffd", ""), encoding, damaged)
