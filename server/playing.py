"""Playing: the command lines of server and front end, and the supervisor that keeps both of them alive.

On the main thread of `antiphon play` and `antiphon gallery`.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

from server.child import Child, Companion
from server.supervisor import Supervisor, front_patience, terminal_kept

Options = Mapping[str, Any]


def play(
    program: Sequence[str],
    serving: Options,
    fronting: Options,
    folder: Path,
    complain: Callable[[str], None],
    seconds: float | None = None,
    turn: Callable[[Supervisor, float], bool] = lambda supervisor, now: True,
    *,
    endless: bool = False,
    lean: bool = False,
    front: Sequence[str] = ("front",),
) -> int:
    """Run `PROGRAM serve` and `PROGRAM FRONT` until the front end ends, or ``turn`` gives False; the exit code.

    The performance is kept in ``folder``, and gone on with where it is there already. After ``seconds`` the front end
    ends by itself. ``endless``: however often they fall over, they are started again. ``lean``: no second server and
    front end stand ready.
    """
    began = time.monotonic()
    first = iter([True])

    def start_server(options: Sequence[str]) -> Child:
        keep = ("--with-parent", "--resume", str(folder))
        return Child([*program, "serve", *keep, *words_of(serving), *options], complain)

    def start_front(options: Sequence[str]) -> Companion:
        at_first = next(first, False) or seconds is None
        ends = {"--seconds": seconds} if at_first else {"--until": began + (seconds or 0.0)}
        return Companion([*program, *front, *words_of(fronting), *words_of(ends), *options])

    with terminal_kept() as tidy:
        supervisor = Supervisor(start_server, start_front, complain, tidy, front_patience(), endless, lean)
        with closing(supervisor):
            return supervisor.run(lambda now: turn(supervisor, now))


def words_of(options: Options) -> list[str]:
    """The words of a command line: True is the option alone, a list is the option again and again."""
    words = []
    for option, value in options.items():
        for one in value if isinstance(value, list) else [value]:
            if one is True:
                words.append(option)
            elif one is not None and one is not False:
                words += [option, str(one)]
    return words
