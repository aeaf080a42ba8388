"""Files come out of archives in memory, in order and within bounds; what would escape is passed over."""

from __future__ import annotations

import io
import tarfile
import zipfile
from pathlib import Path

import pytest

from protocol.errors import FetchError
from styles.archives import Limits, natural_sort_key, read_members

FILES = {
    "repo-1/text/chapter-10.txt": b"ten",
    "repo-1/text/chapter-2.txt": b"two",
    "repo-1/text/deep/chapter-3.txt": b"three",
    "repo-1/text/imprint.txt": b"imprint",
    "repo-1/kmod.c": b"code",
}


def tar(path: Path, files: dict[str, bytes], mode: str = "w:gz") -> Path:
    with tarfile.open(path, mode) as archive:  # type: ignore[call-overload]
        for name, data in files.items():
            info = tarfile.TarInfo(name)
            info.size = len(data)
            archive.addfile(info, io.BytesIO(data))
    return path


def zipped(path: Path, files: dict[str, bytes]) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return path


@pytest.fixture(params=["w:gz", "w:xz", "w:bz2", "w", "zip"])
def archive(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    path = tmp_path / "archive"
    return zipped(path, FILES) if request.param == "zip" else tar(path, FILES, request.param)


def test_members_come_by_glob_and_then_in_natural_order(archive: Path) -> None:
    assert read_members(archive, ("kmod.c", "text/*.txt"), omit=("text/imprint.txt",)) == [
        ("kmod.c", b"code"),
        ("text/chapter-2.txt", b"two"),
        ("text/chapter-10.txt", b"ten"),
    ]


def test_a_member_that_two_globs_match_comes_once(archive: Path) -> None:
    assert [name for name, _ in read_members(archive, ("text/chapter-10.txt", "text/chapter-*.txt"))] == [
        "text/chapter-10.txt",
        "text/chapter-2.txt",
    ]


def test_an_archive_without_the_file_is_not_the_one_that_was_meant(archive: Path) -> None:
    with pytest.raises(FetchError, match=r"archive has no file like \*\.agc"):
        read_members(archive, ("*.agc",))


def test_a_damaged_archive_is_one_clear_line(archive: Path) -> None:
    archive.write_bytes(archive.read_bytes()[:100])
    with pytest.raises(FetchError, match="is a damaged archive") as raised:
        read_members(archive, ("*.c",))
    assert "\n" not in str(raised.value)


def test_a_file_without_globs_is_its_own_member(tmp_path: Path) -> None:
    (tmp_path / "10.txt").write_bytes(b"In the beginning")
    assert read_members(tmp_path / "10.txt", ()) == [("10.txt", b"In the beginning")]


def test_names_that_climb_and_links_are_passed_over(tmp_path: Path) -> None:
    path = tar(tmp_path / "a.tar", {"../evil.c": b"1", "/abs/evil.c": b"2", "top/../evil.c": b"3", "top/good.c": b"4"})
    linked = tmp_path / "b.tar"
    with tarfile.open(linked, "w") as archive:
        link = tarfile.TarInfo("top/evil.c")
        link.type, link.linkname = tarfile.SYMTYPE, "/etc/passwd"
        archive.addfile(link)
        good = tarfile.TarInfo("top/good.c")
        good.size = 1
        archive.addfile(good, io.BytesIO(b"4"))
    assert read_members(path, ("*.c",)) == read_members(linked, ("*.c",)) == [("good.c", b"4")]
    climbing = zipped(tmp_path / "c.zip", {"top/../../evil.c": b"1", "top/good.c": b"4"})
    assert read_members(climbing, ("*.c", "*/*.c", "*/*/*.c")) == [("good.c", b"4")]
    assert sorted(child.name for child in tmp_path.iterdir()) == ["a.tar", "b.tar", "c.zip"]


@pytest.mark.parametrize("limits", [Limits(member=3_000), Limits(taken=3_000), Limits(walked=3_000)])
def test_an_archive_that_swells_is_not_used(limits: Limits, tmp_path: Path) -> None:
    files = {"top/a.c": bytes(2_000), "top/b.c": bytes(4_000)}
    for path in (tar(tmp_path / "a", files), zipped(tmp_path / "b", files)):
        assert path.stat().st_size < 1_000
        with pytest.raises(FetchError, match="would unpack to more than a text can be"):
            read_members(path, ("*.c",), limits=limits)


def test_numbers_in_names_count() -> None:
    names = ["part-2-1", "part-10", "part-2", "a", "part-1-9"]
    assert sorted(names, key=natural_sort_key) == ["a", "part-1-9", "part-2", "part-2-1", "part-10"]
