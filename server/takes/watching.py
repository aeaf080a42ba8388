"""A take watched: played in real time before whoever listens, as if it happened now.

Any front end shows it. A hand there changes nothing, but that the text rests and goes on as the hand wants. The
caller's thread plays, the endpoint's receives.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import closing
from threading import Event

from protocol.messages import DEFAULT_PORT, MAIN
from protocol.tree import ParameterTree
from server.board import Board
from server.clock import MonotonicClock
from server.endpoint import Endpoint, Outlet
from server.manners.keeping import Manners
from server.register import Register
from server.takes.reading import Take
from server.takes.showing import Gathering, Showing, ShownBoard
from server.troubles import Troubles

NAP = 0.01  # seconds between two looks at who asks for what
LATE = 0.25  # seconds that are made up for where this machine is too slow; the rest comes later
LINGERS = 2.0  # seconds after the end, in which whoever lost something is told it again


def watch(
    take: Take,
    gather: Gathering,
    manners: Manners,
    ready: Callable[[str, int], Callable[[], bool]],
    stop: Event,
    speed: float = 1.0,
    host: str = "127.0.0.1",
    port: int = DEFAULT_PORT,
    stays: bool = True,
) -> None:
    """Play ``take`` at ``host``:``port``, from when somebody listens, until its end.

    ``ready`` is told where, and gives what says whether it is to end; so does ``stop``. ``stays``: at its end the text
    stands until then. Raises ``LinkError`` where the port cannot be had, ``TakeError`` where the take cannot be played.
    """
    clock, troubles = MonotonicClock(), Troubles()
    opened: list[tuple[Register, Endpoint]] = []

    def begin(tree: ParameterTree) -> tuple[ShownBoard, Outlet]:
        register = Register(tree, board=_board)
        endpoint = Endpoint(register, troubles, clock, host, port)
        opened.append((register, endpoint))
        board = register.board(MAIN)
        assert isinstance(board, ShownBoard)
        return board, endpoint.outlet(MAIN)

    showing = Showing(take, gather, manners, begin, lambda tree: opened[0][0].grow(tree), troubles, clock.now())
    endpoint = opened[0][1]
    with closing(endpoint):
        ended = ready(*endpoint.address)

        def over() -> bool:
            showing.attend(clock.now())
            return stop.is_set() or ended()

        def wait(until: Callable[[], bool]) -> bool:
            """False where it is over before."""
            while not until():
                if over():
                    return False
                clock.nap_until(clock.now() + NAP)
            return True

        listened = endpoint.outlet(MAIN)
        if not wait(lambda: listened.heard):
            return
        began = looked = attended = clock.now()
        for t, do in showing.steps():
            while True:
                now = clock.now()
                if now >= attended + NAP:
                    attended = now
                    if over():
                        return
                resting = showing.board.resting
                began += now - looked if resting else 0.0
                looked, due = now, began + t / speed
                if now >= due and not resting:
                    break
                clock.sleep_until(now + NAP if resting else min(due, now + NAP))
            began += max(0.0, now - due - LATE)
            do(now)
        end = clock.now() + LINGERS
        wait(lambda: not stays and clock.now() >= end)


def _board(tree: ParameterTree, opening: object = None) -> Board:
    return ShownBoard(tree)
