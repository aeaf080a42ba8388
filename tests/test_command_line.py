"""The front door: what each command prints, and the one line that says what went wrong."""

from __future__ import annotations

import json
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from protocol.errors import ParameterError
from server.commands import parse_weights

ROOT = Path(__file__).parent.parent
PROSE = "The quick brown fox jumps over the lazy dog, and then it sleeps; number {} of many.\n"


def antiphon(*words: str, timeout: float = 120) -> subprocess.CompletedProcess[str]:
    """The command as a user runs it, with no terminal."""
    command = [sys.executable, str(ROOT / "antiphon.py"), *words]
    return subprocess.run(command, capture_output=True, text=True, timeout=timeout, stdin=subprocess.DEVNULL, cwd=ROOT)


def refused(*words: str) -> str:
    """The one line with which a command is refused."""
    ran = antiphon(*words)
    assert ran.returncode == 1, ran.stderr
    assert ran.stderr.count("\n") == 1 and ran.stderr.startswith("antiphon: "), ran.stderr
    return ran.stderr.removeprefix("antiphon: ").strip()


@pytest.fixture(autouse=True)
def _home(home: Path) -> None:
    """No command here sees this machine's voices or settings."""


# ---- weights ---------------------------------------------------------------------------------------------------


def test_a_style_without_a_number_weighs_one() -> None:
    assert parse_weights(["bible=0.7", "linux"]) == {"bible": 0.7, "linux": 1.0}


def test_a_weight_below_zero_is_less_of_the_style() -> None:
    assert parse_weights(["bible", "linux=-0.5"]) == {"bible": 1.0, "linux": -0.5}


@pytest.mark.parametrize("bad", ["bible=", "bible=x", "bible=nan", "bible=-inf", "bible=0,7"])
def test_a_weight_that_is_none_is_refused(bad: str) -> None:
    with pytest.raises(ParameterError, match=r"^--style bible="):
        parse_weights([bad])


@pytest.mark.parametrize("bad", [[], ["bible=0"], ["bible=-1", "linux=0"]])
def test_a_mix_needs_a_weight(bad: list[str]) -> None:
    with pytest.raises(ParameterError, match="no voice has a weight"):
        parse_weights(bad)


def test_a_voice_has_one_weight() -> None:
    with pytest.raises(ParameterError, match="bible is given twice"):
        parse_weights(["bible=0.2", "bible=0.3"])


# ---- speak -----------------------------------------------------------------------------------------------------


def test_one_voice_alone_writes_what_it_writes() -> None:
    ran = antiphon("speak", "--style", "bible", "--chars", "200", "--seed", "1", "--quotation", "0")
    assert (len(ran.stdout), set(ran.stdout[:200]), ran.stdout[200:]) == (201, {"b", " "}, "\n")
    assert ran.stderr == ""


def test_the_same_seed_gives_the_same_text_and_another_seed_another() -> None:
    mix = ("speak", "--style", "bible=0.7", "--style", "linux=0.3", "--chars", "100", "--seed")
    first, again, other = antiphon(*mix, "1"), antiphon(*mix, "1"), antiphon(*mix, "2")
    assert first.stdout == again.stdout != other.stdout
    assert {"b", "l"} <= set(first.stdout)


def test_json_says_who_wrote_each_character() -> None:
    ran = antiphon("speak", "--style", "bible", "--style", "linux=0", "--chars", "20", "--prime", "Café", "--json")
    spoken = json.loads(ran.stdout)
    assert len(spoken["text"]) == len(spoken["shares"]) == len(spoken["surprise_bits"]) == 20
    assert spoken["weights"] == {"bible": 1.0, "linux": 0.0}
    assert all(shares["bible"] == 1.0 for shares in spoken["shares"])


