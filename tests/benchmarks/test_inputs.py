"""Which of the fader's messages became which weight."""

from benchmarks.inputs import last_heard, matched


def test_each_message_is_found_again_by_its_value_and_in_its_order() -> None:
    sent = [(1.0, 10), (1.1, 12), (1.2, 14)]
    moves = [(1.001, 1.002, 10), (1.101, 1.103, 12), (1.201, 1.205, 14)]
    assert list(matched(sent, moves)) == [(1.0, 1.001, 1.002), (1.1, 1.101, 1.103), (1.2, 1.201, 1.205)]


def test_a_message_that_never_arrived_is_left_out() -> None:
    assert list(matched([(1.0, 10), (1.1, 12)], [(1.101, 1.103, 12)])) == [(1.1, 1.101, 1.103)]
    assert list(matched([(1.0, 10)], [(0.9, 0.95, 10), (1.9, 1.95, 10)])) == []


def test_a_weight_belongs_to_the_message_heard_last_before_it() -> None:
    heard = [(10, 1.0), (12, 1.1), (10, 5.0), (12, 5.1)]
    assert [last_heard(heard, 10, 1.2), last_heard(heard, 12, 5.11), last_heard(heard, 10, 0.9)] == [1.0, 5.1, None]
    assert last_heard(heard, 10, 4.0) is None
