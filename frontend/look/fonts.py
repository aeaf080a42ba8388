"""The three faces that imgui-bundle ships, loaded once and measured exactly.

Dear ImGui sizes a font by its ascender-to-descender height, a designer by its em; ``Font`` translates, so that every
size in this project is an em in pixels. Roboto's digits are equally wide, so numbers that are set flush right never
jitter. UI thread only: a face belongs to the ImGui context that was current when it was loaded.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass, field
from pathlib import Path

import imgui_bundle
from imgui_bundle import ImVec2, imgui

FONTS = Path(imgui_bundle.__file__).parent / "assets" / "fonts"
ROBOTO = FONTS / "Roboto" / "Roboto-Regular.ttf"
ROBOTO_BOLD = FONTS / "Roboto" / "Roboto-Bold.ttf"
INCONSOLATA = FONTS / "Inconsolata-Medium.ttf"

_WIDTHS_KEPT = 4_096  # measured strings a face remembers


@dataclass(frozen=True)
class Metrics:
    """Vertical measures of a face in ems: the baseline lies ``ascent`` below the top of a line box ``height`` high."""

    ascent: float
    height: float
    capital: float  # height of a capital letter


def metrics(ttf: bytes) -> Metrics:
    """The measures that a TrueType file's head, hhea and OS/2 tables give (OpenType 1.9)."""
    count = struct.unpack_from(">H", ttf, 4)[0]
    tables = {ttf[at : at + 4]: struct.unpack_from(">I", ttf, at + 8)[0] for at in range(12, 12 + 16 * count, 16)}
    units = struct.unpack_from(">H", ttf, tables[b"head"] + 18)[0]
    ascender, descender = struct.unpack_from(">hh", ttf, tables[b"hhea"] + 4)
    capital = struct.unpack_from(">h", ttf, tables[b"OS/2"] + 88)[0]
    return Metrics(ascender / units, (ascender - descender) / units, capital / units)


@dataclass(frozen=True)
class SizedFont:
    """A face at one size: what ImGui calls the size, and whole pixels from the top of a line box to its baseline."""

    size: float
    ascent: int


@dataclass(frozen=True)
class Font:
    """One typeface. Sizes and widths are in pixels of the framebuffer.

    Glyphs are rasterised at whole ImGui sizes and their advances are whole pixels, so every em is brought to the next
    such size: anything between would be stretched, and blurred.
    """

    font: imgui.ImFont
    metrics: Metrics
    _widths: dict[tuple[str, float], float] = field(default_factory=dict, repr=False)
    _sized: dict[float, SizedFont] = field(default_factory=dict, repr=False)

    def sized(self, em: float) -> SizedFont:
        """The face at an em of about so many pixels."""
        known = self._sized.get(em)
        if known is None:
            size = float(max(1, round(em * self.metrics.height)))
            known = self._sized[em] = SizedFont(size, round(self.font.get_font_baked(size).ascent))
        return known

    def width(self, text: str, em: float) -> float:
        """How wide ``text`` is set."""
        width = self._widths.get((text, em))
        if width is None:
            if len(self._widths) >= _WIDTHS_KEPT:
                self._widths.clear()
            baked = self.font.get_font_baked(self.sized(em).size)
            width = sum(baked.get_char_advance(ord(character)) for character in text)
            self._widths[text, em] = width
        return width


@dataclass(frozen=True)
class Fonts:
    """Roboto speaks for the instrument, Inconsolata for the voices; the two never swap."""

    regular: Font
    bold: Font
    mono: Font


def load_fonts() -> Fonts:
    """Add the faces to the current ImGui context; glyphs are rasterised at the size they are drawn at."""
    atlas = imgui.get_io().fonts

    def face(path: Path) -> Font:
        return Font(atlas.add_font_from_file_ttf(str(path), 0.0), metrics(path.read_bytes()))

    return Fonts(face(ROBOTO), face(ROBOTO_BOLD), face(INCONSOLATA))


def white_pixel() -> ImVec2:
    """Where the atlas of the current context is plain white: the texture coordinate of filled shapes."""
    return imgui.get_font_tex_uv_white_pixel()
