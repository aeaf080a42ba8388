"""How well a text is foreseen, by voices of every kind alike."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner

from models import voice_folders
from models.char_lstm.choir import Choir
from models.char_lstm.packed_weights import PackedWeights
from models.commands import app
from models.evaluation import bits_of, bits_per_char, foreseen, load_examined
from models.ngram.text_file import RememberedText
from models.words.choir import WordChoir
from models.words.load import expect
from models.words.reading import WordVoice
from protocol.errors import VoiceError
from tests.models.char_lstm.test_choir import voices
from tests.models.words.tiny import weights

TEXT = np.frombuffer(b"the ant, an a.\n" * 90, np.uint8)


def test_a_char_lstm_foresees_a_text_as_it_does_when_it_is_stepped() -> None:
    (voice,) = voices(1)
    stepped = foreseen(Choir(PackedWeights([voice], exact=True)), TEXT[:300])
    assert foreseen(voice, TEXT[:300]) == pytest.approx(stepped, rel=1e-3)


def test_in_several_streams_nearly_the_same_is_foreseen() -> None:
    (voice,) = voices(1)
    assert len(foreseen(voice, TEXT)) == len(TEXT)
    assert bits_per_char(voice, TEXT) == pytest.approx(bits_of(foreseen(voice.network(), TEXT[:500])), abs=0.05)


def test_an_empty_text_has_no_bits() -> None:
    with pytest.raises(ValueError, match="empty"):
        bits_per_char(WordChoir([WordVoice(weights())]), TEXT[:0])


def test_a_file_is_examined_as_the_kind_that_it_is(tmp_path: Path) -> None:
    (voice,), word = voices(1), weights().quantised()
    char = voice.save(tmp_path / "char.safetensors")
    word.save(tmp_path / "word.safetensors", expect(WordVoice(word)))
    RememberedText("muse", TEXT, 8).save(tmp_path / "ngram.safetensors")
    found = {kind: load_examined(tmp_path / f"{kind}.safetensors") for kind in ("char", "word", "ngram")}
    assert bits_per_char(found["char"], TEXT) == bits_per_char(char, TEXT)
    assert bits_per_char(found["word"], TEXT) == pytest.approx(bits_per_char(word, TEXT))
    assert bits_per_char(found["ngram"], TEXT) < 0.1
    with pytest.raises(VoiceError, match="not there"):
        load_examined(tmp_path / "nobody.safetensors")


def test_a_further_tongue_is_examined_by_its_kind(home: Path) -> None:
    (home / "text.txt").write_bytes(TEXT.tobytes())
    RememberedText("ada", TEXT, 8).save(voice_folders.user_folder() / "memory" / "ada.safetensors")
    asked = ["evaluate", "--style", "ada", "--text", str(home / "text.txt"), "--json", "--kind"]
    found = CliRunner().invoke(app, [*asked, "ngram"])
    assert json.loads(found.output)["bits_per_char"] < 0.1
    assert "no words yet" in str(CliRunner().invoke(app, [*asked, "word"]).exception)
