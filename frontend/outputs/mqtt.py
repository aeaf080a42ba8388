"""MQTT out: the text and its signals for LED tickers, e-ink and home automation, by a broker.

What is published are plain texts and numbers, so that a small device needs no parser (docs/show.md has the topics).
What holds is kept by the broker (retained), so that a device that wakes has it at once; numbers come at most
``SIGNALS_PERIOD_S`` apart. While the stage is black the text is empty, while it is frozen nothing of the text comes.

``Bulletin`` says what is to be published, and is pure. ``Broker`` is the seam: ``PahoBroker`` is a real one, which
comes back by itself, ``FakeBroker`` keeps what it got. The caller's thread; paho has one of its own.
"""

from __future__ import annotations

import contextlib
import math
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple, Protocol

from frontend.client.link import AnyLink
from frontend.client.session_state import SessionState
from protocol.errors import LinkError, ParameterError
from protocol.messages import Follow, Signal
from protocol.signals import CHAR, PREFIX, SENTENCE, VOICE, WORD

PORT, TLS_PORT = 1_883, 8_883
TEXT_CHARS = 120  # characters of the text's end
SIGNALS_PERIOD_S = 0.1
FOLLOW_PERIOD_S = 3.0  # seconds between subscriptions to the signals; they lapse after 10
KEEP_ALIVE_S = 15
LONGEST_RETRY_S = 10
TOPIC_CHARS = 200
LOOK_S = 0.01
MISSING = "MQTT needs a package: pip install 'antiphon[mqtt]'"
STATUS, ONLINE, OFFLINE = "status", "online", "offline"


class Post(NamedTuple):
    """``kept``: the broker gives it to whoever subscribes later, and it is not to be lost on the way."""

    topic: str
    text: str
    kept: bool = False


class Bulletin:
    """What of a performance is to be published, topics without their common beginning. Nothing was yet."""

    def __init__(self) -> None:
        self._numbers: dict[str, str] = {}  # signals that changed and are not published yet
        self._stand: dict[str, str] = {}  # what was published of each topic that holds
        self._due_at = -math.inf
        self._dark = self._still = False

    def posts(self, session: SessionState, now: float) -> list[Post]:
        """What is due. Takes the session's signals."""
        stands = session.stands
        was_dark, was_hidden = self._dark, self._dark or self._still
        self._dark, self._still = stands is not None and stands.black, stands is not None and stands.frozen
        found = self._changed("stage", "black" if self._dark else "frozen" if self._still else "lit")
        if self._dark and not was_dark:
            found += self._changed("text", "")
        while session.signals:
            found += self._of_signal(session.signals.popleft(), session)
        if was_hidden and not (self._dark or self._still):
            found += self._changed("text", _end(session.text))
        if now >= self._due_at and self._numbers:
            self._due_at = now + SIGNALS_PERIOD_S
            found += [Post(f"signal/{name}", number) for name, number in self._numbers.items()]
            self._numbers = {}
        return found

    def _of_signal(self, signal: Signal, session: SessionState) -> list[Post]:
        values, shown = signal.arguments, not (self._dark or self._still)
        match signal.address:
            case CHAR.address:
                return [Post("char", str(values[1]))] if shown and len(values) > 1 else []
            case WORD.address:
                return [Post("word", str(values[0])), *self._changed("text", _end(session.text))] if shown else []
            case SENTENCE.address:
                return self._changed("sentence", " ".join(str(values[0]).split())) if shown else []
            case VOICE.address if len(values) > 1:
                colours = {card.slug: card.colour for card in session.cards}
                slug = str(values[1])
                return [*self._changed("voice", slug), *self._changed("colour", colours.get(slug, "#FFFFFF"))]
        number = values[0] if values else 0
        if isinstance(number, (int, float)):
            self._numbers[signal.address.removeprefix(PREFIX)] = f"{number:.4g}"
        return []

    def _changed(self, topic: str, text: str) -> list[Post]:
        if self._stand.get(topic) == text:
            return []
        self._stand[topic] = text
        return [Post(topic, text, kept=True)]


def _end(text: str) -> str:
    """The end of the text on one line, from a word's beginning on."""
    line = " ".join(text[-2 * TEXT_CHARS :].split())
    if len(line) <= TEXT_CHARS:
        return line
    return line[-TEXT_CHARS:].partition(" ")[2] or line[-TEXT_CHARS:]


# ---- the broker ------------------------------------------------------------------------------------------------------


class Broker(Protocol):
    """Where it is published."""

    @property
    def trouble(self) -> str:
        """One line while it cannot be reached; else empty. Any thread."""

    def publish(self, post: Post) -> None:
        """Does not wait; what cannot be sent now and is not kept is lost."""

    def close(self) -> None:
        """Say that nothing comes any more."""


