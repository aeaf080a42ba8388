"""The process that draws: a line in, a line out; rubbish is told, the newest request counts, it ends with its input."""

import io
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import torch

from models.sprites.drawing import CreatureArtist
from models.sprites.latents import Latents
from models.sprites.network import Generator, SpriteShape
from models.sprites.weights_file import SpriteWeights
from protocol.errors import MessageError
from protocol.sprites import Picture, SpriteFrame, SpriteRequest, SpriteSet, drawn_of_line, noise_of
from server.sprites.drawing_process import NewestLine, answer, run

ROOT = Path(__file__).parents[3]


@pytest.fixture
def artist() -> CreatureArtist:
    torch.manual_seed(5)
    shape = SpriteShape(categories=2, latent=6, embedding=4, channels=16)
    generator = Generator(shape).eval()
    with torch.no_grad():
        generator.bias[3] += 3.0  # whatever it is, it is seen
    points, labels = torch.randn(16, 6), torch.arange(2).repeat_interleave(8)
    return CreatureArtist(SpriteWeights(("bats", "cats"), generator, Latents.of(points, points**2, labels, 2), {}))


def request(number: int = 1, **mix: float) -> SpriteRequest:
    return SpriteRequest.of(number, mix, noise_of("night"), [(1.0, "#CC7203")])


def test_what_is_asked_for_is_drawn_under_its_number(artist: CreatureArtist) -> None:
    frame = answer(artist, request(9, bats=0.5, dogs=0.5))
    picture = Picture.unpacked(frame.picture)
    assert frame.number == 9 and picture.places.shape == (32, 32) and picture.places.any()


def test_a_mix_of_nothing_that_it_knows_is_no_picture(artist: CreatureArtist) -> None:
    assert answer(artist, request(2, dogs=1.0)) == SpriteFrame(2, "")


def test_noise_of_another_length_is_told(artist: CreatureArtist) -> None:
    with pytest.raises(MessageError):
        answer(artist, SpriteRequest(1, {"bats": 1.0}, "AAAA", []))


def test_it_says_what_it_knows_passes_rubbish_over_and_ends_with_its_input(
    artist: CreatureArtist, capsys: pytest.CaptureFixture[str]
) -> None:
    said: list[str] = []
    run(artist, io.StringIO("rubbish\n"), said.append)
    assert [drawn_of_line(line) for line in said] == [SpriteSet(["bats", "cats"])]
    assert "antiphon: sprites:" in capsys.readouterr().err


def test_of_lines_that_have_piled_up_the_newest_is_taken() -> None:
    newest = NewestLine(io.StringIO("one\ntwo\nthree\n"))
    taken = []
    while (line := newest.take()) is not None:
        taken.append(line.strip())
    assert taken[-1] == "three"


def test_the_same_request_is_the_same_picture(artist: CreatureArtist) -> None:
    one, other = (Picture.unpacked(answer(artist, request(bats=1.0)).picture) for _ in range(2))
    assert np.array_equal(one.places, other.places) and np.array_equal(one.palette, other.palette)


def test_a_set_that_is_not_there_is_a_line_for_the_front_end_and_for_the_user() -> None:
    command = [sys.executable, str(ROOT / "antiphon.py"), "sprites", "draw", "--set", "nobody"]
    ran = subprocess.run(command, input="", capture_output=True, text=True, timeout=170)
    told = drawn_of_line(ran.stdout)
    assert ran.returncode == 1
    assert isinstance(told, SpriteSet) and "there are no sprites 'nobody'" in told.trouble
    assert "there are no sprites 'nobody'" in ran.stderr
