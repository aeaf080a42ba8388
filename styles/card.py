"""A style's card: what it is called, how it looks, what it read, and where that can be had.

A card is one TOML file named after its slug. Reading one checks every field, so that the rest of the house need not;
``dump_card`` writes what ``parse_card`` reads. Pure but for the reading of the file; no thread of its own.
"""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, get_args

from protocol.alphabet import COLOUR, SLUG
from protocol.errors import StyleError

Kind = Literal["prose", "verse", "code"]
Form = Literal["plain", "wrapped", "xhtml", "markdown"]

MONOGRAM = re.compile(r"[A-Z][a-z]")
CHECKSUM = re.compile(r"[0-9a-f]{64}")
ADDRESS = re.compile(r"https?://[^\s/]+/\S+")


@dataclass(frozen=True)
class Work:
    """A text that a voice read, as it is credited. ``author`` and ``translator`` may be empty."""

    title: str
    author: str
    translator: str
    year: int
    licence: str
    url: str  # where a reader finds it; not always what is downloaded


@dataclass(frozen=True)
class Source:
    """One download, and the rules that turn it into plain text (`styles.extraction` applies them).

    All patterns are regular expressions in multi-line mode; empty ones do nothing.
    """

    addresses: tuple[str, ...]  # tried in order; the first that exists is taken
    form: Form = "plain"  # wrapped: paragraphs broken into short lines, to be joined again
    members: tuple[str, ...] = ()  # of an archive: globs without its top folder, in the order to read them
    omit: tuple[str, ...] = ()  # globs of members to leave out
    only: str = ""  # a file without this pattern is left out
    begin: str = ""  # the text starts where this first matches
    end: str = ""  # and stops before this first matches after that
    keep: str = ""  # only the paragraphs in which this matches
    replace: tuple[tuple[str, str], ...] = ()  # (pattern, replacement), applied in order, last
    most: int = 0  # characters to take of this source, in whole files; 0: all


@dataclass(frozen=True)
class Card:
    """A style. Checksum, length and sketch are those of the cleaned text that its shipped voice was trained on."""

    slug: str
    name: str
    line: str  # one line that says what to expect
    colour: str  # "#RRGGBB"
    monogram: str  # two letters, "Ap"
    kind: Kind
    checksum: str  # sha256 of the cleaned text, hexadecimal
    characters: int
    works: tuple[Work, ...] = ()
    sources: tuple[Source, ...] = ()  # none: there is nothing to fetch
    sketch: tuple[int, ...] = ()  # see `styles.likeness`


def load_card(path: Path) -> Card:
    """The card at ``path``; raises ``StyleError`` with the file and the field that is wrong."""
    try:
        text = path.read_text("utf-8")
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
        table = tomllib.loads(text)
    except (ValueError, RecursionError) as error:  # of a number too long or a nesting too deep, too
        raise StyleError(f"{where} is not TOML: {error}") from None
    fields = _Fields(table, where)
    card = Card(
        slug=fields.string("slug", SLUG),
        name=fields.string("name"),
        line=fields.string("line"),
        colour=fields.string("colour", COLOUR),
        monogram=fields.string("monogram", MONOGRAM),
        kind=fields.choice("kind", get_args(Kind)),
        checksum=fields.string("checksum", CHECKSUM),
        characters=fields.number("characters", 1),
        works=tuple(_work(inner) for inner in fields.tables("work")),
        sources=tuple(_source(inner) for inner in fields.tables("source")),
        sketch=_sketch(fields),
    )
    fields.finish()
    return card


def _work(fields: _Fields) -> Work:
    work = Work(
        title=fields.string("title"),
        author=fields.string("author", default=""),
        translator=fields.string("translator", default=""),
        year=fields.number("year", -3000),
        licence=fields.string("licence"),
        url=fields.string("url", default=""),
    )
    fields.finish()
    return work


def _source(fields: _Fields) -> Source:
    addresses = fields.strings("addresses", ADDRESS)
    if not addresses:
        raise fields.wrong("addresses", "needs at least one address")
    source = Source(
        addresses=addresses,
        form=fields.choice("form", get_args(Form), default="plain"),
        members=fields.strings("members"),
        omit=fields.strings("omit"),
        only=fields.pattern("only"),
        begin=fields.pattern("begin"),
        end=fields.pattern("end"),
        keep=fields.pattern("keep"),
        replace=fields.pairs("replace"),
        most=fields.number("most", 0, default=0),
    )
    fields.finish()
    return source


