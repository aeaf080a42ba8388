"""The messages: frozen values that say what crosses the wire, and how each looks as an OSC message.

Absolute values and sequence numbers, never deltas: a lost, doubled or late datagram heals itself (docs/protocol.md).
Pure; no thread of its own. Bytes are made and guarded in ``protocol.osc``.
"""

from __future__ import annotations

from dataclasses import dataclass

from protocol.puck import Puck
from protocol.tree import Value

# ---- to the server -----------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Subscribe:
    """`/subscribe [i] [s]`: stream to this port of the sender (0 or none: the port it sends from) for the next 10 s.

    It is the performance of the address that is streamed; a port follows one at a time, the one it named last. Where
    the sender holds a parameter others are told its ``name`` (lower case, digits, `-`; up to 32), and without one its
    address and port.
    """

    port: int = 0
    name: str = ""


@dataclass(frozen=True)
class Follow:
    """`/subscribe/signals [i]`: stream the signals, for lights and sound, to this port for the next 10 s.

    As `/subscribe` does with the performance; one port may have both.
    """

    port: int = 0


@dataclass(frozen=True)
class Set:
    """A parameter's address with its value(s): to the server a request, to subscribers the value in force."""

    address: str
    value: Value


@dataclass(frozen=True)
class Query:
    """A parameter's address without a value: asks for it, and is answered to whoever asked, at the address asked at."""

    address: str


@dataclass(frozen=True)
class Step:
    """`/transport/step [i]`: write so many characters (one, where no number is given) at once, running or not."""

    count: int = 1


@dataclass(frozen=True)
class WriteWord:
    """`/transport/word`: write on at once to the end of a word and the blank behind it, running or not."""


@dataclass(frozen=True)
class FinishSentence:
    """`/transport/finish`: go on to the end of the sentence, then rest."""


@dataclass(frozen=True)
class Panic:
    """`/panic`: every control back to where it stood at the start, and running; the text stays."""


@dataclass(frozen=True)
class StartPart:
    """`/take/start`: a part of the take begins here, for `antiphon take export --part`; all is recorded in any case.

    Answered with `/show/answer`, as a show's commands are.
    """


@dataclass(frozen=True)
class EndPart:
    """`/take/stop`: the part of the take ends here. Answered as `/take/start` is."""


@dataclass(frozen=True)
class Rewind:
    """`/transport/rewind i`: take back so many characters and go on from there."""

    chars: int


@dataclass(frozen=True)
class Prime:
    """`/text/prime s`: the voices read this text and continue it."""

    text: str


@dataclass(frozen=True)
class Choose:
    """`/text/choose s`: these are the next letters, one a character, whatever the voices expect; an empty text: none.

    A new choice takes the place of the one before. A word of the guard's list is not completed by it.
    """

    letters: str


@dataclass(frozen=True)
class ChooseLikely:
    """`/text/likely i`: the next letter is the likeliest now (1), the second likeliest (2), and so on."""

    rank: int


@dataclass(frozen=True)
class Arrive:
    """`/aim/arrive s [i]`: the text is to come to this phrase within so many characters (160, where none are given).

    The letters that lead there are looked for among many ways to go on; an empty phrase cancels it.
    """

    phrase: str
    chars: int = 160


@dataclass(frozen=True)
class ReturnTo:
    """`/branch/return i`: put this branch back: what stood behind its position takes the place of what stands there."""

    number: int


@dataclass(frozen=True)
class Reset:
    """`/text/reset [i]`: an empty page, fresh voices, the generator reseeded (with this number, where given; not 0)."""

    seed: int | None = None


@dataclass(frozen=True)
class ResendText:
    """`/text/since i`: send again what stands from this position on."""

    position: int


@dataclass(frozen=True)
class Ping:
    """`/ping [i]`: asks for `/pong i` with the same number. Of several in one datagram the last is answered."""

    token: int = 0


@dataclass(frozen=True)
class AccessRequest:
    """`/session/hello`: from another machine: asks for `/session/challenge`."""


@dataclass(frozen=True)
class AccessProof:
    """`/session/prove b [b]`: the cookie of `/session/challenge` sent back: without a proof to watch, with one to play.

    The answer is `/session/granted`.
    """

    cookie: bytes
    proof: bytes = b""