def test_a_reader_that_stops_reading_is_no_error() -> None:
    command = [sys.executable, str(ROOT / "antiphon.py"), "speak", "--style", "bible", "--chars", "200000"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as speaker:
        assert speaker.stdout and speaker.stderr
        speaker.stdout.read(10)
        speaker.stdout.close()
        assert speaker.stderr.read() == ""


@pytest.mark.parametrize(
    ("words", "line"),
    [
        (("--style", "bibel"), "there is no style 'bibel': did you mean bible?"),
        (("--style", "kant"), "there is no voice kant yet: antiphon train kant makes one"),
        (("--style", "bible=much"), "--style bible=much: the weight is no number; say bible=0.7"),
        (("--style", "bible=-1"), "no voice has a weight above 0"),
        (("--style", "bible", "--device", "abacus"), "there is no device abacus here"),
    ],
)
def test_a_mistake_costs_one_line(words: tuple[str, ...], line: str) -> None:
    assert refused("speak", *words).startswith(line)


def test_a_wrong_command_line_is_told_from_a_wrong_world() -> None:
    assert antiphon("speak", "--chars", "none").returncode == 2
    assert antiphon("sing").returncode == 2
    assert antiphon("train").returncode == 2


# ---- weight files ----------------------------------------------------------------------------------------------


def test_a_torn_voice_is_refused_by_name(home: Path, monkeypatch: pytest.MonkeyPatch, spelling_voices: Path) -> None:
    whole = (spelling_voices / "bible.safetensors").read_bytes()
    (home / "bible.safetensors").write_bytes(whole[: len(whole) // 2])
    monkeypatch.setenv("ANTIPHON_WEIGHTS", str(home))
    assert "bible.safetensors cannot be read" in refused("speak", "--style", "bible")


def test_without_voices_the_server_says_what_makes_one(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ANTIPHON_WEIGHTS", str(home))
    assert "antiphon train" in refused("serve", "--port", "0")
    assert "antiphon train" in refused("play", "--seconds", "1")


# ---- serving and playing ---------------------------------------------------------------------------------------


def test_a_port_in_use_is_said_to_be() -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as other:
        other.bind(("127.0.0.1", 0))
        port = str(other.getsockname()[1])
        assert port in refused("serve", "--port", port)
        assert port in refused("play", "--port", port, "--seconds", "1")


@pytest.mark.parametrize("place", ["nowhere", "host:", ":7424", "host:0", "host:70000", "host:x"])
def test_a_server_is_named_by_host_and_port(place: str) -> None:
    assert refused("front", "--server", place).startswith("--server takes HOST:PORT")


def test_others_are_let_in_by_name_or_not_at_all(home: Path) -> None:
    assert "say which, for example --allow 192.168.1.0/24" in refused("serve", "--host", "0.0.0.0", "--port", "0")
    assert "--allow 192.168.1.0/24" in refused("play", "--host", "0.0.0.0", "--seconds", "1")
    assert refused("serve", "--allow", "home").startswith("--allow takes a network")
    assert "`antiphon secret FILE` makes one" in refused("front", "--server", "127.0.0.1:9", "--secret-file", "nowhere")


# ---- styles, training, examining ------------------------------------------------------------------------------


def test_the_styles_are_listed_in_order_with_their_voices() -> None:
    lines = antiphon("styles").stdout.splitlines()
    slugs = [line.split()[0] for line in lines]
    assert len(slugs) == 24 and slugs == sorted(slugs)
    assert [slug for slug, line in zip(slugs, lines, strict=True) if "no voice yet" not in line] == [
        "austen",
        "bible",
        "linux",
        "nietzsche",
    ]


def test_evaluating_tells_bits_per_character_of_a_known_voice(tmp_path: Path) -> None:
    (tmp_path / "text.txt").write_text("b" * 99)
    told = json.loads(antiphon("evaluate", "--style", "bible", "--text", str(tmp_path / "text.txt"), "--json").stdout)
    assert (told["style"], told["chars"]) == ("bible", 99)
    assert told["bits_per_char"] == pytest.approx(0.152, abs=0.01)  # -log2(0.9): it writes b nine times in ten


@pytest.mark.parametrize(
    ("content", "line"),
    [
        (b"", "is empty"),
        (b"too short", "has only"),
        (b"the same line\n" * 1_000, "over and over"),
        (bytes(range(256)) * 64, "text"),
    ],
)
def test_a_text_of_no_use_is_refused_and_leaves_nothing(tmp_path: Path, home: Path, content: bytes, line: str) -> None:
    text = tmp_path / "notes.txt"
    text.write_bytes(content)
    said = refused("train", "mine", "--text", str(text), "--from-scratch")
    assert line in said
    assert sorted(path for path in home.rglob("*") if path.is_file()) == [text]


def test_a_report_begins_only_if_the_voices_can_be_examined() -> None:
    assert refused("report", "--style", "bible").startswith("the voice bible has no record of what was held out")
    assert refused("report", "--style", "bibel").startswith("there is no style 'bibel': did you mean bible?")


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    assert "nowhere.txt" in refused("train", "mine", "--text", "nowhere.txt")
    assert "nowhere.txt" in refused("evaluate", "--style", "bible", "--text", "nowhere.txt")


def test_a_text_of_ones_own_becomes_a_voice_that_speaks(tmp_path: Path) -> None:
    text = tmp_path / "notes.txt"
    text.write_text("".join(PROSE.format(number) for number in range(300)), "utf-16")
    size = ("--layers", "1", "--hidden", "8")  # as the other voices of this test have it
    made = antiphon("train", "my-notes", "--text", str(text), "--minutes", "0.03", "--from-scratch", *size)
    assert made.returncode == 0, made.stderr
    assert "bits per character held out" in made.stdout
    assert "my-notes" in antiphon("styles").stdout
    spoken = antiphon("speak", "--style", "my-notes", "--style", "bible", "--chars", "40", "--seed", "1")
    assert len(spoken.stdout) == 41
