"""A card's works become one corpus in the user's folder, by way of a real HTTP server; another text does not."""

from __future__ import annotations

import io
import random
import tarfile
from dataclasses import replace
from hashlib import sha256
from pathlib import Path

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from protocol.errors import FetchError
from styles.card import Card, Source
from styles.download import Progress
from styles.fetch import MAX_CORPUS_CHARS, Fetched, fetch, join
from styles.library import corpora_folder, corpus_path
from styles.measure import sketch
from tests.styles.conftest import Library

WORDS = ["".join(random.Random(number).choices("abcdefghij", k=6)) for number in range(2_000)]


def chapter(seed: int) -> str:
    """A text of 1,000 words in lines of ten, all paragraphs of five lines, as a cleaned work is."""
    words = random.Random(seed).choices(WORDS, k=1_000)
    lines = [" ".join(words[start : start + 10]) for start in range(0, 1_000, 10)]
    return "\n\n".join(" ".join(lines[start : start + 5]) for start in range(0, 100, 5)) + "\n"


def as_gutenberg(text: str) -> bytes:
    """``text`` as Project Gutenberg would frame and wrap it."""
    lines = []
    for paragraph in text.split("\n\n"):
        words = paragraph.split()
        lines += [" ".join(words[start : start + 10]) for start in range(0, len(words), 10)] + [""]
    body = "\r\n".join(lines)
    start, end = (f"*** {word} OF THE PROJECT GUTENBERG EBOOK TALES ***\r\n" for word in ("START", "END"))
    return f"\ufeffThe Project Gutenberg eBook\r\n{start}\r\n{body}\r\n{end}licence".encode()


def as_tar(files: dict[str, str]) -> bytes:
    whole = io.BytesIO()
    with tarfile.open(fileobj=whole, mode="w:gz") as archive:
        for name, text in files.items():
            info = tarfile.TarInfo(f"repo-abc/{name}")
            info.size = len(text.encode())
            archive.addfile(info, io.BytesIO(text.encode()))
    return whole.getvalue()


WANTED = "\n".join(chapter(seed) for seed in (1, 2, 3))


@pytest.fixture
def card(library: Library) -> Card:
    """A card of two sources: a Gutenberg text at its second address, and an archive of two chapters."""
    library.put("/pg1.txt", as_gutenberg(chapter(1)))
    library.put("/repo.tar.gz", as_tar({"c-10.txt": chapter(3), "c-2.txt": chapter(2), "README.md": "no"}))
    sources = (
        Source((library.address + "/moved.txt", library.address + "/pg1.txt"), "wrapped"),
        Source((library.address + "/repo.tar.gz",), members=("c-*.txt",)),
    )
    return Card(
        "tales",
        "Tales",
        "Tales.",
        "#FFFFFF",
        "Ta",
        "prose",
        sha256(WANTED.encode()).hexdigest(),
        len(WANTED),
        sources=sources,
        sketch=sketch(WANTED),
    )


def test_the_very_text_of_the_card_is_made_from_its_addresses(card: Card, tmp_path: Path) -> None:
    seen: list[Progress] = []
    fetched = fetch(card, tmp_path, report=seen.append)
    assert fetched == Fetched(tmp_path / "corpora" / "tales.txt", len(WANTED), card.checksum, True, 1.0)
    assert fetched.path.read_text("ascii") == WANTED
    assert fetched.path == corpus_path("tales", tmp_path)
    assert "the very text that the voice was trained on" in fetched.line()
    assert {progress.address.rsplit("/", 1)[-1] for progress in seen} == {"pg1.txt", "repo.tar.gz"}


def test_what_is_here_is_not_fetched_again(card: Card, library: Library, tmp_path: Path) -> None:
    first = fetch(card, tmp_path)
    library.asked.clear()
    assert fetch(card, tmp_path) == first
    first.path.unlink()
    assert fetch(card, tmp_path) == first  # from the kept downloads
    assert fetch(card, tmp_path, again=True) == first
    assert library.asked == []


def test_a_mended_edition_passes_and_says_so(card: Card, library: Library, tmp_path: Path) -> None:
    mended = chapter(1).replace(WORDS[0], "mended", 5)
    library.put("/pg1.txt", as_gutenberg(mended + "\n\nA note on this edition."))
    fetched = fetch(card, tmp_path)
    assert not fetched.exact and 0.9 < fetched.likeness <= 1
    assert "the checksum is not that of the text the voice was trained on" in fetched.line()
    assert fetched.path.exists()


