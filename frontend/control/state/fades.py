"""What a performer has prepared: nine scenes, a set list, and the way that leads from the present mix to one of them.

Between the controller, whose values it sets, and the files that keep scenes and lists. UI thread only.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace

from frontend.config.scenes import Fade, Scene, Scenes, ValueFade
from frontend.config.setlists import Cue, SetList, SetListFolder
from protocol.tree import Value


class FadePlayer:
    """Runs one fade at a time: values move to others until they arrive or a hand takes them. ``put`` sets a value."""

    def __init__(self, put: Callable[[str, Value], None]) -> None:
        self._put = put
        self._glide: ValueFade | None = None
        self._unit = "s"
        self.toward: object = None  # what it leads to: a scene's or a cue's place, None for anything else

    @property
    def under_way(self) -> bool:
        return self._glide is not None

    @property
    def ends(self) -> dict[str, Value]:
        """Where the values on their way will stand."""
        return self._glide.ends if self._glide is not None else {}

    def go(
        self,
        present: Mapping[str, Value],
        wanted: Mapping[str, Value],
        fade: Fade,
        at: Mapping[str, float],
        toward: object = None,
    ) -> None:
        """Set out for ``wanted``.

        ``at`` is where each unit stands now. What was on its way elsewhere arrives at once.
        """
        for address, value in self.ends.items():
            if address not in wanted:
                self._put(address, value)
        self._glide, self._unit, self.toward = ValueFade(present, wanted, at[fade.unit], fade.length), fade.unit, toward

    def drop(self, address: str) -> None:
        if self._glide is not None:
            self._glide.drop(address)

    def finish(self) -> None:
        """Be there now."""
        for address, value in self.ends.items():
            self._put(address, value)
        self._glide = self.toward = None

    def stop(self) -> None:
        """Stay where everything is."""
        self._glide = self.toward = None

    def progress(self, at: Mapping[str, float]) -> float:
        return self._glide.progress(at[self._unit]) if self._glide is not None else 1.0

    def follow(self, values: Mapping[str, Value], at: Mapping[str, float]) -> None:
        """Once a frame: set what has moved on."""
        if self._glide is None:
            return
        for address, value in self._glide.at(at[self._unit]).items():
            if values.get(address) != value:
                self._put(address, value)
        if self._glide.over(at[self._unit]):
            self._glide = self.toward = None


class ScenesAndCues:
    """The scenes, and the set list that is open.

    ``scene`` and ``cue`` are what was recalled last and not left since.
    """

    def __init__(self, scenes: Scenes, shelf: SetListFolder | None = None, name: str = "") -> None:
        self.scenes, self.shelf = scenes, shelf
        self.setlist = shelf.load(name) if shelf is not None and name else SetList()
        self.scene: int | None = None

    @property
    def trouble(self) -> str:
        return self.scenes.trouble or (self.shelf.trouble if self.shelf is not None else "")

    @property
    def cue(self) -> Cue | None:
        at = self.setlist.at
        return self.setlist.cues[at] if 0 <= at < len(self.setlist.cues) else None

    def replace_setlist(self, setlist: SetList) -> None:
        """Let this be the open set list; its file is written if the cues changed."""
        changed = setlist.cues != self.setlist.cues
        self.setlist = setlist
        if changed and self.shelf is not None:
            self.shelf.save(setlist)

    def open_setlist(self, name: str) -> None:
        """Another set list, from its file."""
        if self.shelf is not None:
            self.setlist = self.shelf.load(name)

    def new_setlist(self) -> None:
        """A new, empty set list."""
        if self.shelf is not None:
            self.setlist = SetList(self.shelf.free_name())
            self.shelf.save(self.setlist)

    def rename_setlist(self, name: str) -> None:
        if self.shelf is not None:
            self.setlist = self.shelf.rename(self.setlist, name)

    def step_cue(self, by: int) -> Cue | None:
        """The next cue (1) or the one before (-1); None where the list ends."""
        stepped = self.setlist.step(by)
        if stepped is None:
            return None
        self.setlist = stepped
        return self.cue

    def go_to_cue(self, place: int) -> Cue:
        self.setlist = replace(self.setlist, at=place)
        return self.setlist.cues[place]

    def restore(self, scenes: tuple[Scene | None, ...], setlist: SetList) -> None:
        """Scenes and cues as they were; files are written if anything differs."""
        if scenes != tuple(self.scenes.places):
            self.scenes.put(scenes)
        if setlist.name == self.setlist.name:
            self.replace_setlist(replace(setlist, at=min(self.setlist.at, len(setlist.cues) - 1)))
