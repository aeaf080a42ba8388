"""All the ways in that there are, in one place. UI thread, at the start and at the end."""

from __future__ import annotations

from frontend.client.link import AnyLink
from frontend.inputs.camera.camera_input import Camera
from frontend.inputs.hub import Hub, Input
from frontend.inputs.leap import Leap
from frontend.inputs.midi.input import Midi
from frontend.inputs.osc.osc_input import OscIn
from frontend.inputs.osc.tuio import TuioInput
from frontend.inputs.osc.wekinator import Wekinator
from frontend.inputs.routes_file import InputsFile, default_path
from frontend.teaching.taught import PoseInput
from frontend.teaching.teacher import Teacher
from frontend.teaching.teacher import default_path as poses_path


def all_inputs(hub: Hub, link: AnyLink, poses: PoseInput) -> list[Input]:
    """Every input that there is, in the order in which the panel shows them."""
    return [TuioInput(hub, link), Leap(), Camera(), OscIn(), Wekinator(hub.features, poses), poses]


def ways_in(link: AnyLink, midi: object = None) -> tuple[Hub, Teacher]:
    """The hub with every input, as the user's files have them, its thread running, and who teaches the poses.

    Both are to be closed.
    """
    hub = Hub(link, InputsFile(default_path()))
    poses = PoseInput(link, hub.features, hub.set)
    hub.add(*all_inputs(hub, link, poses))
    if isinstance(midi, Midi):
        hub.add(midi.way)
        midi.through(hub)
    hub.begin()
    return hub, Teacher(poses, hub, poses_path())
