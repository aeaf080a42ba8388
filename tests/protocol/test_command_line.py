"""Options are one dataclass, on whichever side of a command line they stand."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import pytest
import typer
from hypothesis import given
from hypothesis import strategies as st
from typer.testing import CliRunner

from protocol.command_line import copied, takes, words_of


@dataclass(frozen=True)
class Options:
    place: Annotated[str, typer.Option()]
    allow: Annotated[list[str] | None, typer.Option(metavar="NETWORK", help="Who.")] = None
    secret_file: Annotated[Path | None, typer.Option()] = None
    oscquery: Annotated[bool, typer.Option()] = True
    no_take: Annotated[bool, typer.Option("--no-take")] = False
    seconds: Annotated[float | None, typer.Option(min=0.0)] = None


@dataclass(frozen=True)
class Others:
    no_take: Annotated[bool, typer.Option("--no-take")]
    seconds: Annotated[float | None, typer.Option()] = None
    name: Annotated[str, typer.Option()] = "main"


def read(words: list[str]) -> tuple[list[Options], str]:
    """What a command is given that is called with ``words``, and what it prints."""
    taken: list[Options] = []
    app = typer.Typer()

    @app.command()
    @takes(Options)
    def command(options: Options) -> None:
        """Do it."""
        taken.append(options)

    return taken, CliRunner().invoke(app, words).output


values = st.text(st.characters(codec="ascii", exclude_categories=["C"]), min_size=1).filter(lambda word: word[0] != "-")


@given(
    st.builds(
        Options,
        values,
        st.none() | st.lists(values, min_size=1, max_size=3),
        st.none() | values.map(Path),
        st.booleans(),
        st.booleans(),
        st.none() | st.floats(0.0, 1e9),
    )
)
def test_options_come_through_a_command_line_as_they_were(options: Options) -> None:
    taken, _ = read(words_of(options))
    assert taken == [options]


def test_what_is_at_its_default_is_not_said() -> None:
    assert words_of(Options("here")) == ["--place", "here"]
    assert words_of(Options("here", allow=["a", "b"], oscquery=False, no_take=True, seconds=2.5)) == (
        ["--place", "here", "--allow", "a", "--allow", "b", "--no-oscquery", "--no-take", "--seconds", "2.5"]
    )


@pytest.mark.parametrize("words", [[], ["--place"], ["--place", "x", "--seconds", "-1"], ["--place", "x", "--take"]])
def test_a_wrong_command_line_calls_nothing(words: list[str]) -> None:
    assert read(words)[0] == []


def test_the_help_is_of_the_command_and_its_fields() -> None:
    _, told = read(["--help"])
    assert "Do it." in told and "--secret-file" in told and "NETWORK" in told and "Who." in told


def test_options_are_taken_over_where_they_have_the_same_names() -> None:
    assert copied(Others, Options("here", no_take=True, seconds=3.0), name="second") == Others(True, 3.0, "second")