@dataclass(frozen=True)
class MorePucks:
    """`/puck/more i b`: all the performer's pucks besides `/puck`, 16 at most, such as the fingers on a table.

    ``number`` rises with every message of a sender. Said again at least twice a second while there are any.
    """

    number: int
    pucks: tuple[Puck, ...]


@dataclass(frozen=True)
class CrowdPucks:
    """`/crowd/pucks i b`: all pucks of the crowd, 256 at most; in all else as `/puck/more`."""

    number: int
    pucks: tuple[Puck, ...]


@dataclass(frozen=True)
class ShowCommand:
    """One command of a show, such as `/cue/go`; all are declared in ``protocol.show_commands``.

    ``what`` is its argument as a text (a number or a name, "1" or "0"), empty where there is none; ``seconds`` those of
    its fade, -1: as it comes.
    """

    address: str
    what: str = ""
    seconds: float = -1.0


@dataclass(frozen=True)
class HoldShow:
    """`/show/hold s i [s] [i] [i] [s]`: I have scenes and a set list and can do a show's commands; said every second.

    ``setlist`` is the one that is open, ``cue`` the one of it that was taken last, counted from 1; 0: none yet. The
    first who says so holds the show, until that front end falls silent; the answer is `/show/held`. ``role`` is "show",
    where it is left out, or "paper", for who prints. ``black`` and ``frozen`` are 1 where its stage is, ``theme`` is
    the stage's.
    """

    setlist: str
    cue: int
    role: str = "show"
    black: bool = False
    frozen: bool = False
    theme: str = ""


@dataclass(frozen=True)
class ShowDone:
    """`/show/done i i s`: what became of the command of this ``number``: 1 where it was done, 0 where not; in words."""

    number: int
    done: bool
    words: str


@dataclass(frozen=True)
class ShowDocument:
    """`/show/document s i i i b`: part ``part`` of ``parts`` of what the show is made of, for who stands ready.

    ``name`` is "scenes" or "setlist", the file of that name compressed (zlib) and cut up; ``version`` is another where
    its content is. Whoever holds the show says a part four times a second, in turn, and the server tells it on.
    """

    name: str
    version: int
    part: int
    parts: int
    content: bytes


TextCommand = (
    Step
    | WriteWord
    | FinishSentence
    | Rewind
    | Prime
    | Choose
    | ChooseLikely
    | Arrive
    | ReturnTo
    | Reset
    | Panic
    | StartPart
    | EndPart
)
Pucks = MorePucks | CrowdPucks


@dataclass(frozen=True)
class SpriteShown:
    """`/sprite s [s] [b]`: what the creature on the stage is made of, such as "undead 0.8 slimes 0.2"; empty: none.

    ``tints`` are the speakers' colours and shares, such as "#CC7203 0.6 #EFBC3A 0.4"; ``noise``, 100 bytes with sign,
    says which of all such. Who holds the show says it as it changes (15 times a second at most) and every second.
    """

    mix: str
    tints: str = ""
    noise: bytes = b""


Show = ShowCommand | HoldShow | ShowDone | ShowDocument | SpriteShown
ToServer = (
    Subscribe | Follow | Set | Query | TextCommand | ResendText | Ping | AccessRequest | AccessProof | Pucks | Show
)

# ---- to subscribers ----------------------------------------------------------------------------------------------

Tint = tuple[tuple[int, int], ...]  # up to three (voice's index, responsibility 0-255), strongest first


@dataclass(frozen=True)
class Char:
    """`/text/char i s s i i b [b]`: one character was written.

    ``sequence`` counts characters ever written (primed ones too), ``tail`` is the end of the text with this character
    last, ``length`` the length of the whole text now, ``epoch`` rises whenever text was taken away (reset, rewind),
    ``tints`` one tint for each character of ``tail``, ``surprises`` one byte for each: 16 times the bits, 255 for a
    character that nobody wrote; left out where none is known.
    """

    sequence: int
    character: str
    tail: str
    length: int
    epoch: int
    tints: tuple[Tint, ...]
    surprises: bytes = b""


@dataclass(frozen=True)
class TextExcerpt:
    """`/text/past i i s b [b]`: what stands at ``position`` of the text of ``epoch``; the answer to `/text/since`."""

    epoch: int
    position: int
    text: str
    tints: tuple[Tint, ...]
    surprises: bytes = b""


