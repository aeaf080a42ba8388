"""Transformers that others made are read from GGUF and from folders, and what could harm is refused with one line."""

from __future__ import annotations

import json
import struct
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import safetensors.torch
import torch
from hypothesis import given
from hypothesis import strategies as st

from models.transformer.convert import convert
from models.transformer.gguf_file import PACKINGS, GgufFile
from models.transformer.subwords import BYTES
from models.transformer.weights_file import TransformerWeights
from protocol.errors import VoiceError
from tests.models.transformer.tiny import GPT2, TOKENS, weights

LETTERS = {byte: letter for letter, byte in BYTES.items()}
SPELLED = ["<|endoftext|>", *("".join(LETTERS[byte] for byte in token) for token in TOKENS), "Ã©"]  # the last: no ASCII
ORDER = sorted(range(len(TOKENS)), key=lambda place: (len(TOKENS[place]), TOKENS[place]))


def given_tensors(of: TransformerWeights) -> dict[str, torch.Tensor]:
    """As the hub calls them, with two tokens more than are kept, in an order of their own."""
    shape, keys = of.shape, of.shape.key_heads * of.shape.head
    embedding = torch.cat([of.begin[None], of.embedding.to_float()[ORDER], torch.ones(1, shape.width)])
    found = {"model.embed_tokens.weight": embedding, "model.norm.weight": of.norm}
    for place, layer in enumerate(of.layers):
        matrices = {name: matrix.to_float() for name, matrix in layer.matrices.items()}
        q, k, v = torch.split(matrices["qkv"], [shape.width, keys, keys])
        gate, up = matrices["gate_up"].chunk(2)
        found |= {
            f"model.layers.{place}.{name}.weight": tensor
            for name, tensor in {
                "self_attn.q_proj": q,
                "self_attn.k_proj": k,
                "self_attn.v_proj": v,
                "self_attn.o_proj": matrices["output"],
                "mlp.gate_proj": gate,
                "mlp.up_proj": up,
                "mlp.down_proj": matrices["down"],
                "input_layernorm": layer.norms["attention_norm"],
                "post_attention_layernorm": layer.norms["mlp_norm"],
            }.items()
        }
    return found


def spelled() -> list[str]:
    return [SPELLED[0], *(SPELLED[1 + place] for place in ORDER), SPELLED[-1]]


def folder(path: Path, of: TransformerWeights, **config: Any) -> Path:
    """``of`` as the hub has it."""
    shape = of.shape
    path.mkdir(exist_ok=True)
    tensors = {name: tensor.contiguous() for name, tensor in given_tensors(of).items()}
    safetensors.torch.save_file(tensors, str(path / "model.safetensors"))
    told = {
        "model_type": "llama",
        "vocab_size": len(SPELLED),
        "num_hidden_layers": shape.layers,
        "num_attention_heads": shape.heads,
        "num_key_value_heads": shape.key_heads,
        "hidden_size": shape.width,
        "intermediate_size": shape.inner,
        "rms_norm_eps": shape.epsilon,
        "tie_word_embeddings": True,
    }
    (path / "config.json").write_text(json.dumps(told | config))
    model = {"type": "BPE", "vocab": {token: number for number, token in enumerate(spelled())}, "merges": []}
    added = [{"id": 0, "content": "<|endoftext|>", "special": True}]
    (path / "tokenizer.json").write_text(json.dumps({"model": model, "added_tokens": added}))
    return path


