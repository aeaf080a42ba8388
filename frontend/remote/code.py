"""A link as a QR code (ISO/IEC 18004): squares to be drawn, or lines for a terminal. Pure; any thread."""

from __future__ import annotations

from functools import lru_cache

QUIET_ZONE = 4  # modules of nothing around a code, which cameras need

Code = tuple[tuple[bool, ...], ...]  # rows from the top, True is dark; without the quiet zone


@lru_cache(maxsize=8)
def code_of(link: str) -> Code:
    """The code of ``link``, square, with error correction M (15 % may be hidden) or better."""
    import segno

    return tuple(tuple(bool(module) for module in row) for row in segno.make(link, error="m", micro=False).matrix)


def runs(code: Code) -> list[tuple[int, int, int]]:
    """The dark modules as level strips: column and row of the first, and how many."""
    found = []
    for y, row in enumerate(code):
        x = 0
        while x < len(row):
            wide = next((i for i, dark in enumerate(row[x:]) if dark != row[x]), len(row) - x)
            if row[x]:
                found.append((x, y, wide))
            x += wide
    return found


def terminal_lines(code: Code) -> list[str]:
    """The code in half blocks, light on dark as terminals are, its quiet zone included: two rows a line."""
    size = len(code) + 2 * QUIET_ZONE
    light = [[True] * size for _ in range(size + size % 2)]
    for y, row in enumerate(code):
        for x, dark in enumerate(row):
            light[y + QUIET_ZONE][x + QUIET_ZONE] = not dark
    signs = {(True, True): "\u2588", (True, False): "\u2580", (False, True): "\u2584", (False, False): " "}
    return [
        "".join(signs[pair] for pair in zip(upper, lower, strict=True))
        for upper, lower in zip(light[::2], light[1::2], strict=True)
    ]
