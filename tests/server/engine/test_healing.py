"""What the herald tells is enough: a mirror that lost much of it shows the performance as it is, the wire once well."""

from __future__ import annotations

import random
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from frontend.client.session_state import SessionState
from protocol.messages import Card, Prime, ResendText, Reset, Rewind, Set, Step
from server.engine.parameter_store import Action

WELL_AFTER = 4.0  # seconds for which messages are lost; then the text pauses, and the cards come again within five
SLUGS = ("ada", "bob", "cy")
CARDS = [Card(n, 3, slug, slug.title(), slug[:2].title(), "#FF8800", "prose", "") for n, slug in enumerate(SLUGS)]

commands: st.SearchStrategy[Action | Set] = st.one_of(
    st.just(Step()),
    st.builds(Prime, st.text("qrstuv\n", min_size=1, max_size=120)),
    st.builds(Rewind, st.integers(0, 200)),
    st.builds(Reset, st.sampled_from([None, 5])),
    st.builds(Set, st.just("/mix/rate"), st.sampled_from([1.0, 20.0, 60.0])),
    st.builds(Set, st.sampled_from(["/style/ada/weight", "/style/bob/weight"]), st.sampled_from([0.0, 0.25, 1.0])),
    st.builds(Set, st.sampled_from(["/style/bob/on", "/style/cy/on", "/transport/run"]), st.booleans()),
)


moments = st.floats(0.0, 4.0)


@given(st.lists(st.tuples(moments, commands), max_size=12), st.sampled_from([0.0, 0.2, 0.5, 0.9]), st.integers(0, 99))
@settings(max_examples=20, deadline=None)
def test_when_the_wire_is_well_again_the_mirror_shows_what_the_server_wrote(
    stage: Any, played: list[tuple[float, Action | Set]], loss: float, seed: int
) -> None:
    on_stage, session, luck = stage({"ada": 0.6, "bob": 0.4}, certainty=0.5), SessionState(), random.Random(seed)
    on_stage.engine._publisher._cards = CARDS

    def passes() -> bool:
        return on_stage.clock.now() >= WELL_AFTER or luck.random() >= loss

    overtaken: list[Any] = []  # what comes after those behind it

    def arrive(messages: Any, target: object = None) -> None:
        for message in messages:
            if not passes():
                continue
            if loss and luck.random() < 0.1 and on_stage.clock.now() < WELL_AFTER:
                overtaken.append(message)
                continue
            for each in (message, *overtaken) if luck.random() >= 0.1 else (message, message, *overtaken):
                session.apply(each, on_stage.clock.now())
            overtaken.clear()

    def ask_for_what_is_missing() -> None:
        if (position := session.missing()) is not None and passes():
            on_stage.ask(ResendText(position))

    on_stage.sink.broadcast = on_stage.sink.send = arrive
    for when, action in played:
        if isinstance(action, Set):
            on_stage.at(when, lambda action=action: on_stage.parameters.put(action.address, action.value))
        else:
            on_stage.at(when, lambda action=action: on_stage.ask(action))
    on_stage.at(WELL_AFTER, lambda: on_stage.parameters.put("/transport/run", False))
    for half in range(1, 20):
        on_stage.at(half / 2, ask_for_what_is_missing)
    on_stage.play(10.1)

    buffer = on_stage.performance.buffer
    assert session.text == buffer.tail(10_000).text
    assert session.tints == list(buffer.tail(10_000).tints)
    assert (session.sequence, session.epoch, session.length) == (buffer.sequence, buffer.epoch, buffer.length)
    assert session.values == on_stage.parameters.values()
    assert [card.slug for card in session.cards] == ["ada", "bob", "cy"]
