"""The parameters of each performance with their values, and the actions that wait to be done.

The receiver's thread puts in, the engine's thread takes out. A new value replaces the one before it (the last wins),
and the queue of actions is bounded, so that memory does not grow however many messages come. ``PerformanceRegistry``
holds one ``ParameterStore`` for each performance: ``main`` is always there, others begin when somebody first subscribes
to them, up to a limit, and stay with their text. Every method holds a lock for a moment only, so that neither thread
waits for the other's work.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from threading import Lock

from protocol.errors import ParameterError
from protocol.formats import NAME
from protocol.guard import shown
from protocol.messages import (
    MAIN,
    Arrive,
    Choose,
    ChooseLikely,
    CrowdPucks,
    EndPart,
    FinishSentence,
    MorePucks,
    Panic,
    ParameterHolder,
    Prime,
    ResendText,
    Reset,
    ReturnTo,
    Rewind,
    Set,
    StartPart,
    Step,
    WriteWord,
)
from protocol.puck import CROWD, MORE, PuckGatherer, pucks_in
from protocol.tree import LOOKAHEAD, TURN, ParameterTree, Value
from server.engine.subscribers import MOST_SUBSCRIBERS as MOST_NAMES
from server.engine.subscribers import Address

MOST_QUEUED_ACTIONS = 256  # actions at most
RUN, HOLD = "/transport/run", "/transport/hold"
NOT_HELD = {"/mix/rate", LOOKAHEAD, TURN}  # controls that a hold leaves alone: no hand moves the mix by them

Action = (
    Step
    | WriteWord
    | FinishSentence
    | Panic
    | Rewind
    | Prime
    | Choose
    | ChooseLikely
    | Arrive
    | ReturnTo
    | Reset
    | StartPart
    | EndPart
    | ResendText
)


@dataclass(frozen=True)
class ActionRequest:
    """Something to be done once, and who asked for it."""

    action: Action
    source: Address


class ParameterStore:
    """Every parameter of ``tree`` with its value: the default, but for those that ``opening`` names.

    While ``/transport/hold`` is on, the mix in force stays as it was when that was switched on, and the controls move
    freely: voices, pucks and all of /mix but the rate and whose turn it is. Pucks besides the one stand among the
    values as ``protocol.puck`` says, and go when their sender falls silent: ``expire_pucks`` lets them.
    """

    def __init__(self, tree: ParameterTree, opening: Mapping[str, Value] | None = None) -> None:
        self.tree = tree
        self._lock = Lock()
        self._values = tree.defaults()
        self._changed: set[str] = set()
        self._actions: list[ActionRequest] = []
        self._mix = _mix_of(tree)
        self._sources: dict[str, Address] = {}  # who last set each parameter
        self._names: dict[Address, str] = {}  # how some of those want to be called, the last heard last
        self._taken: set[str] = set()  # those that have passed into another's hands
        self._gathered = PuckGatherer()
        self._pucks: dict[str, Value] = {}  # what they come to at this moment
        self._pucks_changed: set[str] = set()
        self._pucks_told = 0  # messages
        self._held: dict[str, Value] | None = None  # what is in force while it differs from the controls
        for address, value in (opening or {}).items():
            self.put(address, value)
        self._opening = self._values.copy()
        self._awaited: dict[str, Value] = {}  # of voices that are yet to come
        self._changed.clear()

    def put(self, address: str, value: Value, source: Address | None = None) -> None:
        """Let ``value`` hold from now on, and ``source`` be who said so.

        Raises ``ParameterError`` for an unknown address or a value of no use.
        """
        if address not in self.tree:
            raise ParameterError(f"there is no parameter {address[:80]}")
        parameter = self.tree[address]
        accepted = parameter.accept(parameter.arguments(value))
        with self._lock:
            if self._values[address] != accepted:
                if address == HOLD:
                    mix = {each: self._values[each] for each in self._mix}
                    self._held = {MORE: (), CROWD: (), **mix, **self._pucks} if accepted else None
                self._replace({address: accepted})
                if source is not None and self._sources.get(address) != source:
                    self._sources[address] = source
                    self._taken.add(address)

    def extend(self, tree: ParameterTree) -> None:
        """Let ``tree``, which has all addresses that there were, hold from now on; what is new has its default."""
        with self._lock:
            self.tree = tree
            self._mix = _mix_of(tree)
            kept = {address: value for address, value in self._awaited.items() if address in tree}
            self._values = tree.defaults() | kept | self._values
            self._opening = tree.defaults() | self._opening
            if self._held is not None:
                self._held = {**{each: self._values[each] for each in self._mix}, **self._held}

    def add_pucks(self, said: MorePucks | CrowdPucks, source: Address, now: float) -> None:
        """Let these be the pucks that ``source`` has. Raises ``MessageError`` where too many say something."""
        kind = MORE if isinstance(said, MorePucks) else CROWD
        with self._lock:
            self._gathered.hear(kind, source, said.number, said.pucks, now)
            self._see_pucks(now)

    def expire_pucks(self, now: float) -> None:
        """Let go the pucks of whoever has fallen silent."""
        if self._gathered:
            with self._lock:
                self._see_pucks(now)

    def restore(self, controls: Mapping[str, Value], held: Mapping[str, Value] | None) -> None:
        """Let the controls stand so, and a hold keep ``held`` in force. Those of voices that are not here wait.

        Values have been accepted before, by a tree like this one.
        """
        with self._lock:
            self._replace({address: value for address, value in controls.items() if address in self.tree})
            styles = {address: value for address, value in controls.items() if address.startswith("/style/")}
            self._awaited = {address: value for address, value in styles.items() if address not in self.tree}
            standing: dict[str, Value] = {MORE: (), CROWD: (), **{each: self._values[each] for each in self._mix}}
            frozen = {each: value for each, value in (held or {}).items() if each in standing}
            self._held = None if held is None else standing | frozen

    def snapshot(self) -> tuple[dict[str, Value], dict[str, Value] | None]:
        """Copies of where the controls stand, and of what a hold keeps in force."""
        with self._lock:
            return self._awaited | self._values, None if self._held is None else self._held.copy()

    def values(self) -> dict[str, Value]:
        """A copy of all that is in force at this moment."""
        with self._lock:
            return {**self._values, **(self._pucks if self._held is None else self._held)}

    def coming(self) -> dict[str, Value] | None:
        """A copy of where the controls stand while a hold keeps them from being in force; None while they are."""
        with self._lock:
            return None if self._held is None else {**self._values, **self._pucks}

    def controls(self) -> dict[str, Value]:
        """A copy of where the controls stand, in force or not."""
        with self._lock:
            return self._values.copy()

    def control(self, address: str) -> Value:
        """Where one control stands, in force or not."""
        with self._lock:
            return self._values[address]

    def changes(self) -> list[Set]:
        """What changed since this was last asked, each parameter once with the value that holds now."""
        with self._lock:
            changed, self._changed = self._changed, set()
            return [Set(address, self._values[address]) for address in self.tree if address in changed]

    def holders(self, whole: bool = False) -> list[ParameterHolder]:
        """Who last set each parameter that passed into another's hands since this was last asked; ``whole``: of all."""
        with self._lock:
            addresses = list(self._sources) if whole else [each for each in self.tree if each in self._taken]
            if not whole:
                self._taken.clear()
            return [ParameterHolder(address, self._called(self._sources[address])) for address in addresses]

    def introduce(self, source: Address, name: str) -> None:
        """From now on ``source`` is called so where it holds a parameter."""
        with self._lock:
            self._names.pop(source, None)
            self._names[source] = name
            if len(self._names) > MOST_NAMES:
                del self._names[next(iter(self._names))]

    def _called(self, source: Address) -> str:
        return self._names.get(source) or "{}:{}".format(*source)

    def pucks(self, whole: bool = False) -> list[MorePucks | CrowdPucks]:
        """The pucks of all senders together, of each kind that changed since this was last asked.

        ``whole``: of each kind that there is, changed or not.
        """
        with self._lock:
            kinds = [kind for kind in (MORE, CROWD) if kind in self._pucks_changed or (whole and kind in self._pucks)]
            if not whole:
                self._pucks_changed.clear()
            self._pucks_told += bool(kinds)
            told = {kind: pucks_in(self._pucks, kind) for kind in kinds}
            return [(MorePucks if kind == MORE else CrowdPucks)(self._pucks_told, each) for kind, each in told.items()]

    def submit(self, request: ActionRequest) -> bool:
        """Queue an action; False if too many wait already, and it is not done.

        What a panic and the finishing of a sentence do to the controls is done at once: what is set after it holds.
        """
        with self._lock:
            if isinstance(request.action, Panic):
                self._held = None
                self._replace(self._opening)
            elif isinstance(request.action, FinishSentence):
                self._replace({RUN: True})
            if len(self._actions) >= MOST_QUEUED_ACTIONS:
                return False
            self._actions.append(request)
            return True

    def take_requests(self) -> list[ActionRequest]:
        """What is to be done, oldest first; the queue is then empty."""
        with self._lock:
            waiting, self._actions = self._actions, []
            return waiting

    def _see_pucks(self, now: float) -> None:
        """What the pucks come to now; the lock is ours."""
        before, self._pucks = self._pucks, self._gathered.values(now)
        self._pucks_changed |= {kind for kind in (MORE, CROWD) if before.get(kind) != self._pucks.get(kind)}

    def _replace(self, values: Mapping[str, Value]) -> None:
        """Let these hold; the lock is ours."""
        self._changed |= {address for address, value in values.items() if self._values[address] != value}
        self._values.update(values)


