"""A file comes whole or not at all, resumed where it broke off, from a real HTTP server that has its faults."""

from __future__ import annotations

import socket
from pathlib import Path

import httpx
import pytest

from protocol.errors import FetchError
from styles.download import NotThere, Progress, cached, download
from tests.styles.conftest import Library

TEXT = bytes(range(256)) * 400  # 102,400 bytes


def test_a_file_comes_whole_and_is_then_kept(library: Library, client: httpx.Client, tmp_path: Path) -> None:
    address = library.put("/austen.txt", TEXT)
    assert download(address, tmp_path, client).read_bytes() == TEXT
    assert download(address, tmp_path, client).read_bytes() == TEXT
    assert library.asked == [("/austen.txt", "")]
    assert [path.name for path in tmp_path.iterdir()] == [cached(address, tmp_path).name]


def test_a_broken_download_goes_on_where_it_broke_off(library: Library, client: httpx.Client, tmp_path: Path) -> None:
    address = library.put("/text", TEXT)
    library.cut_after = [30_000, 50_000]
    assert download(address, tmp_path, client, pause=0).read_bytes() == TEXT
    assert library.asked == [("/text", ""), ("/text", "bytes=30000-"), ("/text", "bytes=80000-")]


def test_what_came_before_an_interruption_serves_the_next_call(
    library: Library, client: httpx.Client, tmp_path: Path
) -> None:
    address = library.put("/text", TEXT)
    library.cut_after, library.statuses = [40_000], [200, 503, 503, 503]
    with pytest.raises(FetchError, match=r"broke off after 40,000 bytes \(HTTP 503\): fetch again to go on from there"):
        download(address, tmp_path, client, pause=0)
    assert not cached(address, tmp_path).exists()
    library.asked.clear()
    assert download(address, tmp_path, client, pause=0).read_bytes() == TEXT
    assert library.asked == [("/text", "bytes=40000-")]


def test_a_file_that_changed_meanwhile_is_begun_anew(library: Library, client: httpx.Client, tmp_path: Path) -> None:
    address = library.put("/text", TEXT)
    library.cut_after, library.statuses = [40_000], [200, 500, 500, 500]
    with pytest.raises(FetchError):
        download(address, tmp_path, client, pause=0)
    library.put("/text", TEXT[::-1])
    assert download(address, tmp_path, client, pause=0).read_bytes() == TEXT[::-1]


def test_a_server_without_ranges_is_asked_for_the_whole_again(
    library: Library, client: httpx.Client, tmp_path: Path
) -> None:
    library.ranges = False
    library.cut_after = [30_000]
    assert download(library.put("/text", TEXT), tmp_path, client, pause=0).read_bytes() == TEXT


def test_a_file_that_was_complete_but_for_its_name_is_not_fetched_twice(
    library: Library, client: httpx.Client, tmp_path: Path
) -> None:
    address = library.put("/text", TEXT)
    library.lie, library.cut_after = 1, [len(TEXT)]  # it cannot know that all is there
    library.statuses = [200, 500, 500, 500]
    with pytest.raises(FetchError):
        download(address, tmp_path, client, pause=0)
    library.lie = 0
    assert download(address, tmp_path, client, pause=0).read_bytes() == TEXT  # answered 416: nothing after that
    assert library.asked[-1] == ("/text", f"bytes={len(TEXT)}-")


def test_a_server_that_promises_more_than_it_sends_is_refused(
    library: Library, client: httpx.Client, tmp_path: Path
) -> None:
    library.lie = 10
    library.ranges = False
    with pytest.raises(FetchError, match="broke off after 102,400 bytes"):
        download(library.put("/text", TEXT), tmp_path, client, pause=0)
    assert len(library.asked) == 4


def test_a_server_that_says_no_length_is_believed(library: Library, client: httpx.Client, tmp_path: Path) -> None:
    library.says_length = False
    seen: list[Progress] = []
    assert download(library.put("/text", TEXT), tmp_path, client, seen.append).read_bytes() == TEXT
    assert seen[-1] == Progress(library.address + "/text", len(TEXT), None)


def test_progress_rises_to_the_whole(library: Library, client: httpx.Client, tmp_path: Path) -> None:
    library.cut_after = [30_000]
    seen: list[Progress] = []
    download(library.put("/text", TEXT), tmp_path, client, seen.append, pause=0)
    done = [progress.done for progress in seen]
    assert done == sorted(done) and done[-1] == len(TEXT)
    assert {progress.total for progress in seen} == {len(TEXT)}


def test_two_that_write_one_file_spoil_nothing(library: Library, client: httpx.Client, tmp_path: Path) -> None:
    address = library.put("/text", TEXT)

    def meddle(progress: Progress) -> None:
        with cached(address, tmp_path).with_name(cached(address, tmp_path).name + ".part").open("ab") as part:
            part.write(b"x")

    with pytest.raises(FetchError, match="is being fetched by another process too"):
        download(address, tmp_path, client, meddle)
    assert list(tmp_path.iterdir()) == []
    assert download(address, tmp_path, client).read_bytes() == TEXT


def test_what_is_not_there_is_told_from_what_fails(library: Library, client: httpx.Client, tmp_path: Path) -> None:
    with pytest.raises(NotThere, match=r"is not there \(HTTP 404\)"):
        download(library.address + "/nothing", tmp_path, client, pause=0)
    library.statuses = [403]
    with pytest.raises(FetchError, match=r"cannot be fetched \(HTTP 403\)"):
        download(library.put("/text", TEXT), tmp_path, client, pause=0)


def test_a_file_past_the_bound_is_refused_before_and_while_it_comes(
    library: Library, client: httpx.Client, tmp_path: Path
) -> None:
    address = library.put("/text", TEXT)
    with pytest.raises(FetchError, match="is 102,400 bytes, more than the 50,000"):
        download(address, tmp_path, client, most_bytes=50_000)
    library.says_length = False
    with pytest.raises(FetchError, match="sends more than the 50,000 bytes"):
        download(address, tmp_path, client, most_bytes=50_000)
    assert not list(tmp_path.glob("*.part"))


def test_bytes_in_disguise_are_refused(library: Library, client: httpx.Client, tmp_path: Path) -> None:
    library.headers = {"Content-Encoding": "gzip"}
    with pytest.raises(FetchError, match="came compressed"):
        download(library.put("/text", TEXT), tmp_path, client, pause=0)


def test_a_server_that_is_away_is_one_clear_line(client: httpx.Client, tmp_path: Path) -> None:
    with socket.socket() as taken:  # bound, and not listening
        taken.bind(("127.0.0.1", 0))
        with pytest.raises(FetchError, match=r"cannot be reached \(.*\): look to the network and fetch again"):
            download(f"http://127.0.0.1:{taken.getsockname()[1]}/text", tmp_path, client, pause=0)


@pytest.mark.parametrize("path", ["/a/../../etc/passwd", "/..", "/%2e%2e%2fup", "/.hidden", "/", "/x%00y"])
def test_no_address_names_a_file_outside_the_folder(path: str, tmp_path: Path) -> None:
    kept = cached(f"http://host{path}", tmp_path)
    assert kept.parent == tmp_path and kept.resolve().parent == tmp_path.resolve()
    assert "/" not in kept.name and ".." not in kept.name and "\0" not in kept.name
