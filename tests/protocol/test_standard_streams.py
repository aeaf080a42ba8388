"""Standard output as it is found: whatever is done to it, a command ends without a traceback."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
WRITES = """
import sys
from protocol import standard_streams
standard_streams.prepare()
with standard_streams.written_out():
    print('Größe \\udce9')
    sys.stdout.write('x' * int(sys.argv[1]))
"""

pytestmark = pytest.mark.skipif(os.name != "posix", reason="a shell's ways to treat standard output")


def shell(line: str, code: str = WRITES, chars: int = 1, **environment: str) -> subprocess.CompletedProcess[bytes]:
    """What a shell sees of the program that ``line`` calls $P, with standard error beside it."""
    program = f"'{sys.executable}' -c '$CODE' {chars}".replace("'$CODE'", '"$CODE"')
    there = {**os.environ, "CODE": code, "PYTHONUTF8": "0", **environment}
    return subprocess.run(
        ["sh", "-c", line.replace("$P", program)], capture_output=True, cwd=ROOT, env=there, timeout=60
    )


@pytest.mark.parametrize(
    ("encoding", "written"),
    [
        ("utf-8", "Größe ?\nx".encode()),
        ("ascii", b"Gr??e ?\nx"),  # a machine whose locale is C
        ("cp437", "Größe ?\nx".encode("cp437")),  # Windows' console
    ],
)
def test_a_letter_that_the_encoding_lacks_is_a_question_mark(encoding: str, written: bytes) -> None:
    ran = shell("$P", PYTHONIOENCODING=encoding)
    assert (ran.stdout, ran.stderr, ran.returncode) == (written, b"", 0)


@pytest.mark.parametrize("closed", [">&-", "<&-", "<&- >&-", "2>&-", ">&- 2>&- <&-"])
def test_a_stream_that_is_closed_is_written_to_nowhere(closed: str) -> None:
    ran = shell(f"$P {closed}")
    assert (ran.stderr, ran.returncode) == (b"", 0)


def test_what_is_opened_next_does_not_take_the_place_of_a_closed_stream() -> None:
    code = "import os\nfrom protocol import standard_streams\nstandard_streams.prepare()\nassert os.dup(0) > 2"
    assert shell("$P <&- >&- 2>&-", code).returncode == 0


@pytest.mark.parametrize("chars", [1, 1_000_000])
def test_who_reads_no_more_ends_it_without_a_word(chars: int) -> None:
    # cylc/cylc-flow, pull request 7354, and trailofbits/graphtage, issue 156: tracebacks behind `| head`
    ran = shell("{ $P; echo $? >&2; } | true", chars=chars)
    assert ran.stderr in (b"0\n", b"1\n")  # what fits into a pipe may have left before its reader did


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="a disk that is always full")
@pytest.mark.parametrize("chars", [1, 1_000_000])
def test_a_full_disk_is_told_once(chars: int) -> None:
    code = (
        f"try:\n{''.join(f'    {line}' + chr(10) for line in WRITES.splitlines())}except OSError as error: sys.exit(3)"
    )
    ran = shell("$P >/dev/full", code, chars)
    assert (ran.stderr, ran.returncode) == (b"", 3)


def test_ctrl_c_while_the_command_line_loads_ends_it_without_a_traceback(home: Path) -> None:
    for wait in (0.1, 0.4):
        command = [sys.executable, str(ROOT / "antiphon.py"), "styles"]
        running = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
        try:
            running.wait(wait)
        except subprocess.TimeoutExpired:
            running.send_signal(signal.SIGINT)
        _, said = running.communicate(timeout=60)
        assert b"Traceback" not in said or b"site" in said  # Python itself was still starting
