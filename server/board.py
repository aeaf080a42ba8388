"""Where the performer's hand meets the performance: the values in force, and the actions that wait to be done.

The receiver's thread puts in, the engine's thread takes out. A value replaces the one before it (the last wins), and
the queue of actions is bounded: however many messages come, memory does not grow. Every method holds the lock for a
moment only, so that neither thread waits for the other's work.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from threading import Lock

from protocol.errors import ParameterError
from protocol.messages import Finish, Panic, Prime, Reset, Rewind, Set, Since, Step, Word
from protocol.tree import ParameterTree, Value
from server.subscribers import Address

WAITING = 256  # actions at most
RUN, HOLD = "/transport/run", "/transport/hold"
FREE = {"/mix/rate"}  # of the mix's controls, those that a hold leaves alone: time is no part of the mix

Deed = Step | Word | Finish | Panic | Rewind | Prime | Reset | Since


@dataclass(frozen=True)
class Action:
    """Something to be done once, and who asked for it."""

    deed: Deed
    source: Address


class Board:
    """Every parameter of ``tree`` with its value: the default, but for those that ``opening`` names.

    While ``/transport/hold`` is on, the mix in force stays as it was when that was switched on, and the controls move
    freely: voices, puck and all of /mix but the rate.
    """

    def __init__(self, tree: ParameterTree, opening: Mapping[str, Value] | None = None) -> None:
        self.tree = tree
        self._lock = Lock()
        self._values = tree.defaults()
        self._changed: set[str] = set()
        self._actions: list[Action] = []
        self._mix = _mix_of(tree)
        self._held: dict[str, Value] | None = None  # what is in force while it differs from the controls
        for address, value in (opening or {}).items():
            self.put(address, value)
        self._opening = self._values.copy()
        self._changed.clear()

    def put(self, address: str, value: Value) -> None:
        """Let ``value`` hold from now on. Raises ``ParameterError`` for an unknown address or a value of no use."""
        if address not in self.tree:
            raise ParameterError(f"there is no parameter {address[:80]}")
        parameter = self.tree[address]
        accepted = parameter.accept(parameter.arguments(value))
        with self._lock:
            if self._values[address] != accepted:
                if address == HOLD:
                    self._held = {each: self._values[each] for each in self._mix} if accepted else None
                self._replace({address: accepted})

    def grow(self, tree: ParameterTree) -> None:
        """Let ``tree``, which has all addresses that there were, hold from now on; what is new has its default."""
        with self._lock:
            self.tree = tree
            self._mix = _mix_of(tree)
            self._values = tree.defaults() | self._values
            self._opening = tree.defaults() | self._opening
            if self._held is not None:
                self._held = {each: self._held.get(each, self._values[each]) for each in self._mix}

    def values(self) -> dict[str, Value]:
        """A copy of all that is in force at this moment."""
        with self._lock:
            return self._values.copy() if self._held is None else {**self._values, **self._held}

    def coming(self) -> dict[str, Value] | None:
        """A copy of where the controls stand while a hold keeps them from being in force; None while they are."""
        with self._lock:
            return None if self._held is None else self._values.copy()

    def controls(self) -> dict[str, Value]:
        """A copy of where the controls stand, in force or not."""
        with self._lock:
            return self._values.copy()

    def changes(self) -> list[Set]:
        """What changed since this was last asked, each parameter once with the value that holds now."""
        with self._lock:
            changed, self._changed = self._changed, set()
            return [Set(address, self._values[address]) for address in self.tree if address in changed]

    def ask(self, action: Action) -> bool:
        """Queue an action; False if too many wait already, and it is not done.

        What a panic and the finishing of a sentence do to the controls is done at once: what is set after it holds.
        """
        with self._lock:
            if isinstance(action.deed, Panic):
                self._held = None
                self._replace(self._opening)
            elif isinstance(action.deed, Finish):
                self._replace({RUN: True})
            if len(self._actions) >= WAITING:
                return False
            self._actions.append(action)
            return True

    def actions(self) -> list[Action]:
        """What is to be done, oldest first; the queue is then empty."""
        with self._lock:
            waiting, self._actions = self._actions, []
            return waiting

    def _replace(self, values: Mapping[str, Value]) -> None:
        """Let these hold; the lock is ours."""
        self._changed |= {address for address, value in values.items() if self._values[address] != value}
        self._values.update(values)


def _mix_of(tree: ParameterTree) -> tuple[str, ...]:
    """The addresses that a hold keeps in force."""
    return tuple(each for each in tree if not each.startswith("/transport/") and each not in FREE)
