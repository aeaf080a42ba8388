"""Which source drives which parameter: one kind of binding for every input. Pure values.

A source is a channel of an input, known by its name ("leap/hand/x"), or a control of a MIDI device, known by its
device's name and the messages that it sends. What a kind of source does is a row in ``KINDS``. A device is known by its
name, so that it may be unplugged and plugged in elsewhere.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Literal

Takeover = Literal["meet", "pickup", "jump"]
FINE_OFFSET = 32  # the fine half of a 14-bit pair lies so many controllers above the coarse one


@dataclass(frozen=True)
class Kind:
    """What sources of one kind have in common.

    ``label`` is what the screen calls one, ``heard_in`` the MIDI messages in which it is heard. ``takeover`` is how it
    takes hold of a parameter: it has to "meet" it, it "pickup"s from where the parameter stands, or the parameter
    "jump"s to it. ``turns`` is when it turns a switch: at each "press" beyond the middle, at "each" message, to the
    "state" that it has, or when its "level" goes through the middle. An encoder ``steps``: it says how far it was
    turned, not where it stands.
    """

    label: str
    heard_in: tuple[str, ...]
    takeover: Takeover = "meet"
    turns: Literal["press", "each", "state", "level"] = "press"
    steps: bool = False


KINDS = {
    "cc": Kind("CC {number}", ("cc",)),  # 0 to 127
    "cc14": Kind("CC {number}+{fine}", ("cc",)),  # coarse on the controller, fine on the controller + 32
    "nrpn": Kind("NRPN {number}", ("nrpn",)),  # a number of 14 bits selects it, data entry says its value
    "rpn": Kind("RPN {number}", ("rpn",)),
    "relative": Kind("CC {number} ±", ("cc",), "jump", steps=True),  # 1, 2, .. up; 127, 126, .. or 65, 66, .. down
    "offset": Kind("CC {number} ±", ("cc",), "jump", steps=True),  # 65, 66, .. up and 63, 62, .. down
    "latch": Kind("CC {number}", ("cc",), turns="state"),  # a button with its own light: 127 is on, 0 off
    "note": Kind("note {number}", ("note",), turns="each"),  # a press turns a switch
    "velocity": Kind("note {number}", ("note",), "jump"),  # how hard it was struck is the value
    "held": Kind("note {number}", ("note", "off"), "jump"),  # the same, and nothing when it is let go
    "bend": Kind("bend", ("bend",)),
    "program": Kind("prog. {number}", ("program",), turns="each"),
}
CHANNEL = Kind("", (), "pickup", "level")

PRECISE_KINDS = frozenset(("cc14", "relative", "offset"))  # that more than one message is needed to tell

MessageKey = tuple[str, str, int, int]  # device, what was heard, channel, number


@dataclass(frozen=True)
class MidiControl:
    """One control of one MIDI device. ``kind`` is one of ``KINDS``."""

    port: str
    kind: str
    channel: int  # 1 to 16
    number: int = 0

    @property
    def messages(self) -> set[MessageKey]:
        """The messages that it sends."""
        numbers = (self.number, self.number + FINE_OFFSET) if self.kind == "cc14" else (self.number,)
        return {(self.port, heard, self.channel, number) for heard in KINDS[self.kind].heard_in for number in numbers}


Source = str | MidiControl


def highest_number(kind: str) -> int:
    """The highest number that a control of this ``kind`` may have."""
    return {"cc14": FINE_OFFSET - 1, "nrpn": 16_383, "rpn": 16_383}.get(kind, 127)


def kind_of(source: Source) -> Kind:
    return CHANNEL if isinstance(source, str) else KINDS[source.kind]


def label(source: Source) -> str:
    """What the screen calls a source, such as "CC 4"; a channel by the last part of its name."""
    if isinstance(source, str):
        return source.rpartition("/")[2]
    return KINDS[source.kind].label.format(number=source.number, fine=source.number + FINE_OFFSET)


def messages_of(source: Source) -> set[MessageKey] | set[str]:
    """What two sources have in common where they are not to be bound side by side."""
    return {source} if isinstance(source, str) else source.messages


def overlap(one: Source, other: Source) -> bool:
    """Whether both are heard in the same messages."""
    return one == other or not messages_of(one).isdisjoint(messages_of(other))


def input_of(source: Source) -> str:
    """The key of the input that a source belongs to."""
    return source.partition("/")[0] if isinstance(source, str) else "midi"


@dataclass(frozen=True)
class Binding:
    """``source`` drives ``address`` between ``low`` and ``high`` of its range; an empty address: nothing.

    ``low`` above ``high`` turns it round. ``takeover`` None is that of the source's kind.
    """

    source: Source
    address: str
    low: float = 0.0
    high: float = 1.0
    takeover: Takeover | None = None

    @property
    def takes_over(self) -> Takeover:
        return self.takeover or kind_of(self.source).takeover

    def goal(self, level: float) -> float:
        """Where the parameter belongs while the source stands at ``level``."""
        return self.low + level * (self.high - self.low)


@dataclass(frozen=True)
class Bindings:
    """What the user bound; ``ready_maps``: whether the ready maps of known MIDI controllers count too."""

    learnt: tuple[Binding, ...] = ()
    ready_maps: bool = True

    def bound(self, source: Source, address: str) -> Bindings:
        """With ``source`` driving ``address`` and nothing else, and no other source of its input driving that."""

        def stays(other: Binding) -> bool:
            is_same = bool(address) and other.address == address and input_of(other.source) == input_of(source)
            return not is_same and not overlap(other.source, source)

        return replace(self, learnt=(*filter(stays, self.learnt), Binding(source, address)))

    def replacing(self, source: Source, by: Source) -> Bindings:
        """With ``by`` in place of ``source``, wherever that was learnt."""
        learnt = (replace(each, source=by) if each.source == source else each for each in self.learnt)
        return replace(self, learnt=tuple(learnt))

    def without(self, address: str, driving: Iterable[Source] = ()) -> Bindings:
        """With nothing driving ``address``, neither what was learnt nor the channels among ``driving``.

        A channel drives nothing from then on; what a ready map says of a MIDI control holds again.
        """
        found = replace(self, learnt=tuple(each for each in self.learnt if each.address != address))
        learnt = [each.source for each in self.learnt if each.address == address]
        for source in dict.fromkeys((*learnt, *driving)):
            if isinstance(source, str):
                found = found.bound(source, "")
        return found

    @property
    def by_source(self) -> dict[Source, str]:
        """The address of each source; of the last binding where a file gives it several."""
        return {each.source: each.address for each in self.learnt}


NOTHING_BOUND = Bindings()
