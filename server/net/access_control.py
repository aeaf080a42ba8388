"""Access control: who may do what and how often. A datagram's source and size go in, a verdict comes out.

Programs on this machine may play. Of other machines only the networks of ``--allow`` are heard. They may watch once
they have sent back a cookie, which proves that the address is theirs and that nobody is flooded in their name; they may
play once they have proved the secret (``protocol.sessions``). A session belongs to one address and port, and lapses.
Each sender pays tokens, one for every 128 bytes begun, so that no stranger takes time from the text. All tables are
bounded. Pure: time is passed in, nothing is sent. ``admits`` and ``controls`` may be called on any thread, also for
HTTP; everything else runs on the receiver's thread.
"""

from __future__ import annotations

import hmac
import secrets
from collections import OrderedDict
from collections.abc import Iterable
from dataclasses import dataclass
from enum import IntEnum
from functools import lru_cache
from typing import NamedTuple, TypeVar

from protocol.errors import MessageError
from protocol.messages import AccessProof, AccessRequest, Follow, Ping, Query, ResendText, Subscribe, ToServer
from protocol.networks import Networks
from protocol.sessions import COOKIE_BYTES, PROOF_BYTES, SESSION_S, proves
from server.engine.subscribers import Address

TOKEN_BYTES = 128  # bytes of a datagram that a token pays for
COOKIE_LIFETIME_S = 10.0  # seconds for which the same address is sent the same cookie; it is taken for as long again
MOST_SENDERS = 1_024  # whose tokens are remembered
MOST_WATCHERS, MOST_PLAYERS = 24, 32  # sessions at a time
MOST_WATCHERS_A_HOST = 8
REMARK_INTERVAL_S = 5.0  # seconds between two remarks of the same kind

Who = TypeVar("Who")


class Rights(IntEnum):
    """What a sender may do. NOTHING is to ask for more."""

    NOTHING = 0
    WATCH = 1
    CONTROL = 2


class TokenAllowance(NamedTuple):
    """Tokens a second, and how many can be saved."""

    rate: float
    most: float


HERE = TokenAllowance(20_000, 20_000)  # each program at this machine
PLAYER = TokenAllowance(4_000, 8_000)  # each session with control
WATCHER = TokenAllowance(100, 200)
STRANGER = TokenAllowance(20, 60)  # each address without a session
STRANGERS = TokenAllowance(500, 1_000)  # all of them together


class Verdict(NamedTuple):
    """What is done with a datagram: dropped unread (``rights`` None), or read with these rights; a line to complain."""

    rights: Rights | None
    complaint: str = ""


class Grant(NamedTuple):
    """What a sender may do from now on, for so many seconds, and a line to complain."""

    rights: Rights
    seconds: int
    complaint: str = ""


NEEDED = {
    AccessRequest: Rights.NOTHING,
    AccessProof: Rights.NOTHING,
    Ping: Rights.NOTHING,
    Subscribe: Rights.WATCH,
    Follow: Rights.WATCH,
    Query: Rights.WATCH,
    ResendText: Rights.WATCH,
}


def needed(message: ToServer) -> Rights:
    """What one has to be allowed for ``message`` to be heeded."""
    return NEEDED.get(type(message), Rights.CONTROL)


class TokenBucket:
    """Tokens that come by and by. ``pay`` says whether there were enough."""

    __slots__ = ("_allowance", "_at", "_tokens")

    def __init__(self, allowance: TokenAllowance, now: float) -> None:
        self._allowance, self._tokens, self._at = allowance, allowance.most, now

    def pay(self, tokens: int, now: float) -> bool:
        rate, most = self._allowance
        self._tokens = min(most, self._tokens + rate * max(0.0, now - self._at))
        self._at = now
        if self._tokens < tokens:
            return False
        self._tokens -= tokens
        return True


@dataclass
class _Session:
    rights: Rights
    until: float  # seconds
    bucket: TokenBucket


PASSED = {rights: Verdict(rights) for rights in Rights}
DROPPED = Verdict(None)