@dataclass(frozen=True)
class Distributions:
    """`/voice/distributions i i i b b [b] [b]`: what some awake voices want to write as character ``sequence``.

    ``voices`` are indices in card order, the number of cards meaning the fused network, ``levels`` one row of 128 bytes
    each: round(255 * sqrt(p)). Part ``part`` of ``parts``; a voice named in no part is asleep. ``evidence`` are two
    bytes a voice, the higher first: how much worse than the best it foresaw the present word, in 256ths of a nat; 0
    where it is left out. ``known`` are 128 bits: which characters come next in words that the voices in play know; left
    out where all may.
    """

    sequence: int
    part: int
    parts: int
    voices: tuple[int, ...]
    levels: bytes
    evidence: bytes = b""
    known: bytes = b""


@dataclass(frozen=True)
class Joint:
    """`/mix/joint i b [f]`: the mixed distribution that character ``sequence`` was drawn from, quantised likewise.

    ``threshold`` are the bits that the next character may have under ``/mix/surprise``; 0 or left out: any.
    """

    sequence: int
    levels: bytes
    threshold: float = 0.0


@dataclass(frozen=True)
class Card:
    """`/voice/card i i s s s s s s [s] [s] [f] [i] [s] [s]`: who voice ``index`` of ``count`` is; colour as "#RRGGBB".

    ``works`` are what it read and ``licence`` what they may be used for, in words; ``bits`` a character is how well it
    foresees a text of its kind, 0 where nobody knows; ``fusible`` is 0 for a voice that can only be mixed. ``tongues``
    are its further ones, with blanks between them: "words", "memory". ``sprite`` is what its creature is made of, such
    as "undead 0.8 slimes 0.2"; empty for none.
    """

    index: int
    count: int
    slug: str
    name: str
    monogram: str
    colour: str
    kind: str
    description: str
    works: str = ""
    licence: str = ""
    bits: float = 0.0
    fusible: bool = True
    tongues: str = ""
    sprite: str = ""


@dataclass(frozen=True)
class Status:
    """`/server/status i i i f f i s i i i f f i f i [s]`: how the server does, four times a second and with the state.

    ``sequence``, ``length`` and ``epoch`` as of the last character, ``rate`` in characters a second as measured,
    ``seconds`` since the server began, ``seed`` of the generator, ``trouble`` one line for the performer, empty when
    all is well. ``awake`` and ``waking`` voices (the fused network is one), ``late`` characters since the beginning (by
    more than half a period); of the last 4,096 characters 99 in 100 took no more than ``commit_ms`` from the controls
    being read to the draw, and were drawn no more than ``late_ms`` after they were due; ``finishing`` is 1 while a
    sentence is being finished; ``warmth`` is the factor by which the temperature is raised to lead out of a circle, and
    ``withheld`` the characters at which the guards held something back; ``take`` is the name of the take that all this
    is recorded in, empty where none is.
    """

    sequence: int
    length: int
    epoch: int
    rate: float
    seconds: float
    seed: int
    trouble: str
    awake: int = 0
    waking: int = 0
    late: int = 0
    commit_ms: float = 0.0
    late_ms: float = 0.0
    finishing: bool = False
    warmth: float = 1.0
    withheld: int = 0
    take: str = ""


@dataclass(frozen=True)
class ArrivalForecast:
    """`/aim/arriving s i f`: the ``phrase`` that the text is to come to, and in how many characters it begins.

    ``chars`` is -1 while no way is found, ``bits`` a letter say how surprising the phrase will be there. Told with the
    status while there is a phrase, and once, empty, when it stands or was taken back.
    """

    phrase: str
    chars: int = -1
    bits: float = 0.0


@dataclass(frozen=True)
class Ahead:
    """`/text/ahead i i i s`: the ``letters`` that a voice would most likely write next, were it alone.

    The first of them would be character ``sequence`` of the text of ``epoch``; ``voice`` is an index in card order, or
    -1: the mix. Told of the leading voices as `/text/lookahead` says. What was told holds as long as the text
    goes that way: if other letters came since, it is to be forgotten.
    """

    epoch: int
    sequence: int
    voice: int
    letters: str


