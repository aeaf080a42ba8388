"""Any text to the 97 characters that the voices write: line feed, tab and 32 to 126; and a report of what it cost.

Everything here is a pure function and cleaning twice is cleaning once. ``transliterate`` serves priming too: any
Unicode in, seven bits out, never an error. The thread is the caller's.
"""

from __future__ import annotations

import re
import unicodedata
import zlib
from collections import Counter
from dataclasses import dataclass
from typing import NamedTuple

from anyascii import anyascii

from protocol.documents import BYTE_ORDER_MARKS
from protocol.errors import StyleError
from styles.gutenberg import strip_frames

# ---- bytes of unknown origin to text ---------------------------------------------------------------------------------

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


MIN_TEXT_CHARS = 2_000  # characters of different text that a voice needs at the very least
LONG_TEXT_CHARS = 50_000  # characters from which a voice says more than what it read
MAX_BLANK_LINES = 2  # kept in a row at most
MAX_COMPRESSION = 100  # a text that zlib makes this many times shorter says one thing over and over
MIN_REPEATED_CHARS = 40  # characters from which a line that comes again counts as a duplicate
INVISIBLE_CATEGORIES = frozenset(("Cf", "Mn", "Me"))  # joiners, soft hyphens, accents that stand apart

# Where the printer's custom in the corpora differs from anyascii's: dashes keep their length, joiners vanish, what
# breaks a line breaks it.
TYPOGRAPHY = {
    **dict.fromkeys(("\r\n", "\r", "\v", "\f", "\x85", "\u2028"), "\n"),
    "\u2029": "\n\n",
    **{"—": "--", "―": "--", "⸺": "----", "⸻": "------"},
    **{"£": "L", "°": " deg.", "×": "x", "\ufffd": ""},
}
LINE_ENDS = frozenset("\r\v\f\x85\u2028\u2029")

_NEVER_WRITTEN = re.compile(r"[^\n\t -~]")
_TYPOGRAPHY = re.compile("|".join(map(re.escape, TYPOGRAPHY)))


@dataclass(frozen=True)
class Replaced:
    """A character that voices cannot write, what stands in its place ("" when it is lost), and how often."""

    character: str
    by: str
    times: int

    @property
    def lost(self) -> bool:
        return not self.by and unicodedata.category(self.character) not in INVISIBLE_CATEGORIES


@dataclass(frozen=True)
class Report:
    """What cleaning did. All counts are characters unless they say otherwise."""

    encoding: str
    characters_in: int  # as decoded
    characters_out: int  # of the cleaned text
    boilerplate: int  # of Project Gutenberg's header and footer, cut
    replaced: tuple[Replaced, ...]  # the most frequent first
    repeated: int  # in lines that had stood in the text before
    damaged: int = 0  # bytes that were none of the encoding, and were read as Windows-1252 or left out

    @property
    def lost(self) -> int:
        """Characters that have no counterpart in seven bits and were dropped; marks without a shape do not count."""
        return sum(one.times for one in self.replaced if one.lost)

    @property
    def long_enough(self) -> bool:
        return self.characters_out - self.repeated >= LONG_TEXT_CHARS

    def lines(self) -> tuple[str, ...]:
        """The report in words, a line a fact."""
        facts = [f"{self.characters_in:,} characters read as {self.encoding}, {self.characters_out:,} after cleaning"]
        if self.damaged:
            facts.append(f"{self.damaged:,} bytes are no {self.encoding}: read as Windows-1252 where that has a letter")
        if self.boilerplate:
            facts.append(f"{self.boilerplate:,} characters of Project Gutenberg's header and footer were cut")
        if changed := [one for one in self.replaced if one.by]:
            shown = ", ".join(f"{one.character!a} to {one.by!a} {one.times:,} times" for one in changed[:3])
            facts.append(f"{sum(one.times for one in changed):,} characters were written in seven bits ({shown})")
        if self.lost:
            dropped = [one for one in self.replaced if one.lost]
            shown = ", ".join(f"{one.character!a} {one.times:,} times" for one in dropped[:3])
            facts.append(f"{self.lost:,} characters were lost ({shown})")
        if self.repeated:
            facts.append(f"{self.repeated:,} characters stand in lines that had come before")
        if not self.long_enough:
            facts.append(f"this is short: from {LONG_TEXT_CHARS:,} characters on a voice says more than it was told")
        return tuple(facts)


