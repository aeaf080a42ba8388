"""The links that phones open: who may do what is in the link itself, as a token of 96 random bits; and its QR code.

``AccessTokens`` are the two tokens of a run; a file keeps them where printed codes are to hold for longer. Pure but for
that file and the question under which address the network knows this machine. Any thread.
"""

from __future__ import annotations

import json
import os
import re
import secrets
import socket
from dataclasses import dataclass
from enum import Enum
from functools import lru_cache
from pathlib import Path
from typing import Annotated

from annotated_types import Predicate

from protocol.atomic_file import write_atomically
from protocol.documents import json_of, read
from protocol.errors import LinkError
from protocol.networks import is_loopback
from protocol.validation import Shape

VARIABLE = "ANTIPHON_LINKS"  # by which a program tells those that it starts
TOKEN = re.compile(r"[A-Za-z0-9_-]{16,64}")
Token = Annotated[str, Predicate(TOKEN.fullmatch)]
MAX_TOKENS_BYTES = 1_024  # bytes of a file of tokens
NOWHERE = "192.0.2.1", "2001:db8::1"  # addresses of nobody (RFC 5737, RFC 3849): nothing is ever sent there


class Role(Enum):
    """What a phone may do: play every control, or hold one puck among those of the audience."""

    PERFORMER = "performer"
    AUDIENCE = "audience"


@dataclass(frozen=True)
class AccessTokens:
    """One token a role; whoever has it has the role."""

    performer: Token
    audience: Token

    @classmethod
    def fresh(cls) -> AccessTokens:
        return cls(secrets.token_urlsafe(12), secrets.token_urlsafe(12))

    def role(self, token: str) -> Role | None:
        """Whose ``token`` it is. How long the answer takes tells nothing about the tokens."""
        given = token.encode("utf-8", "replace")
        performs = secrets.compare_digest(given, self.performer.encode())
        listens = secrets.compare_digest(given, self.audience.encode())
        return Role.PERFORMER if performs else Role.AUDIENCE if listens else None

    def as_json(self) -> str:
        return json.dumps({"performer": self.performer, "audience": self.audience})

    @classmethod
    def of_json(cls, text: str) -> AccessTokens:
        """The inverse of ``as_json``. Raises ``LinkError`` for what holds no two different tokens."""
        try:
            keys = SHAPE.read(json_of(text))
        except (ValueError, LinkError):
            keys = None
        if keys is None or keys.performer == keys.audience:
            raise LinkError("these are no keys for phones: two different tokens of 16 letters and digits or more")
        return keys


SHAPE = Shape(AccessTokens, LinkError, unknown="ignore")


def keys_of(path: Path | None) -> AccessTokens:
    """The keys that the file at ``path`` keeps; fresh ones, kept there from now on, where there is no such file.

    Only its owner may read it. None: those of the environment, else fresh ones. Raises ``LinkError`` for what holds
    something else, and ``OSError``.
    """
    if path is None:
        text = os.environ.get(VARIABLE)
        return AccessTokens.fresh() if text is None else AccessTokens.of_json(text)
    try:
        return AccessTokens.of_json(read(path, MAX_TOKENS_BYTES))
    except FileNotFoundError:
        keys = AccessTokens.fresh()
        write_atomically(path, keys.as_json() + "\n", secret=True)
        return keys
    except (LinkError, UnicodeDecodeError) as error:
        raise LinkError(f"{path}: {error}; delete the file and new ones are made") from None


@dataclass(frozen=True)
class InviteLinks:
    """What phones open. ``wide``: whether other machines reach it."""

    performer: str
    audience: str
    wide: bool

    @classmethod
    def of(cls, keys: AccessTokens, host: str, port: int) -> InviteLinks:
        """The links to a page that is served on ``host``:``port``."""
        shown = known_as(host)
        place = f"[{shown}]" if ":" in shown else shown
        return cls(
            f"http://{place}:{port}/{keys.performer}/", f"http://{place}:{port}/{keys.audience}/", not is_loopback(host)
        )


def known_as(host: str) -> str:
    """The address that a phone must ask for: ``host``, or where that means every address, the network's for this one.

    The system is asked which address it would send from; nothing is sent.
    """
    if host not in ("", "0.0.0.0", "::"):
        return host
    family, nobody = (socket.AF_INET6, NOWHERE[1]) if host == "::" else (socket.AF_INET, NOWHERE[0])
    try:
        with socket.socket(family, socket.SOCK_DGRAM) as probe:
            probe.connect((nobody, 9))
            address: str = probe.getsockname()[0]
            return address
    except OSError:  # no network
        return "::1" if host == "::" else "127.0.0.1"


# ---- QR codes (ISO/IEC 18004) ----------------------------------------------------------------------------------------

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
