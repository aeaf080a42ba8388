"""The pictures of docs/show.md: the stage on the web in a real browser, over the squares that stand for "nothing
there"; and a receipt.

    .venv/bin/python docs/show_pictures.py [FOLDER]

A demo performance plays; the page's server is the real one. One thread, and the server's.
"""

from __future__ import annotations

import sys
import threading
import time
from datetime import datetime
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).parents[1]))

from benchmarks.browser import browser
from frontend.client.fake_link import FakeLink
from frontend.look.png import save_png
from frontend.paper.drawing import draw, pixels
from frontend.paper.receipt import receipt_of
from frontend.stage.faces import OURS, face_file
from frontend.stage.feed import FakeFeed, run
from frontend.stage.look import load_theme, theme_files
from frontend.stage.staging import StageState
from frontend.web.serving import WebStage
from protocol.tree import on_address, weight_address

MIX = {"austen": 0.8, "bible": 0.72, "linux": 0.5, "nietzsche": 0.4}
SECONDS = 26.0  # of text
SQUARES = """document.documentElement.style.background =
"conic-gradient(#5a5f66 25%, #767b82 0 50%, #5a5f66 0 75%, #767b82 0) 0 0 / 40px 40px" """


def main(folder: Path) -> None:
    web(folder)
    receipt(folder)
    ndi(folder)


def receipt(folder: Path) -> None:
    link = FakeLink.demo(seed=5)
    for turn in range(700):
        link.pump(turn / 10)
        if turn == 1:
            for slug in link.session.slugs:
                link.set(on_address(slug), slug in MIX)
                link.set(weight_address(slug), MIX.get(slug, 0.0))
    written = receipt_of(link.session, "sentence", datetime(2026, 11, 30, 20, 15), "https://example.org/tonight.html")
    save_png(folder / "receipt.png", pixels(draw(written)))


def ndi(folder: Path) -> None:
    """A picture as a video mixer gets it, over the squares."""
    link, feed, began = FakeLink.demo(seed=9), FakeFeed(), time.monotonic()
    link.pump(0.0)
    for slug in link.session.slugs:
        link.set(on_address(slug), slug in MIX)
        link.set(weight_address(slug), MIX.get(slug, 0.0))
    link.set("/mix/rate", 40.0)
    run(link, StageState(), (1280, 720), 10.0, feed, lambda: time.monotonic() - began > SECONDS)
    rows, columns = np.indices(feed.newest.shape[:2]) // 20
    ground = np.where(((rows + columns) % 2 == 0)[..., None], (90, 95, 102), (118, 123, 130))
    part = feed.newest[..., 3:] / 255.0
    save_png(folder / "ndi.png", np.rint(feed.newest[..., :3] * part + ground * (1.0 - part)).astype(np.uint8))


def web(folder: Path) -> None:
    link = FakeLink.demo(seed=7)
    link.pump(time.monotonic())
    for slug in link.session.slugs:
        link.set(on_address(slug), slug in MIX)
        link.set(weight_address(slug), MIX.get(slug, 0.0))
    link.set("/mix/rate", 40.0)
    themes = {name: load_theme(path) for name, path in theme_files().items()}
    stage = WebStage(link, themes, "look", face_file(OURS), "127.0.0.1", 0)
    serving = threading.Thread(target=stage.run)
    serving.start()
    try:
        with browser() as opened:
            tab = opened.tab(f"http://127.0.0.1:{stage.port}/?shadow=on", (1280, 720))
            time.sleep(SECONDS)
            tab.evaluate(SQUARES)
            tab.picture(folder / "web.png")
            tab.close()
    finally:
        stage.end()
        serving.join()


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).parent / "pictures")
