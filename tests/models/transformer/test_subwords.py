"""A text is cut as the tokenizer cuts it that a model was trained with; a small model of one's own goes all the way."""

from __future__ import annotations

import json
from itertools import count
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import safetensors.torch
from hypothesis import given
from hypothesis import strategies as st

from models import tensor_file
from models.training.adapter_run import make_adapter
from models.training.adapter_trainer import AdapterConfig
from models.transformer import load as transformer
from models.transformer.convert import convert
from models.transformer.network import Transformer, TransformerShape
from models.transformer.stepping import Stepper
from models.transformer.subwords import Subwords
from protocol.errors import VoiceError
from tests.models.transformer.test_convert import folder
from tests.models.transformer.tiny import TOKENS, subwords, weights

TEXT = (Path(__file__).parents[3] / "docs" / "instrument.md").read_text("utf-8").encode("ascii", "ignore").decode()
TOKENS_LEARNT = 500

writable = st.just(TEXT[:3_000]) | st.text(st.sampled_from("abcdehort \n\t'.,!0123ABS-_"), max_size=40)


@pytest.fixture(scope="module", params=[False, True], ids=["numbers", "digits"])
def learnt(request: pytest.FixtureRequest) -> tuple[Any, bool]:
    """A vocabulary that the library of others learnt from a text, and whether it cuts numbers into digits."""
    library = pytest.importorskip("tokenizers", reason="tokenizers, of the extra dev, learns the vocabulary")
    single: bool = request.param
    made = library.Tokenizer(library.models.BPE())
    bytes_ = library.pre_tokenizers.ByteLevel(add_prefix_space=False)
    digits = library.pre_tokenizers.Digits(individual_digits=True)
    made.pre_tokenizer = library.pre_tokenizers.Sequence([digits, bytes_] if single else [bytes_])
    alphabet = library.pre_tokenizers.ByteLevel.alphabet()
    special = ["<|endoftext|>"]
    trainer = library.trainers.BpeTrainer(vocab_size=TOKENS_LEARNT, initial_alphabet=alphabet, special_tokens=special)
    made.train_from_iterator([TEXT], trainer)
    return made, single


@given(text=writable)
def test_a_text_is_cut_as_the_library_cuts_it(learnt: tuple[Any, bool], text: str) -> None:
    made, single = learnt
    letters = [made.id_to_token(number) for number in range(made.get_vocab_size())]
    ours, numbers = Subwords.kept(["", *letters[1:]], single)
    assert [int(numbers[number]) for number in ours.encode(text.encode())] == made.encode(text).ids


def test_a_small_model_of_ones_own_vocabulary_is_read_and_fine_tuned_by_the_same_code(
    learnt: tuple[Any, bool], tmp_path: Path
) -> None:
    made, _ = learnt
    hub = folder(tmp_path / "hub", weights())
    (hub / "tokenizer.json").write_text(made.to_str())
    network = Transformer(TransformerShape(TOKENS_LEARNT, 2, 4, 2, 16, 24))
    network.start(1)
    config = json.loads((hub / "config.json").read_text()) | {"vocab_size": TOKENS_LEARNT}
    (hub / "config.json").write_text(json.dumps(config))
    _embed(hub, network)
    read = convert(hub, "own")
    path = tmp_path / "base.safetensors"
    read.save(path, transformer.expect(Stepper(read)))
    ticks = count()
    small = AdapterConfig(minutes=1.0, readings=50.0, tokens=24, rank=4, peak=0.05)
    result = make_adapter(
        "own",
        TEXT[:6_000],
        tmp_path / "a.safetensors",
        tmp_path / "run.safetensors",
        small,
        path,
        lambda progress, write: None,
        clock=lambda: 0.5 * next(ticks),
    )
    made_of_it = tensor_file.read_record(tmp_path / "a.safetensors")["training"]
    assert result.kept and made_of_it["held_out_bits"] < made_of_it["plain_bits"]


def _embed(hub: Path, network: Transformer) -> None:
    """Give the folder's weights a vocabulary of another size."""
    path = hub / "model.safetensors"
    tensors = safetensors.torch.load_file(str(path))
    tensors["model.embed_tokens.weight"] = network.embedding.detach().clone()
    safetensors.torch.save_file(tensors, str(path))


def test_what_was_packed_is_unpacked_and_what_is_torn_is_refused() -> None:
    made = subwords()
    assert Subwords.unpacked(made.packed(), made.ranks, False).tokens == TOKENS
    for torn in (made.packed()[:-1], made.packed()[1:], b""):
        with pytest.raises(ValueError, match=r"its? .*tokens|it has|does not fit"):
            Subwords.unpacked(torn, made.ranks, False)


def test_a_vocabulary_that_cannot_write_every_character_does_not_fit() -> None:
    with pytest.raises(VoiceError, match="its tokenizer does not fit: it cannot write"):
        Subwords.kept(["a", "b", "ab"], False)


def test_pairs_are_joined_in_the_order_in_which_they_were_learnt() -> None:
    made = subwords()
    assert [made.tokens[number] for number in made.encode(b"abca the")] == [b"abca", b" the"]
    assert b"".join(made.tokens[number] for number in made.encode(b"xyz abc\n\n7")) == b"xyz abc\n\n7"
    assert np.array_equal(np.sort(made.ranks), np.arange(len(TOKENS)))