def _mix_of(tree: ParameterTree) -> tuple[str, ...]:
    """The addresses that a hold keeps in force."""
    return tuple(each for each in tree if not each.startswith("/transport/") and each not in NOT_HELD)


# ---- the performances that there are ---------------------------------------------------------------------------------

MOST_PERFORMANCES = 8  # performances; each keeps the states of its last 1,000 characters


class PerformanceRegistry:
    """``main`` and the performances called ``names``, each with the values of ``opening`` where it begins."""

    def __init__(
        self,
        tree: ParameterTree,
        opening: Mapping[str, Value] | None = None,
        names: Sequence[str] = (),
        most: int = MOST_PERFORMANCES,
        parameters: Callable[[ParameterTree, Mapping[str, Value] | None], ParameterStore] = ParameterStore,
    ) -> None:
        """``parameters`` makes that of each. Raises ``ParameterError`` if they are more than ``most``, or not names."""
        self.tree = tree
        self._opening, self._most, self._parameters = opening, most, parameters
        self._lock = Lock()
        self._stores: dict[str, ParameterStore] = {}
        for name in (MAIN, *names):
            self.open(name)

    def extend(self, tree: ParameterTree) -> None:
        """Let ``tree``, which has all addresses that there were, hold for every performance from now on."""
        with self._lock:
            self.tree = tree
            for parameters in self._stores.values():
                parameters.extend(tree)

    def names(self) -> tuple[str, ...]:
        """All performances, the oldest first."""
        with self._lock:
            return tuple(self._stores)

    def parameters(self, name: str) -> ParameterStore:
        """The board of one. Raises ``ParameterError`` if there is none."""
        with self._lock:
            parameters = self._stores.get(name)
        if parameters is None:
            raise ParameterError(f"there is no performance {name}: subscribe to it, and it begins")
        return parameters

    def open(self, name: str) -> ParameterStore:
        """The board of one, which begins now if there is none yet.

        Raises ``ParameterError`` where none has room, and for what is no name.
        """
        if not NAME.fullmatch(name):
            raise ParameterError(f"{shown(name)} is no name for a performance: up to 32 of a-z, 0-9 and -")
        with self._lock:
            if name not in self._stores:
                if len(self._stores) >= self._most:
                    raise ParameterError(f"there are {self._most} performances already: {name} finds no room")
                self._stores[name] = self._parameters(self.tree, self._opening)
            return self._stores[name]
