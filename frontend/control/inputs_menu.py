"""What a channel of an input may drive, as a menu; and a control's own entry for learning one. UI thread only."""

from __future__ import annotations

from imgui_bundle import imgui

from frontend.control.frame import Frame
from frontend.control.status import named
from frontend.inputs.hub_file import Route
from protocol.tree import weight_address

ROUTE_MENU = "route "
SWITCHES = "T"


def route_menu(channel: str) -> str:
    """What ``Frame.menu`` is called for a channel."""
    return ROUTE_MENU + channel


def targets(frame: Frame) -> list[str]:
    """What can be driven besides the voices' weights: every parameter, both halves of a pair."""
    tree = frame.desk.link.mirror.tree
    found: list[str] = []
    for address, parameter in tree.items():
        if not address.startswith("/style/"):
            found += [f"{address}.x", f"{address}.y"] if parameter.tags == "ff" else [address]
    return found


def draw_route_menu(frame: Frame, channel: str) -> None:
    """The menu of one channel; inside a popup."""
    desk = frame.desk
    driven = {
        route.address
        for row in desk.hub.rows()
        for each in row.channels
        if each.name == channel
        for route in each.routes
    }

    def offer(address: str, words: str) -> None:
        if imgui.menu_item(words, "", address in driven or (not address and not driven - {""}))[0]:
            desk.hub.route(Route(channel, address))

    imgui.text_disabled(channel)
    imgui.separator()
    offer("", "nothing")
    for address in targets(frame):
        offer(address, named(address))
    if imgui.begin_menu("a voice's fader"):
        for slug, card in zip(desk.slugs, desk.cards, strict=True):
            offer(weight_address(slug), card.name)
        imgui.end_menu()


def draw_learning(frame: Frame, address: str) -> None:
    """A control's own entries: let the next channel that moves drive it; inside a popup."""
    desk = frame.desk
    pair = desk.parameter(address).tags == "ff"
    for target in [f"{address}.x", f"{address}.y"] if pair else [address]:
        channel = desk.hub.drives(target)
        words = f"Learn an input for {named(target)}" if pair else "Learn an input"
        if imgui.menu_item(words if channel is None else f"{words} anew (now {channel})", "", False)[0]:
            desk.hub.learn(target)
        if channel is not None and imgui.menu_item(f"Let go of {channel}", "", False)[0]:
            desk.hub.route(Route(channel, ""))
