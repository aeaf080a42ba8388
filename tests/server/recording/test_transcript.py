"""What a take left, and how it is handed on: text, subtitles, a plot."""

from __future__ import annotations

import math
import re
import shutil
import subprocess
import xml.etree.ElementTree as ElementTree
from collections.abc import Callable, Sequence
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from protocol.errors import TakeError
from protocol.measures import NO_SURPRISE
from server.recording.events import (
    ActionRequested,
    CharacterWritten,
    ControlsChanged,
    Event,
    Header,
    Identity,
    TextPrimed,
    TextReset,
    TextRewound,
    VoicesReplaced,
)
from server.recording.export import LINE_CHARS, LONGEST_CUE_S, Cue, cues, srt, vtt
from server.recording.plot import course, svg
from server.recording.transcript import Mark, between, part_of, transcribe

ADA, BOB = Identity("ada", "Ada <1>", "Ad", "#FF8800"), Identity("bob", "Bob", "Bo", "#0088FF")
HEADER = Header("main", "2026-11-25T20:30:00+00:00", 1, (ADA, BOB), "0", {})


def written(text: str, first: int = 1, voice: int = 0) -> list[Event]:
    return [CharacterWritten(first + n, (first + n) / 10, each, ((voice, 255),), 16) for n, each in enumerate(text)]


def left(*events: Event) -> list[str]:
    return ["".join(mark.character for mark in chapter) for chapter in transcribe(HEADER, events).chapters]


def test_what_was_rewound_is_gone_and_what_was_primed_is_nobodys() -> None:
    events = [*written("hello"), TextRewound(6, 0.6, 2), TextPrimed(6, 0.7, "p é"), *written("o", 9, 1)]
    made = transcribe(HEADER, events)
    assert made.text == "help eo"
    assert made.marks[3] == Mark("p", 0.7, (), NO_SURPRISE, 0)
    assert made.shares() == {"ada": 0.75, "bob": 0.25}
    assert (made.written, made.rewound) == (6, 1)


def test_a_primed_text_that_the_guard_refused_is_not_there() -> None:
    assert left(*written("ab"), TextPrimed(3, 0.3, "never"), *written("c", 3)) == ["abc"]


def test_a_part_lasts_from_its_start_to_its_stop_to_the_next_or_to_the_end() -> None:
    marks = [ActionRequested(n, n / 10, what) for n, what in ((2, "start"), (4, "stop"), (6, "start"), (8, "start"))]
    assert [part_of(marks, number) for number in (1, 2, 3)] == [(0.2, 0.4), (0.6, 0.8), (0.8, math.inf)]
    with pytest.raises(TakeError, match="there is no part 4: /take/start began 3 of them"):
        part_of(marks, 4)


def test_a_part_is_what_was_written_meanwhile_and_still_stands() -> None:
    made = transcribe(HEADER, [*written("abcdef"), TextReset(7, 0.65, None), *written("gh", 7)])
    part = between(made, 0.45, 0.75)
    assert (part.text, part.written, round(part.seconds, 2)) == ("ef\n\ng", 3, 0.3)
    assert between(made, 5.0, math.inf).text == ""


def test_a_new_page_is_a_new_chapter_and_an_empty_one_none() -> None:
    assert left(*written("ab"), TextReset(3, 0.3, None), TextReset(3, 0.3, 4), *written("c", 3)) == ["ab", "c"]
    assert left(*written("ab"), TextReset(3, 0.3, None)) == ["ab"]
    assert left() == [""]


def marks(text: str, rate: float = 10.0) -> list[Mark]:
    return [Mark(each, n / rate, (), NO_SURPRISE, n + 1) for n, each in enumerate(text)]


def test_a_subtitle_is_a_line_from_its_first_character_to_the_next_line() -> None:
    assert cues(marks("ab cd\n\nefg")) == [Cue(0.0, 0.7, "ab cd"), Cue(0.7, 6.7, "efg")]
    assert srt(cues(marks("a<b\nc"))) == (
        "1\n00:00:00,000 --> 00:00:00,400\na\uff1cb\n\n2\n00:00:00,400 --> 00:00:06,400\nc\n\n"
    )
    assert vtt([Cue(3_661.5, 3_662.0, "a<b")]) == "WEBVTT\n\n01:01:01.500 --> 01:01:02.000\na&lt;b\n\n"


