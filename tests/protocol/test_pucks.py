"""Several pucks: they say the mean of what each says, come and go without a jump, and heal like all else."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from protocol.errors import MessageError
from protocol.messages import CrowdPucks, MorePucks
from protocol.mixing import effective_weights, pucks_influence
from protocol.osc import decode_to_front, decode_to_server, encode
from protocol.puck import (
    CROWD,
    MORE,
    MOST_CROWD,
    MOST_SENDERS,
    PUCK_FADE_S,
    PUCK_LIFETIME_S,
    Puck,
    PuckGatherer,
    SenderPucks,
    flat,
    influence,
    joint_influence,
    mean_influence,
    pack_pucks,
    pucks_in,
    unpack_pucks,
)
from protocol.tree import ParameterTree, Value

TREE = ParameterTree(["austen", "bible", "linux"])
one = st.tuples(st.floats(-1, 1), st.floats(-1, 1), st.floats(0, 1))
several = st.lists(one, max_size=20)
falloffs = st.floats(0.5, 6)


@given(one, falloffs)
def test_one_puck_says_exactly_what_it_said_when_there_was_only_one(puck: Puck, falloff: float) -> None:
    assert joint_influence([(*puck[:2], 1.0)], [], 0.5, 7, falloff) == influence(puck[:2], 7, falloff)


@given(several, st.randoms(), falloffs)
def test_their_order_does_not_matter(pucks: list[Puck], shuffling: object, falloff: float) -> None:
    mixed = list(pucks)
    shuffling.shuffle(mixed)  # type: ignore[attr-defined]
    assert mean_influence(mixed, 5, falloff) == pytest.approx(mean_influence(pucks, 5, falloff))


@given(several, several, st.floats(0, 1), falloffs)
def test_what_they_say_together_sums_to_one_or_there_are_none(
    own: list[Puck], crowd: list[Puck], share: float, falloff: float
) -> None:
    said = joint_influence(own, crowd, share, 6, falloff)
    if said is not None:
        assert math.fsum(said) == pytest.approx(1.0)
        assert min(said) >= 0.0


@given(one, several, one, st.floats(0, 0.01), falloffs)
def test_a_finger_comes_and_goes_by_its_weight_without_a_jump(
    first: Puck, others: list[Puck], coming: Puck, weight: float, falloff: float
) -> None:
    own = [(*first[:2], 1.0), *others]
    before, after = (mean_influence(pucks, 6, falloff) for pucks in (own, [*own, (*coming[:2], weight)]))
    assert after == pytest.approx(before, abs=weight + 1e-12)


@given(st.lists(one, max_size=3), one, st.floats(0, 0.01), st.floats(0, 1), falloffs)
def test_the_first_of_the_crowd_comes_without_a_jump_too(
    own: list[Puck], coming: Puck, weight: float, share: float, falloff: float
) -> None:
    crowded = joint_influence(own, [(*coming[:2], weight)], share, 6, falloff)
    alone = joint_influence(own, [], share, 6, falloff)
    if crowded is not None:
        assert crowded == pytest.approx(alone or (1 / 6,) * 6, abs=weight + 1e-12)


def test_the_crowd_has_its_share_and_the_performer_the_rest() -> None:
    said = joint_influence([(0.0, 1.0, 1.0)], [(0.0, -1.0, 1.0)] * 40, 0.25, 4, 2.0)
    assert said == pytest.approx((0.75, 0.0, 0.25, 0.0))


def test_a_lifted_puck_takes_the_other_fingers_along_and_leaves_the_crowd() -> None:
    values: dict[str, Value] = {**TREE.defaults(), MORE: (0.0, 1.0, 1.0)}
    assert pucks_influence(values, 3) is None
    values |= {CROWD: (0.0, 1.0, 1.0), "/crowd/share": 1.0}
    assert pucks_influence(values, 3) == (1.0, 0.0, 0.0)


def test_the_weights_of_the_mix_follow_all_pucks() -> None:
    values: dict[str, Value] = {**TREE.defaults(), "/puck/lifted": False, "/puck": (0.0, 1.0)}
    for slug in TREE.slugs:
        values |= {f"/style/{slug}/on": True, f"/style/{slug}/weight": 0.5}
    assert effective_weights(values, TREE.slugs) == pytest.approx([1, 0, 0])
    values[MORE] = (math.sin(math.tau / 3), math.cos(math.tau / 3), 1.0)
    assert effective_weights(values, TREE.slugs) == pytest.approx([0.5, 0.5, 0])


@given(st.lists(one, max_size=MOST_CROWD))
def test_pucks_cross_the_wire_to_the_precision_of_their_bytes(pucks: list[Puck]) -> None:
    message = CrowdPucks(3, unpack_pucks(pack_pucks(pucks, MOST_CROWD), MOST_CROWD))
    datagram = encode(message, TREE, "a" * 32)
    for decode in (decode_to_server, decode_to_front):
        assert decode(datagram, TREE).messages == (message,)
    for (x, y, weight), (ax, ay, a_weight) in zip(pucks, message.pucks, strict=True):
        scale = max(1.0, math.hypot(x, y))
        assert (ax, ay) == pytest.approx((x / scale, y / scale), abs=1e-4)
        assert a_weight == pytest.approx(weight, abs=1 / 255)


@pytest.mark.parametrize("pucks", [17, 300])
def test_more_than_there_may_be_are_neither_sent_nor_heard(pucks: int) -> None:
    with pytest.raises(MessageError, match="there may be 16 pucks"):
        encode(MorePucks(0, ((0.0, 0.0, 1.0),) * pucks))
    with pytest.raises(MessageError, match="at most 16 pucks"):
        unpack_pucks(bytes(5 * pucks), 16)


@given(st.binary(max_size=100))
def test_any_bytes_are_pucks_in_the_circle_or_refused(blob: bytes) -> None:
    try:
        pucks = unpack_pucks(blob, 16)
    except MessageError:
        return
    assert all(math.hypot(x, y) < 1.0001 and 0.0 <= weight <= 1.0 for x, y, weight in pucks)


def test_a_late_or_doubled_message_changes_nothing_but_a_new_start_does() -> None:
    here, there = ((0.0, 0.0, 1.0),), ((0.5, 0.0, 1.0),)
    known = SenderPucks().heard(5, here, 0.0)
    assert known.heard(5, there, 0.1) is known.heard(4, there, 0.1) is known
    assert known.heard(6, there, 0.1).pucks == there
    assert known.heard(0, there, PUCK_LIFETIME_S).pucks == there


def test_who_falls_silent_loses_its_pucks_little_by_little() -> None:
    said = SenderPucks().heard(1, ((0.5, 0.0, 0.8),), 0.0)
    weights = [
        sum(weight for *_, weight in said.present(now)) for now in np.linspace(0, PUCK_LIFETIME_S + PUCK_FADE_S, 201)
    ]
    assert weights[:100] == [0.8] * 100
    assert max(abs(a - b) for a, b in zip(weights, weights[1:], strict=False)) < 0.01  # noqa: RUF007
    assert said.present(PUCK_LIFETIME_S + PUCK_FADE_S) == ()


def test_fingers_of_several_tables_are_together_and_senders_are_bounded() -> None:
    gathered = PuckGatherer()
    for table in range(MOST_SENDERS):
        gathered.hear(MORE, table, 0, ((0.1 * table, 0.0, 1.0),), 0.0)
    assert len(pucks_in(gathered.values(0.0), MORE)) == MOST_SENDERS
    with pytest.raises(MessageError, match="one more cannot"):
        gathered.hear(MORE, "another", 0, (), 0.0)
    gathered.hear(MORE, "another", 0, ((0.0, 0.0, 1.0),), PUCK_LIFETIME_S + PUCK_FADE_S)
    assert gathered.present(MORE, PUCK_LIFETIME_S + PUCK_FADE_S) == ((0.0, 0.0, 1.0),)


@given(several)
def test_a_table_of_values_holds_them_flat(pucks: list[Puck]) -> None:
    assert pucks_in({MORE: flat(pucks)}, MORE) == tuple(pucks)
