"""What a card says of its text: ``python -m styles.measure FILE`` prints checksum, length and sketch as TOML.

For writing a card by hand; FILE is the cleaned text, as ``antiphon styles fetch --accept`` leaves it.
"""

from __future__ import annotations

import sys
from hashlib import sha256
from pathlib import Path

from styles.card import dump_sketch
from styles.likeness import sketch


def measure(data: bytes) -> str:
    """The fields ``checksum``, ``characters`` and ``sketch`` for a cleaned text (7-bit bytes)."""
    text = data.decode("ascii")
    return f'checksum = "{sha256(data).hexdigest()}"\ncharacters = {len(text)}\n{dump_sketch(sketch(text))}\n'


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit("usage: python -m styles.measure FILE")
    try:
        print(measure(Path(sys.argv[1]).read_bytes()), end="")
    except (OSError, UnicodeDecodeError) as error:
        sys.exit(f"{sys.argv[1]} is no cleaned text ({error})")
