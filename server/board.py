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

Deed = Step | Word | Finish | Panic | Rewind | Prime | Reset | Since


@dataclass(frozen=True)
class Action:
    """Something to be done once, and who asked for it."""

    deed: Deed
    source: Address


class Board:
    """Every parameter of ``tree`` with its value: the default, but for those that ``opening`` names."""

    def __init__(self, tree: ParameterTree, opening: Mapping[str, Value] | None = None) -> None:
        self.tree = tree
        self._lock = Lock()
        self._values = tree.defaults()
        self._changed: set[str] = set()
        self._actions: list[Action] = []
        for address, value in (opening or {}).items():
            self.put(address, value)
        self._changed.clear()

    def put(self, address: str, value: Value) -> None:
        """Let ``value`` hold from now on. Raises ``ParameterError`` for an unknown address or a value of no use."""
        if address not in self.tree:
            raise ParameterError(f"there is no parameter {address[:80]}")
        parameter = self.tree[address]
        accepted = parameter.accept(parameter.arguments(value))
        with self._lock:
            if self._values[address] != accepted:
                self._values[address] = accepted
                self._changed.add(address)

    def values(self) -> dict[str, Value]:
        """A copy of all that holds at this moment."""
        with self._lock:
            return self._values.copy()

    def changes(self) -> list[Set]:
        """What changed since this was last asked, each parameter once with the value that holds now."""
        with self._lock:
            changed, self._changed = self._changed, set()
            return [Set(address, self._values[address]) for address in self.tree if address in changed]

    def ask(self, action: Action) -> bool:
        """Queue an action; False if too many wait already, and it is not done."""
        with self._lock:
            if len(self._actions) >= WAITING:
                return False
            self._actions.append(action)
            return True

    def actions(self) -> list[Action]:
        """What is to be done, oldest first; the queue is then empty."""
        with self._lock:
            waiting, self._actions = self._actions, []
            return waiting
