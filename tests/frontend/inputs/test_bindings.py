"""Bindings: what drives what, for every kind of source."""

import pytest

from frontend.inputs.bindings import NOTHING_BOUND, Binding, Bindings, MidiControl, label, overlap

FADER = MidiControl("nanoKONTROL2", "cc", 1, 4)
HAND, FACE = "leap/hand/x", "camera/face/mouth"


def test_a_source_drives_one_address_and_an_address_has_one_source_of_each_input() -> None:
    bindings = NOTHING_BOUND.bound(FADER, "/mix/rate").bound(FADER, "/mix/alloy")
    assert bindings.by_source == {FADER: "/mix/alloy"}
    other = MidiControl("MIDImix", "cc", 1, 19)
    assert bindings.bound(other, "/mix/alloy").by_source == {other: "/mix/alloy"}
    both = bindings.bound(HAND, "/mix/alloy")
    assert both.by_source == {FADER: "/mix/alloy", HAND: "/mix/alloy"}
    assert both.bound("leap/hand/y", "/mix/alloy").by_source == {FADER: "/mix/alloy", "leap/hand/y": "/mix/alloy"}


def test_the_fine_half_of_a_pair_is_no_control_of_its_own() -> None:
    pair, fine = MidiControl("desk", "cc14", 1, 4), MidiControl("desk", "cc", 1, 36)
    assert NOTHING_BOUND.bound(fine, "/mix/rate").bound(pair, "/mix/alloy").by_source == {pair: "/mix/alloy"}


def test_notes_and_controllers_of_the_same_number_are_different_controls() -> None:
    note = MidiControl("nanoKONTROL2", "note", 1, 4)
    bindings = NOTHING_BOUND.bound(FADER, "/mix/rate").bound(note, "/transport/run")
    assert len(bindings.learnt) == 2
    assert bindings.without("/mix/rate").by_source == {note: "/transport/run"}


def test_a_channel_that_is_forgotten_drives_nothing_from_then_on() -> None:
    bindings = NOTHING_BOUND.bound(HAND, "/puck.x").bound(FADER, "/puck.x")
    assert bindings.without("/puck.x", [FACE, FADER]).by_source == {HAND: "", FACE: ""}


def test_two_channels_may_both_drive_nothing() -> None:
    assert NOTHING_BOUND.bound(HAND, "").bound("leap/hand/y", "").by_source == {HAND: "", "leap/hand/y": ""}


@pytest.mark.parametrize(
    ("kind", "shown", "takeover"),
    [
        ("cc", "CC 4", "meet"),
        ("cc14", "CC 4+36", "meet"),
        ("relative", "CC 4 ±", "jump"),
        ("note", "note 4", "meet"),
        ("velocity", "note 4", "jump"),
        ("bend", "bend", "meet"),
    ],
)
def test_a_control_has_a_name_for_the_screen_and_a_way_to_take_over(kind: str, shown: str, takeover: str) -> None:
    control = MidiControl("nanoKONTROL2", kind, 1, 4)
    assert (label(control), Binding(control, "/mix/rate").takes_over) == (shown, takeover)


def test_a_channel_is_shown_by_its_last_word_and_picks_up_unless_it_is_told_otherwise() -> None:
    assert label("leap/hand/height") == "height"
    assert Binding(HAND, "/puck.x").takes_over == "pickup"
    assert Binding(HAND, "/puck.x", takeover="meet").takes_over == "meet"


def test_a_binding_may_drive_a_part_of_the_range_and_turn_it_round() -> None:
    assert Binding(HAND, "/mix/rate", 0.2, 0.6).goal(0.5) == pytest.approx(0.4)
    assert Binding(HAND, "/mix/rate", 1.0, 0.0).goal(0.25) == 0.75


def test_sources_overlap_where_they_are_heard_in_the_same_message() -> None:
    held, velocity = MidiControl("desk", "held", 1, 4), MidiControl("desk", "velocity", 1, 4)
    assert overlap(held, velocity) and overlap(HAND, HAND)
    assert not overlap(HAND, FACE) and not overlap(FADER, HAND)


def test_nothing_is_bound_at_first_and_ready_maps_count() -> None:
    assert Bindings() == NOTHING_BOUND and NOTHING_BOUND.ready_maps
