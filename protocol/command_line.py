"""A command's options as one dataclass: read off the command line by typer, and written as one for a child process.

Every field is annotated as typer wants a parameter: ``port: Annotated[int, typer.Option(help="UDP.")] = 7424``.
Besides, what every command that plays does at its edges: a line for the user, and an end by Ctrl-C. Main thread.
"""

from __future__ import annotations

import inspect
import os
import signal
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import MISSING, fields
from pathlib import Path
from threading import Event
from types import FrameType
from typing import TYPE_CHECKING, Annotated, Any, TypeVar, get_args, get_type_hints

import typer

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

SecretFile = Annotated[Path | None, typer.Option(help="Who holds it may play from outside: see `antiphon secret`.")]
WithParent = Annotated[bool, typer.Option("--with-parent", hidden=True)]
Watched = Annotated[str | None, typer.Option("--pulse", hidden=True)]  # where whoever watches over it listens
Spare = Annotated[bool, typer.Option("--spare", hidden=True)]  # stand ready, and begin when the watcher calls
Verbose = Annotated[bool, typer.Option("--verbose", help="Show the log on standard error as well.")]
Safe = Annotated[bool, typer.Option("--safe", hidden=True)]  # so much went wrong that it is better to want less

INTERRUPTED = 128 + signal.SIGINT  # exit code of what Ctrl-C ended

Options = TypeVar("Options", bound="DataclassInstance")
Other = TypeVar("Other", bound="DataclassInstance")
Result = TypeVar("Result")


def takes(options: type[Options]) -> Callable[[Callable[[Options], Result]], Callable[..., Result]]:
    """A decorator for a command with one parameter, an ``options``: typer sees a parameter for each of its fields."""
    hints = get_type_hints(options, include_extras=True)
    parameters = [
        inspect.Parameter(
            field.name,
            inspect.Parameter.KEYWORD_ONLY,
            default=inspect.Parameter.empty if field.default is MISSING else field.default,
            annotation=hints[field.name],
        )
        for field in fields(options)
    ]

    def decorated(command: Callable[[Options], Result]) -> Callable[..., Result]:
        def run(**given: Any) -> Result:
            return command(options(**given))

        run.__name__, run.__doc__, run.__annotations__ = command.__name__, command.__doc__, hints
        run.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]
        return run

    return decorated


def words_of(options: DataclassInstance) -> list[str]:
    """The words of a command line that mean ``options``; what is at its default is left out."""
    hints = get_type_hints(type(options), include_extras=True)
    words: list[str] = []
    for field in fields(options):
        value, (_, option) = getattr(options, field.name), get_args(hints[field.name])
        name = option.param_decls[0] if option.param_decls else f"--{field.name.replace('_', '-')}"
        if value == field.default:
            continue
        if isinstance(value, bool):
            words.append(name if value else name.replace("--", "--no-", 1))
        else:
            for one in value if isinstance(value, list) else [value]:
                words += [name, str(one)]
    return words


def copied(to: type[Other], options: DataclassInstance, **others: Any) -> Other:
    """The options that ``to`` has in common with ``options``, and ``others``."""
    there, wanted = {field.name for field in fields(options)}, [field.name for field in fields(to)]
    return to(**{name: getattr(options, name) for name in wanted if name in there} | others)


def complain(trouble: str) -> None:
    """One line on standard error, whatever ``trouble`` holds."""
    with suppress(OSError):  # nobody hears it
        print(f"antiphon: {' '.join(trouble.split())}", file=sys.stderr, flush=True)


def interruption(code: int = INTERRUPTED) -> Callable[[int, FrameType | None], None]:
    """A handler of signals: raises ``KeyboardInterrupt``, but ends at once, with ``code``, while a module is loaded.

    A module that is interrupted may take that for a fault of its own, or be left half made for those who clear up.
    """

    def interrupt(number: int, frame: FrameType | None) -> None:
        while frame is not None:
            if frame.f_code.co_filename.startswith("<frozen importlib"):
                os._exit(code)
            frame = frame.f_back
        raise KeyboardInterrupt

    return interrupt


@contextmanager
def stoppable() -> Iterator[None]:
    """Ctrl-C and SIGTERM end what is inside, its clearing up included, and then the command, with success."""
    signal.signal(signal.SIGTERM, interruption(0))
    signal.signal(signal.SIGINT, interruption(0))  # a shell's background job is started with it ignored
    try:
        yield
    except KeyboardInterrupt:
        return


@contextmanager
def ended_by_signals(ending: Event) -> Iterator[None]:
    """The first signal to end sets ``ending``; a second one ends at once. Only the main thread can hear them."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    signals = (signal.SIGINT, signal.SIGTERM)
    before = [signal.getsignal(number) for number in signals]

    def restore() -> None:
        for number, handler in zip(signals, before, strict=True):
            signal.signal(number, handler)

    def end(number: int, frame: FrameType | None) -> None:
        ending.set()
        restore()

    for number in signals:
        signal.signal(number, end)
    try:
        yield
    finally:
        restore()
