"""Mute and solo: who is silenced, and where their faders stand meanwhile.

The server knows nothing of it: a silenced voice's weight is 0 there, and what the hand does to its fader is kept here
until it may be heard again. Pure but for ``put``, which sets a value; UI thread only.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

from protocol.tree import Value, weight_address


class MuteSolo:
    """Voices by slug. ``kept_faders`` are the faders of the silenced ones in play."""

    def __init__(self, put: Callable[[str, Value], None]) -> None:
        self._put = put
        self.muted: set[str] = set()
        self.soloed: set[str] = set()
        self.kept_faders: dict[str, float] = {}

    def silences(self, slug: str) -> bool:
        return slug in self.muted or (bool(self.soloed) and slug not in self.soloed)

    def clear(self) -> None:
        """Nobody is silenced any more; faders come back with the next ``apply``."""
        self.muted.clear()
        self.soloed.clear()

    def forget_others(self, slugs: Iterable[str]) -> None:
        """Another choir is here: only its voices count."""
        known = set(slugs)
        self.muted &= known
        self.soloed &= known
        self.kept_faders = {slug: weight for slug, weight in self.kept_faders.items() if slug in known}

    def with_kept_faders(self, values: Mapping[str, Value]) -> dict[str, Value]:
        """``values`` with the silenced faders where the hand has them."""
        return {**values, **{weight_address(slug): weight for slug, weight in self.kept_faders.items()}}

    def restore(
        self, muted: Iterable[str], soloed: Iterable[str], standing: Mapping[str, Value], values: dict[str, Value]
    ) -> None:
        """Silence these and nobody else, their faders where ``standing`` has them.

        ``values`` are what is to be sent; of those who stay silenced nothing is.
        """
        self.muted, self.soloed = set(muted), set(soloed)
        self.kept_faders = {slug: weight for slug, weight in self.kept_faders.items() if self.silences(slug)}
        for slug in self.kept_faders:
            values.pop(weight_address(slug), None)
            weight = standing.get(weight_address(slug))
            if isinstance(weight, (int, float)):
                self.kept_faders[slug] = float(weight)

    def apply(self, values: Mapping[str, Value], playing: Iterable[str]) -> None:
        """Send 0 for the silenced of those in play, and their fader's place for those who are no longer."""
        silenced = {slug for slug in playing if self.silences(slug)}
        for slug in silenced:
            sent = values[weight_address(slug)]
            assert not isinstance(sent, tuple)
            if slug not in self.kept_faders or sent != 0.0:  # who moved it elsewhere is believed, and silenced again
                self.kept_faders[slug] = float(sent)
                self._put(weight_address(slug), 0.0)
        for slug in [slug for slug in self.kept_faders if slug not in silenced]:
            self._put(weight_address(slug), self.kept_faders.pop(slug))
