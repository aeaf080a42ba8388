"""How a front end is let in, without a socket."""

from __future__ import annotations

from frontend.client.link import CHALLENGE_PAUSE_S, SessionHandshake
from protocol.messages import AccessChallenge, AccessGranted, AccessProof, AccessRequest, Pong, Subscribe
from protocol.sessions import COOKIE_BYTES, SESSION_S, proof

SECRET, COOKIES = b"a secret of a good length", b"c" * COOKIE_BYTES


def test_a_server_on_this_machine_is_asked_for_nothing() -> None:
    admission = SessionHandshake(SECRET, "127.0.0.1", 5_000)
    assert admission.due(1e6) == [] and admission.reply_to(Pong(1), 0.0) == [] and admission.access_warning == ""


def test_a_challenge_is_answered_with_a_proof_or_without_a_secret_with_the_cookie() -> None:
    proved = proof(SECRET, COOKIES, "10.0.0.3", 5_000)
    assert SessionHandshake(SECRET, "10.0.0.3", 5_000).reply_to(AccessChallenge(COOKIES), 0.0) == [
        AccessProof(COOKIES, proved)
    ]
    assert SessionHandshake(None, "10.0.0.3", 5_000).reply_to(AccessChallenge(COOKIES), 0.0) == [AccessProof(COOKIES)]


def test_whoever_is_let_in_subscribes_and_asks_again_before_the_session_ends() -> None:
    admission = SessionHandshake(SECRET, "10.0.0.3", 5_000)
    assert admission.reply_to(AccessGranted(2, SESSION_S), 0.0) == [Subscribe()]
    assert admission.due(SESSION_S / 2) == []
    asked = [second for second in range(SESSION_S + 5) if admission.due(float(second))]
    assert asked[0] < SESSION_S - 10 and asked == list(range(asked[0], SESSION_S + 5)), "until it is answered"
    assert admission.reply_to(AccessGranted(2, SESSION_S), 70.0) and admission.due(80.0) == []
    assert admission.due(70.0 + SESSION_S) == [AccessRequest()]


def test_whoever_may_only_watch_is_told_why() -> None:
    for secret, line in ((None, "--secret-file"), (SECRET, "does not take this secret")):
        admission = SessionHandshake(secret, "10.0.0.3", 5_000)
        admission.reply_to(AccessGranted(1, SESSION_S), 0.0)
        assert admission.access_warning.startswith("watching only") and line in admission.access_warning
        admission.reply_to(AccessGranted(2, SESSION_S), 0.0)
        assert admission.access_warning == ""


def test_a_false_server_cannot_keep_it_busy() -> None:
    admission = SessionHandshake(SECRET, "10.0.0.3", 5_000)
    answers = [admission.reply_to(AccessChallenge(COOKIES), n / 1_000) for n in range(1_000)]
    assert sum(map(len, answers)) <= 1 / CHALLENGE_PAUSE_S
