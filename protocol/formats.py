"""The table of messages: how each of ``protocol.messages`` looks on the wire, and what its arguments must be.

``protocol.osc`` encodes and decodes by it, ``protocol.reference`` writes the pages from it. Pure; no thread of its own.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any, get_args

from protocol.alphabet import COLOUR, SLUG, VOCABULARY, WRITABLE_CODES
from protocol.errors import MessageError
from protocol.messages import (
    MAX_THRESHOLD_BITS,
    THE_MIX,
    AccessChallenge,
    AccessGranted,
    AccessProof,
    AccessRequest,
    Ahead,
    ArrivalForecast,
    Arrive,
    BranchKept,
    Card,
    Char,
    Choose,
    ChooseLikely,
    CrowdPucks,
    Distributions,
    EndPart,
    FinishSentence,
    Follow,
    HoldShow,
    Joint,
    MorePucks,
    Narrator,
    Panic,
    ParameterHolder,
    PerformanceListing,
    Ping,
    Pong,
    Prime,
    Pucks,
    ResendText,
    Reset,
    ReturnTo,
    Rewind,
    ShowAnswer,
    ShowDocument,
    ShowDone,
    ShowHolder,
    Shown,
    ShowNews,
    ShowRequest,
    ShowStands,
    SpriteShown,
    StartPart,
    Status,
    Step,
    Subscribe,
    TextCommand,
    TextExcerpt,
    Tint,
    WriteWord,
)
from protocol.puck import CROWD, MORE, MOST_CROWD, MOST_MORE, Puck, pack_pucks, unpack_pucks
from protocol.sessions import COOKIE_BYTES, PROOF_BYTES
from protocol.sprites import NOISE_NUMBERS
from protocol.tree import LOOKAHEAD_CHARS

SPRITE = "/sprite"
MOST_STEPS = 10_000  # characters that one message can ask for
PRIME_CHARS = 4_000  # the longest text that voices are primed with
BRANCH_SHOWN_CHARS = 400  # of a branch's beginning
PHRASE_CHARS = 200  # the longest phrase that a text can be led to
ARRIVE_CHARS = 2_000  # the farthest place where it can stand
CHOSEN_CHARS = 400  # the most letters that one message chooses
SCENES, SETLIST = DOCUMENTS = ("scenes", "setlist")  # what a show is made of
MOST_DOCUMENT_PARTS = 256
PRIME_DATAGRAM_BYTES = 9_216  # bytes; only a long ``Prime`` is above DATAGRAM, and macOS sends no more than this


@dataclass(frozen=True)
class MessageFormat:
    """How one kind of message looks: type tags, of which the first ``needed`` must be there, and both conversions.

    ``unpack`` may trust the types of its arguments but not their values, and raises ``MessageError``. What a ``button``
    may ask for is asked for when that is pressed: a 0, or false, is the button's release.
    """

    address: str
    tags: str
    needed: int
    pack: Callable[[Any], list[Any]]
    unpack: Callable[..., Any]
    button: bool = False


def _fields(message: Any, **others: Any) -> list[Any]:
    """The fields of ``message`` in their order, ``others`` as they cross the wire, without those that are empty blobs:
    python-osc makes none."""
    return [value for value in {**vars(message), **others}.values() if value != b""]


def _text(text: str, most: int) -> str:
    """``text`` cut to ``most`` bytes of UTF-8, without NULs and broken surrogates: what an OSC string can hold."""
    return text.replace("\0", "").encode("utf-8", "replace")[:most].decode("utf-8", "ignore")


def _require(condition: bool, wanted: str) -> None:
    if not condition:
        raise MessageError(wanted)


def _char(
    sequence: int, character: str, tail: str, length: int, epoch: int, blob: bytes, surprises: bytes = b""
) -> Char:
    _require(len(character) == 1 and tail.endswith(character) and tail.isascii(), "a tail that ends in its character")
    _require(min(sequence, epoch) >= 0 and length >= len(tail), "counts that can be")
    _require(not surprises or len(surprises) == len(tail), "a byte of surprise for every character")
    return Char(sequence, character, tail, length, epoch, unpack_tints(blob, len(tail)), surprises)


def _past(epoch: int, position: int, text: str, blob: bytes, surprises: bytes = b"") -> TextExcerpt:
    _require(min(epoch, position) >= 0 and text.isascii(), "7-bit text and a position that can be")
    _require(not surprises or len(surprises) == len(text), "a byte of surprise for every character")
    return TextExcerpt(epoch, position, text, unpack_tints(blob, len(text)), surprises)


def _distributions(
    sequence: int, part: int, parts: int, voices: bytes, levels: bytes, evidence: bytes = b"", known: bytes = b""
) -> Distributions:
    _require(sequence >= 0 and 0 <= part < parts, "a part of its parts")
    _require(len(set(voices)) == len(voices) > 0, "voices that are named once")
    _require(len(levels) == VOCABULARY * len(voices), f"{VOCABULARY} bytes a voice")
    _require(len(evidence) in (0, 2 * len(voices)), "two bytes of evidence a voice, or none")
    _require(len(known) in (0, VOCABULARY // 8), "a bit a character, or none")
    return Distributions(sequence, part, parts, tuple(voices), levels, evidence, known)


def _joint(sequence: int, levels: bytes, threshold: float = 0.0) -> Joint:
    _require(sequence >= 0 and len(levels) == VOCABULARY, f"{VOCABULARY} bytes")
    _require(0.0 <= threshold <= MAX_THRESHOLD_BITS, "a threshold in bits")
    return Joint(sequence, levels, threshold)


CARD_BYTES = {  # of each of a card's texts, at most
    **{"slug": 64, "name": 128, "monogram": 16, "colour": 7, "kind": 32},
    **{"description": 400, "works": 400, "licence": 200, "tongues": 64, "sprite": 200},
}


def _pack_card(card: Card) -> list[Any]:
    texts = {name: _text(getattr(card, name), most) for name, most in CARD_BYTES.items()}
    return _fields(card, **texts, fusible=int(card.fusible))


def _card(*arguments: Any) -> Card:
    card = Card(*arguments)
    _require(math.isfinite(card.bits) and card.bits >= 0.0, "bits that can be")
    _require(0 <= card.index < card.count <= 256, "an index below the count of voices")
    _require(SLUG.fullmatch(card.slug) is not None, "a slug that can stand in an address")
    _require(COLOUR.fullmatch(card.colour) is not None, "a colour such as #7DE4FF")
    return replace(card, fusible=bool(card.fusible))


def _pack_status(status: Status) -> list[Any]:
    trouble, take = _text(status.trouble, 800), _text(status.take, 128)
    return _fields(status, trouble=trouble, take=take, finishing=int(status.finishing))


def _status(*arguments: Any) -> Status:
    status = Status(*arguments)
    counts = (status.sequence, status.length, status.epoch, status.awake, status.waking, status.late, status.withheld)
    _require(min(counts) >= 0, "counts that can be")
    numbers = (status.rate, status.seconds, status.commit_ms, status.late_ms, status.warmth)
    _require(all(map(math.isfinite, numbers)), "finite numbers")
    return replace(status, finishing=bool(status.finishing))


def _listed(index: int, count: int, name: str) -> PerformanceListing:
    _require(0 <= index < count, "an index below the count of performances")
    _require(NAME.fullmatch(name) is not None, "a name that a performance can have")
    return PerformanceListing(index, count, name)


def _subscribe(port: int = 0, name: str = "") -> Subscribe:
    _require(0 <= port <= 65_535, "a port from 0 to 65535")
    _require(not name or NAME.fullmatch(name) is not None, "a name of lower case letters, digits and -")
    return Subscribe(port, name)


def _follow(port: int = 0) -> Follow:
    return Follow(_subscribe(port).port)


def _step(count: int = 1) -> Step:
    _require(1 <= count <= MOST_STEPS, f"a number of characters from 1 to {MOST_STEPS}")
    return Step(count)


def _rewind(chars: int) -> Rewind:
    _require(chars >= 0, "a number of characters, 0 or more")
    return Rewind(chars)


def _prime(text: str) -> Prime:
    _require(len(text) <= PRIME_CHARS, f"at most {PRIME_CHARS} characters")
    return Prime(text)


def _primed(message: Prime) -> list[str]:
    if len(message.text) > PRIME_CHARS:
        raise MessageError(f"a text to prime with has at most {PRIME_CHARS} characters, not {len(message.text)}")
    return [_text(message.text, PRIME_DATAGRAM_BYTES)]


def _choose(letters: str) -> Choose:
    _require(len(letters) <= CHOSEN_CHARS, f"at most {CHOSEN_CHARS} letters")
    _require(all(letter == "\n" or " " <= letter <= "~" for letter in letters), "letters that can be written")
    return Choose(letters)


def _likely(rank: int) -> ChooseLikely:
    _require(1 <= rank <= VOCABULARY, f"a rank from 1 to {VOCABULARY}")
    return ChooseLikely(rank)


def _arrive(phrase: str, chars: int = 160) -> Arrive:
    _require(len(phrase) <= PHRASE_CHARS, f"a phrase of at most {PHRASE_CHARS} characters")
    _require(1 <= chars <= ARRIVE_CHARS, f"a number of characters from 1 to {ARRIVE_CHARS}")
    return Arrive(phrase, chars)


def _arriving(phrase: str, chars: int, bits: float) -> ArrivalForecast:
    _require(chars >= -1 and math.isfinite(bits), "a number of characters and bits that can be")
    return ArrivalForecast(phrase, chars, bits)


def _ahead(epoch: int, sequence: int, voice: int, letters: str) -> Ahead:
    _require(min(epoch, sequence) >= 0 and THE_MIX <= voice < 256, "counts and a voice that can be")
    _require(len(letters) <= LOOKAHEAD_CHARS, f"at most {LOOKAHEAD_CHARS} letters")
    _require(all(ord(letter) in WRITABLE_CODES for letter in letters), "letters that can be written")
    return Ahead(epoch, sequence, voice, letters)


def _narrator(name: str, part: float) -> Narrator:
    _require(name == "" or SLUG.fullmatch(name) is not None, "a name that can be a voice's")
    _require(0.0 <= part <= 1.0, "a part of the last characters")
    return Narrator(name, part)


def _branch_kept(index: int, count: int, number: int, position: int, length: int, text: str) -> BranchKept:
    _require(0 <= index < max(count, 1) and min(number, position, length) >= 0, "a branch of its branches")
    _require(text.isascii(), "7-bit text")
    return BranchKept(index, count, number, position, length, text)


def _return_to(number: int) -> ReturnTo:
    _require(number >= 1, "a branch's number")
    return ReturnTo(number)


def _reseeded(message: Reset) -> list[int]:
    if message.seed == 0:
        raise MessageError("a seed of 0 cannot be sent: that is how a button is let go")
    return [] if message.seed is None else [message.seed]


def _prove(cookie: bytes, proof: bytes = b"") -> AccessProof:
    _require(len(cookie) == COOKIE_BYTES, f"a cookie of {COOKIE_BYTES} bytes")
    _require(len(proof) in (0, PROOF_BYTES), f"a proof of {PROOF_BYTES} bytes, or none")
    return AccessProof(cookie, proof)


def _challenge(cookie: bytes) -> AccessChallenge:
    _require(len(cookie) == COOKIE_BYTES, f"a cookie of {COOKIE_BYTES} bytes")
    return AccessChallenge(cookie)


def _granted(rights: int, seconds: int) -> AccessGranted:
    _require(rights in (1, 2) and seconds > 0, "rights of 1 or 2, and seconds")
    return AccessGranted(rights, seconds)


def _hold_show(
    setlist: str, cue: int, role: str = "show", black: int = 0, frozen: int = 0, theme: str = ""
) -> HoldShow:
    _require(0 <= cue <= 100_000, "the number of a cue, 0 for none")
    _require(role in ("show", "paper"), 'a role, "show" or "paper"')
    return HoldShow(setlist, cue, role, bool(black), bool(frozen), theme)


def _held_show(said: HoldShow) -> list[Any]:
    stage = [int(said.black), int(said.frozen), _text(said.theme, 160)]
    shown = stage if said.black or said.frozen or said.theme else []
    return [_text(said.setlist, 160), said.cue, *([said.role] if shown or said.role != "show" else []), *shown]


def _show_stands(setlist: str, cue: int, black: int, frozen: int, theme: str) -> ShowStands:
    held = _hold_show(setlist, cue, "show", black, frozen, theme)
    return ShowStands(held.setlist, held.cue, held.black, held.frozen, held.theme)


def _show_document(name: str, version: int, part: int, parts: int, content: bytes) -> ShowDocument:
    _require(name in DOCUMENTS and version >= 0, "a document of a show")
    _require(0 <= part < parts <= MOST_DOCUMENT_PARTS and len(content) > 0, "a part of its parts")
    return ShowDocument(name, version, part, parts, content)


def _sprite_shown(mix: str, tints: str = "", noise: bytes = b"") -> SpriteShown:
    _require(len(mix) <= 600 and len(tints) <= 200, "a mix of categories and some colours")
    _require(len(noise) in (0, NOISE_NUMBERS), f"noise of {NOISE_NUMBERS} bytes")
    return SpriteShown(mix, tints, noise)


def _show_done(number: int, done: int, words: str) -> ShowDone:
    return ShowDone(number, bool(done), words)


def _show_request(number: int, command: str, what: str, seconds: float) -> ShowRequest:
    _require(math.isfinite(seconds), "finite seconds")
    return ShowRequest(number, command, what, seconds)


def _show_holder(yours: int, who: str, setlist: str, cue: int) -> ShowHolder:
    held = _hold_show(setlist, cue)
    return ShowHolder(bool(yours), who, held.setlist, held.cue)


def _show_answer(command: str, done: int, words: str) -> ShowAnswer:
    return ShowAnswer(command, bool(done), words)


def _since(position: int) -> ResendText:
    _require(position >= 0, "a position, 0 or more")
    return ResendText(position)


def _pucks_format(kind: Callable[[int, tuple[Puck, ...]], Pucks], address: str, most: int) -> MessageFormat:
    def pack(message: Pucks) -> list[Any]:
        return [message.number, pack_pucks(message.pucks, most)]

    return MessageFormat(address, "ib", 2, pack, lambda number, blob: kind(number, unpack_pucks(blob, most)))


NAME = SLUG  # the same signs: of a performance, and of a program that subscribes
PREFIX = "/performance/"

FORMATS: dict[type, MessageFormat] = {
    Subscribe: MessageFormat("/subscribe", "is", 0, lambda m: [m.port, m.name][: 2 if m.name else 1], _subscribe),
    Follow: MessageFormat("/subscribe/signals", "i", 0, _fields, _follow),
    Step: MessageFormat("/transport/step", "i", 0, _fields, _step, button=True),
    WriteWord: MessageFormat("/transport/word", "", 0, _fields, WriteWord, button=True),
    FinishSentence: MessageFormat("/transport/finish", "", 0, _fields, FinishSentence, button=True),
    Panic: MessageFormat("/panic", "", 0, _fields, Panic, button=True),
    StartPart: MessageFormat("/take/start", "", 0, _fields, StartPart, button=True),
    EndPart: MessageFormat("/take/stop", "", 0, _fields, EndPart, button=True),
    Rewind: MessageFormat("/transport/rewind", "i", 1, _fields, _rewind),
    Prime: MessageFormat("/text/prime", "s", 1, _primed, _prime),
    Choose: MessageFormat("/text/choose", "s", 1, lambda m: [_text(m.letters, PRIME_DATAGRAM_BYTES)], _choose),
    ChooseLikely: MessageFormat("/text/likely", "i", 1, _fields, _likely, button=True),
    Arrive: MessageFormat("/aim/arrive", "si", 1, lambda m: [_text(m.phrase, PRIME_DATAGRAM_BYTES), m.chars], _arrive),
    ReturnTo: MessageFormat("/branch/return", "i", 1, _fields, _return_to, button=True),
    Reset: MessageFormat("/text/reset", "i", 0, _reseeded, Reset, button=True),
    ResendText: MessageFormat("/text/since", "i", 1, _fields, _since),
    Ping: MessageFormat("/ping", "i", 0, _fields, Ping),
    AccessRequest: MessageFormat("/session/hello", "", 0, _fields, AccessRequest),
    AccessProof: MessageFormat("/session/prove", "bb", 1, _fields, _prove),
    HoldShow: MessageFormat("/show/hold", "sisiis", 2, _held_show, _hold_show),
    SpriteShown: MessageFormat(SPRITE, "ssb", 1, lambda m: _fields(m, mix=_text(m.mix, 600)), _sprite_shown),
    ShowDone: MessageFormat("/show/done", "iis", 3, lambda m: [m.number, int(m.done), _text(m.words, 400)], _show_done),
    ShowRequest: MessageFormat(
        "/show/do", "issf", 4, lambda m: [m.number, m.command, _text(m.what, 320), m.seconds], _show_request
    ),
    ShowHolder: MessageFormat(
        "/show/held", "issi", 4, lambda m: [int(m.yours), _text(m.who, 80), _text(m.setlist, 160), m.cue], _show_holder
    ),
    ShowDocument: MessageFormat("/show/document", "siiib", 5, _fields, _show_document),
    ShowStands: MessageFormat(
        "/show/stands",
        "siiis",
        5,
        lambda m: [_text(m.setlist, 160), m.cue, int(m.black), int(m.frozen), _text(m.theme, 160)],
        _show_stands,
    ),
    ShowAnswer: MessageFormat(
        "/show/answer", "sis", 3, lambda m: [m.command, int(m.done), _text(m.words, 400)], _show_answer
    ),
    Char: MessageFormat("/text/char", "issiibb", 6, lambda m: _fields(m, tints=pack_tints(m.tints)), _char),
    TextExcerpt: MessageFormat("/text/past", "iisbb", 4, lambda m: _fields(m, tints=pack_tints(m.tints)), _past),
    Distributions: MessageFormat(
        "/voice/distributions", "iiibbbb", 5, lambda m: _fields(m, voices=bytes(m.voices)), _distributions
    ),
    Joint: MessageFormat(
        "/mix/joint", "ibf", 2, lambda m: [m.sequence, m.levels, *([m.threshold] if m.threshold else [])], _joint
    ),
    Card: MessageFormat("/voice/card", "iissssssssfiss", 8, _pack_card, _card),
    Status: MessageFormat("/server/status", "iiiffisiiiffifis", 15, _pack_status, _status),
    PerformanceListing: MessageFormat("/server/performance", "iis", 3, _fields, _listed),
    MorePucks: _pucks_format(MorePucks, MORE, MOST_MORE),
    CrowdPucks: _pucks_format(CrowdPucks, CROWD, MOST_CROWD),
    ParameterHolder: MessageFormat(
        "/parameter/held", "ss", 2, lambda m: [_text(m.address, 255), _text(m.who, 80)], ParameterHolder
    ),
    ArrivalForecast: MessageFormat(
        "/aim/arriving", "sif", 3, lambda m: [_text(m.phrase, 800), m.chars, m.bits], _arriving
    ),
    Ahead: MessageFormat("/text/ahead", "iiis", 4, _fields, _ahead),
    Narrator: MessageFormat("/narrator", "sf", 2, lambda m: [m.name, m.part], _narrator),
    BranchKept: MessageFormat(
        "/branch/kept",
        "iiiiis",
        6,
        lambda m: [m.index, m.count, m.number, m.position, m.length, _text(m.text, BRANCH_SHOWN_CHARS)],
        _branch_kept,
    ),
    Pong: MessageFormat("/pong", "i", 1, _fields, Pong),
    AccessChallenge: MessageFormat("/session/challenge", "b", 1, _fields, _challenge),
    AccessGranted: MessageFormat("/session/granted", "ii", 2, _fields, _granted),
}
PUCKS, ACTIONS = get_args(Pucks), get_args(TextCommand)
TOLD_SERVER = (
    *(Subscribe, Follow, *ACTIONS, *PUCKS, ResendText, Ping, AccessRequest, AccessProof),
    *(HoldShow, ShowDone, ShowDocument, SpriteShown),
)
TOLD_FRONT = (*get_args(Shown), *PUCKS, ParameterHolder, Pong, AccessChallenge, AccessGranted, *get_args(ShowNews))
TO_SERVER, TO_FRONT = ({FORMATS[kind].address: FORMATS[kind] for kind in kinds} for kinds in (TOLD_SERVER, TOLD_FRONT))


# ---- tints as a blob -------------------------------------------------------------------------------------------------


def pack_tints(tints: Sequence[Tint]) -> bytes:
    """For each tint the number n of its pairs (0-3), then n times voice index and responsibility, a byte each.

    No tints at all are one 0 byte, since python-osc makes no empty blob.
    """
    blob = bytearray()
    for tint in tints:
        blob.append(len(tint))
        for pair in tint:
            blob.extend(pair)
    return bytes(blob) or b"\0"


def unpack_tints(blob: bytes, count: int) -> tuple[Tint, ...]:
    """The inverse for ``count`` tints; raises ``MessageError``."""
    tints: list[Tint] = []
    place = 0
    for _ in range(count):
        pairs = blob[place] if place < len(blob) else 255
        end = place + 1 + 2 * pairs
        if pairs > 3 or end > len(blob):
            raise MessageError("a tint of at most three voices for every character")
        tints.append(tuple(zip(blob[place + 1 : end : 2], blob[place + 2 : end : 2], strict=True)))
        place = end
    if place != len(blob) and blob != b"\0":
        raise MessageError("as many tints as characters")
    return tuple(tints)