class AccessControl:
    """Lets in the ``allowed`` networks; without a ``secret`` nobody there may play.

    Raises ``LinkError`` for what is no network.
    """

    def __init__(self, allowed: Iterable[str] = (), secret: bytes | None = None) -> None:
        self._allowed, self._secret = tuple(allowed), secret
        self._key = secrets.token_bytes(32)  # makes the cookies
        self.listen_on("127.0.0.1")
        self._here: OrderedDict[Address, TokenBucket] = OrderedDict()
        self._strangers: OrderedDict[str, TokenBucket] = OrderedDict()
        self._together: TokenBucket | None = None
        self._sessions: dict[Address, _Session] = {}
        self._remarked: dict[str, float] = {}

    def listen_on(self, own: str) -> None:
        """Whoever speaks from the address ``own`` sits at this machine, since it is the one listened on.

        Raises ``LinkError`` if listening there lets others in and nobody said whom.
        """
        networks = Networks(self._allowed, own)
        networks.check_host(own)
        self._has = lru_cache(MOST_SENDERS)(networks.has)
        self._is_here = lru_cache(MOST_SENDERS)(networks.is_here)

    def admits(self, host: str) -> bool:
        """Whether whoever speaks from the address ``host`` is let in at all, to watch."""
        return self._has(host)

    def controls(self, host: str) -> bool:
        """Whether they may play without having proved anything: they sit at this machine."""
        return self._is_here(host)

    def check(self, source: Address, size: int, now: float) -> Verdict:
        """What to do with ``size`` bytes that came from ``source``."""
        tokens = 1 + size // TOKEN_BYTES
        if self.controls(source[0]):
            paid = _bucket(self._here, source, HERE, now).pay(tokens, now)
            return PASSED[Rights.CONTROL] if paid else self._too_many(source, now)
        session = self._session(source, now)
        if session is not None:
            return PASSED[session.rights] if session.bucket.pay(tokens, now) else self._too_many(source, now)
        if not self.admits(source[0]):
            turned_away = f"{source[0]} was turned away: it is in no network of --allow"
            return Verdict(None, turned_away) if self.may_remark("turned away", now) else DROPPED
        if self._together is None:
            self._together = TokenBucket(STRANGERS, now)
        alone = _bucket(self._strangers, source[0], STRANGER, now)
        if not (alone.pay(tokens, now) and self._together.pay(tokens, now)):
            return DROPPED
        return PASSED[Rights.NOTHING]

    def cookie(self, source: Address, now: float) -> bytes:
        """What ``source`` has to send back. Nothing is remembered for it."""
        return self._cookie(source, int(now // COOKIE_LIFETIME_S))

    def prove(self, source: Address, cookie: bytes, proof: bytes, now: float) -> Grant | None:
        """``source`` sent back ``cookie``, with a ``proof`` of the secret or none. None if that is not its cookie.

        Raises ``MessageError`` where there is no room for one more.
        """
        turn = int(now // COOKIE_LIFETIME_S)
        if not any(hmac.compare_digest(cookie, self._cookie(source, each)) for each in (turn, turn - 1)):
            return None
        rights, complaint = Rights.WATCH, ""
        if proof and self._secret is None:
            complaint = "it offers a secret, and this server has none: start it with --secret-file"
        elif proof and self._secret is not None:
            if len(proof) == PROOF_BYTES and proves(self._secret, proof, cookie, *source):
                rights = Rights.CONTROL
            else:
                complaint = "it has another secret, or a router hides its address: it may only watch"
        if self.controls(source[0]):
            return Grant(Rights.CONTROL, SESSION_S)
        self._admit(source, rights, now)
        return Grant(rights, SESSION_S, complaint)

    def may_remark(self, kind: str, now: float) -> bool:
        """Whether a line about strangers may be shown now: whoever cannot play cannot fill the performer's view."""
        if now < self._remarked.get(kind, now):
            return False
        self._remarked[kind] = now + REMARK_INTERVAL_S
        return True

    def _admit(self, source: Address, rights: Rights, now: float) -> None:
        known = self._session(source, now)
        if known is not None and known.rights == rights:
            known.until = now + SESSION_S
            return
        for gone in [each for each, session in self._sessions.items() if session.until <= now or each == source]:
            del self._sessions[gone]
        same = [each for each, session in self._sessions.items() if session.rights == rights]
        most, allowance = (MOST_PLAYERS, PLAYER) if rights == Rights.CONTROL else (MOST_WATCHERS, WATCHER)
        if len(same) >= most:
            raise MessageError(f"{most} from outside are here already: one more cannot")
        if rights == Rights.WATCH and sum(each[0] == source[0] for each in same) >= MOST_WATCHERS_A_HOST:
            raise MessageError(f"{MOST_WATCHERS_A_HOST} programs of that machine are watching already: one more cannot")
        self._sessions[source] = _Session(rights, now + SESSION_S, TokenBucket(allowance, now))

    def _session(self, source: Address, now: float) -> _Session | None:
        session = self._sessions.get(source)
        return session if session is not None and session.until > now else None

    def _cookie(self, source: Address, turn: int) -> bytes:
        return hmac.digest(self._key, f"{source[0]} {source[1]} {turn}".encode(), "sha256")[:COOKIE_BYTES]

    def _too_many(self, source: Address, now: float) -> Verdict:
        too_many = f"more comes from {source[0]} than is read: some of it was dropped"
        return Verdict(None, too_many) if self.may_remark("too many", now) else DROPPED


def _bucket(table: OrderedDict[Who, TokenBucket], who: Who, allowance: TokenAllowance, now: float) -> TokenBucket:
    """The bucket of one; of too many, who was heard of longest ago is forgotten."""
    bucket = table.get(who)
    if bucket is None:
        bucket = table[who] = TokenBucket(allowance, now)
        if len(table) > MOST_SENDERS:
            table.popitem(last=False)
    else:
        table.move_to_end(who)
    return bucket