@dataclass
class FakeBroker:
    """Keeps what it got, the newest last, and of what is kept the newest of each topic."""

    trouble: str = ""
    posts: list[Post] = field(default_factory=list)
    kept: dict[str, str] = field(default_factory=dict)
    closed: bool = False

    def publish(self, post: Post) -> None:
        self.posts.append(post)
        if post.kept:
            self.kept[post.topic] = post.text

    def close(self) -> None:
        self.closed = True


class PahoBroker:
    """A broker at ``host``:``port``; topics begin with ``topic``. Where it is away it is tried again and again.

    Raises ``ParameterError`` without the package, for a topic or a password of no use.
    """

    def __init__(
        self,
        host: str,
        port: int = 0,
        topic: str = "antiphon",
        user: str = "",
        password: Path | None = None,
        tls: bool = False,
    ) -> None:
        """``port`` 0: 1883, or 8883 with ``tls``, where the broker's certificate has to be good."""
        if (
            not 0 < len(topic) <= TOPIC_CHARS
            or set("+#\0") & set(topic)
            or topic.startswith(("/", "$"))
            or topic[-1] == "/"
        ):
            raise ParameterError(f"a topic is words with / between them, such as show/antiphon, not {topic[:40]!r}")
        try:
            from paho.mqtt import client as paho
            from paho.mqtt.enums import CallbackAPIVersion
        except ImportError:
            raise ParameterError(MISSING) from None
        self._kept: dict[str, str] = {}  # what holds, by topic, for a broker that comes back
        self._topic, self._where = topic, f"{host}:{port or (TLS_PORT if tls else PORT)}"
        self.trouble = f"the broker at {self._where} was not reached yet"
        self._client = paho.Client(CallbackAPIVersion.VERSION2)
        if user:
            self._client.username_pw_set(user, _secret(password))
        if tls:
            self._client.tls_set()
        self._client.reconnect_delay_set(1, LONGEST_RETRY_S)
        self._client.will_set(f"{topic}/{STATUS}", OFFLINE, qos=1, retain=True)
        self._client.on_connect, self._client.on_disconnect = self._connected, self._left
        try:
            self._client.connect_async(host, port or (TLS_PORT if tls else PORT), KEEP_ALIVE_S)
        except ValueError as error:
            raise LinkError(f"there can be no broker at {self._where} ({error})") from None
        self._client.loop_start()

    def publish(self, post: Post) -> None:
        if post.kept:
            self._kept[post.topic] = post.text
        if self._client.is_connected():
            with contextlib.suppress(ValueError):  # too long for a message: nothing that we publish is
                self._client.publish(f"{self._topic}/{post.topic}", post.text, qos=int(post.kept), retain=post.kept)

    def close(self) -> None:
        if self._client.is_connected():
            with contextlib.suppress(ValueError, RuntimeError):  # it left in this moment
                self._client.publish(f"{self._topic}/{STATUS}", OFFLINE, qos=1, retain=True).wait_for_publish(1.0)
        self._client.disconnect()
        self._client.loop_stop()
        self._client.on_connect = self._client.on_disconnect = None  # no circle: its sockets close when it goes

    def _connected(self, client: Any, data: Any, flags: Any, reason: Any, properties: Any) -> None:
        if reason.is_failure:
            self.trouble = f"the broker at {self._where} does not let it in: {reason}"
            return
        self.trouble = ""
        for topic, text in {STATUS: ONLINE, **self._kept}.items():
            client.publish(f"{self._topic}/{topic}", text, qos=1, retain=True)

    def _left(self, client: Any, data: Any, flags: Any, reason: Any, properties: Any) -> None:
        if not self.trouble:
            self.trouble = f"the broker at {self._where} is gone ({reason}): it is tried again"


def _secret(file: Path | None) -> str | None:
    if file is None:
        return None
    try:
        return file.read_text("utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise ParameterError(f"{file} cannot be read: {getattr(error, 'strerror', None) or error}") from None


def run(link: AnyLink, broker: Broker, ended: Callable[[], bool], say: Callable[[str], object]) -> None:
    """Publish what ``link`` hears until ``ended()``; ``say`` gets a line on how the broker stands: there or away."""
    bulletin, follow_at = Bulletin(), -math.inf
    said: str | None = None  # the last trouble that was told; at first how it stands, whatever that is
    try:
        while not ended():
            now = time.monotonic()
            link.pump(now)
            if now >= follow_at:
                follow_at = now + FOLLOW_PERIOD_S
                link.send(Follow())
            for post in bulletin.posts(link.session, now):
                broker.publish(post)
            if broker.trouble != said:
                said = broker.trouble
                say(said or "the broker is there")
            time.sleep(LOOK_S)
    finally:
        broker.close()
