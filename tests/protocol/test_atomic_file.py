"""A file is written whole or not at all."""

from __future__ import annotations

import os
import stat
import subprocess
import sys
import time
from pathlib import Path

import pytest

from protocol import atomic_file
from protocol.atomic_file import ABANDONED_AFTER_S, SMALL_BYTES, leave_room, replacing, sweep, write_atomically


def test_a_file_is_written_with_its_folder_and_replaced(tmp_path: Path) -> None:
    path = tmp_path / "a" / "b.txt"
    for data in (b"one", b"two"):
        write_atomically(path, data)
        assert path.read_bytes() == data
    assert [child.name for child in path.parent.iterdir()] == ["b.txt"]


def test_a_failed_write_leaves_what_was_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "a.txt"
    write_atomically(path, b"before")

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("protocol.atomic_file.os.replace", full)
    with pytest.raises(OSError, match="No space left"):
        write_atomically(path, b"after")
    assert path.read_bytes() == b"before"
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize(("umask", "secret", "mode"), [(0o022, False, 0o644), (0o077, False, 0o600), (0, True, 0o600)])
def test_a_file_is_as_readable_as_the_umask_lets_it_be_and_a_secret_for_its_owner_alone(
    tmp_path: Path, umask: int, secret: bool, mode: int
) -> None:
    path = tmp_path / "a.txt"
    before = os.umask(umask)
    try:
        with replacing(path, secret=secret) as file:
            assert stat.S_IMODE(os.fstat(file.fileno()).st_mode) == mode  # from its first byte on
    finally:
        os.umask(before)
    assert stat.S_IMODE(path.stat().st_mode) == mode


def test_a_text_that_cannot_be_written_leaves_the_old_file_and_nothing_beside_it(tmp_path: Path) -> None:
    path = tmp_path / "stage.toml"
    write_atomically(path, "old")
    with pytest.raises(UnicodeEncodeError):
        write_atomically(path, "\ud800")
    assert [each.read_text() for each in tmp_path.iterdir()] == ["old"]


@pytest.mark.skipif(os.name != "posix", reason="modes are POSIX's")
@pytest.mark.parametrize("mode", [0o600, 0o640, 0o664])
def test_a_file_that_is_replaced_stays_as_readable_as_it_was(tmp_path: Path, mode: int) -> None:
    # spack/spack, pull request 52653: a temporary file and a rename gave every file one mode
    path = tmp_path / "inputs.toml"
    write_atomically(path, "old")
    path.chmod(mode)
    write_atomically(path, "new")
    assert (path.read_text(), stat.S_IMODE(path.stat().st_mode)) == ("new", mode)


# ---- full disks ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("size", "fits"), [(SMALL_BYTES, True), (SMALL_BYTES + 1, False)])
def test_what_is_large_leaves_room_on_the_disk_and_what_is_small_is_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, size: int, fits: bool
) -> None:
    free = atomic_file.SPARED_DISK_BYTES + size - 1
    monkeypatch.setattr("protocol.atomic_file.shutil.disk_usage", lambda folder: type("Disk", (), {"free": free}))
    path = tmp_path / "a"
    if fits:
        write_atomically(path, bytes(size))
    else:
        with pytest.raises(OSError, match="less than 200 MB are left on its disk"):
            write_atomically(path, bytes(size))
    assert [each.name for each in tmp_path.iterdir()] == (["a"] if fits else [])


def test_room_is_left_for_everybody_else(tmp_path: Path) -> None:
    leave_room(tmp_path, spared=0)
    with pytest.raises(OSError, match="MB are left on its disk"):
        leave_room(tmp_path, size=10**18)


# ROCm/rocm-cli, issue 158: every interrupted write left a file of its own, until the disk was full
@pytest.mark.parametrize(
    ("name", "age", "stays"),
    [
        (".take.jsonl.gz.{gone}-0123abcd", 0.0, False),
        (".take.jsonl.gz.{here}-0123abcd", 0.0, True),  # somebody writes on it
        (".take.jsonl.gz.{here}-0123abcd", ABANDONED_AFTER_S + 60, False),
        (".voice.safetensors.0123abcd", ABANDONED_AFTER_S + 60, False),  # of a version before
        (".voice.safetensors.0123abcd", 0.0, True),
        ("take.jsonl", ABANDONED_AFTER_S + 60, True),
        (".hidden", ABANDONED_AFTER_S + 60, True),
        (".a.toml", ABANDONED_AFTER_S + 60, True),
    ],
)
@pytest.mark.skipif(sys.platform == "win32", reason="there only the age tells")
def test_what_a_killed_process_left_is_swept_and_nothing_else(
    tmp_path: Path, name: str, age: float, stays: bool
) -> None:
    ended = subprocess.Popen([sys.executable, "-c", ""])
    ended.wait(60)
    path = tmp_path / "takes" / "kept" / name.format(gone=ended.pid, here=os.getpid())
    path.parent.mkdir(parents=True)
    path.write_bytes(b"half")
    os.utime(path, (time.time() - age, time.time() - age))
    assert sweep(tmp_path) == (not stays)
    assert path.exists() == stays


def test_a_write_that_is_killed_leaves_a_file_that_the_next_start_sweeps(tmp_path: Path) -> None:
    code = (
        "import os, sys; from pathlib import Path; from protocol.atomic_file import replacing\n"
        "with replacing(Path(sys.argv[1], 'a.bin')) as file: file.write(b'half'); file.flush(); os._exit(1)"
    )
    subprocess.run([sys.executable, "-c", code, str(tmp_path)], timeout=60, check=False, cwd=Path(__file__).parents[2])
    assert len(list(tmp_path.iterdir())) == 1
    assert sweep(tmp_path) == (sys.platform != "win32")


def test_sweeping_where_nothing_is_does_nothing(tmp_path: Path) -> None:
    assert sweep(tmp_path / "nowhere") == 0
