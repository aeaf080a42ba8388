"""Each control is declared once and takes only what it can mean."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from protocol.errors import ParameterError
from protocol.tree import Parameter, ParameterTree, place_address

TREE = ParameterTree(("austen", "bible"))
LEVEL = Parameter("/level", "i", 3, 1, 9, "", "")

anything = st.one_of(
    st.integers(), st.floats(), st.booleans(), st.text(max_size=3), st.binary(max_size=3), st.none(), st.just(10**400)
)


def test_every_voice_has_a_fader_a_switch_a_place_a_choir_and_tongues_after_the_common_controls() -> None:
    names = ("weight", "on", "place", "choir", "words", "memory")
    assert list(TREE)[-12:] == [f"/style/{slug}/{name}" for slug in ("austen", "bible") for name in names]


def test_voices_stand_round_the_circle_in_their_own_order_at_first() -> None:
    places = [ParameterTree(map(str, range(300)))[place_address(str(n))].default for n in range(300)]
    assert places == [*range(256), *[255] * 44]


def test_a_hardware_fader_ends_where_its_voice_is_silent_and_not_where_it_is_kept_away() -> None:
    assert (TREE["/style/bible/weight"].low, TREE["/style/bible/weight"].bottom) == (-1.0, 0.0)
    assert TREE["/mix/alloy"].bottom == -1.0


@pytest.mark.parametrize("parameter", TREE.values(), ids=list(TREE))
def test_a_default_is_a_value_its_parameter_takes_unchanged(parameter: Parameter) -> None:
    assert parameter.accept(parameter.arguments(parameter.default)) == parameter.default
    assert parameter.description


@given(st.sampled_from([*TREE.values(), LEVEL]), st.lists(anything, max_size=3))
def test_what_is_taken_lies_in_the_range_and_all_else_is_a_parameter_error(
    parameter: Parameter, arguments: list[object]
) -> None:
    try:
        value = parameter.accept(arguments)
    except ParameterError as error:
        assert str(error).startswith(parameter.address)
        return
    if isinstance(value, str):
        assert len(value) <= parameter.high
        assert value.isprintable()
        assert value.isascii()
        return
    numbers = value if isinstance(value, tuple) else (value,)
    assert len(numbers) == len(arguments) == len(parameter.tags)
    assert all(parameter.low <= number <= parameter.high for number in numbers)


@pytest.mark.parametrize("nonsense", [math.nan, math.inf, -math.inf, 10**400, "0.5", None, b"0.5", [0.5]])
def test_only_finite_numbers_are_values(nonsense: object) -> None:
    with pytest.raises(ParameterError, match="takes finite numbers"):
        TREE["/mix/rate"].accept([nonsense])


def test_values_beyond_the_range_stop_at_its_ends() -> None:
    assert TREE["/mix/rate"].accept([1_000]) == 60.0
    assert TREE["/puck"].accept([-3, 0.5]) == (-1.0, 0.5)
    assert LEVEL.accept([0.2]) == 1


def test_any_number_but_zero_is_true() -> None:
    assert [TREE["/transport/run"].accept([argument]) for argument in (True, 1, 0.5, 0, 0.0, False)] == [
        True,
        True,
        True,
        False,
        False,
        False,
    ]


def test_two_performances_do_not_share_their_values() -> None:
    TREE.defaults()["/mix/rate"] = 1.0
    assert TREE.defaults()["/mix/rate"] == 15.0
