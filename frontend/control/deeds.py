"""What hardware can do besides moving values: its deeds, by address, carried out on the desk. UI thread only."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from frontend.scenes import UNSCENED

if TYPE_CHECKING:
    from frontend.control.desk import Desk


def do(desk: Desk, deed: str) -> None:
    """Carry out one deed; one that belongs to a voice that is not here is passed over."""
    simple: dict[str, Callable[[], None]] = {
        "/transport/step": desk.step,
        "/transport/word": desk.word,
        "/transport/finish": desk.finish,
        "/transport/rewind": desk.rewind,
        "/transport/back": desk.back,
        "/panic": desk.panic,
        "/undo": desk.undo,
        "/redo": desk.redo,
    }
    words = deed.split("/")
    if deed in simple:
        simple[deed]()
    elif words[1] == "scene":
        desk.recall_scene(int(words[2]) - 1)
    elif words[1] == "cue":
        desk.take_cue(1 if words[2] == "next" else -1)
    elif words[1] == "style" and words[2] in desk.slugs:
        (desk.solo if words[3] == "solo" else desk.mute)(desk.slugs.index(words[2]))


def lit(desk: Desk) -> set[str]:
    """The deeds whose lights burn: the scene that is heard, who is muted or alone, where there is another bank."""
    bank = desk.midi.bank
    found = {f"/style/{slug}/mute" for slug in desk.muted} | {f"/style/{slug}/solo" for slug in desk.soloed}
    if desk.scene is not None:
        found.add(f"/scene/{desk.scene + 1}")
    if bank.number > 1:
        found.add("/bank/left")
    if bank.number < bank.of:
        found.add("/bank/right")
    status = desk.link.mirror.status
    if status is not None and status.finishing:
        found.add("/transport/finish")
    return found


def follow_hardware(desk: Desk) -> None:
    """What hands on hardware did since the last frame: the hand wins over a scene on its way, as a mouse does."""
    moved = desk.midi.moved()
    for address, value in moved.items():
        desk.fading.drop(address)
        if address not in UNSCENED:
            desk.book.scene = None
        slug = address.removeprefix("/style/").removesuffix("/weight")
        if slug in desk.silence.kept and isinstance(value, (int, float)):
            desk.silence.kept[slug] = float(value)
    desk.hardware_gesture = f"hardware {' '.join(moved)}" if moved else ""
    for deed in desk.midi.deeds():
        do(desk, deed)
