"""Python's garbage collector held back, to be run by hand where a pause does no harm. Process-wide; any one thread."""

from __future__ import annotations

import gc
from types import TracebackType
from typing import Self


class ManualCollection:
    """A context at whose end the collector is as Python has it; ``hold`` holds it back from then on."""

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        gc.enable()
        gc.unfreeze()

    @staticmethod
    def hold() -> None:
        """Collect, never again look at what lives now, and collect nothing more by itself."""
        gc.collect()
        gc.freeze()
        gc.disable()
