"""What inputs can do besides moving values: their actions by address, and the lights that answer them.

UI thread only, once a frame.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from frontend.config.scenes import NOT_IN_SCENES
from protocol.show_commands import PRINT

if TYPE_CHECKING:
    from frontend.control.state.controller import Controller


def run_action(controller: Controller, action: str) -> None:
    """Carry out one action; one of a voice that is not here is ignored."""
    simple: dict[str, Callable[[], None]] = {
        "/transport/step": controller.step,
        "/transport/word": controller.word,
        "/transport/finish": controller.finish,
        "/transport/rewind": controller.rewind,
        "/transport/back": controller.back,
        "/panic": controller.panic,
        PRINT: controller.print_paper,
        "/undo": controller.undo,
        "/redo": controller.redo,
    }
    words = action.split("/")
    if action in simple:
        simple[action]()
    elif words[1] == "scene":
        controller.recall_scene(int(words[2]) - 1)
    elif words[1] == "bank":
        controller.midi.turn_bank(1 if words[2] == "right" else -1)
    elif words[1] == "cue":
        controller.take_cue(1 if words[2] == "next" else -1)
    elif words[1] == "style" and words[2] in controller.slugs:
        (controller.solo if words[3] == "solo" else controller.mute)(controller.slugs.index(words[2]))


def lit_actions(controller: Controller) -> set[str]:
    """The actions whose lights are on: the present scene, muted and soloed voices, directions with another bank."""
    bank = controller.midi.bank
    found = {f"/style/{slug}/mute" for slug in controller.muted} | {f"/style/{slug}/solo" for slug in controller.soloed}
    if controller.scene is not None:
        found.add(f"/scene/{controller.scene + 1}")
    if bank.number > 1:
        found.add("/bank/left")
    if bank.number < bank.of:
        found.add("/bank/right")
    status = controller.link.session.status
    if status is not None and status.finishing:
        found.add("/transport/finish")
    return found


def follow_hardware(controller: Controller) -> None:
    """Apply what the inputs did since the last frame: as with the mouse, it stops a fade of what it moves."""
    moved = controller.hub.moved()
    for address, value in moved.items():
        controller.fading.drop(address)
        if address not in NOT_IN_SCENES:
            controller.prepared.scene = None
        slug = address.removeprefix("/style/").removesuffix("/weight")
        if slug in controller.mute_solo.kept_faders and isinstance(value, (int, float)):
            controller.mute_solo.kept_faders[slug] = float(value)
    controller.hardware_gesture = f"hardware {' '.join(moved)}" if moved else ""
    for action in controller.hub.actions():
        run_action(controller, action)
