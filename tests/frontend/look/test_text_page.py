"""A text as a page: every letter in its colour, and nothing that a text holds becomes anything but text."""

from __future__ import annotations

import json
import re
from html.parser import HTMLParser

from hypothesis import given
from hypothesis import strategies as st

from frontend.look.colour import Palette, hex_of_rgb
from frontend.look.text_page import TimedText, html
from protocol.messages import Tint

VOICES = [("Ada <b>", "#FF8800"), ("Bob", "#0088FF")]
TINTS: list[Tint] = [((0, 255),), ((1, 155), (0, 100)), ()]


class Reader(HTMLParser):
    """What a browser makes of the page: the letters, their kinds, and what the script is given."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.letters: list[str] = []
        self.kinds: list[str] = []
        self.tags: list[str] = []
        self._within = False
        self.feed(page)

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self._within = tag == "i"
        if tag == "i":
            self.kinds.append(dict(attributes)["class"] or "")
            self.letters.append("")

    def handle_endtag(self, tag: str) -> None:
        self._within = False

    def handle_data(self, data: str) -> None:
        if self._within:
            self.letters[-1] += data


def page(text: str) -> str:
    tints = [TINTS[n % 3] for n in range(len(text))]
    surprises = [255 if n % 3 == 2 else 16 * n % 250 for n in range(len(text))]
    return html(
        TimedText("a <take>", "of & tonight", VOICES, text, tints, surprises, [n / 10 for n in range(len(text))])
    )


@given(st.text(st.characters(min_codepoint=32, max_codepoint=126) | st.sampled_from("\n\t"), max_size=60))
def test_the_page_holds_the_text_letter_by_letter_and_no_tag_of_it(text: str) -> None:
    read = Reader(page(text))
    assert "".join(read.letters) == text
    assert len(read.kinds) == len(text)
    ours = "html meta title style main header h1 p ul li b pre i aside script"
    assert set(read.tags) <= set(ours.split())


def test_a_letter_has_the_colour_that_it_has_in_the_control_window() -> None:
    read, source = Reader(page("abcdef")), page("abcdef")
    colours = Palette([colour for _, colour in VOICES]).text([TINTS[n % 3] for n in range(6)])
    for n, rgb in enumerate(colours):
        if n % 3 != 2:  # primed text has the page's own colour
            assert f".{read.kinds[n]}{{color:{hex_of_rgb(rgb)}}}" in source


def test_the_script_is_given_who_wrote_what_and_how_surprising_it_was() -> None:
    found = re.search(r"^const data=(.*)$", page("abc</script>"), re.MULTILINE)
    assert found
    data = json.loads(found[1])
    assert data["voices"] == [list(voice) for voice in VOICES]
    told = [data["kinds"][int(kind[1:])] for kind in Reader(page("abc</script>")).kinds]
    assert told[:4] == [[[0, 255]], [[1, 155], [0, 100]], [], [[0, 255]]]
    assert data["bits"][:3] == [0.0, 1.0, None]
    assert page("abc</script>").count("</script>") == 1


def test_a_picture_stands_behind_the_letter_of_its_place() -> None:
    source = html(TimedText("", "", VOICES, "ab", [(), ()], [255, 255], [0.0, 0.1], {0: b"\x89PNG"}))
    assert '>a</i><img alt="" src="data:image/png;base64,iVBORw=="></span><i class=k0>b</i>' in source


def test_the_typeface_is_in_the_page() -> None:
    source = html(TimedText("", "", VOICES, "a", [()], [255], [0.0], face=b"\x00\x01"))
    assert "@font-face{font-family:Inconsolata;src:url(data:font/ttf;base64,AAE=)}" in source
    assert "@font-face" not in html(TimedText("", "", VOICES, "a", [()], [255], [0.0]))
