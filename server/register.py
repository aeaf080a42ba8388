"""Which performances there are: each by its name, with a board of its own.

``main`` is always there; others are opened by whoever subscribes to them first, as many as there is room for, and stay
with their text. The receiver's thread opens and looks up, the engine's thread asks what there is; every method holds
the lock for a moment only.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from threading import Lock

from protocol.errors import ParameterError
from protocol.forms import NAME
from protocol.guard import shown
from protocol.messages import MAIN
from protocol.tree import ParameterTree, Value
from server.board import Board

MOST = 8  # performances; each keeps the states of its last 1,000 characters


class Register:
    """``main`` and the performances called ``names``, each with the values of ``opening`` where it begins."""

    def __init__(
        self,
        tree: ParameterTree,
        opening: Mapping[str, Value] | None = None,
        names: Sequence[str] = (),
        most: int = MOST,
        board: Callable[[ParameterTree, Mapping[str, Value] | None], Board] = Board,
    ) -> None:
        """``board`` makes that of each. Raises ``ParameterError`` if they are more than ``most``, or not names."""
        self.tree = tree
        self._opening, self._most, self._board = opening, most, board
        self._lock = Lock()
        self._boards: dict[str, Board] = {}
        for name in (MAIN, *names):
            self.open(name)

    def grow(self, tree: ParameterTree) -> None:
        """Let ``tree``, which has all addresses that there were, hold for every performance from now on."""
        with self._lock:
            self.tree = tree
            for board in self._boards.values():
                board.grow(tree)

    def names(self) -> tuple[str, ...]:
        """All performances, the oldest first."""
        with self._lock:
            return tuple(self._boards)

    def board(self, name: str) -> Board:
        """The board of one. Raises ``ParameterError`` if there is none."""
        with self._lock:
            board = self._boards.get(name)
        if board is None:
            raise ParameterError(f"there is no performance {name}: subscribe to it, and it begins")
        return board

    def open(self, name: str) -> Board:
        """The board of one, which begins now if there is none yet.

        Raises ``ParameterError`` where none has room, and for what is no name.
        """
        if not NAME.fullmatch(name):
            raise ParameterError(f"{shown(name)} is no name for a performance: up to 32 of a-z, 0-9 and -")
        with self._lock:
            if name not in self._boards:
                if len(self._boards) >= self._most:
                    raise ParameterError(f"there are {self._most} performances already: {name} finds no room")
                self._boards[name] = self._board(self.tree, self._opening)
            return self._boards[name]
