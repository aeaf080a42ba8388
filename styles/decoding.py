"""Bytes of unknown origin to text: byte order marks, UTF-8, then Windows-1252; what is no text is refused.

Pure; no thread of its own.
"""

from __future__ import annotations

import codecs

from protocol.errors import StyleError

BYTE_ORDER_MARKS = (  # the longer first: UTF-32's mark begins with UTF-16's
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
OTHER_FILE_TYPES = (  # files that people take for text
    (b"%PDF-", "a PDF"),
    (b"PK\x03\x04", "a zip archive, as Word, LibreOffice and EPUB files are"),
    (b"\xd0\xcf\x11\xe0", "an old Word file"),
    (b"{\\rtf", "a rich-text (RTF) file"),
    (b"\x1f\x8b", "a gzip archive"),
)
MAX_CONTROL_SHARE = 0.01  # of the bytes may be control characters; more is no text

_LAYOUT = frozenset(b"\t\n\v\f\r\x1b")
_WINDOWS = {code: bytes((code,)).decode("cp1252", "ignore") or chr(code) for code in range(0x80, 0xA0)}
_CONTROLS = bytes(code for code in range(32) if code not in _LAYOUT) + b"\x7f"


def decode(data: bytes, name: str = "the text") -> tuple[str, str]:
    """The text in ``data`` and the name of its encoding.

    Raises ``StyleError`` for what is no text, with what to do; ``name`` says whose text it is. Bytes that are no UTF-8
    and bear no mark are read as Windows-1252, in which every byte is a character (five are taken from Latin-1).
    """
    for magic, what in OTHER_FILE_TYPES:
        if data.startswith(magic):
            raise StyleError(f"{name} is {what}: save it as plain text (.txt) and try again")
    for mark, encoding in BYTE_ORDER_MARKS:
        if data.startswith(mark):
            try:
                return data.decode(encoding), encoding.removesuffix("-sig")
            except UnicodeDecodeError:
                raise StyleError(f"{name} begins as {encoding} but is damaged: save it as UTF-8") from None
    controls = len(data) - len(data.translate(None, _CONTROLS))
    if b"\0" in data or controls > MAX_CONTROL_SHARE * len(data):
        raise StyleError(f"{name} is no text but binary data: give a plain text file (.txt, best in UTF-8)")
    try:
        return data.decode("utf-8"), "utf-8"
    except UnicodeDecodeError:
        return data.decode("latin-1").translate(_WINDOWS), "windows-1252"
