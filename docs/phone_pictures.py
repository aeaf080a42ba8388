"""The pictures of phones: the page in a real browser, the codes in the control window, the swarm on the stage.

    xvfb-run -a -s "-screen 0 1920x1080x24" .venv/bin/python docs/phone_pictures.py [FOLDER]

A demo performance plays; the page's server is the real one. One thread, and the server's.
"""

from __future__ import annotations

import math
import random
import sys
import tempfile
import threading
import time
from contextlib import closing
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from PIL import Image

from benchmarks.browser import Tab, browser, way
from docs.stand import FRAME, MIX, Stand
from frontend.client.fake_link import FakeLink
from frontend.remote.guests import PhoneClients
from frontend.remote.host import NoPhones
from frontend.remote.links import AccessTokens, InviteLinks
from frontend.remote.serving import PhoneServer
from frontend.stage.staging import StageState
from frontend.stage.window import StageWindow
from protocol.messages import CrowdPucks
from protocol.puck import Puck, clamp
from protocol.tree import on_address, weight_address

LINKS = InviteLinks.of(AccessTokens("Play-the-faders1", "Lean-the-text-42"), "192.168.1.20", 7425)
CROWD = 60
READY = "document.body.className && !document.body.classList.contains('waiting')"


def crowd(now: float) -> tuple[Puck, ...]:
    """Sixty phones: most lean to one side, some wander."""
    chance = random.Random(4)
    pucks = []
    for i in range(CROWD):
        x, y = (0.62, 0.42) if i % 3 else (-0.55, -0.2)
        spread, turn = chance.gauss(0.0, 0.26), chance.uniform(0.0, math.tau) + now * chance.uniform(-0.4, 0.4)
        pucks.append((*clamp(x + spread * math.cos(turn), y + chance.gauss(0.0, 0.2) * math.sin(turn)), 1.0))
    return tuple(pucks)


def pages(folder: Path) -> None:
    """Performer and audience side by side, and the performer's phone laid on its side below."""
    link = FakeLink.demo(seed=7)
    link.pump(time.monotonic())
    for slug in link.session.slugs:
        link.set(on_address(slug), slug in MIX)
        link.set(weight_address(slug), MIX.get(slug, 0.0))
    link.set("/mix/temperature", 0.5)
    server = PhoneServer(link, PhoneClients(link, lambda pucks: None), AccessTokens.fresh(), "127.0.0.1", 0)
    thread = threading.Thread(target=server.run)
    thread.start()
    links = InviteLinks.of(server.keys, "127.0.0.1", server.port)
    try:
        with browser() as opened, tempfile.TemporaryDirectory() as name:
            shots = []
            for at, (address, size) in enumerate(
                ((links.performer, (390, 844)), (links.audience, (390, 844)), (links.performer, (844, 390)))
            ):
                tab = opened.tab(address, size, 2.0)
                tab.wait_for(READY)
                _lean(tab, (70, -45))
                time.sleep(6.0)
                shots.append(Path(name) / f"{at}.png")
                tab.picture(shots[-1])
            images = [Image.open(shot).convert("RGB") for shot in shots]
            gap = 40
            sheet = Image.new(
                "RGB",
                (sum(each.width for each in images[:2]) + images[2].width + 4 * gap, images[0].height + 2 * gap),
                "#2B323D",
            )
            x = gap
            for image in images:
                sheet.paste(image, (x, gap + (images[0].height - image.height) // 2))
                x += image.width + gap
            sheet.resize((sheet.width // 2, sheet.height // 2), Image.Resampling.LANCZOS).save(folder / "phones.png")
    finally:
        server.end()
        thread.join()


def _lean(tab: Tab, by: tuple[float, float]) -> None:
    x, y = tab.middle("#circle")
    tab.touch("Start", (x, y))
    for place in way((x, y), (x + by[0], y + by[1])):
        tab.touch("Move", place)
    tab.touch("End")


def windows(folder: Path) -> None:
    """The drawer with the codes, and the stage with swarm and code."""
    with closing(Stand((1920, 1080), MIX)) as stand:
        stand.controller.phones = NoPhones(LINKS, performers=1, audience=64, holding=CROWD)
        stand.play(30.0)
        stand.window.panels.phones.open = True
        for settings, name in (
            ({}, "stage-swarm"),
            ({"invitation": "corner"}, "stage-code"),
            ({"invitation": "large"}, "stage-code-large"),
            ({"histogram": True, "names": True, "invitation": "corner"}, "stage-swarm-histogram"),
        ):
            staging = StageState()
            for key, value in settings.items():
                staging.set(key, value)
            with closing(
                StageWindow(
                    stand.link.session,
                    staging,
                    size=(1920, 1080),
                    readouts=lambda: stand.controller.readouts,
                    link=lambda: LINKS.audience,
                )
            ) as stage:
                for number in range(30):
                    stand.link.send(CrowdPucks(int(stand.now * 100) + number, crowd(stand.now)))
                    stand.play(FRAME)
                    stage.draw(stand.now)
                stage.save_picture(folder / f"{name}.png")
        stand.window.save_picture(folder / "phones-drawer.png")


def main() -> None:
    folder = Path(sys.argv[1] if len(sys.argv) > 1 else Path(__file__).parent / "pictures")
    folder.mkdir(parents=True, exist_ok=True)
    windows(folder)
    pages(folder)


if __name__ == "__main__":
    main()
