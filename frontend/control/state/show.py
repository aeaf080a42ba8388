"""The show as this front end holds it: it says that it has scenes, and does the commands that are handed to it.

The server hands a show's commands (``protocol.show_commands``) to one front end. Each is done in the frame that it
comes in, as if a hand had done it here, and answered in words. One that comes twice is done once; one that waited too
long is left out, since another front end was asked meanwhile. UI thread; ``turn`` is called once a frame.
"""

from __future__ import annotations

import contextlib
import json
import math
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from frontend.client.session_state import SessionState
from frontend.config.scenes import Fade, places_of
from frontend.config.setlists import parse
from protocol.documents import json_of
from protocol.errors import ParameterError
from protocol.formats import SCENES, SETLIST
from protocol.fragments import document_messages
from protocol.messages import HoldShow, ShowDocument, ShowDone, ShowRequest
from protocol.show_commands import BACK, BLACK, CALM, CREATURE, FREEZE, GO, NEXT, OPEN, RECALL, SHOW, SIZE, THEME

if TYPE_CHECKING:
    from frontend.control.state.controller import Controller

DOCUMENT_PERIOD_S = 0.25  # seconds between two parts of what the show is made of
HOLD_PERIOD_S = 1.0  # seconds between two times that it says so
STALE_AFTER_S = 1.0  # seconds after which a command that was not done is done by another front end
ANSWERS_KEPT = 64  # of the last commands, for the server that did not hear them


class Show:
    """Not held at first."""

    def __init__(self) -> None:
        self.holding = False
        self._said = HoldShow("", 0)
        self._say_at = -math.inf
        self._answers: OrderedDict[int, ShowDone] = OrderedDict()
        self._made_of: tuple[object, ...] = ()  # the scenes and the set list as ``_parts`` have them
        self._parts: list[ShowDocument] = []
        self._next_part, self._tell_at = 0, -math.inf
        self._followed: dict[str, str] = {}  # another machine's documents, as they were taken over

    def turn(self, controller: Controller) -> str:
        """Do what is asked for and say where the show stands; what was done, for the history, or nothing."""
        session, gesture = controller.link.session, ""
        leader = controller.link.leader
        if leader is not None and leader.following:
            session.commands.clear()
            self._follow(controller, leader.followed)
            return ""
        self._adopt(controller)
        while session.commands:
            came_at, request = session.commands.popleft()
            answer = self._answers.get(request.number)
            if answer is None and controller.now - came_at > STALE_AFTER_S:
                continue
            if answer is None:
                answer, gesture = _done(controller, request), f"{request.command} {request.number}"
                self._answers[request.number] = answer
                if len(self._answers) > ANSWERS_KEPT:
                    self._answers.popitem(last=False)
            controller.link.send(answer)
        self._say(controller)
        return gesture

    def _adopt(self, controller: Controller) -> None:
        """A front end that comes after another goes on where that one was in the same set list."""
        told = controller.link.session.show
        if told is None or told.yours == self.holding:
            return
        self.holding = told.yours
        prepared = controller.prepared
        if controller.link.leader is not None and prepared.shelf is not None and told.setlist in prepared.shelf.names():
            prepared.open_setlist(told.setlist)  # that of the machine that was followed, which no preference names
        setlist = prepared.setlist
        if told.yours and told.setlist == setlist.name and 0 < told.cue <= len(setlist.cues):
            controller.prepared.setlist = replace(setlist, at=told.cue - 1)

    def _say(self, controller: Controller) -> None:
        if controller.link.access_warning:
            return  # who may only watch holds no show
        setlist = controller.prepared.setlist
        staging = controller.staging
        stage = (staging.dark, staging.frozen, staging.settings.theme)
        present = HoldShow(setlist.name, setlist.at + 1, SHOW, *stage)
        if controller.now >= self._say_at or present != self._said:
            self._said, self._say_at = present, controller.now + HOLD_PERIOD_S
            controller.link.send(present)
        if self.holding and controller.now >= self._tell_at:
            self._tell_at = controller.now + DOCUMENT_PERIOD_S
            self._tell_part(controller)

    def _tell_part(self, controller: Controller) -> None:
        """For a machine that follows: the next part of the scenes and the set list."""
        made_of = (*controller.scenes.places, controller.prepared.setlist.name, controller.prepared.setlist.cues)
        if made_of != self._made_of:
            documents = {SCENES: controller.scenes.document, SETLIST: controller.prepared.setlist.document}
            parts = [document_messages(name, json.dumps(each)) for name, each in documents.items()]
            self._made_of, self._parts = made_of, [part for each in parts for part in each]
        if self._parts:
            controller.link.send(self._parts[self._next_part % len(self._parts)])
            self._next_part = (self._next_part + 1) % len(self._parts)

    def _follow(self, controller: Controller, there: SessionState) -> None:
        """Scenes, set list, its cue and the stage's state as they are at the machine that is followed."""
        prepared, documents = controller.prepared, there.documents.whole
        with contextlib.suppress(ParameterError, ValueError):
            if (scenes := documents.get(SCENES)) is not None and scenes != self._followed.get(SCENES):
                self._followed[SCENES] = scenes
                prepared.scenes.put(places_of(json_of(scenes)))
            if (setlist := documents.get(SETLIST)) is not None and setlist != self._followed.get(SETLIST):
                self._followed[SETLIST] = setlist
                made, _ = parse(json_of(setlist))
                prepared.replace_setlist(made)
        if (stands := there.stands) is not None:
            controller.staging.dark, controller.staging.frozen = stands.black, stands.frozen
            if stands.setlist == prepared.setlist.name and stands.cue <= len(prepared.setlist.cues):
                prepared.setlist = replace(prepared.setlist, at=stands.cue - 1)


