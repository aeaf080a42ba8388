"""This machine: how well it keeps time, its memory, disk and processor, what is installed, which ports are free.

Loopback only. Caller's thread.
"""

from __future__ import annotations

import os
import shutil
import socket
import sys
import tempfile
import time
from importlib.util import find_spec
from pathlib import Path

from platformdirs import user_config_path, user_data_path

from benchmarks.doctor.findings import Finding, Level
from benchmarks.machine import percentile
from protocol.errors import AntiphonError
from protocol.messages import DEFAULT_PORT, Ping, Pong
from protocol.osc import decode_to_front, encode
from server.engine.clock import MonotonicClock
from server.filters.load import load_filters, own_words

# ---- what is installed besides the necessary, and the lists that texts are guarded by --------------------------------


def examine_word_lists() -> list[Finding]:
    loaded = load_filters()
    if loaded.complaint:
        return [Finding("manners", Level.WARN, loaded.complaint, "mend the file, or move it away")]
    whose = "your own list" if own_words().exists() else "the shipped list"
    return [Finding("manners", Level.GOOD, f"{whose} of {len(loaded.filter_set.words.entries)} words can be read")]


EXTRAS_TOPIC = "extras"
PACKAGES = {  # package: extra, what it is for
    "mediapipe": ("camera", "hands and faces by camera"),
    "aalink": ("link", "tempo by Ableton Link"),
    "sklearn": ("teach", "teach by showing"),
    "ray": ("ray", "training on several machines"),
}


def examine_extras() -> list[Finding]:
    missing = [(extra, what) for package, (extra, what) in PACKAGES.items() if find_spec(package) is None]
    found = [Finding("Python", Level.GOOD, f"Python {sys.version.split()[0]}")]
    found += [
        Finding(EXTRAS_TOPIC, Level.NOTE, f"{what}: not installed", f"pip install 'antiphon[{extra}]' if you want it")
        for extra, what in missing
    ]
    if shutil.which("ffmpeg") is None:
        found.append(
            Finding(EXTRAS_TOPIC, Level.NOTE, "takes as video: ffmpeg is not installed", "install it if you want it")
        )
    if shutil.which("espeak-ng") is None:
        words = "the text spoken: espeak-ng is not installed"
        found.append(Finding(EXTRAS_TOPIC, Level.NOTE, words, "install it if you want it"))
    return found


# ---- UDP ports, and whether this machine reaches itself --------------------------------------------------------------

LOOPBACK = "127.0.0.1"
PORTS_TOPIC = "ports"
ANSWER_TIMEOUT_S = 0.5
OTHERS = {3333: "TUIO", 12000: "Wekinator's outputs", 6448: "Wekinator's inputs"}  # listened on where switched on


def examine_ports(port: int = DEFAULT_PORT) -> list[Finding]:
    """The server's own port, then those of inputs that may be switched on."""
    found = [_server_port(port)]
    for number, what in OTHERS.items():
        if not is_free(number):
            found.append(
                Finding(
                    PORTS_TOPIC,
                    Level.NOTE,
                    f"UDP {number} is taken: {what} cannot be heard there",
                    "end the other program if you play by it",
                )
            )
    return found


def _server_port(port: int) -> Finding:
    if is_free(port):
        return Finding(PORTS_TOPIC, Level.GOOD, f"UDP {port} is free for the server")
    if is_answering(port):
        return Finding(
            PORTS_TOPIC,
            Level.NOTE,
            f"an Antiphon is running on UDP {port} already",
            "`antiphon play` takes another port by itself; `antiphon front` plays that one",
        )
    return Finding(
        PORTS_TOPIC,
        Level.NOTE,
        f"UDP {port} is taken by another program",
        "`antiphon play` takes another port by itself; other programs have to be told which",
    )


def is_free(port: int) -> bool:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as trying:
        try:
            trying.bind((LOOPBACK, port))
        except OSError:
            return False
    return True