@dataclass(frozen=True)
class Narrator:
    """`/narrator s f`: what the transformer behind `/mix/sense` is called, and in what ``part`` of the last characters
    it had a say.

    It has none in a character for which it was not done in time. The ``name`` is empty where none is installed. Told
    with the state.
    """

    name: str
    part: float = 0.0


@dataclass(frozen=True)
class BranchKept:
    """`/branch/kept i i i i i s`: branch ``index`` of ``count`` that rewinds left; a ``count`` of 0: there is none.

    It stood behind ``position`` and has ``length`` characters; ``text`` is its beginning, 400 characters at most.
    """

    index: int
    count: int
    number: int
    position: int
    length: int
    text: str


@dataclass(frozen=True)
class PerformanceListing:
    """`/server/performance i i s`: performance ``index`` of the ``count`` that the server holds is called ``name``."""

    index: int
    count: int
    name: str


@dataclass(frozen=True)
class Pong:
    """`/pong i`: the answer to a ping."""

    token: int


@dataclass(frozen=True)
class AccessChallenge:
    """`/session/challenge b`: to another machine: what it has to send back with `/session/prove` to be let in."""

    cookie: bytes


@dataclass(frozen=True)
class AccessGranted:
    """`/session/granted i i`: what may be done from the address and port that proved, for so many seconds.

    ``rights`` are 1 to watch and 2 to play.
    """

    rights: int
    seconds: int


@dataclass(frozen=True)
class ParameterHolder:
    """`/parameter/held s s`: the parameter at ``address`` was last set by ``who``: a sender's address and port, or the
    name that it subscribed with.

    Told when that changes, and again with the cards.
    """

    address: str
    who: str


@dataclass(frozen=True)
class ShowRequest:
    """`/show/do i s s f`: to the front end that holds the show: do this, and say `/show/done` with the same number.

    ``command`` is an address of the table of commands, or `/panic`, which the server has done already; ``what`` its
    argument as a text, ``seconds`` those of its fade, -1: as it comes. It is asked again until it is answered: one
    number is done once.
    """

    number: int
    command: str
    what: str = ""
    seconds: float = -1.0


@dataclass(frozen=True)
class ShowHolder:
    """`/show/held i s s i`: the answer to `/show/hold`: 1 where the one who asks holds the show; else who holds it.

    ``setlist`` and ``cue`` are where the show stands at whoever holds it, or held it before.
    """

    yours: bool
    who: str
    setlist: str
    cue: int


@dataclass(frozen=True)
class ShowStands:
    """`/show/stands s i i i s`: where the show stands, as whoever holds it says with `/show/hold`.

    The set list and its cue, 1 where the stage is black, 1 where it is frozen, and the stage's theme. Told whenever
    that is said, so at least once a second.
    """

    setlist: str
    cue: int
    black: bool
    frozen: bool
    theme: str


@dataclass(frozen=True)
class ShowAnswer:
    """`/show/answer s i s`: to whoever sent a command: its address, 1 where it was done, 0 where not; what happened."""

    command: str
    done: bool
    words: str


SignalValue = float | int | str


@dataclass(frozen=True)
class Signal:
    """One signal for lights and sound, such as `/signal/entropy f`; all are declared in ``protocol.signals``."""

    address: str
    arguments: tuple[SignalValue, ...]


Shown = (
    Char
    | TextExcerpt
    | Distributions
    | Joint
    | Card
    | Status
    | ArrivalForecast
    | Ahead
    | Narrator
    | BranchKept
    | PerformanceListing
)
ShowNews = ShowRequest | ShowHolder | ShowStands | ShowAnswer | ShowDocument | SpriteShown
ToFront = Shown | Pong | Set | Signal | AccessChallenge | AccessGranted | Pucks | ParameterHolder | ShowNews
Message = ToServer | ToFront

TAIL_CHARS = 80  # characters of the text that every `/text/char` carries
DATAGRAM_BYTES = 1_400  # bytes; nothing longer is sent, save a long ``Prime``
DEFAULT_PORT = 7_424  # the server's, on loopback unless told otherwise
THE_MIX = -1  # the voice of ``Ahead`` that all voices together are
MAIN = "main"  # the performance that an address means which names none
MAX_THRESHOLD_BITS = 16.0  # of what a character may have under the surprise fader
CODE = "code"  # the kind of a voice that read programs
SUBSCRIPTION_S = 10.0  # seconds after which a subscription that was not renewed ends