@dataclass(frozen=True)
class Cleaned:
    """A text in seven bits that ends with one line feed (or is empty), and the report of how it became so."""

    text: str
    report: Report


def transliterate(text: str) -> str:
    """``text`` with every character that voices cannot write replaced by its nearest in seven bits, or dropped.

    Line ends become line feeds, dashes hyphens, letters lose their accents, other scripts are romanised, control
    characters vanish. Never raises, whatever the string holds; a text in seven bits comes back as it is.
    """
    if not _NEVER_WRITTEN.search(text):
        return text
    set_plainly = _TYPOGRAPHY.sub(lambda found: TYPOGRAPHY[found[0]], text)
    return _NEVER_WRITTEN.sub(lambda found: _nearest(found[0]), set_plainly)


def _nearest(character: str) -> str:
    """At most a few characters of seven bits for one that is not."""
    return _NEVER_WRITTEN.sub("", anyascii(character))


def replacements(text: str) -> tuple[Replaced, ...]:
    """What ``transliterate`` does to ``text``, line ends aside, the most frequent first."""
    counts = Counter(character for character in _NEVER_WRITTEN.findall(text) if character not in LINE_ENDS)
    return tuple(
        Replaced(character, TYPOGRAPHY.get(character, _nearest(character)), times)
        for character, times in counts.most_common()
    )


def normalise_layout(text: str, blank_lines: int = MAX_BLANK_LINES) -> str:
    """``text`` without spaces at line ends, with at most ``blank_lines`` empty lines in a row and none at its ends."""
    lines = "\n".join(line.rstrip(" \t") for line in text.split("\n")).strip("\n")
    return re.sub(rf"\n{{{blank_lines + 2},}}", "\n" * (blank_lines + 1), lines) + "\n" if lines else ""


def clean(text: str, encoding: str = "utf-8", blank_lines: int = MAX_BLANK_LINES, damaged: int = 0) -> Cleaned:
    """``text`` cleaned: no Gutenberg frame, seven bits, tidy layout. Takes any text, an empty one too.

    ``encoding`` and ``damaged`` are what ``styles.cleaning.decode`` said of it.
    """
    plain = re.sub(r"\r\n?", "\n", text)
    bare = strip_frames(plain)
    cleaned = normalise_layout(transliterate(bare), blank_lines)
    while (again := strip_frames(cleaned)) != cleaned:  # one that only shows in seven bits (a no-break space in it)
        cleaned = normalise_layout(again, blank_lines)
    report = Report(
        encoding, len(text), len(cleaned), len(plain) - len(bare), replacements(bare), repeated(cleaned), damaged
    )
    return Cleaned(cleaned, report)


def repeated(text: str) -> int:
    """Characters in lines of at least ``MIN_REPEATED_CHARS`` that had stood in ``text`` before."""
    counts = Counter(line for line in text.split("\n") if len(line) >= MIN_REPEATED_CHARS)
    return sum(len(line) * (times - 1) for line, times in counts.items())


def prepare_user_text(data: bytes, name: str = "the text", least_chars: int = MIN_TEXT_CHARS) -> Cleaned:
    """The bytes of a user's file as a text to train on.

    Raises ``StyleError`` where that is no use: no text, fewer than ``least_chars``, one thing over and over.
    """
    if not data.strip():
        raise StyleError(f"{name} is empty: a voice needs {least_chars:,} characters or more")
    decoded = decode(data, name)
    cleaned = clean(decoded.text, decoded.encoding, damaged=decoded.damaged)
    text = cleaned.text
    if len(text) < least_chars:
        raise StyleError(
            f"{name} has only {len(text):,} characters after cleaning: a voice needs {least_chars:,} or more"
        )
    novel = sum(len(line) + 1 for line in set(text.split("\n")))
    if novel < least_chars or len(zlib.compress(text.encode("ascii"))) * MAX_COMPRESSION < len(text):
        raise StyleError(
            f"{name} says the same over and over: a voice needs {least_chars:,} characters of different text"
        )
    return cleaned