def is_answering(port: int) -> bool:
    """Whether what listens there answers a ping as a server does."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as asking:
        asking.settimeout(ANSWER_TIMEOUT_S)
        try:
            asking.sendto(encode(Ping(7424)), (LOOPBACK, port))
            decoded = decode_to_front(asking.recv(2_048), None)
        except (OSError, AntiphonError):
            return False
    return Pong(7424) in decoded.messages


TIMED_SLEEPS = 200
SLEEP_S = 0.005
LATE_MS = 3.0  # ms at p99 that a performer would hear as unevenness
NEEDED_MB = 1_000  # memory: server, front end and some air
TAKE_MB_AN_HOUR = 22.3  # measured at 20 characters a second under a hand that never rests; 5.8 where nothing moves
LEAST_MB = 500  # disk


def timing() -> Finding:
    """How late a short sleep ends."""
    clock = MonotonicClock()
    late = []
    for _ in range(TIMED_SLEEPS):
        wanted = clock.now() + SLEEP_S
        clock.sleep_until(wanted)
        late.append(max(0.0, clock.now() - wanted))
    return judge_timing(percentile(late, 0.99), percentile(late, 1.0))


def judge_timing(p99_ms: float, worst_ms: float) -> Finding:
    words = f"sleeps end {p99_ms:.2f} ms late at worst in a hundred, {worst_ms:.1f} ms at worst"
    if p99_ms < LATE_MS:
        return Finding("timing", Level.GOOD, words)
    return Finding(
        "timing",
        Level.WARN,
        f"{words}: letters will come unevenly",
        "close other programs, plug the charger in, choose the power plan for performance",
    )


def precedence() -> Finding:
    """Whether the server may go before other programs; tried in a process of its own."""
    import subprocess

    code = "from protocol.process import *; import sys; sys.exit(0 if raise_priority(ENGINE_PRIORITY) else 1)"
    done = subprocess.run([sys.executable, "-c", code], cwd=Path(__file__).parents[2], timeout=30, check=False)
    if done.returncode == 0:
        return Finding("timing", Level.GOOD, "the server may go before other programs")
    advice = "on Linux: give the user real-time priority (rtprio 2 in /etc/security/limits.d)"
    return Finding(
        "timing",
        Level.NOTE,
        "the server may not go before other programs: a busy machine will be heard",
        advice if sys.platform == "linux" else "",
    )


def power() -> list[Finding]:
    """A laptop on its battery slows down."""
    supplies = Path("/sys/class/power_supply")
    if not supplies.is_dir():
        return []
    online = [read(path / "online") for path in supplies.iterdir() if read(path / "type") == "Mains"]
    if online and not any(state == "1" for state in online):
        return [Finding("power", Level.WARN, "running on the battery", "plug the charger in")]
    return []


def read(path: Path) -> str:
    try:
        return path.read_text().strip()
    except OSError:
        return ""


def memory() -> list[Finding]:
    """What is free, where the system tells."""
    lines = read(Path("/proc/meminfo")).splitlines()
    free = next((int(line.split()[1]) // 1024 for line in lines if line.startswith("MemAvailable")), None)
    return [] if free is None else [judge_memory(free)]


def judge_memory(free_mb: int) -> Finding:
    if free_mb >= NEEDED_MB:
        return Finding("memory", Level.GOOD, f"{free_mb:,} MB are free")
    return Finding(
        "memory", Level.WARN, f"only {free_mb:,} MB are free; both programs need {NEEDED_MB:,}", "close other programs"
    )


def disk() -> list[Finding]:
    """Whether settings and takes can be written, and for how long."""
    found = []
    for what, folder in (
        ("takes", user_data_path("antiphon", appauthor=False)),
        ("settings", user_config_path("antiphon", appauthor=False)),
    ):
        try:
            folder.mkdir(parents=True, exist_ok=True)
            with tempfile.TemporaryFile(dir=folder) as file:
                file.write(b"\0")
        except OSError as error:
            found.append(
                Finding(
                    "disk",
                    Level.WARN,
                    f"{what} cannot be kept: {folder}: {error.strerror or error}",
                    "the show goes on without; make the folder writable to keep them",
                )
            )
            continue
        if what == "takes":
            found.append(judge_disk(shutil.disk_usage(folder).free / 1e6))
    return found


def judge_disk(free_mb: float) -> Finding:
    words = f"{free_mb:,.0f} MB are free: {free_mb / TAKE_MB_AN_HOUR:,.0f} hours of takes"
    if free_mb >= LEAST_MB:
        return Finding("disk", Level.GOOD, words)
    return Finding("disk", Level.WARN, words, "make room: a full disk ends the recording, though not the show")


def cores() -> Finding:
    count = os.cpu_count() or 1
    load = os.getloadavg()[0] if hasattr(os, "getloadavg") else 0.0
    words = f"{count} processor cores, of which {load:.1f} were busy over the last minute"
    if load < count - 0.5 or load < 0.5:
        return Finding("processor", Level.GOOD, words)
    return Finding("processor", Level.WARN, words, "close other programs before the show")


def wait_a_moment() -> None:
    """Let what was just started come to rest before something is timed."""
    time.sleep(0.2)
