"""A real browser without a screen: headless Chromium, driven through its DevTools protocol. Benchmarks and tests touch
its pages as fingers do. The caller's thread."""

from __future__ import annotations

import base64
import contextlib
import itertools
import json
import os
import re
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import httpx
from websockets.sync.client import ClientConnection, connect

from protocol.errors import DisplayError

CHROMIUM_COMMANDS = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome", "headless_shell")
BROWSER_TIMEOUT_S = 40.0


class Tab:
    """A page on a phone of this size, with fingers."""

    def __init__(self, wire: ClientConnection, size: tuple[int, int], scale: float = 1.0) -> None:
        """``scale``: pixels of the screen in one of the page."""
        self._scale = scale
        self._wire, self._numbers = wire, itertools.count(1)
        self.complaints: list[str] = []
        for domain in ("Page", "Runtime", "Log"):
            self.call(f"{domain}.enable")
        self.resize(size)
        self.call("Emulation.setTouchEmulationEnabled", enabled=True, maxTouchPoints=5)

    def resize(self, size: tuple[int, int]) -> None:
        self.call(
            "Emulation.setDeviceMetricsOverride",
            width=size[0],
            height=size[1],
            deviceScaleFactor=self._scale,
            mobile=True,
        )

    def call(self, method: str, **parameters: Any) -> Any:
        number = next(self._numbers)
        self._wire.send(json.dumps({"id": number, "method": method, "params": parameters}))
        while True:
            message = json.loads(self._wire.recv(BROWSER_TIMEOUT_S))
            if message.get("id") == number:
                assert "error" not in message, (method, message["error"])
                return message["result"]
            self._note(message)

    def _note(self, message: dict[str, Any]) -> None:
        """What the page's console says by itself."""
        if message.get("method") == "Log.entryAdded" and message["params"]["entry"]["level"] == "error":
            self.complaints.append(message["params"]["entry"]["text"])
        if message.get("method") == "Runtime.exceptionThrown":
            self.complaints.append(json.dumps(message["params"]["exceptionDetails"])[:600])

    def open(self, link: str) -> None:
        self.call("Page.navigate", url=link)

    def evaluate(self, script: str) -> Any:
        return self.call("Runtime.evaluate", expression=script, returnByValue=True)["result"].get("value")

    def wait_for(self, script: str) -> Any:
        """Until ``script`` gives something true; gives that."""
        until = time.monotonic() + BROWSER_TIMEOUT_S
        while not (value := self.evaluate(script)):
            assert time.monotonic() < until, (script, self.complaints)
            time.sleep(0.05)
        return value

    def middle(self, selector: str) -> tuple[float, float]:
        box = self.evaluate(
            f"(b => [b.x + b.width / 2, b.y + b.height / 2])"
            f"(document.querySelector({json.dumps(selector)}).getBoundingClientRect())"
        )
        return box[0], box[1]

    def touch(self, kind: str, *fingers: tuple[float, float]) -> None:
        """``kind``: Start, Move, End or Cancel; all fingers that are down, in the order in which they came."""
        points = [{"x": x, "y": y, "id": place} for place, (x, y) in enumerate(fingers)]
        self.call("Input.dispatchTouchEvent", type=f"touch{kind}", touchPoints=points)

    def tap(self, selector: str) -> None:
        self.touch("Start", self.middle(selector))
        self.touch("End")

    def close(self) -> None:
        self.call("Page.close")

    def picture(self, path: Path) -> None:
        path.write_bytes(base64.b64decode(self.call("Page.captureScreenshot", format="png")["data"]))


class Browser:
    """``tab`` opens pages. A context that ends with the browser."""

    def __init__(self, folder: Path) -> None:
        name = next(filter(None, map(shutil.which, CHROMIUM_COMMANDS)), None)
        if name is None:
            raise DisplayError("no Chromium was found: `make test` installs one")
        options = (
            "--headless",
            "--no-sandbox",
            "--disable-gpu",
            "--remote-debugging-port=0",
            "--no-first-run",
            "--disable-background-networking",
            "--disable-dev-shm-usage",
            "--disable-extensions",
            "--disable-component-update",
            "--host-resolver-rules=MAP * ~NOTFOUND , EXCLUDE 127.0.0.1",
            f"--user-data-dir={folder}",
            "about:blank",
        )
        self._log = (folder / "log").open("wb")
        self._process = subprocess.Popen(
            [name, *options],
            stderr=self._log,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            start_new_session=True,
        )
        self._wires = contextlib.ExitStack()
        self._place = ""

    def tab(self, link: str, size: tuple[int, int] = (390, 844), scale: float = 1.0) -> Tab:
        place = f"http://127.0.0.1:{self._port()}"
        answer = httpx.put(f"{place}/json/new?about:blank", timeout=BROWSER_TIMEOUT_S, trust_env=False).json()
        place = answer["webSocketDebuggerUrl"]
        wire = connect(
            place, max_size=None, open_timeout=BROWSER_TIMEOUT_S, proxy=None, ping_interval=None, close_timeout=1.0
        )
        tab = Tab(self._wires.enter_context(wire), size, scale)
        tab.open(link)
        return tab

    def _port(self) -> int:
        until = time.monotonic() + BROWSER_TIMEOUT_S
        while time.monotonic() < until:
            found = re.search(rb"DevTools listening on ws://[^:]+:(\d+)/", Path(self._log.name).read_bytes())
            if found:
                return int(found[1])
            time.sleep(0.05)
        raise AssertionError("Chromium does not start: " + Path(self._log.name).read_text("utf-8", "replace")[-400:])

    def close(self) -> None:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self._process.pid, signal.SIGKILL)  # its helpers too: they would hold our pipes and its folder
        self._process.wait()
        self._wires.close()
        self._log.close()


@contextlib.contextmanager
def browser() -> Iterator[Browser]:
    with tempfile.TemporaryDirectory(prefix="antiphon-browser-", ignore_cleanup_errors=True) as folder:
        opened = Browser(Path(folder))
        try:
            yield opened
        finally:
            opened.close()


def way(start: tuple[float, float], end: tuple[float, float], steps: int = 8) -> Sequence[tuple[float, float]]:
    """A finger's way from one place to another."""
    return [
        (start[0] + (end[0] - start[0]) * i / steps, start[1] + (end[1] - start[1]) * i / steps)
        for i in range(1, steps + 1)
    ]
