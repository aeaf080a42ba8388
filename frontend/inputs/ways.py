"""All the ways in that there are, in one place. UI thread, at the start and at the end."""

from __future__ import annotations

from frontend.inputs.hub import Hub
from frontend.inputs.hub_file import InputsFile, default_path
from frontend.inputs.tuio_input import TuioInput
from frontend.link import LinkLike


def ways_in(link: LinkLike) -> Hub:
    """The hub with every input, as the user's file has them, and its thread running. To be closed."""
    hub = Hub(link, InputsFile(default_path()))
    hub.add(TuioInput(hub, link))
    hub.begin()
    return hub