HOSTILE = [
    r"\textbf{word} and {\an8} {y:i}",  # HandBrake/HandBrake, issue 4502, and tkarabela/pysubs2, issue 70: braces
    "#include <stdio.h> <b>bold</b> <1> a < b",
    r"\noindent \hline C:\New \{a\}",  # libass/libass, issue 462: a backslash breaks the line
    "if (a && b) &amp; &lt;i&gt; &#65; --> x",
    "{unclosed <i and } closed",
    "NOTE 12",
]
LIKE_THE_ORIGINAL = str.maketrans({"\uff5b": "{", "\uff5d": "}", "\uff1c": "<", "\u2060": None})


@pytest.mark.parametrize("text", HOSTILE)
def test_a_subtitle_has_nothing_that_a_player_takes_for_its_own(text: str) -> None:
    shown = srt([Cue(0.0, 1.0, text)]).split("\n")[2]
    assert shown.translate(LIKE_THE_ORIGINAL) == text
    assert not re.search(r"[{}]|<\S|\\[Nnh]|&#?\w+;", shown)


@pytest.mark.skipif(shutil.which("ffmpeg") is None, reason="needs ffmpeg")
@pytest.mark.parametrize("form", [srt, vtt])
def test_ffmpeg_reads_every_letter_of_a_subtitle(tmp_path: Path, form: Callable[[Sequence[Cue]], str]) -> None:
    """What libass is given, less its override blocks: as mpv and a burnt-in film show it."""
    ending = form.__name__
    (tmp_path / f"a.{ending}").write_text(form([Cue(n, n + 1.0, text) for n, text in enumerate(HOSTILE)]), "utf-8")
    command = ["ffmpeg", "-v", "error", "-i", f"a.{ending}", "a.ass"]
    subprocess.run(command, cwd=tmp_path, check=True, timeout=60, stdin=subprocess.DEVNULL)
    events = [line for line in (tmp_path / "a.ass").read_text("utf-8").splitlines() if line.startswith("Dialogue:")]
    for event, text in zip(events, HOSTILE, strict=True):
        escaped = re.sub(r"\\([{}])", lambda found: {"{": "\uff5b", "}": "\uff5d"}[found[1]], event.split(",", 9)[9])
        shown = re.sub(r"{[^}]*}", "", escaped)
        assert not re.search(r"\\[Nnh]", shown)
        assert shown.translate(LIKE_THE_ORIGINAL) == text


@given(st.text(st.sampled_from("ab \n\t"), max_size=300))
def test_subtitles_hold_every_letter_once_never_overlap_and_are_never_wide(text: str) -> None:
    found = cues(marks(text))
    assert "".join("".join(cue.text for cue in found).split()) == "".join(text.split())
    assert all(len(cue.text) <= LINE_CHARS and cue.end > cue.begin for cue in found)
    assert all(one.end <= other.begin for one, other in pairwise(found))
    assert all(cue.end - cue.begin <= LONGEST_CUE_S + LINE_CHARS / 10 + 2 for cue in found)


def plotted(events: Sequence[Event]) -> ElementTree.Element:
    return ElementTree.fromstring(svg(course(HEADER, events), "a <take>"))


def test_the_plot_has_a_band_for_each_voice_that_had_a_weight_or_wrote() -> None:
    on = ControlsChanged(1, 0.0, {"/style/ada/on": True, "/style/ada/weight": 1.0, "/mix/temperature": 0.7})
    events = [
        on,
        *written("aaaa"),
        ControlsChanged(5, 0.5, {"/mix/temperature": 1.0}),
        *written("b", 5, 1),
        TextRewound(6, 0.6, 1),
    ]
    drawn = [element.tag.rpartition("}")[2] for element in plotted(events).iter()]
    assert drawn.count("polygon") == 3  # the weights are ada's alone, and both wrote
    bands = course(HEADER, events)
    assert bands.weights[-1].tolist() == [1.0, 0.0]
    assert (bands.wrote.max(0) == 1.0).all() and bands.wrote[:, 0].argmax() < bands.wrote[:, 1].argmax()
    assert bands.knobs["/mix/temperature"] == [(0.0, 0.7), (0.5, 1.0)]
    assert bands.marks == [(0.6, "rewind")]


def test_voices_that_come_meanwhile_are_in_the_plot_and_an_empty_take_has_one_too() -> None:
    cy = Identity("cy", "Cy", "Cy", "#00FF00")
    joined = VoicesReplaced(2, 0.2, (ADA, BOB, cy), (0, 1))
    assert course(HEADER, [*written("a"), joined, *written("b", 2, 2)]).wrote.shape[1] == 3
    assert plotted([]).tag.endswith("svg")
