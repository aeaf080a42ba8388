"""One downloaded file to plain text, by the form that its source has and the rules that a card gives.

Wrapped paragraphs are joined to one line each, as the corpora have them; verse and indented lines stay. Pure functions;
the thread is the caller's.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from html.parser import HTMLParser

from styles.card import Form, Source
from styles.cleaning import decode, normalise_layout, transliterate

BLOCK_TAGS = frozenset(
    {"p", "div", "section", "article", "header", "footer", "blockquote", "figure", "hr"}
    | {"h1", "h2", "h3", "h4", "h5", "h6", "hgroup"}
    | {"ul", "ol", "li", "dl", "dt", "dd", "table", "tr"}
)
IGNORED_TAGS = frozenset(("head", "script", "style", "svg", "math", "nav"))
FULL_LINE_CHARS = 55  # characters: a paragraph whose lines are mostly longer was broken by a margin, not by a poet

_ASIDES = (  # of Project Gutenberg's plain texts: (pattern, what stays)
    (re.compile(r"\[(?:Footnote|Illustration|Sidenote|Transcriber)\b[^\[\]]*\]"), ""),
    (re.compile(r"\[(?:\d{1,4}|[A-Z])\]"), ""),
    (re.compile(r"_([^_]+)_"), r"\1"),
)
_FRONT_MATTER = re.compile(r"\A---\n.*?\n---\n", re.DOTALL)
_MARKS = (  # of Markdown: (pattern, what stays)
    (re.compile(r"<[^<>\n]{1,200}>"), ""),
    (re.compile(r"^[ \t]*(?:#{1,6}(?=[ \t])|>)[ \t]*", re.MULTILINE), ""),
    (re.compile(r"^([ \t]*)[*+][ \t]+", re.MULTILINE), r"\1- "),
    (re.compile(r"!?\[([^\]\n]*)\]\([^)\n]*\)"), r"\1"),
    (re.compile(r"\[\^?\d+\]:?"), ""),
    (re.compile(r"(\*\*|__|\*|_)(?=\S)(.+?)(?<=\S)\1"), r"\2"),
    (re.compile(r"\\([\\`*_{}\[\]()#+.!-])"), r"\1"),
)


# ---- Project Gutenberg's frame, of works that cards name: by marks alone, as the cards' checksums want it ------

_GUTENBERG_START = re.compile(
    r"^[ \t]*(?:\*\*\*[ \t]*START OF (?:THE|THIS) PROJECT GUTENBERG\b[^\n]*(?:\n(?!\s*\n)[^\n]*){0,2}?\*\*\*"
    r"|\*END[* ]+THE SMALL PRINT![^\n]*)[ \t]*$",
    re.MULTILINE | re.IGNORECASE,
)
_GUTENBERG_END = re.compile(
    r"^[ \t]*(?:\*\*\*[ \t]*END OF (?:THE|THIS) PROJECT GUTENBERG\b|End of (?:the |this )?Project Gutenberg)",
    re.MULTILINE | re.IGNORECASE,
)
_TRANSCRIBER = re.compile(
    r"\A\s*(?:(?:E-text |Etext |This etext was )?(?:produced|prepared|scanned)(?: and proofed)? by\b"
    r"(?:[^\n]+\n)*[^\n]*\n(?=\s*\n))",
    re.IGNORECASE,
)


def strip_gutenberg(text: str) -> str:
    """``text`` without Project Gutenberg's headers, licences and credits, of one book or of several in a row.

    Any other text comes back as it is.
    """
    starts = [(found.start(), found.end(), True) for found in _GUTENBERG_START.finditer(text)]
    ends = [(found.start(), found.end(), False) for found in _GUTENBERG_END.finditer(text)]
    if not starts:
        return text[: ends[0][0]] if ends else text
    books: list[str] = []
    begin: int | None = None
    for first, last, opens in sorted(starts + ends):
        if opens:
            begin = last
        elif begin is not None:
            books.append(text[begin:first])
            begin = None
    if begin is not None:
        books.append(text[begin:])
    return "\n".join(_TRANSCRIBER.sub("", book) for book in books)


# ---- forms ----------------------------------------------------------------------------------------------------


def extract(data: bytes, source: Source, name: str) -> str:
    """The text of one file of ``source``, in seven bits and tidy; "" for a file that its rules leave out.

    Raises ``StyleError`` for a file that is no text.
    """
    text = re.sub(r"\r\n?", "\n", decode(data, name).text)
    if source.only and not re.search(source.only, text, re.MULTILINE):
        return ""
    text = _between(_READERS[source.form](strip_gutenberg(text)), source.begin, source.end)
    if source.keep:
        paragraphs = re.split(r"\n[ \t]*\n", text)
        text = "\n\n".join(paragraph for paragraph in paragraphs if re.search(source.keep, paragraph, re.MULTILINE))
    for pattern, by in source.replace:
        text = re.sub(pattern, by, text, flags=re.MULTILINE)
    return normalise_layout(transliterate(text))


def _between(text: str, begin: str, end: str) -> str:
    """What lies from the first match of ``begin`` to the next of ``end``; all of it where a pattern never matches."""
    if begin and (first := re.search(begin, text, re.MULTILINE)):
        text = text[first.start() :]
    if end and (last := re.compile(end, re.MULTILINE).search(text, 1)):
        text = text[: last.start()]
    return text


def wrapped_text(text: str) -> str:
    """Plain text as Project Gutenberg sets it, without its marks for italics, notes and pictures, unwrapped."""
    for pattern, stays in _ASIDES:
        text = pattern.sub(stays, text)
    return unwrap(text)


def unwrap(text: str) -> str:
    """``text`` with the lines of every paragraph joined, unless they are verse, a table or indented."""
    return "\n\n".join(_joined(paragraph.split("\n")) for paragraph in re.split(r"\n[ \t]*\n", text))


def _joined(lines: list[str]) -> str:
    inner = lines[:-1]  # a paragraph's last line may be short
    broken_by_margin = sum(len(line) >= FULL_LINE_CHARS for line in inner) * 2 > len(inner)
    indented = any(line.startswith(("  ", "\t")) for line in lines[1:])
    return " ".join(line.strip() for line in lines) if broken_by_margin and not indented else "\n".join(lines)


def markdown_text(text: str) -> str:
    """Markdown without its marks, links and front matter; its lines stand."""
    text = _FRONT_MATTER.sub("", text)
    for pattern, stays in _MARKS:
        text = pattern.sub(stays, text)
    return text


def xhtml_text(text: str) -> str:
    """The words of an XHTML page: a blank line between blocks, a line feed for <br>, no notes' numbers."""
    reader = _Reader()
    reader.feed(text)
    reader.close()
    paragraphs = (re.sub(r" *\n *", "\n", paragraph).strip() for paragraph in reader.paragraphs())
    return "\n\n".join(paragraph for paragraph in paragraphs if paragraph)


