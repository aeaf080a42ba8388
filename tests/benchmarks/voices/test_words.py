"""What counts as a word, and as a known one."""

from benchmarks.voices.words import lexicon, share_of_words, words


def test_words_are_letters_with_apostrophes_inside_but_for_those_at_the_cut_ends() -> None:
    assert words("ing He didn't, 'twas 7 o'clock; t") == ["he", "didn't", "twas", "o'clock"]


def test_a_lexicon_has_the_words_that_occur_twice_in_all_its_texts_together() -> None:
    assert lexicon(["x the cat, the dog x", "y a cat y"]) == frozenset({"the", "cat"})


def test_the_share_is_of_all_words_and_whole_where_there_are_none() -> None:
    known = frozenset({"the", "cat"})
    assert share_of_words(["x The cat clat x", "x the x"], known) == 3 / 4
    assert share_of_words(["42"], known) == 1.0
