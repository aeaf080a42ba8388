"""Project Gutenberg's frame about a book: found in the wordings of fifty years and several languages, and cut.

No line alone is believed: prose may begin like one. A frame is a run of paragraphs of which at least half speak as
frames do (of etexts, licences, character sets, volunteers), or a few lines about a mark such as ``*** START OF``; and
it is never longer than any frame is. Every frame names the project or its files, also where it is in German or French.
Pure; no thread of its own.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterable
from itertools import pairwise

LONGEST_FRAME_CHARS = 40_000  # characters: a header with its small print, or a licence and the next book's header
SHORT_FRAME_CHARS = 1_500  # characters about a mark that need not speak as frames do
LINE_CHARS = 200  # characters of a mark alone
LONGEST_PROSE = 3  # paragraphs by which those that do not may outnumber the others on the way
LONGEST_PARAGRAPH_CHARS = 4_000  # characters of a paragraph that are looked at

PROJECT = r"pro\w{2,4}t\w{0,3}[ \t]{1,3}gutenberg"  # Project, Projekt, Projet, Proyecto, Progetto, Projeto
_START = re.compile(
    rf"^[ \t]*(?:\*\*\*[ \t]*START OF (?:(?:THE|THIS)[ \t]+)?(?:COPYRIGHTED[ \t]+)?{PROJECT}\b[^\n]*"
    r"(?:\n(?!\s*\n)[^\n]*){0,2}?\*\*\*"
    r"|\*END[* ]+THE SMALL PRINT![^\n]*)[ \t]*$",
    re.MULTILINE | re.IGNORECASE,
)
_END = re.compile(
    rf"^[ \t]*(?:\*\*\*[ \t]*END OF (?:(?:THE|THIS)[ \t]+)?(?:COPYRIGHTED[ \t]+)?{PROJECT}\b"
    r"|\*\*\*START\*\*THE SMALL PRINT"
    rf"|(?:\*+[ \t]*)?(?:end|ende|fin|einde|fine|fim|slut|loppu)\b[^\n]{{0,40}}?\b{PROJECT})",
    re.MULTILINE | re.IGNORECASE,
)
_SURE = re.compile(  # one of these in a paragraph
    rf"{PROJECT}|gutenberg[-.\u2122]|gutenberg literary archive|\b[ep]-?(?:text|book)s?\b|character set encoding"
    r"|small print!|plain vanilla|electronic works?\b|distributed proofread|pgdp\.net|\bwww\.|https?://|ftp[:.]"
    r"|\bascii\b|\[e(?:book|text) ?#|this file (?:was|should)|transcriber'?s? note",
    re.IGNORECASE,
)
_LIKELY = re.compile(  # or two of these
    r"\bpublic domain\b|\bcopyright|\blicen[cs]e|\bvolunteer|\bdonation|\b(?:release|posting) date\b|\brefund|\bwarrant"
    r"|\btrademark|\bproofread|\bscanned\b|\bproduced by\b|\bprepared by\b|\btranscri(?:bed|ber)|\bhtml\b|\bunicode\b"
    r"|^(?:title|author|language|edition|translator|credits)\s*:",
    re.IGNORECASE | re.MULTILINE,
)
_CREDITS = re.compile(
    r"\A\s*(?:(?:E-?text |This e-?text was |This e-?book was )?(?:produced|prepared|scanned|transcribed)"
    r"(?: and proofed)? by\b(?:[^\n]+\n)*[^\n]*\n(?=\s*\n))",
    re.IGNORECASE,
)


def strip_frames(text: str) -> str:
    """``text`` without Project Gutenberg's headers, licences and credits, of one book or of several in a row.

    Any other text comes back as it is. Doing it twice is doing it once.
    """
    if not _SURE.search(text):
        return text
    while (bare := _once(text)) != text:
        text = bare
    return text


def _once(text: str) -> str:
    books = [_without_edges(book) for book in _books(text)]
    return "\n".join(books)


def _books(text: str) -> list[str]:
    """What stands between the marks that are those of a frame."""
    starts = [(found.start(), found.end(), True) for found in _START.finditer(text)]
    ends = [(found.start(), found.end(), False) for found in _END.finditer(text)]
    books: list[str] = []
    begin, inside = 0, True
    for first, last, opens in sorted(starts + ends):
        if opens and (not inside or _is_frame(text[begin:last], from_its_end=True)):
            inside, begin = True, last
        elif not opens and inside and _is_frame(text[first : _next_start(starts, first, len(text))]):
            books.append(text[begin:first])
            inside = False
    return [*books, text[begin:]] if inside else books


def _next_start(starts: list[tuple[int, int, bool]], place: int, end: int) -> int:
    """Where the frame that begins at ``place`` ends at the latest: with the next mark of a start."""
    following = bisect_left(starts, (place, place, False))
    return starts[following][1] if following < len(starts) else end


def _is_frame(text: str, from_its_end: bool = False) -> bool:
    """Whether ``text``, which has a mark at its beginning or ``from_its_end``, is nothing but a frame."""
    if len(text) > LONGEST_FRAME_CHARS:
        return False
    speaks = [_speaks(text[first:last]) for first, last in _paragraphs(text)]
    if speaks and _reach(reversed(speaks) if from_its_end else speaks) == len(speaks):
        return True
    is_short = (len(text) <= SHORT_FRAME_CHARS and "*" in text) or len(text.strip()) <= LINE_CHARS
    return is_short and bool(_START.search(text) or _END.search(text))


def _reach(speaks: Iterable[bool]) -> int:
    """How many paragraphs are a frame, seen from its mark or its outer end: two and at least half of them ``speak`` as
    frames do, and no piece of prose is among them."""
    reached = count = balance = 0
    for place, each in enumerate(speaks, 1):
        count += each
        balance += 1 if each else -1
        if balance < -LONGEST_PROSE:
            break
        if count >= 2 and balance >= 0:
            reached = place
    return reached


def _speaks(paragraph: str) -> bool:
    """Whether a paragraph speaks as frames do."""
    paragraph = paragraph[:LONGEST_PARAGRAPH_CHARS]
    return bool(_SURE.search(paragraph)) or len({found[0].lower() for found in _LIKELY.finditer(paragraph)}) >= 2


def _without_edges(book: str) -> str:
    """``book`` without what of a frame stands at its ends with no mark, and without who made the file."""
    head = [last for _, last in _paragraphs(book[:LONGEST_FRAME_CHARS])]
    book = book[_run(book, [0, *head]) :]
    reach = max(0, len(book) - LONGEST_FRAME_CHARS)
    tail = [reach + first for first, _ in _paragraphs(book[reach:])]
    book = book[: _run(book, [len(book), *reversed(tail)])]
    credits = _CREDITS.match(book[: 2 * SHORT_FRAME_CHARS])
    return book[credits.end() :] if credits is not None and _speaks(credits[0]) else book


def _paragraphs(text: str) -> list[tuple[int, int]]:
    """Where each run of lines that are not blank begins and ends."""
    found: list[tuple[int, int]] = []
    place, open_at = 0, -1
    for line in text.split("\n"):
        if line.strip():
            open_at = place if open_at < 0 else open_at
        elif open_at >= 0:
            found.append((open_at, place))
            open_at = -1
        place += len(line) + 1
    return [*found, (open_at, len(text))] if open_at >= 0 else found


def _run(book: str, edges: list[int]) -> int:
    """The edge up to which the paragraphs that end at ``edges`` are a frame, seen from the first of these."""
    speaks = [_speaks(book[min(one, other) : max(one, other)]) for one, other in pairwise(edges)]
    reached = _reach(speaks)
    while reached and not speaks[reached - 1]:
        reached -= 1
    return edges[reached]
