"""Which creature is asked for, and what stays where a sentence ended."""

import numpy as np

from frontend.creature.creature import GLIDE_S, Creature, requests_of
from protocol.messages import SpriteShown
from protocol.sprites import request_of_shown, sentence_noise
from tests.frontend.creature.fakes import CARDS, FakeArtist, Writer


def played(shares: tuple[float, float] = (1.0, 0.0), text: str = "The bones ") -> tuple[Creature, FakeArtist, Writer]:
    artist, writer = FakeArtist(), Writer()
    creature = Creature(artist)
    writer.write(text)
    for now in (1.0, 1.1, 9.0, 9.1):
        creature.follow(writer.session, shares, now)
    return creature, artist, writer


def test_the_mix_is_the_voices_and_the_noise_the_words() -> None:
    _, artist, _ = played()
    assert artist.asked[-1].mix == {"undead": 0.8, "slimes": 0.2}
    assert artist.asked[-1].tints == [(1.0, "#CC7203")]
    assert np.abs(artist.asked[-1].numbers - sentence_noise("", "The bones ")).max() <= 1 / 64


def test_while_nothing_changes_nothing_is_asked() -> None:
    creature, artist, writer = played()
    asked = len(artist.asked)
    creature.follow(writer.session, (1.0, 0.0), 20.0)
    assert len(artist.asked) == asked and creature.picture is not None


def test_a_word_that_is_being_written_moves_nothing_until_it_stands() -> None:
    creature, artist, writer = played()
    asked = len(artist.asked)
    writer.write("walk")
    creature.follow(writer.session, (1.0, 0.0), 20.0)
    assert len(artist.asked) == asked
    writer.write(" ")
    creature.follow(writer.session, (1.0, 0.0), 21.0)
    creature.follow(writer.session, (1.0, 0.0), 21.0 + GLIDE_S / 2)
    between = artist.asked[-1].numbers
    creature.follow(writer.session, (1.0, 0.0), 21.0 + 2 * GLIDE_S)
    there = artist.asked[-1].numbers
    assert np.abs(there - sentence_noise("", "The bones walk ")).max() <= 1 / 64
    assert np.linalg.norm(there - between) > 0.5


def test_a_move_of_the_weights_is_asked_for_at_once() -> None:
    creature, artist, writer = played()
    creature.follow(writer.session, (0.5, 0.5), 20.0)
    assert artist.asked[-1].mix == {"undead": 0.8, "slimes": 0.2}
    assert artist.asked[-1].tints == [(0.5, "#EFBC3A"), (0.5, "#CC7203")]


def test_voices_without_a_creature_have_none() -> None:
    creature, artist, _ = played((0.0, 1.0))
    assert artist.asked == [] and creature.picture is None


def test_a_scene_may_say_what_it_is_made_of() -> None:
    creature, artist, writer = played()
    writer.session.values["/sprite/mix"] = "dragons 0.5 wings 0.5"
    creature.follow(writer.session, (0.0, 1.0), 20.0)
    assert artist.asked[-1].mix == {"dragons": 0.5, "wings": 0.5}


def test_at_a_sentences_end_it_stays_behind_the_mark_and_a_new_one_begins() -> None:
    creature, artist, writer = played()
    living, artist.busy = creature.picture, True
    writer.write("walk. ")
    creature.follow(writer.session, (1.0, 0.0), 30.0)
    assert creature.kept[14].picture is living
    assert (creature.kept[14].since, creature.born) == (30.0, 30.0)


def test_what_stays_is_of_the_whole_sentence_and_of_who_wrote_it_whatever_the_hands_did() -> None:
    creature, artist, writer = played()
    writer.write("walk. The ")
    for now in (30.0, 30.1, 30.2):
        creature.follow(writer.session, (0.2, 0.8), now)
    settled = next(asked for asked in artist.asked if asked.tints == [(1.0, "#CC7203")] and asked.number > 3)
    assert np.abs(settled.numbers - sentence_noise("", "The bones walk. ")).max() <= 1 / 64
    assert creature.kept[14].settled and creature.kept[14].since == 30.0