def gguf(path: Path, of: TransformerWeights, **record: Any) -> Path:
    """``of`` as ggml has it, in floats."""
    shape = of.shape
    names = {
        "model.embed_tokens": "token_embd",
        "model.norm": "output_norm",
        "model.layers": "blk",
        "self_attn.q_proj": "attn_q",
        "self_attn.k_proj": "attn_k",
        "self_attn.v_proj": "attn_v",
        "self_attn.o_proj": "attn_output",
        "mlp.gate_proj": "ffn_gate",
        "mlp.up_proj": "ffn_up",
        "mlp.down_proj": "ffn_down",
        "input_layernorm": "attn_norm",
        "post_attention_layernorm": "ffn_norm",
    }
    told: dict[str, Any] = {
        "general.architecture": "llama",
        "llama.block_count": shape.layers,
        "llama.attention.head_count": shape.heads,
        "llama.attention.head_count_kv": shape.key_heads,
        "llama.embedding_length": shape.width,
        "llama.feed_forward_length": shape.inner,
        "llama.attention.layer_norm_rms_epsilon": shape.epsilon,
        "tokenizer.ggml.model": "gpt2",
        "tokenizer.ggml.tokens": spelled(),
        "tokenizer.ggml.token_type": [3, *[1] * (len(SPELLED) - 1)],
    } | {name.replace("__", "."): value for name, value in record.items()}
    tensors: dict[str, torch.Tensor] = {}
    for name, tensor in given_tensors(of).items():
        if ".q_proj" in name or ".k_proj" in name:
            tensor = tensor.view(-1, 2, shape.head // 2, shape.width).transpose(1, 2).reshape(tensor.shape)
        for hub, ours in names.items():
            name = name.replace(hub, ours)
        tensors[name] = tensor
    path.write_bytes(gguf_bytes(told, {name: tensor.numpy() for name, tensor in tensors.items()}))
    return path


def gguf_bytes(record: Mapping[str, Any], tensors: Mapping[str, np.ndarray]) -> bytes:
    def text(value: str) -> bytes:
        return struct.pack("<Q", len(value.encode())) + value.encode()

    def value(each: Any) -> bytes:
        if isinstance(each, str):
            return struct.pack("<I", 8) + text(each)
        if isinstance(each, float):
            return struct.pack("<If", 6, each)
        if isinstance(each, list) and isinstance(each[0], str):
            return struct.pack("<IIQ", 9, 8, len(each)) + b"".join(map(text, each))
        if isinstance(each, list):
            return struct.pack(f"<IIQ{len(each)}i", 9, 5, len(each), *each)
        return struct.pack("<II", 4, each)

    head = struct.pack("<4sIQQ", b"GGUF", 3, len(tensors), len(record))
    head += b"".join(text(name) + value(each) for name, each in record.items())
    body = b""
    for name, tensor in tensors.items():
        head += text(name) + struct.pack("<I", tensor.ndim) + struct.pack(f"<{tensor.ndim}Q", *tensor.shape[::-1])
        head += struct.pack("<IQ", 0, len(body))
        body += tensor.astype("<f4").tobytes() + bytes(-4 * tensor.size % 32)
    return head + bytes(-len(head) % 32) + body


def gpt2_tensors(of: TransformerWeights) -> dict[str, torch.Tensor]:
    """As the hub calls those of GPT-2's family, whose matrices stand with their rows as columns."""
    embedding = torch.cat([of.begin[None], of.embedding.to_float()[ORDER], torch.ones(1, of.shape.width)])
    assert of.positions is not None
    found = {"wte.weight": embedding, "wpe.weight": of.positions, "ln_f.weight": of.norm[0], "ln_f.bias": of.norm[1]}
    called = {"qkv": "attn.c_attn", "output": "attn.c_proj", "up": "mlp.c_fc", "down": "mlp.c_proj"}
    for place, layer in enumerate(of.layers):
        for ours, theirs in called.items():
            found[f"h.{place}.{theirs}.weight"] = layer.matrices[ours].to_float().t()
            found[f"h.{place}.{theirs}.bias"] = layer.biases[ours]
        for ours, theirs in {"attention_norm": "ln_1", "mlp_norm": "ln_2"}.items():
            for row, part in enumerate(("weight", "bias")):
                found[f"h.{place}.{theirs}.{part}"] = layer.norms[ours][row]
    return {name: tensor.contiguous() for name, tensor in found.items()}


def gpt2_folder(path: Path, of: TransformerWeights, prefix: str = "", **config: Any) -> Path:
    shape = of.shape
    hub = folder(path, weights(), model_type="gpt2", n_positions=shape.positions)
    tensors = {f"{prefix}{name}": tensor for name, tensor in gpt2_tensors(of).items()}
    safetensors.torch.save_file(tensors, str(path / "model.safetensors"))
    told = {"n_layer": shape.layers, "n_head": shape.heads, "n_embd": shape.width, "n_inner": shape.inner}
    (hub / "config.json").write_text(json.dumps(json.loads((hub / "config.json").read_text()) | told | config))
    return hub


def gpt2_gguf(path: Path, of: TransformerWeights) -> Path:
    shape = of.shape
    names = {
        "wte": "token_embd", "wpe": "position_embd", "ln_f": "output_norm", "h.": "blk.", "attn.c_attn": "attn_qkv",
        "attn.c_proj": "attn_output", "mlp.c_fc": "ffn_up", "mlp.c_proj": "ffn_down", "ln_1": "attn_norm",
        "ln_2": "ffn_norm",
    }  # fmt: skip
    told: dict[str, Any] = {
        "general.architecture": "gpt2",
        "gpt2.block_count": shape.layers,
        "gpt2.attention.head_count": shape.heads,
        "gpt2.embedding_length": shape.width,
        "gpt2.feed_forward_length": shape.inner,
        "gpt2.attention.layer_norm_epsilon": shape.epsilon,
        "gpt2.context_length": shape.positions,
        "tokenizer.ggml.model": "gpt2",
        "tokenizer.ggml.tokens": spelled(),
        "tokenizer.ggml.token_type": [3, *[1] * (len(SPELLED) - 1)],
    }
    tensors: dict[str, np.ndarray] = {}
    for name, tensor in gpt2_tensors(of).items():
        tensor = tensor.t() if name.startswith("h.") and tensor.dim() == 2 else tensor
        for hub, ours in names.items():
            name = name.replace(hub, ours)
        tensors[name] = np.ascontiguousarray(tensor.numpy())
    path.write_bytes(gguf_bytes(told, tensors))
    return path


def same(found: TransformerWeights, wanted: TransformerWeights) -> None:
    """The same tokens, and the same numbers to half a step of their rows."""
    assert found.subwords.tokens == wanted.subwords.tokens
    assert found.shape == replace(wanted.shape, epsilon=found.shape.epsilon)
    assert found.shape.epsilon == pytest.approx(wanted.shape.epsilon)
    assert torch.allclose(found.begin, wanted.begin)
    assert torch.equal(found.embedding.values, wanted.embedding.quantised().values)
    for one, other in zip(found.layers, wanted.layers, strict=True):
        for name, matrix in other.matrices.items():
            assert torch.equal(one.matrices[name].values, matrix.quantised().values), name


def test_a_folder_of_the_hubs_is_read(tmp_path: Path) -> None:
    same(convert(folder(tmp_path / "hub", weights()), "tiny"), weights())


def test_a_gguf_file_is_read_and_its_heads_are_turned_back(tmp_path: Path) -> None:
    same(convert(gguf(tmp_path / "tiny.gguf", weights()), "tiny"), weights())


def test_gpt2s_family_is_read_from_both_with_its_biases_and_positions(tmp_path: Path) -> None:
    made = gpt2()
    hub, prefixed = gpt2_folder(tmp_path / "hub", made), gpt2_folder(tmp_path / "other", made, "transformer.")
    for path in (hub, prefixed, gpt2_gguf(tmp_path / "tiny.gguf", made)):
        found = convert(path, "tiny")
        same(found, made)
        assert found.positions is not None and made.positions is not None
        assert torch.equal(found.positions, made.positions) and torch.equal(found.norm, made.norm)
        for one, other in zip(found.layers, made.layers, strict=True):
            assert all(torch.equal(one.biases[name], bias) for name, bias in other.biases.items())


def test_a_gpt2_whose_numbers_are_bent_in_another_way_is_refused(tmp_path: Path) -> None:
    with pytest.raises(VoiceError, match="relu"):
        convert(gpt2_folder(tmp_path / "hub", gpt2(), activation_function="relu"), "tiny")


def gpt2() -> TransformerWeights:
    return weights(shape=GPT2)


@pytest.mark.parametrize("family", [weights, gpt2])
def test_what_was_read_is_written_and_read_again_as_it_was(
    tmp_path: Path, family: Callable[[], TransformerWeights]
) -> None:
    made = family()
    found = convert((gpt2_folder if made.shape.positions else folder)(tmp_path / "hub", made), "tiny")
    found.save(tmp_path / "tiny.safetensors", (0.5, 0.25))
    again = TransformerWeights.load(tmp_path / "tiny.safetensors")
    same(again, made)
    assert again.golden == (0.5, 0.25) and again.digest() == found.digest()
    assert np.array_equal(again.subwords.ranks, found.subwords.ranks)


@given(share=st.floats(0.0, 0.999))
def test_a_file_that_is_cut_off_anywhere_is_refused_with_one_line(
    tmp_path_factory: pytest.TempPathFactory, share: float
) -> None:
    path = tmp_path_factory.mktemp("cut") / "tiny.gguf"
    whole = gguf(path, weights()).read_bytes()
    path.write_bytes(whole[: int(share * (len(whole) - 32))])
    with pytest.raises(VoiceError) as error:
        convert(path, "tiny")
    assert "\n" not in str(error.value)


@given(place=st.integers(0, 400), byte=st.integers(0, 255))
def test_a_damaged_file_is_read_or_refused_and_nothing_else(
    tmp_path_factory: pytest.TempPathFactory, place: int, byte: int
) -> None:
    path = tmp_path_factory.mktemp("damaged") / "tiny.gguf"
    damaged = bytearray(gguf(path, weights()).read_bytes())
    damaged[place] = byte
    path.write_bytes(damaged)
    with suppress(VoiceError):
        convert(path, "tiny")


@pytest.mark.parametrize("name", ["pytorch_model.bin", "model.pt", "model.ckpt"])
def test_a_checkpoint_that_can_hold_code_is_not_opened(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_bytes(b"cos\nsystem\n(S'false'\ntR.")
    for path in (tmp_path / name, tmp_path):
        with pytest.raises(VoiceError, match="can hold code"):
            convert(path, "tiny")


@pytest.mark.parametrize(
    ("record", "why"),
    [
        ({"general__architecture": "mamba"}, "Llama's family"),
        ({"tokenizer__ggml__model": "llama"}, "the tokenizer of .* does not fit"),
        (
            {"tokenizer__ggml__tokens": ["<|endoftext|>", "b"], "tokenizer__ggml__token_type": [3, 1]},
            "its tokenizer does not fit",
        ),
        ({"llama__attention__head_count": 3}, "does not say what it is"),
    ],
)
def test_a_model_of_another_kind_is_refused(tmp_path: Path, record: dict[str, Any], why: str) -> None:
    with pytest.raises(VoiceError, match=why):
        convert(gguf(tmp_path / "tiny.gguf", weights(), **record), "tiny")


def test_a_folder_whose_tokenizer_has_more_tokens_than_the_network_is_refused(tmp_path: Path) -> None:
    with pytest.raises(VoiceError, match="does not fit"):
        convert(folder(tmp_path / "hub", weights(), vocab_size=20), "tiny")


def test_packed_numbers_are_unpacked_by_the_formats_rules() -> None:
    half = np.float16(0.5).tobytes()
    low_high = bytes([0x21] * 16)  # 1 in the low halves, 2 in the high
    wanted = np.repeat([1.0, 2.0], 16)

    def unpacked(kind: int, block: bytes) -> np.ndarray:
        return np.asarray(PACKINGS[kind].unpack(np.frombuffer(block, np.uint8)[None])[0])

    assert np.array_equal(unpacked(2, half + low_high), 0.5 * (wanted - 8))
    assert np.array_equal(unpacked(3, half + np.float16(2.0).tobytes() + low_high), 0.5 * wanted + 2.0)
    assert np.array_equal(unpacked(8, half + bytes(range(256 - 16, 256)) + bytes(16)), 0.5 * np.r_[-16:0, [0] * 16])
    six = bytes([0x21] * 128) + bytes([0b11100100] * 64) + bytes([1] * 16) + half
    rows = [1 + 0 * 16, 1 + 1 * 16, 2 + 2 * 16, 2 + 3 * 16]  # two bits more each, from the lowest on
    assert np.array_equal(unpacked(14, six), np.tile(np.repeat(0.5 * (np.array(rows) - 32.0), 32), 2))


def test_an_unknown_tensor_is_named(tmp_path: Path) -> None:
    with GgufFile(gguf(tmp_path / "tiny.gguf", weights())) as file, pytest.raises(VoiceError, match="no output"):
        file.tensor("output.weight")
