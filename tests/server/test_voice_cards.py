"""How voices are introduced."""

from models.composite import Composite, Part, compose
from models.fake_voices import FakeVoices, FusibleFakeVoices
from server.voice_cards import introduce, introduce_all
from styles.library import shipped


def test_every_voice_is_introduced_by_its_own_card_in_its_place() -> None:
    bible, unknown, linux = introduce(["bible", "my-notes", "linux"])
    assert (bible.index, bible.count, bible.name, bible.monogram) == (0, 3, "The King James Bible", "Bi")
    assert (linux.index, linux.slug, linux.kind) == (2, "linux", "code")
    assert (unknown.index, unknown.name) == (1, "My Notes")


def test_a_card_tells_what_the_voice_read_under_which_licence_and_how_well_it_foresees() -> None:
    linux, unknown = introduce(["linux", "my-notes"])
    assert linux.works.startswith("Linux") and linux.licence.startswith("GPL-2.0")
    assert 0.5 < linux.bits < 3.0
    assert (unknown.works, unknown.licence, unknown.bits) == ("", "", 0.0)


def test_a_voice_without_a_card_gets_a_colour_and_letters_of_its_own() -> None:
    cards = [*shipped()]
    first, second = introduce(["bibi", "bibo"])
    assert len({first.monogram, second.monogram, *(card.monogram for card in cards)}) == len(cards) + 2
    assert len({first.colour, second.colour, *(card.colour for card in cards)}) == len(cards) + 2


def test_who_can_be_fused_is_what_the_voices_say() -> None:
    family = FusibleFakeVoices({"bible": "a", "linux": "b", "nobody": "c"}, strangers=["linux"])
    assert [card.fusible for card in introduce_all(family)] == [True, False, True]
    assert [card.fusible for card in introduce_all(FakeVoices({"bible": "a"}))] == [False]


def test_a_card_tells_which_further_tongues_its_voice_has() -> None:
    own, words = FakeVoices({"bible": "a", "linux": "b"}), FakeVoices({"linux": "c"})
    tongues = Composite([Part("words", words, ("words/linux",))], ["words/linux"])
    voices = compose([Part("fake", own, own.slugs)], own.slugs, tongues)
    assert [card.tongues for card in introduce_all(voices)] == ["", "words"]
