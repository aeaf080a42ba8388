"""Which characters the voices know and may write, and what a voice may be called and how its colour is written.

Every room may import this module; it imports nothing of ours. Values; no thread.
"""

from __future__ import annotations

import re

VOCABULARY = 128  # V: the codes of 7-bit ASCII
WRITABLE_CODES = frozenset({ord("\t"), ord("\n"), *range(ord(" "), ord("~") + 1)})  # the rest is read, never written
SLUG = re.compile(r"[a-z0-9][a-z0-9-]{0,31}")  # of a style and its voice: part of an OSC address, and a file's name
COLOUR = re.compile(r"#[0-9A-Fa-f]{6}")
WORD_TONGUE, MEMORY_TONGUE = "words", "memory"
ROLES = (WORD_TONGUE, MEMORY_TONGUE)  # what a style's further tongues are for: part of an address, and a folder
SENSE, ADAPTER = (
    "sense",
    "adapter",
)  # the narrator, which is no style's tongue but speaks in all rows, and what leans it
