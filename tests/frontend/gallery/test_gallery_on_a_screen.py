"""The gallery as it is installed: real processes, a whole screen, and a page that says how it does."""

from __future__ import annotations

import signal
import subprocess
import sys
from pathlib import Path

import httpx
import pytest

from protocol.logs import log_folder
from server.supervisor.child_process import free_port
from tests.journeys.hands import PATIENCE, wait_until

ROOT = Path(__file__).parents[3]


def antiphon(*words: str) -> list[str]:
    return [sys.executable, str(ROOT / "antiphon.py"), "gallery", *words]


def test_it_fills_the_screen_wanders_and_says_that_it_is_well(screen: str, home: Path) -> None:
    port = free_port("127.0.0.1", 0)
    settings = home / "gallery.toml"
    settings.write_text(f"idle = 1\nhealth = {port}\n")
    place = f"http://127.0.0.1:{port}"

    def report() -> dict[str, object]:
        try:
            told: dict[str, object] = httpx.get(f"{place}/health.json", timeout=PATIENCE).json()
            return told
        except httpx.HTTPError:
            return {}

    process = subprocess.Popen(antiphon("--settings", str(settings), "--port", "0"), stdin=subprocess.DEVNULL)
    try:
        wait_until(lambda: bool(report().get("well")), "a gallery that is well", pause=0.5)
        wait_until(lambda: any('"/puck"' in take.read_text() for take in home.rglob("*-main.jsonl")), "it wandering")
        picture = httpx.get(f"{place}/stage.png", timeout=PATIENCE)
        assert picture.content.startswith(b"\x89PNG")
        process.send_signal(signal.SIGINT)
        assert process.wait(PATIENCE) == 0
        assert "begins; the server has UDP port" in (log_folder() / "gallery.log").read_text()
    finally:
        if process.poll() is None:
            process.kill()
            process.wait()


def test_installing_writes_a_unit_and_settings_that_can_be_read(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(home / "config"))
    ran = subprocess.run(antiphon("install"), capture_output=True, text=True, timeout=PATIENCE)
    assert (ran.returncode, ran.stderr) == (0, "")
    unit = home / "config" / "systemd" / "user" / "antiphon-gallery.service"
    assert "WatchdogSec=15" in unit.read_text()
    assert "systemctl --user enable --now antiphon-gallery.service" in ran.stdout
