"""Voices of any kind are loaded by the loader that their record names."""

from collections.abc import Callable
from importlib.metadata import EntryPoint
from pathlib import Path

import pytest
import torch

from models import tensor_file, voice_folders
from models.fake_voices import FakeVoices
from models.interface import Tongued, Voices
from models.loading import GROUP, LOADERS, Loader, load_voices
from protocol.errors import VoiceError
from tests.models.char_lstm.test_choir import voices


def reciters(paths: list[Path], device: str, complain: Callable[[str], None]) -> Voices:
    """A kind of voice whose file holds the text that it recites."""
    texts = {path.stem: bytes(tensor_file.read(path)[0]["text"].tolist()).decode() for path in paths}
    return FakeVoices(texts)


def reciter(path: Path, text: str) -> Path:
    tensor_file.write(path, {"text": torch.tensor(list(text.encode()))}, {"kind": "reciter"})
    return path


def test_another_kind_of_voice_is_loaded_by_its_own_loader(tmp_path: Path) -> None:
    path = reciter(tmp_path / "ada.safetensors", "hello")
    loaded = load_voices([path], loaders={**LOADERS, "reciter": reciters})
    assert loaded.slugs == ("ada",) and chr(int(loaded.distributions[0].argmax())) == "h"


def test_several_kinds_speak_together_in_the_order_of_their_files(tmp_path: Path) -> None:
    paths = [reciter(tmp_path / "ada.safetensors", "hello")]
    for voice in voices(2):
        voice.save(tmp_path / f"{voice.slug}.safetensors")
        paths.append(tmp_path / f"{voice.slug}.safetensors")
    order = [paths[1], paths[0], paths[2]]
    loaded = load_voices(order, loaders={**LOADERS, "reciter": reciters})
    assert loaded.slugs == ("voice00", "ada", "voice01")
    assert chr(int(loaded.distributions[1].argmax())) == "h"


def test_voices_of_one_kind_without_tongues_are_what_their_loader_gives(tmp_path: Path) -> None:
    loaded = load_voices([reciter(tmp_path / "ada.safetensors", "hello")], loaders={"reciter": reciters})
    assert type(loaded) is FakeVoices


def test_a_further_tongue_is_called_by_what_it_is_for_and_whose_it_is(tmp_path: Path) -> None:
    own = reciter(tmp_path / "ada.safetensors", "hello")
    (tmp_path / "words").mkdir()
    tongue = reciter(tmp_path / "words" / "ada.safetensors", "word")
    loaded = load_voices([own], loaders={"reciter": reciters}, tongues={"ada": {"words": tongue}, "bob": {}})
    assert isinstance(loaded, Tongued) and loaded.tongues is not None
    assert (loaded.slugs, loaded.tongues.slugs) == (("ada",), ("words/ada",))


def test_a_broken_tongue_costs_a_line_and_its_style_speaks_without(tmp_path: Path) -> None:
    own, broken = reciter(tmp_path / "ada.safetensors", "hello"), tmp_path / "broken.safetensors"
    broken.write_bytes(b"no tensors")
    complaints: list[str] = []
    loaded = load_voices([own], "cpu", complaints.append, {"reciter": reciters}, {"ada": {"words": broken}})
    assert loaded.slugs == ("ada",) and len(complaints) == 1 and "broken.safetensors" in complaints[0]


def narrow(paths: list[Path], device: str, complain: Callable[[str], None]) -> Voices:
    """A kind with an alphabet of another size."""
    voices = reciters(paths, device, complain)
    voices._distributions = voices.distributions[:, :100]  # type: ignore[attr-defined]
    return voices


def failing(paths: list[Path], device: str, complain: Callable[[str], None]) -> Voices:
    """A kind that cannot even be loaded."""
    raise RuntimeError("no such thing")


class Slow(FakeVoices):
    """A kind that needs long for a letter."""

    def begun(self, voice: int) -> bool:
        return False

    def work(self, voice: int) -> None: ...

    def forgets(self, voice: int) -> bool:
        return False


def slow(paths: list[Path], device: str, complain: Callable[[str], None]) -> Voices:
    return Slow({path.stem: "slow" for path in paths})


