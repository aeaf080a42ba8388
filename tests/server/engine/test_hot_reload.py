"""Voices that come while the server plays are taken in, and nobody who plays notices but by hearing them."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager

import numpy as np
import pytest

from models.composite import Composite, Part, compose
from models.fake_voices import FakeVoices, FusibleFakeVoices
from models.interface import Voices
from protocol.errors import VoiceError
from protocol.messages import Card
from protocol.tree import ParameterTree, Value, number_of, on_address, weight_address
from server.engine.hot_reload import CrossFade, HotReload, ReloadedVoices, learnt_since
from server.engine.parameter_store import ParameterStore
from server.engine.performance import Performance
from tests.server.conftest import Stage

LINES = {"ada": "ada ", "bob": "bob "}
PATIENCE = 10.0  # seconds


def introduce(voices: Voices) -> list[Card]:
    count = len(voices.slugs)
    return [Card(i, count, slug, slug, "Xx", "#FF8800", "prose", "") for i, slug in enumerate(voices.slugs)]


class Disk:
    """Voices as files: what each recites, and how often it was written."""

    def __init__(self) -> None:
        self.files = {slug: (line, 1) for slug, line in LINES.items()}
        self.broken: set[str] = set()
        self.said: list[str] = []

    def look(self) -> Mapping[str, object]:
        return dict(self.files)

    def load(self, slugs: Sequence[str]) -> Voices:
        for slug in self.broken & set(slugs):
            self.said.append(f"{slug} is torn")
        return FakeVoices({slug: self.files[slug][0] for slug in slugs if slug not in self.broken})


@contextmanager
def looking(disk: Disk) -> Iterator[HotReload]:
    hot_reload = HotReload(tuple(LINES), disk.look(), disk.look, disk.load, introduce, disk.said.append, looks=0.01)
    with closing(hot_reload):
        yield hot_reload


def until(found: Callable[[], object]) -> object:
    begun = time.monotonic()
    while not (value := found()):
        assert time.monotonic() < begun + PATIENCE
        time.sleep(0.005)
    return value


def arrival(hot_reload: HotReload) -> ReloadedVoices:
    taken = until(hot_reload.take_ready)
    assert isinstance(taken, ReloadedVoices)
    return taken


def test_a_new_voice_comes_behind_those_who_play_and_all_are_introduced_anew() -> None:
    disk = Disk()
    with looking(disk) as hot_reload:
        disk.files["abe"] = ("abe ", 1)
        came = arrival(hot_reload)
        assert came.voices.slugs == ("ada", "bob", "abe") and came.kept == (0, 1)
        assert [(card.index, card.count, card.slug) for card in came.cards] == [
            (0, 3, "ada"),
            (1, 3, "bob"),
            (2, 3, "abe"),
        ]
        disk.files["cid"] = ("cid ", 1)
        assert arrival(hot_reload).voices.slugs == ("ada", "bob", "abe", "cid")
        assert hot_reload.take_ready() is None


def test_a_voice_that_learnt_more_is_taken_in_and_has_to_read_again() -> None:
    disk = Disk()
    with looking(disk) as hot_reload:
        disk.files["ada"] = ("ADA ", 2)
        came = arrival(hot_reload)
        assert came.voices.slugs == ("ada", "bob") and came.kept == (1,)


def test_what_cannot_be_used_is_told_and_changes_nothing() -> None:
    disk = Disk()
    with looking(disk) as hot_reload:
        disk.broken.add("ada")
        disk.files["abe"] = ("abe ", 1)
        until(lambda: any("cannot be read any more" in line for line in disk.said))
        assert hot_reload.take_ready() is None
        del disk.files["bob"]
        until(lambda: any("the file of bob is missing" in line for line in disk.said))
        disk.broken.clear()
        disk.files["bob"] = ("bob ", 1)
        assert arrival(hot_reload).voices.slugs == ("ada", "bob", "abe")


def test_a_voice_that_fails_to_load_does_not_end_the_looking() -> None:
    disk = Disk()
    whole = disk.load

    def fail(slugs: Sequence[str]) -> Voices:
        raise VoiceError("no memory left")

    disk.load = fail  # type: ignore[method-assign]
    with looking(disk) as hot_reload:
        disk.files["abe"] = ("abe ", 1)
        until(lambda: any("no memory left" in line for line in disk.said))
        hot_reload._load = whole
        disk.files["abe"] = ("abe ", 2)
        assert arrival(hot_reload).voices.slugs == ("ada", "bob", "abe")


def values(tree: ParameterTree, *slugs: str) -> dict[str, Value]:
    chosen = tree.defaults()
    for slug in slugs:
        chosen |= {weight_address(slug): 1.0, on_address(slug): True}
    return chosen


def written(
    performance: Performance, tree: ParameterTree, count: int, *slugs: str, more: Mapping[str, Value] | None = None
) -> str:
    text = ""
    for _ in range(count):
        chosen = {**values(tree, *slugs), **(more or {})}
        performance.settle(chosen)
        performance.catch_up(lambda: True)
        text += performance.write(chosen).character
        performance.listen()
    return text


def test_a_performance_goes_on_in_the_middle_of_a_word_as_if_nobody_had_come() -> None:
    texts = []
    for comes in (False, True):
        performance = Performance(FakeVoices(LINES, 1.0), seed=1)
        tree = ParameterTree(LINES)
        text = written(performance, tree, 6, "ada")
        if comes:
            grown = FakeVoices({**LINES, "cid": "cid "}, 1.0)
            tree = ParameterTree(grown.slugs)
            performance.replace_voices(grown, (0, 1))
            assert performance.awake == (0,) and performance.ready
        texts.append(text + written(performance, tree, 6, "ada"))
    assert texts[0] == texts[1] == "ada ada ada "


def test_the_new_voice_is_heard_as_soon_as_it_has_read() -> None:
    performance = Performance(FakeVoices(LINES, 1.0), seed=1)
    written(performance, ParameterTree(LINES), 4, "ada")
    grown = FakeVoices({**LINES, "cid": "c"}, 1.0)
    performance.replace_voices(grown, (0, 1))
    assert written(performance, ParameterTree(grown.slugs), 3, "cid") == "ccc"


def test_a_voice_that_learnt_anew_leaves_the_others_to_go_on_until_it_has_read() -> None:
    performance = Performance(FakeVoices(LINES, 1.0), seed=1)
    tree = ParameterTree(LINES)
    written(performance, tree, 8, "ada", "bob")
    assert len(performance.awake) == 2
    performance.replace_voices(FakeVoices({"ada": "A", "bob": "bob "}, 1.0), (1,))
    assert tuple(performance.awake) == (1,) and performance.ready
    chosen = values(tree, "ada", "bob")
    performance.settle(chosen)
    assert performance.waking == (0,)
    performance.catch_up(lambda: True)
    assert len(performance.awake) == 2


def test_the_board_keeps_every_value_and_takes_the_new_voices_with_their_defaults() -> None:
    parameters = ParameterStore(ParameterTree(LINES), {weight_address("ada"): 0.5})
    parameters.put("/transport/hold", True)
    parameters.put(weight_address("ada"), 0.9)
    parameters.extend(ParameterTree((*LINES, "cid")))
    assert parameters.values()[weight_address("ada")] == 0.5 and parameters.controls()[weight_address("ada")] == 0.9
    parameters.put(weight_address("cid"), 0.3)
    assert parameters.values()[weight_address("cid")] == 0.0
    parameters.put("/transport/hold", False)
    assert parameters.values()[weight_address("cid")] == 0.3
    assert [change.address for change in parameters.changes()][-1] == weight_address("cid")


def test_a_choir_takes_over_what_others_have_read() -> None:
    torch = pytest.importorskip("torch")
    from models.char_lstm.choir import Choir
    from models.char_lstm.network import CharLSTM, Shape
    from models.char_lstm.packed_weights import PackedWeights
    from models.char_lstm.weights_file import VoiceWeights

    torch.manual_seed(1)
    weights = [VoiceWeights.of(CharLSTM(Shape(2, 16)), slug, {}) for slug in ("ada", "bob", "cid")]
    small, large = Choir(PackedWeights(weights[:2])), Choir(PackedWeights(weights))
    for code in b"in the middle of a wo":
        small.step(code, (0, 1))
    large.copy_state(small, (0, 1))
    np.testing.assert_array_equal(large.distributions[:2], small.distributions)
    small.step(ord("r"), (0, 1))
    large.step(ord("r"), (0, 1, 2))
    np.testing.assert_array_equal(large.distributions[:2], small.distributions)


def test_where_voices_are_fused_the_network_is_made_anew_and_the_text_goes_on_meanwhile() -> None:
    performance = Performance(FusibleFakeVoices(LINES, 1.0), seed=1)
    tree = ParameterTree(LINES)
    fused = {"/mix/fusion": 1.0}
    assert written(performance, tree, 8, "ada", more=fused)[-4:] == "ADA "
    grown = FusibleFakeVoices({**LINES, "cid": "cid "}, 1.0)
    performance.replace_voices(grown, (0, 1))
    assert performance.awake == (0,) and performance.ready, "index 2 is no fused network any more, but a new voice"
    assert written(performance, ParameterTree(grown.slugs), 8, "ada", more=fused)[-4:] == "ADA "
    assert sorted(performance.awake) == [0, 3]


def remembered(taught: bool) -> Voices:
    """Ada, who only remembers her text or has learnt it, too, beside Bob, who is a network."""
    memory = FakeVoices({"ada": "ada "}, 1.0)
    if not taught:
        bob = FusibleFakeVoices({"bob": "bob "}, 1.0)
        return compose([Part("ngram", memory, ("ada",)), Part("lstm", bob, ("bob",))], ["ada", "bob"])
    own = FusibleFakeVoices({"ada": "Ada ", "bob": "bob "}, 1.0)
    tongues = Composite([Part("ngram", memory, ("memory/ada",))], ["memory/ada"])
    return compose([Part("lstm", own, own.slugs)], own.slugs, tongues)


def test_a_style_that_remembered_and_has_learnt_since_is_known() -> None:
    old, new = remembered(False), remembered(True)
    assert learnt_since(old, new) == ("ada",)
    assert learnt_since(new, new) == learnt_since(old, old) == ()


def test_what_was_learnt_comes_in_as_the_memorys_control_falls_unless_a_hand_moves_it() -> None:
    address, board = "/style/ada/memory", ParameterStore(ParameterTree(["ada", "bob"]))
    fade = CrossFade()
    fade.begin(["ada"], board, 100.0)
    assert board.control(address) == 1.0
    seen = []
    for seconds in (5.0, 10.0, 15.0):
        fade.go_on(board, 100.0 + seconds)
        seen.append(board.control(address))
    assert seen == pytest.approx([0.875, 0.75, 0.625])
    board.put(address, 0.9)
    fade.go_on(board, 116.0)
    fade.go_on(board, 117.0)
    assert board.control(address) == pytest.approx(0.9)
    fade.begin(["bob"], board, 200.0)
    fade.go_on(board, 300.0)
    board.put("/style/bob/memory", 0.7)
    fade.go_on(board, 301.0)
    assert board.control("/style/bob/memory") == pytest.approx(0.7)


def test_a_text_that_is_learnt_while_it_plays_goes_over_from_what_it_remembered(stage: type[Stage]) -> None:
    playing, taught = stage({"ada": 1.0}, LINES, voices=remembered(False)), remembered(True)
    playing.at(2.0, lambda: playing.engine.replace_voices(taught, [1], introduce(taught), ["ada"]))
    playing.play(2.5)
    assert number_of(playing.parameters.controls(), "/style/ada/memory") > 0.9
    playing.play(30.0)
    assert playing.text[:20] == "ada " * 5 and "A" in playing.text[20:]
    assert playing.parameters.control("/style/ada/memory") == 0.5
