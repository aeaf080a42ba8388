"""Files and texts from strangers: read, or refused in one way."""

from __future__ import annotations

import tomllib
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from protocol.documents import (
    LONGEST_FILE_BYTES,
    LONGEST_TOML_CHARS,
    json_of,
    read,
    toml,
    toml_string,
    without_broken_lines,
)


def test_a_file_is_read_and_one_that_is_too_long_is_not(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_bytes("dix-\u00e9\r\nend".encode())
    assert read(path) == "dix-\u00e9\nend"
    path.write_bytes(b"x" * (LONGEST_FILE_BYTES + 1))
    with pytest.raises(OSError, match="too large"):
        read(path)


@pytest.mark.parametrize(
    "text",
    [
        "a = " + "[" * 20_000,
        "a = " + "9" * 5_000,
        "a =",
        "a = [{b = -9223372036854775809}]",
        "a = 1\n" * LONGEST_TOML_CHARS,
        ".".join("a" * 60) + " = 1",
    ],
)
def test_what_is_no_toml_is_the_parsers_own_error(text: str) -> None:
    with pytest.raises(tomllib.TOMLDecodeError):
        toml(text)


@pytest.mark.parametrize("text", ["[" * 100_000, '{"a":' * 100_000, "9" * 5_000, "{", "[9223372036854775808]", "NaN"])
def test_what_is_no_json_is_a_value_error(text: str) -> None:
    with pytest.raises(ValueError):
        json_of(text)


def test_whole_numbers_of_sixty_four_bits_are_read() -> None:
    assert toml("a = [9223372036854775807]") == {"a": [2**63 - 1]}
    assert json_of("[-9223372036854775808, 1.5]") == [-(2**63), 1.5]


@given(st.text(st.characters(exclude_categories=["Cs"])))
def test_whatever_is_written_as_a_string_is_read_as_it_was(text: str) -> None:
    assert tomllib.loads(f"a = {toml_string(text)}\n") == {"a": text}


GOOD = "a = 1\n\n[b]\nc = 2\n"


@pytest.mark.parametrize(
    ("text", "left", "number"),
    [
        ("x == 1\n" + GOOD, {"a": 1, "b": {"c": 2}}, 1),
        (GOOD + 'd = "never ends\n', {"a": 1, "b": {"c": 2}}, 5),
        (GOOD + "c = 3\n", {"a": 1, "b": {"c": 2}}, 5),  # said twice
        (GOOD + "[d\nc = 3\n\n[e]\nf = 4\n", {"a": 1, "b": {"c": 2}, "e": {"f": 4}}, 5),
        (GOOD + "d = 1e\u00e9\nf = 3", {"a": 1, "b": {"c": 2, "f": 3}}, 5),
    ],
)
def test_a_line_that_is_no_toml_costs_itself_or_the_table_that_it_begins(
    text: str, left: dict[str, object], number: int
) -> None:
    mended, (complaint,) = without_broken_lines(text)
    assert toml(mended) == left
    assert complaint.startswith(f"line {number} is left out: ")


@pytest.mark.parametrize("text", ["size: 1.2", "<html>\n</html>", "\n".join(f"{n} is no TOML" for n in range(99))])
def test_what_is_no_toml_at_all_is_refused(text: str) -> None:
    with pytest.raises(tomllib.TOMLDecodeError):
        without_broken_lines(text)


@given(st.text())
def test_any_text_has_good_lines_or_is_refused(text: str) -> None:
    with suppress(tomllib.TOMLDecodeError):
        mended, complaints = without_broken_lines(text)
        assert toml(mended) is not None
        assert (mended == text) == (not complaints)


def test_half_a_pair_of_surrogates_is_written_as_a_question_mark() -> None:
    assert toml_string("a\ud83d") == '"a?"'


@pytest.mark.parametrize(
    ("text", "read_again"),
    [
        ("\ud800", "?"),  # squirrelchat/smol-toml, pull request 60: it wrote an escape that its own parser refused
        ("C:\\Users\\ada", "C:\\Users\\ada"),  # manufosela/karajan-code, issue 1426: paths of Windows as they are
        ("\U0001f39b Deck\t\x7f", "\U0001f39b Deck\t\x7f"),
    ],
)
def test_what_is_written_of_a_text_is_toml_that_says_it(text: str, read_again: str) -> None:
    assert tomllib.loads(f"a = {toml_string(text)}") == {"a": read_again}


@pytest.mark.parametrize(
    "encoding",
    [
        "utf-8",
        "utf-8-sig",  # influxdata/telegraf, issue 1378: Notepad puts a mark before a TOML file
        "utf-16",  # anthony-chaudhary/dos-kernel, issue 148: PowerShell's > writes this
        "utf-32",
    ],
)
def test_a_byte_order_mark_says_how_a_file_is_to_be_read_and_is_no_part_of_it(tmp_path: Path, encoding: str) -> None:
    (tmp_path / "a.toml").write_bytes('a = "\u00e9"\r\n'.encode(encoding))
    assert read(tmp_path / "a.toml") == 'a = "\u00e9"\n'
