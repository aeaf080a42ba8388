"""The performance's manners, as rows of the settings: what they are set to holds for the text and for all who play it.

UI thread only.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import cast

from frontend.control.desk import Desk
from frontend.fields import Field, Table
from protocol.tree import CIRCLES, QUOTATION, WORDS
from protocol.tree import Value as Parameter

ADDRESSES = {"words": WORDS, "quotation": QUOTATION, "circles": CIRCLES}
SHORTEST, LONGEST = 60.0, 300.0  # characters of a quotation; what lies below means: as long as it comes


@dataclass(frozen=True)
class MannersSettings:
    """As the server has them."""

    words: bool = False
    quotation: float = 0.0
    circles: bool = True


TABLE = Table(
    "the text",
    MannersSettings(),
    "",
    (
        Field("circles", "circles", "manners", "flag", "a text that goes round in circles is led out by temperature"),
        Field("words", "words", "manners", "flag", "the words of the guard's list never appear: antiphon manners"),
        Field(
            "quotation",
            "quotes",
            "manners",
            "number",
            "the longest quotation from what the voices read, in characters; 0: as long as it comes",
            0.0,
            LONGEST,
            10.0,
        ),
    ),
)


class Manners:
    """A source of settings (``settings_drawer.Source``) that are parameters of the performance."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    @property
    def settings(self) -> MannersSettings:
        values = self._desk.link.mirror.values
        return MannersSettings(
            bool(values.get(WORDS)), min(LONGEST, cast(int, values.get(QUOTATION, 0))), bool(values.get(CIRCLES))
        )

    def set(self, name: str, value: object) -> None:
        if name == "quotation" and isinstance(value, (int, float)):
            value = int(value) if value >= SHORTEST else 0
        self._desk.link.set(ADDRESSES[name], cast(Parameter, value))

    def reset(self, name: str) -> None:
        self.set(name, TABLE.default(name))

    def choices(self, name: str) -> tuple[str, ...]:
        return TABLE.named(name).choices
