"""The server as OSCQuery sees it: a subscription like anybody's, and what came of it.

Only cards, parameters and, while somebody wants them, signals are read; the text and what the voices expect are passed
over unread. Everything happens on the asyncio loop's thread.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from typing import Any, cast

from protocol import guard
from protocol.messages import Card, Follow, Message, Set, Signal, SpriteShown, Subscribe
from protocol.osc import decode_to_front, encode
from server.oscquery.namespace import SPRITE_SHOWN, Namespace, shown_at

RENEWAL_INTERVAL_S = 3.0  # seconds between subscriptions; they lapse after 10
FIRST_TRY_INTERVAL_S = 0.25  # seconds between them until the server answers
UNREAD = (b"/text/", b"/voice/distributions", b"/mix/joint", b"/server/", b"/pong")


class ServerClient(asyncio.DatagramProtocol):
    """``namespace`` and ``values`` (OSC arguments by path) as last received.

    ``changed`` is called with each address whose value came anew, ``grown`` with the paths that came with new voices.
    """

    def __init__(self) -> None:
        self.namespace = Namespace()
        self.values: dict[str, Sequence[Any]] = {}
        self.changed: Callable[[str], None] = lambda address: None
        self.grown: Callable[[Sequence[str]], None] = lambda paths: None
        self.signals_wanted: Callable[[], bool] = lambda: False
        self.complete = asyncio.Event()  # all cards have come
        self._dealt: dict[int, Card] = {}
        self._transport: asyncio.DatagramTransport | None = None

    async def follow(self) -> None:
        """Keep the subscription going until cancelled."""
        while True:
            self.send(Subscribe())
            self.follow_signals()
            await asyncio.sleep(RENEWAL_INTERVAL_S if self.complete.is_set() else FIRST_TRY_INTERVAL_S)

    def follow_signals(self) -> None:
        """Ask for the signals, if anybody wants them."""
        if self.signals_wanted():
            self.send(Follow())

    def send(self, message: Message) -> None:
        """Say this to the server."""
        if self._transport is not None:
            self._transport.sendto(encode(message, self.namespace.tree))

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.DatagramTransport, transport)

    def error_received(self, exc: Exception) -> None:
        """Nobody listens there at the moment; the next request may be answered."""

    def datagram_received(self, data: bytes, addr: object) -> None:
        elements, _ = guard.elements(data)
        for element in elements:
            if not element.startswith(UNREAD):
                for message in decode_to_front(element, self.namespace.tree if self._dealt else None).messages:
                    self._take(message)

    def _take(self, message: object) -> None:
        match message:
            case Set(address, value) if address in self.namespace.tree:
                address = shown_at(self.namespace.tree[address])
                self._tell(address, list(value) if isinstance(value, tuple) else [value])
            case Signal(address, arguments):
                self._tell(address, arguments, always=True)
            case SpriteShown(mix, tints):
                self._tell(SPRITE_SHOWN, [mix, tints])
            case Card():
                self._deal(message)

    def _tell(self, address: str, arguments: Sequence[Any], always: bool = False) -> None:
        if always or self.values.get(address) != arguments:
            self.values[address] = arguments
            self.changed(address)

    def _deal(self, card: Card) -> None:
        if self._dealt.get(card.index, card) != card or any(each.count != card.count for each in self._dealt.values()):
            self._dealt = {}  # another choir's cards are being dealt
        self._dealt[card.index] = card
        cards = [self._dealt[index] for index in sorted(self._dealt)]
        slugs = tuple(each.slug for each in cards)
        if len(cards) < card.count or slugs == self.namespace.tree.slugs:
            return
        before, self.namespace = self.namespace, Namespace(cards)
        self.values = {address: value for address, value in self.values.items() if self.namespace.has(address)}
        if self.complete.is_set():
            self.grown(self.namespace.added_since(before))
        self.complete.set()