def _done(controller: Controller, request: ShowRequest) -> ShowDone:
    try:
        return ShowDone(request.number, True, do(controller, request))
    except ParameterError as error:
        return ShowDone(request.number, False, str(error))


def do(controller: Controller, request: ShowRequest) -> str:
    """Do one command; what happened, in words. Raises ``ParameterError`` where there is no such scene, cue or theme."""
    fade = None if request.seconds < 0.0 else Fade(request.seconds)
    staging, what = controller.staging, request.what
    match request.command:
        case address if address == RECALL:
            names = [scene.name if scene else "" for scene in controller.scenes.places]
            place = _place("scene", what, names)
            if controller.fading.under_way and controller.fading.toward == place:
                return f"scene {place + 1} is on its way already"
            controller.recall_scene(place, fade)
            return f"scene {place + 1}, {names[place]}"
        case address if address in (GO, NEXT, BACK):
            return _cue(controller, address, what, fade)
        case address if address == OPEN:
            return _opened(controller, what)
        case address if address == BLACK:
            _needs_stage(controller)
            staging.dark = what == "1"
            return "the stage is black" if staging.dark else "the stage is lit"
        case address if address == FREEZE:
            _needs_stage(controller)
            staging.frozen = what == "1"
            return "the stage stands still" if staging.frozen else "the stage goes on"
        case address if address == CREATURE:
            _needs_stage(controller)
            staging.set("creature", what == "1")
            return "a creature comes" if staging.settings.creature else "the creature is sent away"
        case address if address == THEME:
            _needs_stage(controller)
            themes = staging.choices("theme")
            if what not in themes:
                raise ParameterError(f"there is no theme {what[:40]!r}; there are {', '.join(themes)}")
            staging.set("theme", what)
            return f"theme {what}"
        case address if address == SIZE:
            _needs_stage(controller)
            try:
                staging.set("size", float(what))
            except ValueError:
                raise ParameterError(f"{what[:40]!r} is no size") from None
            return f"size {staging.settings.size:g}"
        case address if address == CALM:
            controller.calm()
            return "all controls as they stood at the start"
    raise ParameterError(f"this front end does not know {request.command[:60]}")


def _cue(controller: Controller, address: str, what: str, fade: Fade | None) -> str:
    setlist = controller.prepared.setlist
    if what:
        place = _place("cue", what, [cue.scene.name for cue in setlist.cues])
    else:
        stepped = setlist.step(-1 if address == BACK else 1)
        if stepped is None:
            where = "before the first" if address == BACK else "behind the last"
            raise ParameterError(f"there is no cue {where} of {len(setlist.cues)} in {setlist.name!r}")
        place = stepped.at
    controller.take_cue_at(place, fade)
    return f"cue {place + 1} of {len(setlist.cues)}, {setlist.cues[place].scene.name}"


def _opened(controller: Controller, name: str) -> str:
    prepared = controller.prepared
    names = prepared.shelf.names() if prepared.shelf is not None else []
    if name not in names:
        raise ParameterError(f"there is no set list {name[:40]!r}; there are {', '.join(names[:8]) or 'none'}")
    if name != prepared.setlist.name:
        prepared.open_setlist(name)
        controller.preferences.set("setlist", name)
    else:
        prepared.setlist = replace(prepared.setlist, at=-1)
    return f"set list {name}, {len(prepared.setlist.cues)} cues"


def _place(kind: str, what: str, names: Sequence[str]) -> int:
    """The place that ``what`` means, counted from 0: a number, or a name in any case."""
    there = [name for name in names if name]
    if what.isdecimal():
        place = int(what) - 1
        if 0 <= place < len(names) and names[place]:
            return place
        raise ParameterError(f"there is no {kind} {what}; there are {len(there)}")
    found = [place for place, name in enumerate(names) if name.casefold() == what.casefold()]
    if len(found) == 1:
        return found[0]
    if found:
        raise ParameterError(f"{len(found)} {kind}s are called {what[:40]!r}: say its number")
    raise ParameterError(f"there is no {kind} {what[:40]!r}")


def _needs_stage(controller: Controller) -> None:
    if controller.staging.shown is None:
        raise ParameterError("no stage is open here")
