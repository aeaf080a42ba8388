"""Standard output and error, as whoever calls a command leaves them: closed, full, without a letter, or not read on.

``antiphon.py`` prepares them once, and all commands print as usual. Who does not want what is written (``| head``) ends
the command without a word. Main thread.
"""

from __future__ import annotations

import io
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress

STREAMS = (("stdin", "r"), ("stdout", "w"), ("stderr", "w"))


def prepare() -> None:
    """Open those that are closed, to nowhere, and let a letter that the others lack be a question mark.

    Otherwise the next file or socket would be opened in the place of a closed one, and be written into.
    """
    for descriptor, (name, mode) in enumerate(STREAMS):
        try:
            os.fstat(descriptor)
        except OSError:
            os.open(os.devnull, os.O_RDWR)  # the lowest number that is free: this one
        if getattr(sys, name) is None:
            setattr(sys, name, open(os.devnull, mode, encoding="utf-8"))  # noqa: SIM115 - it stays open
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="replace")


@contextmanager
def written_out() -> Iterator[None]:
    """What the block prints has left when it ends. Raises ``OSError`` where that cannot be.

    Where nobody reads any more, it ends the program with exit code 1 and without a word.
    """
    try:
        try:
            yield
        finally:
            sys.stdout.flush()
    except BrokenPipeError:
        _silence()
        raise SystemExit(1) from None
    except OSError:
        _silence()
        raise


def _silence() -> None:
    """Let what is left in the buffer go nowhere, else Python would try again at its end, and complain itself."""
    with suppress(OSError, ValueError):
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, sys.stdout.fileno())
        os.close(nowhere)
