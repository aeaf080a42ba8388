"""Subscriptions: renewed or lapsed, bounded, and answered where they listen."""

from server.engine.subscribers import MOST_SUBSCRIBERS, Subscribers

ALICE, BOB = ("10.0.0.1", 5000), ("10.0.0.2", 5000)


def test_a_subscription_lapses_after_ten_seconds_unless_renewed() -> None:
    subscribers = Subscribers()
    subscribers.renew(ALICE, 0, now=0.0)
    subscribers.renew(BOB, 0, now=0.0)
    subscribers.renew(ALICE, 0, now=6.0)
    assert subscribers.targets(9.9) == (ALICE, BOB)
    assert subscribers.targets(10.0) == (ALICE,)
    assert subscribers.targets(16.0) == ()


def test_only_the_first_subscription_is_news() -> None:
    subscribers = Subscribers()
    assert subscribers.renew(ALICE, 0, now=0.0) == ALICE
    assert subscribers.renew(ALICE, 0, now=3.0) is None
    assert subscribers.renew(ALICE, 0, now=13.0) == ALICE


def test_another_port_may_be_named_and_answers_go_there() -> None:
    subscribers = Subscribers()
    assert subscribers.renew(ALICE, 7777, now=0.0) == ("10.0.0.1", 7777)
    assert subscribers.answer_to(ALICE) == ("10.0.0.1", 7777)
    assert subscribers.answer_to(BOB) == BOB


def test_places_are_limited_and_become_free_again() -> None:
    subscribers = Subscribers()
    for port in range(1, MOST_SUBSCRIBERS + 1):
        assert subscribers.renew(ALICE, port, now=0.0)
    assert subscribers.renew(BOB, 0, now=1.0) is None
    assert len(subscribers.targets(1.0)) == MOST_SUBSCRIBERS
    assert subscribers.renew(BOB, 0, now=10.0) == BOB


def test_a_port_that_cannot_be_is_no_subscription() -> None:
    subscribers = Subscribers()
    assert subscribers.renew(ALICE, 70_000, now=0.0) is None
    assert subscribers.targets(0.0) == ()


def test_a_target_that_turns_to_another_performance_is_new_there_and_gone_here() -> None:
    subscribers = Subscribers()
    assert subscribers.renew(ALICE, 0, now=0.0) == ALICE
    assert subscribers.renew(ALICE, 0, now=1.0, performance="blue") == ALICE
    assert subscribers.renew(ALICE, 0, now=2.0, performance="blue") is None
    assert (subscribers.targets(2.0, "main"), subscribers.targets(2.0, "blue")) == ((), (ALICE,))
    assert subscribers.targets(2.0) == (ALICE,)
