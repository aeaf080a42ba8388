"""Files and texts from strangers: read with a limit, parsed with no exception but the parser's own.

tomllib and json give up on a deep enough nesting, or a long enough number, with errors that nobody expects of them, and
let whole numbers pass that no float can hold. Here whatever is wrong is an ``OSError`` of reading or a ``ValueError``
of parsing, and a whole number has 64 bits, as TOML has it. Every room may import this module. Any thread.
"""

from __future__ import annotations

import codecs
import errno
import json
import os
import re
import tomllib
from pathlib import Path
from typing import Any

LONGEST_FILE_BYTES = 8_000_000  # bytes of a file; a set list of a thousand scenes has less than half of it
WHOLE = (-(2**63), 2**63 - 1)  # the least and the greatest whole number
BYTE_ORDER_MARKS = (  # the longer first: UTF-32's mark begins with UTF-16's
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
AT_LINE = re.compile(r" \(at line (\d+), column \d+\)$")  # how tomllib says where a text is broken
MOST_BROKEN_LINES = 20  # of a text; more, and it is no TOML
MAX_TOML_DEPTH = 50  # tables in tables, which dotted keys make without any bracket; ours have three
LONGEST_TOML_CHARS = 1_000_000  # characters; ours have a few thousand, and long ones can be made slow to parse


def read(path: Path, longest: int = LONGEST_FILE_BYTES) -> str:
    """The file's text, without a byte-order mark. Raises ``OSError``, also for one with more than ``longest`` bytes,
    and ``UnicodeDecodeError``.
    """
    return text_of(read_bytes(path, longest)).replace("\r\n", "\n")


def read_bytes(path: Path, longest: int = LONGEST_FILE_BYTES) -> bytes:
    """All that the file holds. Raises ``OSError``, also for one with more than ``longest`` bytes."""
    with path.open("rb") as file:
        content = file.read(longest + 1)
    if len(content) > longest:
        raise OSError(errno.EFBIG, os.strerror(errno.EFBIG), str(path))
    return content


def text_of(content: bytes) -> str:
    """``content`` as text: UTF-8, or what its byte-order mark says, which is no part of the text.

    Windows' Notepad puts a mark before UTF-8, and PowerShell's ``>`` writes UTF-16. Raises ``UnicodeDecodeError``.
    """
    for mark, encoding in BYTE_ORDER_MARKS:
        if content.startswith(mark):
            return content.decode(encoding)
    return content.decode("utf-8")


def toml(text: str) -> dict[str, Any]:
    """What a TOML text says. Raises ``tomllib.TOMLDecodeError`` and nothing else."""
    if len(text) > LONGEST_TOML_CHARS:
        raise tomllib.TOMLDecodeError(f"it is longer than {LONGEST_TOML_CHARS} characters")
    try:
        table = tomllib.loads(text)
        _check(table)
    except tomllib.TOMLDecodeError:
        raise
    except RecursionError:
        raise tomllib.TOMLDecodeError("it is nested too deep") from None
    except ValueError as error:
        raise tomllib.TOMLDecodeError(str(error)) from None
    return table


def without_broken_lines(text: str) -> tuple[str, list[str]]:
    """A TOML text without the lines that are none, and one line for each of those; they stay, empty.

    A table whose head is broken is left out whole. Raises ``tomllib.TOMLDecodeError`` where hardly anything is TOML.
    """
    lines, complaints = text.split("\n"), list[str]()
    while True:
        try:
            says_something = bool(toml("\n".join(lines)))
        except tomllib.TOMLDecodeError as error:
            found = AT_LINE.search(str(error))
            place = int(found[1]) - 1 if found else len(lines)
            if found is None or len(complaints) == MOST_BROKEN_LINES or not lines[place].strip():
                raise
            complaints.append(f"line {place + 1} is left out: {str(error)[: found.start()]}")
            is_head = lines[place].lstrip().startswith("[")
            lines[place] = ""
            while is_head and place + 1 < len(lines) and not lines[place + 1].lstrip().startswith("["):
                place += 1
                lines[place] = ""
        else:
            if complaints and not says_something:
                toml(text)  # raises: nothing of it is left
            return "\n".join(lines), complaints


def toml_string(text: str) -> str:
    """``text`` as a string of TOML; half a pair of surrogates, which is no Unicode, becomes a question mark."""
    import tomlkit  # loaded by whoever writes

    return tomlkit.string(text.encode("utf-8", "replace").decode("utf-8")).as_string()


def json_of(text: str | bytes) -> Any:
    """What a JSON text says; NaN and infinities are none. Raises ``ValueError`` and nothing else."""
    try:
        return _DECODER.decode(text if isinstance(text, str) else text.decode(json.detect_encoding(text)))
    except RecursionError:
        raise ValueError("it is nested too deep") from None


def _whole(digits: str) -> int:
    number = int(digits)
    if not WHOLE[0] <= number <= WHOLE[1]:
        _refuse(digits)
    return number


def _refuse(word: str) -> Any:
    raise ValueError(f"{word[:40]} is no number that can be used")


_DECODER = json.JSONDecoder(parse_int=_whole, parse_constant=_refuse)  # made once: a take has a line for each letter


def _check(table: object) -> None:
    """Raise ``ValueError`` for a whole number that is too long, wherever it stands, and for too deep a nesting."""
    left = [(table, 0)]
    while left:
        value, depth = left.pop()
        if depth > MAX_TOML_DEPTH:
            raise ValueError("it is nested too deep")
        if isinstance(value, dict):
            left += [(each, depth + 1) for each in value.values()]
        elif isinstance(value, list):
            left += [(each, depth + 1) for each in value]
        elif isinstance(value, int) and not WHOLE[0] <= value <= WHOLE[1]:
            _refuse(str(value))
