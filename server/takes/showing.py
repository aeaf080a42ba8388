"""A take shown: what its listeners were told as it was played, made again at the same times.

The letters are those of the take, also where another machine, or voices that learnt meanwhile, would write others. No
socket and no clock: whoever shows a take says when it is what time, and owns the thread.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import chain, pairwise

from models.choir import Choir
from protocol.errors import TakeError
from protocol.messages import MAIN, TAIL, Card, CrowdPucks, Message, MorePucks, Since
from protocol.pucks import CROWD, MORE
from protocol.tree import ParameterTree, Value
from server.board import RUN, Action, Board
from server.cards import introduce_all
from server.endpoint import Notebook, Outlet
from server.errands import Errands
from server.figures import Figures
from server.herald import STATUS_EVERY, Herald
from server.manners.keeping import Manners
from server.performance import Performance
from server.subscribers import Address
from server.takes.events import Begun, Event, Identity, Joined, Primed, Rewound, Unheard
from server.takes.playing import Player
from server.takes.reading import Take
from server.troubles import Troubles

Gathering = Callable[[Sequence[Identity]], Choir]  # the voices of these identities, in their order


class ShownBoard(Board):
    """Where the controls stood. No hand moves them any more; all that one can do is let the take rest and go on."""

    def __init__(self, tree: ParameterTree, opening: Mapping[str, Value] | None = None) -> None:
        super().__init__(tree)
        self.resting = False

    def put(self, address: str, value: Value, source: Address | None = None) -> None:
        if address == RUN:
            self.resting = not value

    def gather(self, said: MorePucks | CrowdPucks, source: Address, now: float) -> None:
        """Pucks are the take's alone."""

    def ask(self, action: Action) -> bool:
        """Old text can be asked for, and nothing else."""
        return super().ask(action) if isinstance(action.deed, Since) else True

    def show(self, values: Mapping[str, Value]) -> None:
        """Let the controls stand so, and these pucks be there."""
        known = {address: value for address, value in values.items() if address in self.tree}
        if self.resting:
            known[RUN] = False
        with self._lock:
            self._replace(known)
            before, self._pucks = self._pucks, {kind: values[kind] for kind in (MORE, CROWD) if kind in values}
            self._pucks_changed |= {kind for kind in (MORE, CROWD) if before.get(kind) != self._pucks.get(kind)}


class Showing:
    """``take`` before the voices that ``gather`` finds, told to ``outlet``. Call each of ``steps`` when it is time."""

    def __init__(
        self,
        take: Take,
        gather: Gathering,
        manners: Manners,
        begin: Callable[[ParameterTree], tuple[ShownBoard, Outlet]],
        grow: Callable[[ParameterTree], object],
        troubles: Troubles,
        began: float = 0.0,
    ) -> None:
        """``begin`` is asked once for board and way out, ``grow`` told of voices that joined.

        ``began`` is the time that the herald counts from.
        """
        self._take, self._gather, self._grow = take, gather, grow
        choir = gather(take.header.voices)
        self.board, outlet = begin(ParameterTree(choir.slugs))
        self._figures = Figures()
        stage = Performance(choir, take.header.seed, manners=manners)
        self._player = Player(stage, self._joining, to_the_letter=True)
        self._joined = choir
        self.herald = Herald(
            stage,
            self.board,
            outlet,
            troubles,
            self._figures,
            Errands(),
            cards_of(choir, take.header.voices),
            lambda: (MAIN,),
            began,
        )

    def steps(self) -> Iterator[tuple[float, Callable[[float], None]]]:
        """Each event's time in the take, in seconds, and what does it and tells it at the time that it is given.

        Raises ``TakeError`` where the take cannot be read; doing raises it where it cannot be played on.
        """
        t = 0.0
        for event, following in pairwise(chain(self._take.events(), [None])):
            assert event is not None
            t = max(t, getattr(event, "t", 0.0))

            def do(now: float, event: Event = event, following: Event | None = following) -> None:
                self._do(event, following, now)

            yield t, do

    def attend(self, now: float) -> None:
        """Between events: show what a hand let rest, answer who asked, and say the state when it is time."""
        self._stand()
        for action in self.board.actions():
            if isinstance(action.deed, Since):
                self.herald.asked(action.deed.position, action.source)
        self.herald.echo()
        self.herald.repeat(now)

    def _do(self, event: Event, following: Event | None, now: float) -> None:
        page, herald = self._player.performance.page, self.herald
        before = page.length
        if written := self._player.play(event):
            self._figures.pace.beat(now)
            herald.character(written)
        match event:
            case Joined(voices=voices):
                self._grow(ParameterTree(self._joined.slugs))
                herald.introduce(cards_of(self._joined, voices))
            case Primed():
                herald.text_from(before, now)
            case Rewound():
                herald.text_from(page.length - TAIL, now)
            case Begun():
                herald.text_from(0, now)
        self._stand()
        if not isinstance(following, Unheard):
            self._player.hear()
        herald.echo()
        herald.expectations()

    def _stand(self) -> None:
        """The controls stand where they stood, those that a hold keeps from being in force as well."""
        player = self._player
        self.board.show(player.values if player.coming is None else player.coming)

    def _joining(self, voices: Sequence[Identity]) -> Choir:
        self._joined = self._gather(voices)
        return self._joined


def told(
    take: Take, gather: Gathering, manners: Manners, complain: Callable[[str], None]
) -> Iterator[tuple[float, Sequence[Message]]]:
    """What subscribers were told in ``take``, each time with its seconds since the take began, in order.

    ``complain`` is told why it ends before its end.
    """
    notes = Notebook()

    def begin(tree: ParameterTree) -> tuple[ShownBoard, Outlet]:
        return ShownBoard(tree), notes

    showing = Showing(take, gather, manners, begin, lambda tree: showing.board.grow(tree), Troubles())
    beat = 0.0
    try:
        for t, do in showing.steps():
            while beat <= t:
                showing.attend(beat)
                yield beat, _drained(notes)
                beat += STATUS_EVERY
            do(t)
            if notes.broadcasts:
                yield t, _drained(notes)
    except TakeError as error:
        complain(str(error))


def cards_of(choir: Choir, voices: Sequence[Identity]) -> list[Card]:
    """The cards of ``choir``, which looked then as ``voices`` say."""
    looks = zip(introduce_all(choir), voices, strict=True)
    return [replace(card, name=as_.name, monogram=as_.monogram, colour=as_.colour) for card, as_ in looks]


def _drained(notes: Notebook) -> list[Message]:
    told, notes.broadcasts = notes.broadcasts, []
    return told
