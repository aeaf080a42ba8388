"""A style's card: what it is called, how it looks, what it read, and where that can be had.

A card is one TOML file named after its slug. Reading one checks every field, so that nobody else need;
``dump_card`` writes what ``parse_card`` reads. Pure but for the reading of the file; no thread of its own.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Annotated, Literal

from annotated_types import Ge, Interval, Len, MaxLen, Predicate, doc

from protocol.alphabet import COLOUR, SLUG
from protocol.documents import read, toml, toml_string
from protocol.errors import StyleError
from protocol.validation import Shape

Kind = Literal["prose", "verse", "code"]
Form = Literal["plain", "wrapped", "xhtml", "markdown"]

SEEN = re.compile(r"\s*\S.*", re.DOTALL)
MONOGRAM = re.compile(r"[A-Z][a-z]")
CHECKSUM = re.compile(r"[0-9a-f]{64}")
ADDRESS = re.compile(r"https?://[^\s/]+/\S+")
NUMBERS = re.compile(r"\s*([0-9a-fA-F]{1,16}\s+)*([0-9a-fA-F]{1,16})?")

Text = Annotated[str, Predicate(SEEN.fullmatch), doc("text that is not blank")]
Address = Annotated[str, Predicate(ADDRESS.fullmatch), doc("an address such as https://www.gutenberg.org/files/1.txt")]
Category = Annotated[str, Predicate(SLUG.fullmatch), doc("a category of pictures such as undead")]
Weight = Annotated[float, Interval(gt=0.0, le=1.0)]
Addresses = Annotated[tuple[Address, ...], Len(1), doc("a list of at least one address")]


@dataclass(frozen=True)
class Work:
    """A text that a voice read, as it is credited."""

    title: Text
    author: str = ""
    translator: str = ""
    year: Annotated[int, Ge(-3000)] = field(kw_only=True)
    licence: Text = field(kw_only=True)
    url: str = ""  # where a reader finds it; not always what is downloaded


@dataclass(frozen=True)
class Source:
    """One download, and the rules that turn it into plain text (`styles.extraction` applies them).

    All patterns are regular expressions in multi-line mode; empty ones do nothing.
    """

    # tried in order; the first that exists is taken
    addresses: Addresses
    form: Form = "plain"  # wrapped: paragraphs broken into short lines, to be joined again
    members: tuple[str, ...] = ()  # of an archive: globs without its top folder, in the order to read them
    omit: tuple[str, ...] = ()  # globs of members to leave out
    only: str = ""  # a file without this pattern is left out
    begin: str = ""  # the text starts where this first matches
    end: str = ""  # and stops before this first matches after that
    keep: str = ""  # only the paragraphs in which this matches
    replace: tuple[tuple[str, str], ...] = ()  # (pattern, replacement), applied in order, last
    most: Annotated[int, Ge(0)] = 0  # characters to take of this source, in whole files; 0: all

    def __post_init__(self) -> None:
        for pattern in (self.only, self.begin, self.end, self.keep, *(pattern for pattern, _ in self.replace)):
            try:
                re.compile(pattern, re.MULTILINE)
            except re.error as error:
                raise ValueError(f"{pattern!r} is no regular expression ({error})") from None


@dataclass(frozen=True)
class _Named:
    """What a card and its file have in common. Checksum and length are of the cleaned text that the voice read."""

    slug: Annotated[str, Predicate(SLUG.fullmatch), doc("1 to 32 small letters, digits and hyphens")]
    name: Text
    line: Text  # one line that says what to expect
    colour: Annotated[str, Predicate(COLOUR.fullmatch), doc("a colour such as #7DE4FF")]
    monogram: Annotated[str, Predicate(MONOGRAM.fullmatch), doc("two letters such as Ap")]
    kind: Kind
    checksum: Annotated[str, Predicate(CHECKSUM.fullmatch), doc("64 hexadecimal digits")]  # sha256 of the cleaned text
    characters: Annotated[int, Ge(1)]


@dataclass(frozen=True)
class Card(_Named):
    """A style."""

    works: tuple[Work, ...] = ()
    sources: tuple[Source, ...] = ()  # none: there is nothing to fetch
    sketch: tuple[int, ...] = ()  # see `styles.measure`
    sprite: tuple[tuple[str, float], ...] = ()  # categories and weights of its creature; none: it has none


@dataclass(frozen=True)
class _File(_Named):
    """A card as its file says it, with [[work]]s and [[source]]s."""

    work: tuple[Work, ...] = ()
    source: tuple[Source, ...] = ()
    sketch: Annotated[str, Predicate(NUMBERS.fullmatch), doc("hexadecimal numbers")] = ""
    sprite: Annotated[Mapping[Category, Weight], MaxLen(16)] = field(default_factory=dict)


FILE = Shape(_File, StyleError)


def load_card(path: Path) -> Card:
    """The card at ``path``; raises ``StyleError`` with the file and the field that is wrong."""
    try:
        text = read(path)
    except OSError as error:
        raise StyleError(f"the card {path} cannot be read ({error.strerror or error})") from None
    except UnicodeDecodeError:
        raise StyleError(f"the card {path} is not UTF-8 text") from None
    card = parse_card(text, str(path))
    if card.slug != path.stem:
        raise StyleError(f"the card {path} is of {card.slug!r}: name the file {card.slug}.toml")
    return card


def parse_card(text: str, where: str = "the card") -> Card:
    """The card that ``text`` (TOML) describes; ``where`` names it in errors (``StyleError``)."""
    try:
        table = toml(text)
    except ValueError as error:
        raise StyleError(f"{where} is not TOML: {error}") from None
    file = FILE.read(table, where)
    named = {each.name: getattr(file, each.name) for each in fields(_Named)}
    named |= {each: named[each].strip() for each in ("name", "line")}
    sketch = tuple(int(number, 16) for number in file.sketch.split())
    return Card(**named, works=file.work, sources=file.source, sketch=sketch, sprite=tuple(file.sprite.items()))


def dump_card(card: Card) -> str:
    """``card`` as TOML; ``parse_card(dump_card(card)) == card``."""
    lines = [f"{key} = {_toml(getattr(card, key))}" for key in ("slug", "name", "line", "colour", "monogram", "kind")]
    lines += [f"checksum = {_toml(card.checksum)}", f"characters = {card.characters}"]
    if card.sprite:
        lines.append(f"sprite = {{ {', '.join(f'{name} = {weight:g}' for name, weight in card.sprite)} }}")
    if card.sketch:
        lines.append(dump_sketch(card.sketch))
    for work in card.works:
        lines += ["", "[[work]]"]
        lines += [f"{key} = {_toml(value)}" for key, value in _ordered(work) if value != ""]
    for source in card.sources:
        lines += ["", "[[source]]"]
        lines += [
            f"{key} = {_toml(value)}"
            for key, value in _ordered(source)
            if value not in ("", (), 0) and (key, value) != ("form", "plain")
        ]
    return "\n".join(lines) + "\n"


def _ordered(part: Work | Source) -> list[tuple[str, object]]:
    """Its fields in the order in which a card has them."""
    return [(each.name, getattr(part, each.name)) for each in fields(part)]


def dump_sketch(sketch: tuple[int, ...]) -> str:
    """The field ``sketch`` of a card, as TOML."""
    words = [f"{number:08x}" for number in sketch]
    rows = [" ".join(words[start : start + 12]) for start in range(0, len(words), 12)]
    return "\n".join(['sketch = """', *rows, '"""'])


def _toml(value: object) -> str:
    if isinstance(value, tuple):
        inner = [_toml(item) for item in value]
        flat = f"[{', '.join(inner)}]"
        return flat if len(flat) < 100 else "[\n" + "".join(f"    {row}\n" for row in _rows(inner)) + "]"
    if isinstance(value, str) and "\\" in value and "'" not in value and value.isprintable():
        return f"'{value}'"  # a literal string: patterns stay as they are read
    if isinstance(value, str):
        return toml_string(value)
    return str(value)


def _rows(items: list[str]) -> list[str]:
    """``items``, a comma after each, as few rows as fit into a line."""
    rows = [""]
    for item in items:
        if rows[-1] and len(rows[-1]) + len(item) > 110:
            rows.append("")
        rows[-1] += f"{' ' if rows[-1] else ''}{item},"
    return rows
