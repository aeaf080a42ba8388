"""Where a sentence ends. Pure; no thread of its own."""

from __future__ import annotations

import re

SENTENCE_END_CHARS = 80  # characters of the text's end that decide where a sentence ends

SENTENCE = re.compile(r"""([.!?]+)["')\]}*_]*\s\Z""")
BLANK_LINE = re.compile(r"\n[ \t]*\n\Z")
ABBREVIATION = re.compile(
    r"(?:\A|[^A-Za-z])(?:[A-Za-z]|Mrs?|Ms|Dr|St|Mt|Messrs|Prof|Rev|Gen|Col|Capt|Sr|Jr|vs|viz|cf|etc|vol|pp|ch|no|No|fig)\Z"
)


def ends_sentence(text: str) -> bool:
    """Whether ``text`` ends behind a sentence: after . ! ? with any closing marks and a blank, or after a blank line.

    The full stop of an initial or of a common abbreviation ends none.
    """
    end = text[-SENTENCE_END_CHARS:]
    if BLANK_LINE.search(end):
        return True
    found = SENTENCE.search(end)
    return found is not None and not (found[1] == "." and ABBREVIATION.search(end[: found.start()]))
