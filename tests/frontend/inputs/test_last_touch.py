"""Who holds a parameter, by the name that a performer knows."""

import pytest

from frontend.inputs.last_touch import PHONE, Holders, program_name


@pytest.mark.parametrize(
    ("who", "name"),
    [
        (PHONE, "phone"),
        ("127.0.0.1:9000", "OSC :9000"),
        ("[::1]:9", "OSC [::1]"),
        ("::1:9000", "OSC :9000"),
        ("10.0.0.7:9000", "OSC 10.0.0.7"),
    ],
)
def test_another_program_is_called_by_its_name_its_machine_or_its_port(who: str, name: str) -> None:
    assert program_name(who) == name


def test_what_the_server_said_is_noted_once() -> None:
    holders, taken = Holders(), {"/puck": "phone"}
    holders.heard(taken, 5.0)
    holder = holders.of("/puck")
    assert holder is not None and (holder.who, holder.at, taken) == ("phone", 5.0, {})
