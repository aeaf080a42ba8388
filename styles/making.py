"""A style of a user's own: from a text file to a card with a name, a colour and two letters that nobody else has.

``make_card`` decides, ``save_style`` writes. No thread of its own.
"""

from __future__ import annotations

import itertools
import os
import re
import string
from collections.abc import Iterable, Sequence
from datetime import date
from hashlib import sha256
from pathlib import Path

from protocol.alphabet import COLOUR, SLUG
from protocol.atomic_file import write_atomically
from protocol.errors import StyleError
from styles.card import Card, Kind, Work, dump_card
from styles.cleaning import Cleaned, prepare_user_text
from styles.colour_choice import farthest_colour
from styles.library import all_styles, cards_folder, corpora_folder, shipped

MAX_TEXT_BYTES = 200_000_000  # of a user's text file
RESERVED_SLUGS = frozenset(
    {"all", "base", "antiphon", "con", "prn", "aux", "nul"}
    | {f"{port}{number}" for port in ("com", "lpt") for number in range(1, 10)}
)

SHORT_LINE_CHARS, LONG_LINE_CHARS = 60, 200  # characters: verse stays under the one, code under the other
_CODE_LINE = re.compile(r"[;{}]$|^\s*(?:[#%\\@]|//|def |import |class )|^\t|\w\(.*\)[:;]?$")


def check_slug(slug: str, replace: bool = False) -> str:
    """``slug`` if a user's style may be called so; raises ``StyleError``. ``replace`` allows a shipped style's name."""
    if not SLUG.fullmatch(slug):
        raise StyleError(f"{slug[:40]!r} cannot name a style: use 1 to 32 small letters, digits and hyphens")
    if slug in RESERVED_SLUGS:
        raise StyleError(f"{slug!r} is a reserved word: choose another name for the style")
    if not replace and slug in {card.slug for card in shipped()}:
        raise StyleError(f"{slug!r} comes with Antiphon: choose another name for the style, or say --replace")
    return slug


def make_card(
    slug: str,
    text_path: Path,
    *,
    name: str = "",
    line: str = "",
    colour: str = "",
    kind: Kind | None = None,
    replace: bool = False,
    others: Sequence[Card] | None = None,
) -> tuple[Card, Cleaned]:
    """A card for the text at ``text_path``, and that text cleaned; nothing is written. See ``card_of``."""
    check_slug(slug, replace)
    if colour and not COLOUR.fullmatch(colour):
        raise StyleError(f"{colour[:20]!r} is no colour: write six hexadecimal digits, as in '#7DE4FF'")
    cleaned = prepare_user_text(read_text_file(text_path), str(text_path))
    looks = {"name": name, "line": line, "colour": colour}
    return card_of(slug, cleaned, text_path.name, kind=kind, others=others, **looks), cleaned


def card_of(
    slug: str,
    cleaned: Cleaned,
    text_name: str,
    *,
    name: str = "",
    line: str = "",
    colour: str = "",
    kind: Kind | None = None,
    others: Sequence[Card] | None = None,
) -> Card:
    """A card for a text that was called ``text_name``.

    What is not given is chosen: the name from the slug, the colour farthest from those of ``others`` (default: all
    cards there are), the kind from the look of the text. Raises ``StyleError`` where all monograms are taken.
    """
    text_name = os.fsencode(text_name).decode("utf-8", "replace")  # a name in Latin-1 is no Unicode
    neighbours = [card for card in (all_styles().cards if others is None else others) if card.slug != slug]
    return Card(
        slug=slug,
        name=name.strip() or slug.replace("-", " ").title(),
        line=line.strip() or f"A voice of your own, from {text_name}.",
        colour=colour.upper() or farthest_colour([card.colour for card in neighbours]),
        monogram=free_monogram(slug, (card.monogram for card in neighbours)),
        kind=kind or guess_kind(cleaned.text),
        checksum=sha256(cleaned.text.encode("ascii")).hexdigest(),
        characters=len(cleaned.text),
        works=(Work(text_name, author="", translator="", year=date.today().year, licence="your own", url=""),),
    )


def save_style(card: Card, cleaned: Cleaned, data: Path | None = None) -> Path:
    """Put the text and then the card into the user's data folder; returns where the card is."""
    path = cards_folder(data) / f"{card.slug}.toml"
    try:
        write_atomically(corpora_folder(data) / f"{card.slug}.txt", cleaned.text.encode("ascii"))
        write_atomically(path, dump_card(card))
    except OSError as error:
        raise StyleError(f"{card.slug} cannot be written to {path.parent.parent} ({error.strerror})") from None
    return path


def read_text_file(path: Path) -> bytes:
    """The bytes of a user's file; raises ``StyleError`` where there is none to be read."""
    try:
        if path.stat().st_size > MAX_TEXT_BYTES:
            raise StyleError(f"{path} is larger than {MAX_TEXT_BYTES // 1_000_000} MB: give a part of it")
        return path.read_bytes()
    except OSError as error:
        raise StyleError(f"{path} cannot be read ({error.strerror or error})") from None


def free_monogram(name: str, used: Iterable[str]) -> str:
    """The first pair of letters of ``name``, in its order, that nobody uses; when all are taken, any free pair."""
    taken = set(used)
    letters = [letter for letter in name.lower() if letter in string.ascii_lowercase]
    pairs = [first + second for first, second in itertools.combinations(letters, 2)]
    pairs += [first + second for first in (*letters, *string.ascii_lowercase) for second in string.ascii_lowercase]
    for pair in pairs:
        if pair.title() not in taken:
            return pair.title()
    raise StyleError("all 676 monograms are taken: delete a style of yours")


def guess_kind(text: str) -> Kind:
    """What a text looks like: code by its line ends and indents, verse by its short lines, else prose."""
    lines = [line for line in text.split("\n") if line.strip()]
    code = sum(len(line) < LONG_LINE_CHARS and _CODE_LINE.search(line) is not None for line in lines)
    if code * 3 > len(lines):
        return "code"
    short = sum(len(line) < SHORT_LINE_CHARS and line[0].isupper() for line in lines)
    return "verse" if short * 3 > len(lines) * 2 else "prose"
