"""All the ways in that there are, in one place. UI thread, at the start and at the end."""

from __future__ import annotations

from frontend.client.link import AnyLink
from frontend.inputs.camera.camera_input import Camera
from frontend.inputs.dmx.dmx_input import DmxInput
from frontend.inputs.gamepad import Gamepad
from frontend.inputs.hub import Hub
from frontend.inputs.inputs_file import InputsFile, default_path
from frontend.inputs.interface import Input
from frontend.inputs.leap import Leap
from frontend.inputs.midi.input import MidiInput
from frontend.inputs.midi.ports import MidiPorts
from frontend.inputs.osc.osc_input import OscIn
from frontend.inputs.osc.tuio import TuioInput
from frontend.inputs.osc.wekinator import Wekinator
from frontend.teaching.taught import PoseInput
from frontend.teaching.teacher import Teacher
from frontend.teaching.teacher import default_path as poses_path


def all_inputs(hub: Hub, link: AnyLink, poses: PoseInput) -> list[Input]:
    """Every input that there is, in the order in which the panel shows them."""
    pad = Gamepad(hub, link)
    return [TuioInput(hub, link), Leap(), Camera(), OscIn(), DmxInput(), pad, Wekinator(hub.features, poses), poses]


def ways_in(link: AnyLink, ports: MidiPorts | None = None) -> tuple[Hub, MidiInput, Teacher]:
    """The hub with every input, as the user's files have them, its thread running; MIDI, and who teaches the poses.

    The hub is to be closed, the teacher to be saved. ``ports`` None: whatever MIDI is connected.
    """
    hub = Hub(link, InputsFile(default_path()))
    poses = PoseInput(link, hub.features, hub.set)
    midi = MidiInput(hub, link, ports)
    hub.add(*all_inputs(hub, link, poses), midi)
    hub.begin()
    return hub, midi, Teacher(poses, hub, poses_path())
