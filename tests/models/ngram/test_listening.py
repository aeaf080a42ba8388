"""A text becomes a style and its voice in a moment, and a text of no use costs a line."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

import pytest
from typer.testing import CliRunner

from models import voice_folders
from models.commands import app
from models.interface import Deferred, Tongued
from models.loading import load_voices
from models.ngram.listening import remember
from models.transformer import load as transformer
from models.transformer.stepping import Stepper
from protocol.errors import StyleError
from server.engine.hot_reload import ReloadedVoices, hot_reload_for
from styles.library import find
from tests.models.transformer.tiny import weights
from tests.server.engine.test_hot_reload import until

TEXT = "".join(f"{number} green bottles hanging on the wall, and if {number} should fall.\n" for number in range(40))


def remembered(text: str = TEXT, name: str = "My Bottles.txt", slug: str | None = None) -> str:
    return remember(text.encode(), name, slug).slug


def test_it_is_called_after_the_text_and_has_a_card_and_a_voice(home: Path) -> None:
    slug = remembered()
    assert slug == "my-bottles" and find(slug).name == "My Bottles"
    assert voice_folders.voices()[slug] == voice_folders.user_folder() / "memory" / "my-bottles.safetensors"
    voices = load_voices([voice_folders.voice(slug)])
    for code in b"green bott":
        voices.step(code, [0])
    assert voices.slugs == (slug,) and chr(int(voices.distributions[0].argmax())) == "l"


def test_a_name_that_is_taken_gets_a_number_and_one_that_was_given_is_replaced(home: Path) -> None:
    assert [remembered(), remembered(name="My Bottles")] == ["my-bottles", "my-bottles-2"]
    longer = remember((TEXT + "And then there were none at all.\n").encode(), "other.txt", "my-bottles")
    assert longer.slug == "my-bottles" and longer.characters > len(TEXT)


@pytest.mark.parametrize(
    ("text", "why"), [("", "empty"), ("only three words", "only 17 characters"), ("la la la \n" * 99, "over and over")]
)
def test_a_text_of_no_use_costs_one_line(home: Path, text: str, why: str) -> None:
    with pytest.raises(StyleError, match=why):
        remembered(text)
    assert not (voice_folders.user_folder() / "memory").exists()


def test_a_shipped_style_and_a_voice_that_learnt_more_are_not_replaced(home: Path) -> None:
    with pytest.raises(StyleError, match="comes with Antiphon"):
        remembered(slug="bible")
    voice_folders.user_folder().mkdir(parents=True)
    (voice_folders.user_folder() / "mine.safetensors").write_bytes(b"a network")
    with pytest.raises(StyleError, match="learnt more"):
        remembered(slug="mine")


def test_a_server_that_plays_takes_it_in_as_one_style_more(home: Path) -> None:
    playing = load_voices(voice_folders.voices().values())
    said: list[str] = []
    with closing(hot_reload_for(playing, voice_folders.stamps(), "cpu")(said.append)) as hot_reload:
        remembered()
        arrived = until(hot_reload.take_ready)
    assert isinstance(arrived, ReloadedVoices) and said == []
    assert arrived.voices.slugs == (*playing.slugs, "my-bottles") and arrived.kept == tuple(range(len(playing.slugs)))
    assert arrived.cards[-1].name == "My Bottles"


def test_what_was_remembered_is_learnt_behind_it_where_that_is_asked_for(
    home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("ANTIPHON_WEIGHTS")  # the shipped base is begun from
    (tmp_path / "bottles.txt").write_text(TEXT)
    ran = CliRunner().invoke(app, ["listen", str(tmp_path / "bottles.txt"), "--train", "0.01"])
    assert ran.exit_code == 0 and "bottles remembers" in ran.output, ran.output
    assert voice_folders.voice("bottles") == voice_folders.user_folder() / "bottles.safetensors"
    assert list(voice_folders.tongues()["bottles"]) == ["memory"]


@pytest.mark.parametrize("spoke", [True, False])
def test_a_narrator_that_spoke_is_there_with_the_new_style_and_one_that_did_not_is_not_fetched(
    home: Path, spoke: bool
) -> None:
    narrator, made = voice_folders.narrator_file(), weights()
    narrator.parent.mkdir(parents=True)
    made.save(narrator, transformer.expect(Stepper(made)))
    playing = load_voices(voice_folders.voices().values(), tongues=voice_folders.tongues(), deferred=True)
    assert isinstance(playing, Tongued) and isinstance(playing.tongues, Deferred)
    if spoke:
        playing.tongues.fetch()
    with closing(hot_reload_for(playing, voice_folders.stamps(), "cpu")(pytest.fail)) as coming:
        remembered()
        arrival = until(coming.take_ready)
    assert isinstance(arrival, ReloadedVoices) and isinstance(arrival.voices, Tongued)
    found = arrival.voices.tongues
    assert isinstance(found, Deferred) and found.absent(found.slugs.index("sense/tiny")) is not spoke
