"""What the canvas writes into a draw list by the hundred is what ImGui itself would have written one by one."""

from __future__ import annotations

import ctypes
from collections.abc import Iterator
from functools import partial

import numpy as np
import pytest
from imgui_bundle import imgui

from frontend.control.drawing.canvas import ImGuiCanvas, numbered, pack, pack_all, rgbs
from frontend.look.fonts import INCONSOLATA, ROBOTO, Fonts, load_fonts, metrics
from frontend.look.theme import DARK


@pytest.fixture
def canvas() -> Iterator[ImGuiCanvas]:
    """A canvas in the middle of a frame."""
    context = imgui.create_context()
    io = imgui.get_io()
    io.set_ini_filename("")
    io.display_size = imgui.ImVec2(800, 600)
    io.backend_flags |= imgui.BackendFlags_.renderer_has_textures
    canvas = ImGuiCanvas(load_fonts(), DARK)
    imgui.new_frame()
    canvas.begin(imgui.get_background_draw_list(), 2.0, 11.0)
    yield canvas
    imgui.end_frame()
    imgui.destroy_context(context)


def written(draw_list: imgui.ImDrawList) -> tuple[bytes, bytes]:
    """Its vertices and indices."""
    vertices = ctypes.string_at(draw_list.vtx_buffer.data_address(), draw_list.vtx_buffer.size() * imgui.VERTEX_SIZE)
    return vertices, ctypes.string_at(
        draw_list.idx_buffer.data_address(), draw_list.idx_buffer.size() * imgui.INDEX_SIZE
    )


def test_boxes_are_rectangles_as_imgui_writes_them(canvas: ImGuiCanvas) -> None:
    ours, theirs = imgui.get_background_draw_list(), imgui.get_foreground_draw_list()
    edges = np.array([[1.0, 2.0, 11.0, 8.0], [20.0, 20.0, 30.0, 21.0], [5.0, 7.0, 6.0, 9.0]])
    inks = np.array([pack("#FF5C9E"), pack("#4D8DFF", 0.5), pack("#E9EDF3", 0.1)], np.uint32)
    canvas.fill(0, 0, 5, 5, "#E9EDF3")
    canvas.boxes(edges, inks)
    canvas.fill(7, 7, 5, 5, "#E9EDF3")
    theirs.add_rect_filled((0, 0), (10, 10), pack("#E9EDF3"))
    for (x0, y0, x1, y1), ink in zip((edges * 2).tolist(), inks.tolist(), strict=True):
        theirs.add_rect_filled((x0, y0), (x1, y1), ink)
    theirs.add_rect_filled((14, 14), (24, 24), pack("#E9EDF3"))
    assert written(ours) == written(theirs)


def test_what_has_not_changed_is_drawn_again_as_it_was(canvas: ImGuiCanvas) -> None:
    kept, drawn = imgui.get_background_draw_list(), imgui.get_foreground_draw_list()
    calls: list[None] = []

    def draw() -> None:
        calls.append(None)
        canvas.fill(3, 4, 10, 10, "#FF5C9E", 1.0, 4)
        canvas.text(5, 30, "bible 0.80", "#E9EDF3", 14)

    canvas.kept("piece", "a state", draw)
    canvas.fill(1, 1, 2, 2, "#4D8DFF")
    canvas.kept("piece", "a state", draw)
    assert len(calls) == 1
    with canvas.onto(drawn):
        draw()
        canvas.fill(1, 1, 2, 2, "#4D8DFF")
        draw()
    assert written(kept) == written(drawn)


@pytest.mark.parametrize("change", ["state", "scale", "alpha"])
def test_what_has_changed_is_drawn_anew(canvas: ImGuiCanvas, change: str) -> None:
    calls: list[str] = []
    canvas.kept("piece", "a state", lambda: calls.append("first"))
    canvas.scale *= 2.0 if change == "scale" else 1.0
    canvas.alpha *= 0.5 if change == "alpha" else 1.0
    canvas.kept("piece", "another" if change == "state" else "a state", lambda: calls.append("second"))
    assert calls == ["first", "second"]


def test_a_piece_of_pieces_draws_anew_only_those_that_changed(canvas: ImGuiCanvas) -> None:
    calls: list[str] = []

    def draw(states: dict[str, int]) -> None:
        for name, state in states.items():
            canvas.kept(name, state, partial(calls.append, name))

    for states in ({"a": 1, "b": 1}, {"a": 1, "b": 2}, {"a": 1, "b": 2}):
        canvas.kept("both", states, partial(draw, states))
    assert calls == ["a", "b", "b"]