class _Reader(HTMLParser):
    """Gathers words; a block's edge ends a paragraph, white space in the source is one space."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self._parts: list[str] = []
        self._silence: list[str] = []  # open elements whose words are not read, outermost first

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if self._silence or tag in IGNORED_TAGS or ("epub:type", "noteref") in attrs:
            if tag not in ("br", "hr", "img", "link", "meta", "input"):
                self._silence.append(tag)
        elif tag == "br":
            self._parts.append("\n")
        elif tag in BLOCK_TAGS:
            self._parts.append("\0")

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if not self._silence and tag == "br":
            self._parts.append("\n")

    def handle_endtag(self, tag: str) -> None:
        if tag in self._silence:
            while self._silence.pop() != tag:
                pass
        elif not self._silence and tag in BLOCK_TAGS:
            self._parts.append("\0")

    def handle_data(self, data: str) -> None:
        if not self._silence:
            self._parts.append(re.sub(r"[ \t\n]+", " ", data.replace("\0", "")))

    def paragraphs(self) -> list[str]:
        return re.sub(r" +", " ", "".join(self._parts)).split("\0")


def _plain(text: str) -> str:
    return text


_READERS: dict[Form, Callable[[str], str]] = {
    "plain": _plain,
    "wrapped": wrapped_text,
    "xhtml": xhtml_text,
    "markdown": markdown_text,
}