def test_another_text_is_refused_and_only_kept_when_told_so(card: Card, library: Library, tmp_path: Path) -> None:
    library.put("/repo.tar.gz", as_tar({"c-1.txt": chapter(9)}))
    with pytest.raises(FetchError, match=r"what was fetched for tales is another text: .*--accept keeps") as raised:
        fetch(card, tmp_path)
    assert "\n" not in str(raised.value)
    assert not corpora_folder(tmp_path).exists()
    fetched = fetch(card, tmp_path, accept=True)
    assert fetched.path.read_text("ascii") == chapter(1) + "\n" + chapter(9)
    assert not fetched.exact and fetched.likeness < 0.6


def test_a_card_without_a_sketch_takes_only_its_very_text(card: Card, tmp_path: Path) -> None:
    with pytest.raises(FetchError, match="is another text"):
        fetch(replace(card, sketch=(), checksum="0" * 64), tmp_path)
    assert fetch(replace(card, sketch=()), tmp_path).exact


def test_a_refused_text_leaves_the_one_that_was_there(card: Card, library: Library, tmp_path: Path) -> None:
    before = fetch(card, tmp_path).path.read_bytes()
    for kept in (tmp_path / "downloads").iterdir():
        kept.unlink()
    library.put("/pg1.txt", as_gutenberg(chapter(8)))
    library.put("/repo.tar.gz", as_tar({"c-1.txt": chapter(9)}))
    with pytest.raises(FetchError):
        fetch(card, tmp_path, again=True)
    assert corpus_path("tales", tmp_path).read_bytes() == before


def test_a_work_that_is_nowhere_is_named(card: Card, library: Library, tmp_path: Path) -> None:
    del library.files["/pg1.txt"]
    with pytest.raises(FetchError, match=r"pg1\.txt is not there \(HTTP 404\), nor at any other address of the card"):
        fetch(card, tmp_path)
    assert not corpora_folder(tmp_path).exists()


def test_a_break_in_the_middle_of_the_works_is_resumed_by_the_next_call(
    card: Card, library: Library, tmp_path: Path
) -> None:
    library.statuses = [200, 200, 500, 500, 500, 500]  # not there, the first work, then trouble
    with pytest.raises(FetchError, match=r"repo\.tar\.gz cannot be reached \(HTTP 500\)"):
        fetch(card, tmp_path, pause=0)
    library.asked.clear()
    assert fetch(card, tmp_path).exact
    assert library.asked == [("/repo.tar.gz", "")]


def test_a_page_of_regrets_instead_of_an_archive_is_refused(card: Card, library: Library, tmp_path: Path) -> None:
    library.put("/repo.tar.gz", b"<html>We are sorry</html>")
    with pytest.raises(FetchError, match="is a damaged archive"):
        fetch(card, tmp_path)


def test_a_binary_file_where_a_text_was_is_refused(card: Card, library: Library, tmp_path: Path) -> None:
    library.put("/pg1.txt", bytes(5_000))
    with pytest.raises(FetchError, match=r"of tales cannot be used: .* is no text but binary data"):
        fetch(card, tmp_path)


def test_a_card_that_names_no_address_says_so(card: Card, tmp_path: Path) -> None:
    with pytest.raises(FetchError, match="the card of tales names no address to fetch from"):
        fetch(replace(card, sources=()), tmp_path)


def test_a_source_gives_whole_files_up_to_its_share(card: Card, tmp_path: Path) -> None:
    first, archive = card.sources
    sources = (first, replace(archive, most=len(chapter(2)) + 100))
    fetched = fetch(replace(card, sources=sources), tmp_path, accept=True)
    assert fetched.path.read_text("ascii") == chapter(1) + "\n" + chapter(2)


def test_a_client_of_the_caller_s_is_used_and_left_open(card: Card, client: httpx.Client, tmp_path: Path) -> None:
    assert fetch(card, tmp_path, client=client).exact
    assert not client.is_closed


@given(st.lists(st.sampled_from(["", "a\n", "b\nc\n", "x" * 1_200_000 + "\n"]), max_size=5))
def test_joined_works_stand_apart_and_end_at_a_line(parts: list[str]) -> None:
    text = join(parts)
    assert len(text) <= MAX_CORPUS_CHARS
    assert text == "" or text.endswith("\n")
    assert "\n".join(part for part in parts if part).startswith(text)
