"""The voices that come with Antiphon: all there, faithful to their golden vectors, of the texts their cards name."""

from functools import cache
from pathlib import Path
from typing import Any

import pytest

from models import tensor_file, voice_folders
from models.char_lstm.weights_file import VoiceWeights
from models.loading import load_voices
from models.training.train_voice import fingerprint
from models.transformer.adapters import Adapter
from models.transformer.network import TransformerShape
from styles.card import Card
from styles.library import shipped

WEIGHTS = Path(voice_folders.__file__).parent / "weights"
SLUGS = [card.slug for card in shipped()]


@cache
def records() -> dict[str, dict[str, Any]]:
    return {slug: tensor_file.read_record(WEIGHTS / f"{slug}.safetensors")["training"] for slug in SLUGS}


def test_every_card_has_its_voice_and_the_folder_stays_below_a_hundred_megabytes() -> None:
    found = sorted(WEIGHTS.glob("*.safetensors"))
    assert [path.stem for path in found] == sorted([*SLUGS, voice_folders.BASE])
    assert sum(path.stat().st_size for path in found) <= 100_000_000


def test_all_are_loaded_without_complaint_and_none_says_what_another_says() -> None:
    complaints: list[str] = []
    choir = load_voices([WEIGHTS / f"{slug}.safetensors" for slug in SLUGS], complain=complaints.append)
    assert (choir.slugs, complaints) == (tuple(SLUGS), [])
    for code in b"And the ":
        choir.step(code, range(len(SLUGS)))
    assert len({row.tobytes() for row in choir.distributions[: len(SLUGS)]}) == len(SLUGS)


@pytest.mark.parametrize("card", shipped(), ids=lambda card: card.slug)
def test_a_voice_has_read_the_text_that_its_card_names(card: Card) -> None:
    record = records()[card.slug]
    assert record["text"] == card.checksum
    assert record["chars"] >= 600_000 and len(record["held_out"]) == 8


def test_all_are_children_of_the_shipped_base() -> None:
    base = VoiceWeights.load(WEIGHTS / "base.safetensors")
    assert base.record["seconds"] >= 1_800
    assert {record["base"] for record in records().values()} == {fingerprint(base)}


WORDS = sorted(path.stem for path in (WEIGHTS / "words").glob("*.safetensors") if path.stem != voice_folders.BASE)


def test_words_are_of_prose_and_verse_and_stay_below_eighty_megabytes() -> None:
    assert WORDS and set(WORDS) <= {card.slug for card in shipped() if card.kind != "code"}
    assert sum(path.stat().st_size for path in (WEIGHTS / "words").glob("*.safetensors")) <= 80_000_000


@pytest.mark.parametrize("slug", WORDS)
def test_words_speak_as_they_were_saved_and_foresee_their_text_better_than_letters(slug: str) -> None:
    path = WEIGHTS / "words" / f"{slug}.safetensors"
    record, letters = tensor_file.read_record(path)["training"], records()[slug]
    assert load_voices([path]).slugs == (slug,)
    assert record["text"] == letters["text"] and record["held_out"] == letters["held_out"]
    assert record["held_out_bits"] < letters["held_out_bits"]


ADAPTERS = sorted(path.stem for path in (WEIGHTS / "sense").glob("*.safetensors"))
SMOLLM2 = TransformerShape(48_176, 30, 9, 3, 576, 1_536, 100_000.0)
SMOLLM2_DIGEST = "e66fd55457a187c4"  # of what `antiphon models install smollm2` makes


@pytest.mark.parametrize("slug", ADAPTERS)
def test_an_adapter_fits_smollm2_and_leans_it_to_the_text_of_its_style(slug: str) -> None:
    path = WEIGHTS / "sense" / f"{slug}.safetensors"
    adapter, letters = Adapter.load(path, SMOLLM2, SMOLLM2_DIGEST), records()[slug]
    assert path.stat().st_size <= 3_000_000
    assert adapter.record["text"] == letters["text"] and adapter.record["held_out"] == letters["held_out"]
    assert adapter.record["held_out_bits"] < adapter.record["plain_bits"]
