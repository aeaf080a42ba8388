"""Pictures from the shipped set and from a user's folder: made alike, and what cannot be read is said."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from models.sprites import pictures
from models.sprites.pictures import CATEGORIES, PictureSet, centred, from_folder, prepared, without_black_around
from protocol.errors import TrainingError


def saved(path: Path, mode: str = "RGBA", size: tuple[int, int] = (32, 32), seed: int = 0) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    image = Image.new("RGBA", size)
    image.paste((200, 30 + seed, 60, 255), (4, 4, size[0] - 4, size[1] - 4))
    image.convert(mode).save(path)


def folder_of(tmp_path: Path, *categories: str, count: int = 12) -> Path:
    for category in categories:
        for number in range(count):
            saved(tmp_path / category / f"{number:02d}.png", seed=number)
    return tmp_path


def test_the_shipped_set_has_thirteen_categories() -> None:
    found = pictures.shipped()
    assert (found.categories, len(found)) == (CATEGORIES, 2962)
    assert found.pixels.shape[1:] == (64, 64, 4)


def test_a_missing_shipped_category_is_told(tmp_path: Path) -> None:
    with pytest.raises(TrainingError, match="the pictures of beasts"):
        pictures.shipped(tmp_path)


def test_sub_folders_are_categories_and_odd_sizes_and_kinds_are_taken(tmp_path: Path) -> None:
    folder_of(tmp_path, "cats", "dogs")
    saved(tmp_path / "cats" / "wide.webp", size=(50, 20))
    saved(tmp_path / "dogs" / "few.gif", mode="P", size=(7, 90))
    said: list[str] = []
    found = from_folder(tmp_path, said.append)
    assert (found.categories, len(found), said) == (("cats", "dogs"), 26, [])


def test_a_folder_without_sub_folders_is_one_category(tmp_path: Path) -> None:
    for number in range(24):
        saved(tmp_path / f"{number}.png")
    assert from_folder(tmp_path, print).categories == (tmp_path.name,)


def test_broken_files_and_small_categories_are_left_out_and_said(tmp_path: Path) -> None:
    folder_of(tmp_path, "cats", "dogs")
    folder_of(tmp_path, "one", count=1)
    (tmp_path / "cats" / "torn.png").write_bytes(b"\x89PNG\r\n\x1a\n torn")
    (tmp_path / "cats" / "empty.png").write_bytes(b"")
    said: list[str] = []
    found = from_folder(tmp_path, said.append)
    assert (found.categories, len(found)) == (("cats", "dogs"), 24)
    assert said == [
        "empty.png, torn.png cannot be read and are left out",
        "left out, for they have fewer than 4 pictures: one",
    ]


def test_three_pictures_are_too_few_and_photographs_are_told(tmp_path: Path) -> None:
    said: list[str] = []
    few = "few has 3 pictures that can be read, 3 in categories of fewer than 4: a set needs 24 at the least"
    with pytest.raises(TrainingError, match=few):
        from_folder(folder_of(tmp_path / "few", "cats", count=3), said.append)
    assert said == []
    for number in range(24):
        saved(tmp_path / "photos" / "all" / f"{number}.jpg", size=(60, 40), mode="RGB")
    from_folder(tmp_path / "photos", said.append)
    assert said == ["most pictures have no alpha: what they show fills the whole square, ground and all"]


def test_what_is_no_folder_is_told(tmp_path: Path) -> None:
    with pytest.raises(TrainingError, match="is no folder"):
        from_folder(tmp_path / "nothing", print)


def test_a_shadow_goes_and_black_inside_a_figure_stays() -> None:
    picture = np.zeros((1, 32, 32, 4), np.uint8)
    picture[0, 8:24, 8:24] = (200, 200, 200, 255)
    picture[0, 14:18, 14:18] = (0, 0, 0, 255)
    picture[0, 24:27, 10:30] = (0, 0, 0, 255)
    clear = without_black_around(picture)[0, ..., 3] == 0
    assert clear[25, 20] and not clear[16, 16] and not clear[8, 8]


def test_a_figure_stands_on_the_lowest_row_but_one_in_the_middle() -> None:
    picture = np.zeros((1, 32, 32, 4), np.uint8)
    picture[0, 2:12, 0:10] = 255
    rows, columns = np.nonzero(centred(picture)[0, ..., 3])
    assert (rows.min(), rows.max(), columns.min(), columns.max()) == (21, 30, 11, 20)


def test_networks_read_colours_multiplied_by_alpha(small_set: PictureSet) -> None:
    read = prepared(small_set.pixels, 32)
    assert read.shape == (36, 4, 32, 32)
    assert (read[:, :3] <= read[:, 3:] + 1e-6).all() and read.max() == 1.0