def test_a_line_that_rises_and_fades_is_set_but_once(canvas: ImGuiCanvas) -> None:
    risen, drawn = imgui.get_background_draw_list(), imgui.get_foreground_draw_list()
    mono, calls = canvas.faces.mono, []

    def draw(top: int, alpha: int = 255) -> None:
        calls.append(top)
        canvas.run(10, top, "a line", pack("#FF5C9E") & 0xFFFFFF | alpha << 24, 28.0, mono)

    for top, alpha in ((200, 255), (160, 210), (120, 97)):
        canvas.kept_line("line 1", "a line", top, alpha, partial(draw, top))
    assert calls == [200]
    with canvas.onto(drawn):
        for top, alpha in ((200, 255), (160, 210), (120, 97)):
            draw(top, alpha)
    assert written(risen) == written(drawn)


def test_a_frame_may_end_with_a_piece_that_was_kept(canvas: ImGuiCanvas) -> None:
    for _ in range(2):
        canvas.kept("piece", "a state", lambda: canvas.fill(3, 4, 10, 10, "#FF5C9E"))
    assert imgui.get_background_draw_list().vtx_buffer.size() == 8
    imgui.render()  # it asserts that a list's pointers stand at its end


def test_what_is_painted_is_placed_once_and_has_the_colours_of_each_frame(canvas: ImGuiCanvas) -> None:
    painted, drawn = imgui.get_background_draw_list(), imgui.get_foreground_draw_list()
    mono, calls = canvas.faces.mono, []

    def draw(first: int, second: int) -> None:
        calls.append(first)
        canvas.run(5, 30, "ab", first, 18.0, mono)
        canvas.run(25, 30, "cd", second, 15.0, mono)

    looks = ((pack("#FF5C9E"), pack("#4D8DFF", 0.5)), (pack("#E9EDF3", 0.1), pack("#FF5C9E")))
    for inks in looks:
        canvas.painted("piece", "a place", lambda: draw(numbered(0), numbered(1)), np.array(inks, np.uint32))
    assert calls == [numbered(0)]
    with canvas.onto(drawn):
        for inks in looks:
            draw(*inks)
    assert written(painted) == written(drawn)


def test_a_line_of_many_points_is_as_imgui_draws_it(canvas: ImGuiCanvas) -> None:
    ours, theirs = imgui.get_background_draw_list(), imgui.get_foreground_draw_list()
    points = np.stack([np.arange(40.0), np.random.default_rng(1).uniform(0.0, 90.0, 40)], 1)
    for count in (2, 40):
        canvas.polyline(points[:count], "#A9B2C0", 0.9, 1.25)
        theirs.add_polyline([tuple(point) for point in (2 * points[:count]).tolist()], pack("#A9B2C0", 0.9), 2.5, 0)
    assert written(ours) == written(theirs)


def test_a_box_thinner_than_a_pixel_is_left_out(canvas: ImGuiCanvas) -> None:
    before = imgui.get_background_draw_list().vtx_buffer.size()
    canvas.boxes(np.array([[1.0, 1.0, 9.0, 1.1]]), np.array([pack("#FFFFFF")], np.uint32))
    assert imgui.get_background_draw_list().vtx_buffer.size() == before


def test_fading_thins_boxes_as_it_thins_everything(canvas: ImGuiCanvas) -> None:
    with canvas.faded(0.5):
        canvas.boxes(np.array([[0.0, 0.0, 4.0, 4.0]]), np.array([pack("#FFFFFF", 1.0)], np.uint32))
    vertices, _ = written(imgui.get_background_draw_list())
    assert vertices[imgui.VERTEX_BUFFER_COL_OFFSET + 3] == 127


def test_colours_are_packed_as_imgui_reads_them() -> None:
    assert pack("#102030", 1.0) == 0xFF302010
    assert pack_all(rgbs(["#102030", "#FFFFFF"]), np.array([1.0, 0.5])).tolist() == [0xFF302010, 0x80FFFFFF]
    assert pack_all(rgbs(["#FFFFFF", "#FFFFFF"]), np.array([-1.0, 2.0])).tolist() == [0x00FFFFFF, 0xFFFFFFFF]


def test_a_size_is_an_em(canvas: ImGuiCanvas) -> None:
    faces: Fonts = canvas.faces
    assert faces.mono.width("x" * 10, 24.0) == pytest.approx(120.0)  # Inconsolata is half an em wide
    assert canvas.width("x" * 10, 24.0, faces.mono) == pytest.approx(120.0)


def test_digits_are_equally_wide(canvas: ImGuiCanvas) -> None:
    assert len({canvas.width(digit, 14) for digit in "0123456789"}) == 1


def test_no_type_is_smaller_than_the_layout_allows(canvas: ImGuiCanvas) -> None:
    canvas.least_type = 14.0
    assert canvas.width("a", 11) == canvas.width("a", 14)


def test_the_faces_measures_are_read_from_the_files() -> None:
    roboto, inconsolata = metrics(ROBOTO.read_bytes()), metrics(INCONSOLATA.read_bytes())
    assert (roboto.ascent, roboto.height) == (1900 / 2048, 2400 / 2048)
    assert (inconsolata.ascent, inconsolata.height) == (0.859, 1.049)
    assert 0.6 < roboto.capital < 0.8
