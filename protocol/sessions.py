"""How control from outside is earned: a secret that both sides hold, and a proof of it that never shows it.

The server sends a cookie to the address that asks; whoever holds the secret answers with HMAC-SHA256 (RFC 2104) over
the cookie and the address that it speaks from. So a proof is worth nothing later, from elsewhere, or in the hands of a
false server that passed on the true one's cookie. Limits: docs/security.md. Pure but for reading and writing the
secret's file; no thread of its own.
"""

from __future__ import annotations

import contextlib
import hmac
import os
import secrets
import stat
from collections.abc import Callable, Mapping
from pathlib import Path

from protocol.documents import BYTE_ORDER_MARKS, text_of
from protocol.errors import LinkError
from protocol.networks import plain

COOKIE_BYTES = 16  # bytes
PROOF_BYTES = 32  # bytes
LONGEST_MARK_BYTES = 8  # bytes of a byte-order mark, and of a line end behind the secret
SESSION_S = 60  # seconds for which a proof holds
SECRET_VARIABLE = "ANTIPHON_SECRET"
# bytes of a secret: whoever overhears a proof can try out short ones at leisure
SHORTEST_SECRET_BYTES, LONGEST_SECRET_BYTES = (16, 1_024)
OTHERS = stat.S_IRWXG | stat.S_IRWXO


def proof(secret: bytes, cookie: bytes, host: str, port: int) -> bytes:
    """PROOF bytes: who speaks from ``host``:``port`` and was sent ``cookie`` holds ``secret``."""
    return hmac.digest(secret, cookie + f"control from {plain(host)} {port}".encode(), "sha256")


def proves(secret: bytes, given: bytes, cookie: bytes, host: str, port: int) -> bool:
    """Whether ``given`` is that proof; takes as long for a near miss as for any other."""
    return hmac.compare_digest(given, proof(secret, cookie, host, port))


def secret_of(
    path: Path | None, environment: Mapping[str, str], remark: Callable[[str], object] = lambda line: None
) -> bytes | None:
    """The secret in the file ``path`` or, without one, in the variable ANTIPHON_SECRET; None where there is none.

    Blanks, line ends and a byte-order mark around it do not count. ``remark`` gets a line if others can read the file.
    Raises ``LinkError`` for a file that cannot be read and for what is too short or too long.
    """
    if path is None:
        found, where = environment.get(SECRET_VARIABLE, "").encode("utf-8", "surrogateescape").strip(), SECRET_VARIABLE
        if not found:
            return None
    else:
        where = str(path)
        try:
            with path.open("rb") as file:
                found = _plain(file.read(2 * LONGEST_SECRET_BYTES + LONGEST_MARK_BYTES)).strip()
                shared = os.name == "posix" and os.fstat(file.fileno()).st_mode & OTHERS
        except OSError as error:
            why = f"{where} cannot be read: {error.strerror or error}"
            raise LinkError(f"the secret in {why}; `antiphon secret FILE` makes one") from None
        if shared:
            remark(f"others on this machine can read {where}; `chmod 600` keeps it yours")
    if not SHORTEST_SECRET_BYTES <= len(found) <= LONGEST_SECRET_BYTES:
        bounds = f"{SHORTEST_SECRET_BYTES} to {LONGEST_SECRET_BYTES} bytes"
        raise LinkError(f"the secret in {where} has to be {bounds} long, and is {len(found)}")
    return found


def _plain(content: bytes) -> bytes:
    """The secret that an editor may have put into UTF-16, or behind a mark, as those who need no mark have it."""
    if not content.startswith(tuple(mark for mark, _ in BYTE_ORDER_MARKS)):
        return content
    try:
        return text_of(content).encode("utf-8")
    except UnicodeError:
        return content


def new_secret(path: Path) -> None:
    """Make a secret that nobody can guess, in a new file that its owner alone can read. Raises ``LinkError``."""
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        raise LinkError(f"{path} is there already: remove it first if that secret is to end") from None
    except OSError as error:
        raise LinkError(f"{path} cannot be written: {error.strerror or error}") from None
    try:
        with os.fdopen(descriptor, "w", encoding="ascii") as file:
            file.write(secrets.token_urlsafe(32) + "\n")
    except OSError:
        with contextlib.suppress(OSError):
            path.unlink()
        raise
