"""Listening: a text becomes a style and its voice in a moment, an n-gram that remembers the text.

The voice lies where a style's memory does, so that a network that is trained of the same text later has it beside it.
Its file is written last: a server that looks out for voices finds card and text with it. Runs on the caller's thread.
"""

from __future__ import annotations

import re
import time
from dataclasses import dataclass
from itertools import count
from pathlib import Path

import numpy as np

from models import voice_folders
from models.lexicon import save_own
from models.ngram.text_file import MOST_CHARS, RememberedText
from models.ngram.voices import ALONE
from protocol.alphabet import MEMORY_TONGUE, SLUG
from protocol.errors import StyleError
from styles.cleaning import prepare_user_text
from styles.library import all_styles
from styles.making import RESERVED_SLUGS, card_of, check_slug, save_style

LEAST_CHARS = 200  # of a text; of less nothing can be said but the text itself
UNNAMED = "heard"  # what a text without a name makes
LONGEST_SLUG_CHARS = 32


@dataclass(frozen=True)
class Remembered:
    """A style that was made of a text, and how long that took."""

    slug: str
    path: Path  # of its voice
    characters: int
    seconds: float


def remember(data: bytes, text_name: str, slug: str | None = None) -> Remembered:
    """Make a style called ``slug``, and its voice, of a text in any encoding that was called ``text_name``.

    Without a ``slug`` it is called by the text's name, with a number where that is taken. A voice that listened before
    is replaced where it is called by its ``slug``. Raises ``StyleError`` for a text of less than ``LEAST_CHARS`` or
    too many, and for a name that another style has.
    """
    began = time.perf_counter()
    cleaned = prepare_user_text(data, text_name, LEAST_CHARS)
    if len(cleaned.text) > MOST_CHARS:
        raise StyleError(f"{text_name} has {len(cleaned.text):,} characters: a voice remembers {MOST_CHARS:,} at most")
    slug = _free_slug(text_name) if slug is None else check_slug(slug)
    path = _path(slug)
    if voice_folders.voices().get(slug, path) != path:
        raise StyleError(f"there is a voice {slug} that learnt more than by listening: choose another --name")
    save_style(card_of(slug, cleaned, text_name), cleaned)
    save_own(slug, cleaned.text)
    codes = np.frombuffer(cleaned.text.encode("ascii"), np.uint8)
    RememberedText(slug, codes, ALONE, {"made": time.strftime("%Y-%m-%d")}).save(path)
    return Remembered(slug, path, len(codes), time.perf_counter() - began)


def _path(slug: str) -> Path:
    return voice_folders.user_folder() / MEMORY_TONGUE / f"{slug}{voice_folders.SUFFIX}"


def _free_slug(text_name: str) -> str:
    """A slug after the name of a text that no style and no voice has."""
    plain = re.sub(r"[^a-z0-9]+", "-", Path(text_name).stem.lower()).strip("-")
    named = plain if SLUG.fullmatch(plain[:LONGEST_SLUG_CHARS]) and plain != "standard-input" else UNNAMED
    taken = {*RESERVED_SLUGS, *voice_folders.voices(), *(card.slug for card in all_styles().cards)}
    for number in count(1):
        ending = "" if number == 1 else f"-{number}"
        slug = named[: LONGEST_SLUG_CHARS - len(ending)].rstrip("-") + ending
        if slug not in taken:
            return slug
    raise AssertionError("numbers end nowhere")