def _sketch(fields: _Fields) -> tuple[int, ...]:
    words = fields.string("sketch", default="").split()
    try:
        return tuple(int(word, 16) for word in words)
    except ValueError:
        raise fields.wrong("sketch", "holds something that is no hexadecimal number") from None


class _Fields:
    """A TOML table that is read field by field and complains in the words of the card's author."""

    def __init__(self, table: Mapping[str, Any], where: str) -> None:
        self._table = dict(table)
        self._where = where

    def wrong(self, key: str, complaint: str) -> StyleError:
        return StyleError(f"{self._where}: {key} {complaint}")

    def _take(self, key: str, type_: type, default: Any) -> Any:
        if key not in self._table:
            if default is None:
                raise self.wrong(key, "is missing")
            return default
        value = self._table.pop(key)
        if not isinstance(value, type_) or isinstance(value, bool):
            raise self.wrong(key, f"should be a {type_.__name__}, not {str(value)[:40]!r}")
        return value

    def string(self, key: str, shape: re.Pattern[str] | None = None, default: str | None = None) -> str:
        value = str(self._take(key, str, default)).strip()
        if default is None and not value:
            raise self.wrong(key, "is empty")
        if shape is not None and not shape.fullmatch(value):
            raise self.wrong(key, f"{value[:80]!r} does not look like {shape.pattern}")
        return value

    def choice(self, key: str, choices: tuple[str, ...], default: str | None = None) -> Any:
        value = self._take(key, str, default)
        if value not in choices:
            raise self.wrong(key, f"should be one of {', '.join(choices)}, not {value[:40]!r}")
        return value

    def number(self, key: str, least: int, default: int | None = None) -> int:
        value = int(self._take(key, int, default))
        if value < least:
            raise self.wrong(key, f"should be at least {least}, not {value}")
        return value

    def pattern(self, key: str) -> str:
        return self._compiles(key, str(self._take(key, str, "")))

    def _compiles(self, key: str, pattern: str) -> str:
        try:
            re.compile(pattern, re.MULTILINE)
        except re.error as error:
            raise self.wrong(key, f"{pattern!r} is no regular expression ({error})") from None
        return pattern

    def strings(self, key: str, shape: re.Pattern[str] | None = None) -> tuple[str, ...]:
        values = self._take(key, list, [])
        for value in values:
            if not isinstance(value, str) or (shape is not None and not shape.fullmatch(value)):
                raise self.wrong(key, f"has an entry that does not fit: {str(value)[:80]!r}")
        return tuple(values)

    def pairs(self, key: str) -> tuple[tuple[str, str], ...]:
        pairs = self._take(key, list, [])
        for pair in pairs:
            if not (isinstance(pair, list) and len(pair) == 2 and all(isinstance(part, str) for part in pair)):
                raise self.wrong(key, f"should hold [pattern, replacement] pairs, not {str(pair)[:40]!r}")
        return tuple((self._compiles(key, pattern), by) for pattern, by in pairs)

    def tables(self, key: str) -> list[_Fields]:
        tables = self._take(key, list, [])
        if not all(isinstance(table, dict) for table in tables):
            raise self.wrong(key, f"should be written as [[{key}]] tables")
        return [_Fields(table, f"{self._where}: {key} {place}") for place, table in enumerate(tables, 1)]

    def finish(self) -> None:
        if self._table:
            raise self.wrong(sorted(self._table)[0], "is no field of a card")


def dump_card(card: Card) -> str:
    """``card`` as TOML; ``parse_card(dump_card(card)) == card``."""
    lines = [f"{key} = {_toml(getattr(card, key))}" for key in ("slug", "name", "line", "colour", "monogram", "kind")]
    lines += [f"checksum = {_toml(card.checksum)}", f"characters = {card.characters}"]
    if card.sketch:
        lines.append(dump_sketch(card.sketch))
    for work in card.works:
        lines += ["", "[[work]]"]
        lines += [f"{key} = {_toml(value)}" for key, value in vars(work).items() if value != ""]
    for source in card.sources:
        lines += ["", "[[source]]"]
        lines += [
            f"{key} = {_toml(value)}"
            for key, value in vars(source).items()
            if value not in ("", (), 0) and (key, value) != ("form", "plain")
        ]
    return "\n".join(lines) + "\n"


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
        return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007F")
    return str(value)


def _rows(items: list[str]) -> list[str]:
    """``items``, a comma after each, as few rows as fit into a line."""
    rows = [""]
    for item in items:
        if rows[-1] and len(rows[-1]) + len(item) > 110:
            rows.append("")
        rows[-1] += f"{' ' if rows[-1] else ''}{item},"
    return rows
