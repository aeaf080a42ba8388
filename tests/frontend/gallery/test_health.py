"""The health page, and the unit by which systemd starts a gallery and watches it."""

from __future__ import annotations

import json
import shutil
import socket
import subprocess
import threading
import time
from contextlib import closing
from pathlib import Path

import httpx
import pytest

from frontend.gallery.health import HealthPage, in_words
from frontend.gallery.monitor import Watchdog, unit_text
from protocol.errors import LinkError, ParameterError


def test_it_tells_people_and_programs_how_it_does(tmp_path: Path) -> None:
    report = {"well": True, "characters": 41, "text": "<b>& so on"}
    with closing(HealthPage(0, lambda: report, tmp_path)) as health:
        place = f"http://127.0.0.1:{health.port}"
        told = httpx.get(f"{place}/health.json")
        assert (told.status_code, told.json()) == (200, report)
        page = httpx.get(place)
        assert "&lt;b&gt;&amp; so on" in page.text and "<b>" not in page.text
        report["well"] = False
        assert httpx.get(f"{place}/health.json").status_code == 503
        assert httpx.get(f"{place}/../gallery.log").status_code == 404
        assert httpx.post(place).status_code == 501
        assert httpx.get(place, headers={"Host": "evil.example"}).status_code == 403
        with pytest.raises(LinkError, match=f"no port {health.port}"):
            HealthPage(health.port, lambda: report, tmp_path)
    assert json.dumps(report)


def test_a_picture_is_asked_of_the_front_end(tmp_path: Path) -> None:
    def draw() -> None:
        while not (tmp_path / "picture.wanted").exists():
            time.sleep(0.01)
        (tmp_path / "stage.png").write_bytes(b"a picture")
        (tmp_path / "picture.wanted").unlink()

    front = threading.Thread(target=draw)
    front.start()
    with closing(HealthPage(0, dict, tmp_path)) as health:
        assert httpx.get(f"http://127.0.0.1:{health.port}/stage.png", timeout=20).content == b"a picture"
    front.join()


def test_the_unit_holds_the_command_and_systemd_finds_nothing_wrong(tmp_path: Path) -> None:
    text = unit_text(["/bin/true", "/a folder/100 %/antiphon.py", "gallery"])
    assert 'ExecStart="/bin/true" "/a folder/100 %%/antiphon.py" "gallery"\n' in text
    with pytest.raises(ParameterError):
        unit_text(["new\nline"])
    if shutil.which("systemd-analyze"):
        unit = tmp_path / "antiphon-gallery.service"
        unit.write_text(text)
        ran = subprocess.run(["systemd-analyze", "verify", "--user", str(unit)], capture_output=True, text=True)
        assert "antiphon-gallery" not in ran.stderr, ran.stderr


def test_the_watchdog_is_told_where_there_is_one(tmp_path: Path) -> None:
    Watchdog({}).notify("READY=1")
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as systemd:
        systemd.bind(str(tmp_path / "notify"))
        Watchdog({"NOTIFY_SOCKET": str(tmp_path / "notify")}).notify("WATCHDOG=1")
        assert systemd.recv(100) == b"WATCHDOG=1"


def test_people_read_words_and_no_values_of_a_program() -> None:
    assert [in_words("well", value) for value in (True, False, None, "")] == ["yes", "no", "not known", "none"]
    assert in_words("memory_mb", {"server": 812.4, "front": None}) == "server 812.4, front not known"
    spans = [in_words("up_seconds", value) for value in (0, 59, 7_300, 190_000)]
    assert spans == ["0 s", "59 s", "2 h 1 min", "2 days 4 h"]
    assert in_words("characters", 1_234_567) == "1,234,567"
