"""Project Gutenberg's frame: cut in the wordings of all ages and languages, and prose that speaks like it stays."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from styles.cleaning import clean
from styles.gutenberg import strip_frames

BOOK = "\n\n".join(
    f"Chapter {n}. The sea was calm, and nobody said a word until evening came over us." for n in range(400)
)
HEADER = """The Project Gutenberg EBook of A Book, by An Author

This eBook is for the use of anyone anywhere at no cost and with
almost no restrictions whatsoever.

Title: A Book

Author: An Author

Release Date: November 26, 2003 [EBook #10293]

Language: English

Character set encoding: ISO-8859-1
"""
LICENCE = "\n\n".join(
    f"1.{n}. Project Gutenberg-tm electronic works are protected; see www.gutenberg.org. " + "You may copy it. " * 20
    for n in range(40)
)
SMALL_PRINT = """***START**THE SMALL PRINT!**FOR PUBLIC DOMAIN ETEXTS**START***

Why is this "Small Print!" statement here? You can distribute copies of this etext if you want to.

*BEFORE!* YOU USE OR READ THIS ETEXT you indicate that you accept this "Small Print!" statement.

*END*THE SMALL PRINT! FOR PUBLIC DOMAIN ETEXTS*Ver.04.29.93*END*
"""
START, END = "*** START OF THE PROJECT GUTENBERG EBOOK A BOOK ***", "*** END OF THE PROJECT GUTENBERG EBOOK A BOOK ***"


@pytest.mark.parametrize(
    ("before", "behind"),
    [
        (f"{HEADER}\n{START}\n", f"{END}\n\n{LICENCE}"),
        (f"{HEADER}\n{START}\n\nProduced by A. Volunteer and PG Distributed Proofreaders", ""),
        (HEADER, ""),  # c-w/gutenberg, issue 27: frames without any mark stayed in
        (HEADER, LICENCE),
        (f"{HEADER}\n{SMALL_PRINT}", "End of The Project Gutenberg Etext of A Book"),
        # ropensci/gutenbergr, issue 27: the small print stands behind a French book, and the whole of it was cut
        (HEADER, f"Fin de Project Gutenberg's Un Livre, par Un Auteur\n\n{SMALL_PRINT}"),
        (HEADER, f"*** Ende dieses Projekt Gutenberg Etextes Ein Buch ***\n\n{LICENCE}"),
        (HEADER, f"Einde van Project Gutenberg's Een Boek, door Een Schrijver\n\n{END}\n\n{LICENCE}"),
        (HEADER, f"Fin del Proyecto Gutenberg de Un Libro\n\n{LICENCE}"),
        (f"{HEADER}\n*** START OF THE COPYRIGHTED PROJECT GUTENBERG EBOOK, A BOOK ***", f"***{END[4:]}\n\n{LICENCE}"),
    ],
)
def test_a_frame_is_cut_whatever_its_wording_and_the_book_is_whole(before: str, behind: str) -> None:
    assert strip_frames(f"{before}\n\n{BOOK}\n\n{behind}").strip() == BOOK


@pytest.mark.parametrize(
    "line",
    [
        "End of the Project Gutenberg, he thought, and shut the book.",
        "End of Project Gutenberg's best joke.",
        "*** END OF THE PROJECT GUTENBERG EBOOK, she read aloud.",
        START,
        "*END*THE SMALL PRINT! FOR PUBLIC DOMAIN ETEXTS*Ver.04.29.93*END*",
        "Produced by the labour of many hands, it was a public thing.",
        "Johannes Gutenberg printed it, and wanted no licence.",
        "<<THIS ELECTRONIC VERSION OF THE WORKS IS COPYRIGHT AND IS PROVIDED BY PROJECT GUTENBERG ETEXT>>",
    ],
)
@pytest.mark.parametrize("place", [20, 200, 380])
def test_a_line_of_a_book_that_begins_like_a_frame_costs_nothing_of_it(line: str, place: int) -> None:
    # c-w/gutenberg, issue 25: of Shakespeare's works, which hold such lines, hardly anything was left
    paragraphs = BOOK.split("\n\n")
    book = "\n\n".join([*paragraphs[:place], line, *paragraphs[place:]])
    assert strip_frames(book) == book
    framed = clean(f"{HEADER}\n{START}\n\n{book}\n\n{END}\n\n{LICENCE}")
    assert framed.text.strip() == book
    assert framed.report.boilerplate < len(HEADER) + len(START) + len(END) + len(LICENCE) + 20


def test_a_book_about_printing_begins_as_it_does() -> None:
    book = f"Gutenberg was born in Mainz.\n\nHis copyright was worth nothing, and he had no licence to print.\n\n{BOOK}"
    assert strip_frames(book) == book


def test_of_books_in_a_row_each_is_there_without_its_frame() -> None:
    framed = f"{HEADER}\n{START}\n\n{BOOK}\n\n{END}\n\n{LICENCE}\n\n"
    assert strip_frames(framed * 3).count("Chapter 7.") == 3
    assert "utenberg" not in strip_frames(framed * 3)


PIECES = st.sampled_from(
    [HEADER, START, END, LICENCE[:3_000], SMALL_PRINT, BOOK[:2_000], "End of Project Gutenberg", "x"]
)


@given(st.lists(PIECES, max_size=8).map("\n\n".join))
def test_doing_it_twice_is_doing_it_once(text: str) -> None:
    assert strip_frames(strip_frames(text)) == strip_frames(text)


@pytest.mark.parametrize("unit", [" ", "prot", "project ", "http://\n\n", "*** END OF ", "end "])
def test_any_character_again_and_again_is_no_trap(unit: str) -> None:
    text = unit * (300_000 // len(unit)) + " www.gutenberg.org"
    assert len(strip_frames(text)) <= len(text)