def test_a_sentence_that_is_taken_back_and_ends_otherwise_at_the_same_place_has_another_creature() -> None:
    creature, _, writer = played(text="It rained. The bones ")
    creature.follow(writer.session, (1.0, 0.0), 60.0)
    before = creature.kept[9].picture
    writer.take_back("It ")
    writer.write("poured. So ")
    for now in (61.0, 62.0, 63.0):
        creature.follow(writer.session, (1.0, 0.0), now)
    assert creature.kept[9].picture is not before


def test_sentences_that_ended_before_anybody_looked_get_theirs_by_who_wrote_them() -> None:
    artist, writer = FakeArtist(), Writer()
    writer.write("It rained. It poured. The bones ")
    creature = Creature(artist)
    for step in range(30):
        creature.follow(writer.session, (1.0, 0.0), 10.0 + step)
    assert sorted(creature.kept) == [9, 20]
    assert creature.kept[9].since is None


def test_a_whole_text_has_the_creatures_that_a_stage_had() -> None:
    text = "It rained. It poured. " * 60 + "The bones "
    artist, writer = FakeArtist(), Writer()
    creature = Creature(artist)
    for word in text.split(" ")[:-1]:
        writer.write(f"{word} ")
        for _ in range(4):
            creature.follow(writer.session, (1.0, 0.0), float(writer.written))
    tints = [((0, 255),)] * len(text)
    whole = requests_of(text, tints, [card.colour for card in CARDS], [card.sprite for card in CARDS])
    made = {last: (request.mix, request.noise, request.tints) for last, request in whole}
    asked = [(each.mix, each.noise, each.tints) for each in artist.asked]
    assert sorted(made)[-40:] == sorted(creature.kept)
    assert all(one in asked for one in made.values())


def test_a_scene_says_of_a_whole_text_too_what_its_creatures_are_made_of() -> None:
    text, tints = "It rained. It poured. ", [((0, 255),)] * 22
    whole = requests_of(text, tints, ["#CC7203"], ["undead 1"], lambda place: "wings 1" if place > 12 else "")
    assert [(last, request.mix) for last, request in whole] == [(9, {"undead": 1.0}), (20, {"wings": 1.0})]


def test_whoever_is_waited_for_draws_all_that_a_frame_shows() -> None:
    artist, writer = FakeArtist(), Writer()
    writer.write("It rained. It poured. The bones ")
    creature = Creature(artist)
    creature.follow(writer.session, (1.0, 0.0), 40.0)
    assert sorted(creature.kept) == [9, 20] and creature.picture is not None


def test_what_is_taken_back_takes_its_creature_with_it() -> None:
    creature, _, writer = played(text="It rained. The bones ")
    creature.follow(writer.session, (1.0, 0.0), 60.0)
    assert 9 in creature.kept
    writer.take_back("It ")
    creature.follow(writer.session, (1.0, 0.0), 61.0)
    assert creature.kept == {}


def test_what_the_audience_sees_is_said_when_it_changes_and_every_second() -> None:
    creature, artist, _ = played()
    said = creature.news(True, 20.0)
    assert said is not None and said.mix == "undead 0.8 slimes 0.2" and said.tints == "#CC7203 1"
    assert request_of_shown(artist.asked[-1].number, said) == artist.asked[-1]
    assert [creature.news(True, now) for now in (20.01, 20.9)] == [None, None]
    assert creature.news(True, 21.0) == said
    assert creature.news(False, 21.2) == SpriteShown("")


def test_nothing_is_asked_of_an_artist_that_is_busy() -> None:
    artist, writer = FakeArtist(), Writer()
    artist.busy = True
    creature = Creature(artist)
    writer.write("The bones ")
    creature.follow(writer.session, (1.0, 0.0), 1.0)
    assert artist.asked == []
