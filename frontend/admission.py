"""How a front end on another machine is let in: cookies sent back, the secret proved, the session kept.

A server on this machine asks for nothing, and nothing of this is sent to it. Pure: time is what the functions are told,
in monotonic seconds. Belongs to the link's reader thread; ``standing`` may be read by any.
"""

from __future__ import annotations

import math

from protocol.messages import Challenge, Granted, Hello, Message, Prove, Subscribe, ToServer
from protocol.sessions import SESSION, proof

AGAIN = 0.2  # seconds in which not more than one challenge is answered: a false server cannot keep us busy
EARLY = SESSION / 3  # seconds before a session ends at which it is renewed
RETRY = 1.0  # seconds between two attempts to renew it
WATCH, CONTROL = 1, 2  # the rights of ``Granted``


class Admission:
    """``secret`` None: to watch only, where the server is another machine's. ``host``:``port`` are this side's own."""

    def __init__(self, secret: bytes | None, host: str, port: int) -> None:
        self._secret, self._host, self._port = secret, host, port
        self._rights = 0  # nothing was granted: none was asked for, or none yet
        self._answered_at = self._renew_at = -math.inf

    @property
    def standing(self) -> str:
        """A line for the performer where less is allowed than playing; else empty."""
        if self._rights != WATCH:
            return ""
        if self._secret is None:
            return "watching only: to play a server on another machine, name its secret with --secret-file"
        return "watching only: the server does not take this secret"

    def take(self, message: Message, now: float) -> list[ToServer]:
        """What to say to a message about sessions; nothing to any other."""
        if isinstance(message, Challenge) and now - self._answered_at >= AGAIN:
            self._answered_at = now
            proved = proof(self._secret, message.cookie, self._host, self._port) if self._secret else b""
            return [Prove(message.cookie, proved)]
        if isinstance(message, Granted):
            self._rights = message.rights
            self._renew_at = now + max(RETRY, min(message.seconds, SESSION) - EARLY)
            return [Subscribe()]
        return []

    def due(self, now: float) -> list[ToServer]:
        """What to say of one's own accord, to keep the session."""
        if not self._rights or now < self._renew_at:
            return []
        self._renew_at = now + RETRY
        return [Hello()]
