"""What every control of every connected device drives now: bindings, ready maps, voices and bank, put together. Pure.

A wiring is made anew when any of them changes, and never changed: the thread that hears MIDI reads it without asking.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from frontend.inputs.banks import Bank, bank
from frontend.inputs.bindings import Bindings, Source
from frontend.inputs.maps import ControllerMap
from frontend.inputs.midi_ports import Heard
from frontend.inputs.targets import SCENES, Aim, aim
from protocol.errors import ParameterError
from protocol.tree import ParameterTree

PRESENCE, WEIGHT = "/presence", "/weight"  # how addresses end that show as one on the screen
MessageKey = tuple[str, str, int, int]  # device, what was heard, channel, number


def key_of(heard: Heard) -> MessageKey:
    return heard.port, heard.kind, heard.channel, heard.number


@dataclass(frozen=True)
class Wiring:
    """``driven`` has an address for each control, ``aims`` what is there; what a choir lacks has no aim.

    ``idle`` are controls of strips that have no voice now, ``touching`` the strip's fader for each touch message,
    ``known`` the map of each device that has one.
    """

    driven: Mapping[Source, str] = field(default_factory=dict)
    by_address: Mapping[str, Sequence[Source]] = field(default_factory=dict)
    aims: Mapping[Source, Aim] = field(default_factory=dict)
    by_message: Mapping[MessageKey, Sequence[Source]] = field(default_factory=dict)
    idle: Sequence[Source] = ()
    touching: Mapping[MessageKey, Source] = field(default_factory=dict)
    known: Mapping[str, ControllerMap] = field(default_factory=dict)
    bank: Bank = field(default_factory=Bank)
    programs: bool = False  # whether a programme recalls a scene where nothing else is said

    def sources(self, address: str) -> Sequence[Source]:
        """The controls that drive ``address``, a voice's weight by its presence too."""
        return self.by_address.get(address, ())

    def addresses(self, heard: Heard) -> list[str]:
        """What the control that was heard drives."""
        driven = [self.driven[source] for source in self.by_message.get(key_of(heard), ())]
        if not driven and heard.kind == "program" and self.programs and heard.number < SCENES:
            return [f"/scene/{heard.number + 1}"]
        return driven


def known_map(maps: Sequence[ControllerMap], port: str) -> ControllerMap | None:
    """The map for the device on ``port``, a user's before ours."""
    return next((known for known in maps if known.fits(port)), None)


def wire(
    bindings: Bindings,
    maps: Sequence[ControllerMap],
    ports: Sequence[str],
    tree: ParameterTree,
    playing: Sequence[str],
    first: int,
) -> Wiring:
    """The wiring of the devices on ``ports``; the voices ``playing`` from place ``first`` on are under their strips.

    Where several devices have strips the second goes on where the first ends.
    """
    fitting = {port: known for port in ports if (known := known_map(maps, port)) is not None}
    ready = fitting if bindings.ready_maps else {}
    now = bank(first, sum(known.width for known in ready.values()), len(playing))
    learnt = bindings.by_source
    taken = {(source.port, *message) for source in learnt for message in source.messages}
    driven, idle, touching = dict(learnt), list[Source](), dict[MessageKey, Source]()
    left = list(playing[now.first :])
    for port, known in ready.items():
        under, left = left[: known.width], left[known.width :]
        own = known.bindings(port, under, tree.slugs)
        driven |= {s: a for s, a in own.items() if taken.isdisjoint((s.port, *m) for m in s.messages)}
        idle += [control.on(port) for row in known.strips.values() for control in row[len(under) :]]
        faders = known.strips.get("weight", ())
        for touch, fader in zip(known.feedback.touch, faders, strict=False):
            touching |= {(port, heard, touch.channel, touch.number): fader.on(port) for heard in ("note", "off")}
    by_message: dict[MessageKey, list[Source]] = defaultdict(list)
    for source in driven:
        for message in source.messages:
            by_message[(source.port, *message)].append(source)
    by_address: dict[str, list[Source]] = defaultdict(list)
    for source, address in driven.items():
        by_address[address.replace(PRESENCE, WEIGHT)].append(source)
    aims = {source: found for source, address in driven.items() if (found := _aim(tree, address)) is not None}
    idle = [source for source in idle if source not in driven]
    return Wiring(driven, dict(by_address), aims, dict(by_message), idle, touching, fitting, now, bindings.ready_maps)


def _aim(tree: ParameterTree, address: str) -> Aim | None:
    try:
        return aim(tree, address)
    except ParameterError:
        return None  # bound to a voice that is not in this choir