def test_a_slow_kind_is_no_style_of_its_own_but_a_tongue(tmp_path: Path) -> None:
    own, other = reciter(tmp_path / "ada.safetensors", "hello"), tmp_path / "bob.safetensors"
    tensor_file.write(other, {"text": torch.tensor([65])}, {"kind": "slow", "slug": "bob"})
    (tmp_path / "words").mkdir()
    tongue = tmp_path / "words" / "ada.safetensors"
    tongue.write_bytes(other.read_bytes())
    complaints: list[str] = []
    loaders = {"reciter": reciters, "slow": slow}
    loaded = load_voices([own, other], "cpu", complaints.append, loaders, {"ada": {"words": tongue}})
    assert isinstance(loaded, Tongued) and loaded.tongues is not None
    assert (loaded.slugs, loaded.tongues.slugs) == (("ada",), ("words/ada",))
    assert len(complaints) == 1 and "bob: too slow" in complaints[0]


def test_the_narrator_is_one_tongue_more_of_all_styles_and_has_the_adapters_of_those_that_are_there(
    tmp_path: Path,
) -> None:
    own, narrator, adapter = (tmp_path / f"{name}.safetensors" for name in ("ada", "base", "adapter"))
    reciter(own, "hello")
    for path, slug in ((narrator, "teller"), (adapter, "ada")):
        tensor_file.write(path, {"text": torch.tensor([65])}, {"kind": "slow", "slug": slug})
    given: list[Path] = []

    def telling(paths: list[Path], device: str, complain: Callable[[str], None]) -> Voices:
        given.extend(paths)
        return Slow({"teller": "slow"})

    files = {"ada": {"sense": narrator, "adapter": adapter}, "bob": {"sense": narrator}}
    loaded = load_voices([own], "cpu", pytest.fail, {"reciter": reciters, "slow": telling}, files)
    assert isinstance(loaded, Tongued) and loaded.tongues is not None
    assert loaded.tongues.slugs == ("sense/teller",) and given == [narrator, adapter]


def test_an_installed_narrator_is_a_file_of_every_voice_and_its_adapter_of_one(home: Path) -> None:
    folder = voice_folders.user_folder()
    for name in ("ada", "bob", "sense/bob"):
        path = folder / f"{name}.safetensors"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"")
    before = voice_folders.stamps()
    assert "bob" not in voice_folders.tongues()
    narrator = voice_folders.narrator_file()
    narrator.write_bytes(b"12345")
    found = voice_folders.tongues()
    assert found["ada"] == {"sense": narrator}
    assert found["bob"] == {"sense": narrator, "adapter": folder / "sense" / "bob.safetensors"}
    assert voice_folders.stamps()["ada"] != before["ada"]


@pytest.mark.parametrize(("kind", "why"), [(narrow, "alphabet of 100"), (failing, "RuntimeError('no such thing')")])
def test_a_kind_that_cannot_be_used_costs_a_line_and_the_others_go_on(tmp_path: Path, kind: Loader, why: str) -> None:
    paths = [reciter(tmp_path / "ada.safetensors", "hello"), tmp_path / "bob.safetensors"]
    tensor_file.write(paths[1], {"text": torch.tensor([65])}, {"kind": "odd"})
    complaints: list[str] = []
    loaded = load_voices(paths, "cpu", complaints.append, {"reciter": reciters, "odd": kind})
    assert loaded.slugs == ("ada",)
    assert len(complaints) == 1 and why in complaints[0] and "going on without it" in complaints[0]


def test_a_package_brings_a_kind_by_an_entry_point(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    points = [
        EntryPoint("reciter", "tests.models.test_loading:reciters", GROUP),
        EntryPoint("odd", "no.such.module:load", GROUP),
    ]
    monkeypatch.setattr("models.loading.entry_points", lambda group: points if group == GROUP else [])
    paths = [reciter(tmp_path / "ada.safetensors", "hello"), tmp_path / "bob.safetensors"]
    tensor_file.write(paths[1], {"text": torch.tensor([65])}, {"kind": "odd"})
    complaints: list[str] = []
    assert load_voices(paths, complain=complaints.append).slugs == ("ada",)
    assert len(complaints) == 1 and "No module named 'no'" in complaints[0]


def test_a_kind_that_nobody_knows_is_left_out_with_a_line(tmp_path: Path) -> None:
    complaints: list[str] = []
    with pytest.raises(VoiceError, match="at least one voice"):
        load_voices([reciter(tmp_path / "ada.safetensors", "hello")], complain=complaints.append)
    assert "'reciter'" in complaints[0]
