"""Transformers that others made, as Antiphon keeps them: from a GGUF file, or from a folder as the hub has them.

A folder has ``config.json``, ``tokenizer.json`` and safetensors. Whatever could hold code (pickles: .bin, .pt, .ckpt)
is refused and nothing of a model is run. Only the tokens that may be written are kept, so that special ones and other
alphabets take no part in what is expected. Runs on the caller's thread.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import safetensors
import torch
from torch import Tensor

from models.int8_rows import Matrix
from models.transformer.gguf_file import GgufFile
from models.transformer.network import LlamaShape
from models.transformer.subwords import Subwords
from models.transformer.weights_file import LayerWeights, TransformerWeights
from protocol.errors import VoiceError

PICKLES = (".bin", ".pt", ".pth", ".ckpt", ".pkl", ".pickle")
MOST_JSON_BYTES = 64_000_000
GGUF_LAYER = {  # our names for the tensors of a layer, those that are joined in their order
    "qkv": ("attn_q", "attn_k", "attn_v"),
    "output": ("attn_output",),
    "gate_up": ("ffn_gate", "ffn_up"),
    "down": ("ffn_down",),
    "attention_norm": ("attn_norm",),
    "mlp_norm": ("ffn_norm",),
}
HUB_LAYER = {
    "qkv": ("self_attn.q_proj", "self_attn.k_proj", "self_attn.v_proj"),
    "output": ("self_attn.o_proj",),
    "gate_up": ("mlp.gate_proj", "mlp.up_proj"),
    "down": ("mlp.down_proj",),
    "attention_norm": ("input_layernorm",),
    "mlp_norm": ("post_attention_layernorm",),
}
BEGIN = "<|endoftext|>"  # what a text begins with, where a tokenizer has it
NORMAL = 1  # the type of a token that is neither special nor a lone byte
SINGLE_DIGITS = ("smollm", "llama-bpe", "refact", "starcoder")  # GGUF's names of what cuts numbers into digits

Fetch = Callable[[str], Tensor]


def convert(path: Path, name: str) -> TransformerWeights:
    """The transformer at ``path`` under ``name``; raises ``VoiceError`` for one that cannot, or shall not, be read."""
    if path.suffix.lower() in PICKLES:
        raise VoiceError(f"{path} can hold code, and is not opened: give the model as safetensors or GGUF")
    if path.is_dir():
        return _from_folder(path, name)
    with GgufFile(path) as file:
        return _from_gguf(file, name)


# ---- GGUF ------------------------------------------------------------------------------------------------------------


def _from_gguf(file: GgufFile, name: str) -> TransformerWeights:
    record = file.record
    if record.get("general.architecture") != "llama":
        raise VoiceError(
            f"{file.path} is a {record.get('general.architecture')!r}, and those read are of Llama's family"
        )
    if record.get("tokenizer.ggml.model") != "gpt2":
        raise VoiceError(f"the tokenizer of {file.path} does not fit: byte-level ones are read, as SmolLM2's")
    try:
        spelled, types = record["tokenizer.ggml.tokens"], record["tokenizer.ggml.token_type"]
        shape = LlamaShape(
            len(spelled),
            int(record["llama.block_count"]),
            int(record["llama.attention.head_count"]),
            int(record.get("llama.attention.head_count_kv", record["llama.attention.head_count"])),
            int(record["llama.embedding_length"]),
            int(record["llama.feed_forward_length"]),
            float(record.get("llama.rope.freq_base", 10_000.0)),
            float(record["llama.attention.layer_norm_rms_epsilon"]),
        )
        begin = spelled.index(BEGIN) if BEGIN in spelled else int(record["tokenizer.ggml.bos_token_id"])
    except (KeyError, TypeError, ValueError) as error:
        raise VoiceError(f"{file.path} does not say what it is ({error})") from None
    letters = [token if kind == NORMAL else "" for token, kind in zip(spelled, types, strict=False)]
    single = record.get("tokenizer.ggml.pre") in SINGLE_DIGITS

    def fetch(called: str) -> Tensor:
        found = torch.from_numpy(file.tensor(f"{called}.weight"))
        if called.endswith(("attn_q", "attn_k")):  # ggml turns neighbouring numbers, we the halves of a head
            return found.view(-1, shape.head // 2, 2, shape.width).transpose(1, 2).reshape(found.shape)
        return found

    layers = {ours: tuple(f"blk.{{}}.{each}" for each in theirs) for ours, theirs in GGUF_LAYER.items()}
    head = "output" if "output.weight" in file.names else None
    origin = {"from": file.path.name, "licence": str(record.get("general.license", ""))[:80]}
    return _assembled(name, shape, letters, single, begin, fetch, layers, ("token_embd", "output_norm", head), origin)


# ---- a folder --------------------------------------------------------------------------------------------------------


def _from_folder(path: Path, name: str) -> TransformerWeights:
    files = sorted(path.glob("*.safetensors"))
    if not files:
        pickles = [each.name for each in sorted(path.iterdir()) if each.suffix.lower() in PICKLES]
        why = f"has {pickles[0]}, which can hold code" if pickles else "has no weights"
        raise VoiceError(f"{path} {why}: give the model as safetensors or GGUF")
    config, tokenizer = _json(path / "config.json"), _json(path / "tokenizer.json")
    if config.get("model_type") != "llama":
        raise VoiceError(f"{path} is a {str(config.get('model_type'))[:40]!r}; those read are of Llama's family")
    try:
        model = tokenizer["model"]
        if model["type"] != "BPE":
            raise VoiceError(f"the tokenizer of {path} does not fit: byte-level ones are read, as GPT-2's")
        vocabulary: dict[str, int] = model["vocab"]
        special = {str(each["content"]): int(each["id"]) for each in tokenizer.get("added_tokens", ())}
        shape = LlamaShape(
            int(config["vocab_size"]),
            int(config["num_hidden_layers"]),
            int(config["num_attention_heads"]),
            int(config.get("num_key_value_heads", config["num_attention_heads"])),
            int(config["hidden_size"]),
            int(config["intermediate_size"]),
            float(config.get("rope_theta", 10_000.0)),
            float(config["rms_norm_eps"]),
        )
        begin = int(special.get(BEGIN, config.get("bos_token_id") or 0))
        letters = [""] * shape.tokens
        for token, number in vocabulary.items():
            if token not in special:
                letters[number] = token
    except (AttributeError, IndexError, KeyError, TypeError, ValueError) as error:
        raise VoiceError(f"{path} does not say what it is, or its tokenizer does not fit ({error!r})") from None
    single = '"individual_digits": true' in json.dumps(tokenizer.get("pre_tokenizer"))
    opened = _Opened(files)
    layers = {ours: tuple(f"model.layers.{{}}.{each}" for each in theirs) for ours, theirs in HUB_LAYER.items()}
    head = "lm_head" if not config.get("tie_word_embeddings") and "lm_head" in opened else None
    others = ("model.embed_tokens", "model.norm", head)
    return _assembled(name, shape, letters, single, begin, opened.fetch, layers, others, {"from": path.name})


class _Opened:
    """Several safetensors as one."""

    def __init__(self, files: list[Path]) -> None:
        self._files: dict[str, Any] = {}  # by the name of a tensor the open file that has it
        try:
            for each in files:
                opened: Any = safetensors.safe_open(str(each), framework="pt")
                self._files |= dict.fromkeys(opened.keys(), opened)
        except (safetensors.SafetensorError, OSError) as error:
            raise VoiceError(f"{files[0].parent} cannot be read as safetensors ({error})") from None

    def __contains__(self, called: str) -> bool:
        return f"{called}.weight" in self._files

    def fetch(self, called: str) -> Tensor:
        if called not in self:
            raise VoiceError(f"the model has no {called}.weight")
        found: Tensor = self._files[f"{called}.weight"].get_tensor(f"{called}.weight")
        return found.float()


def _json(path: Path) -> dict[str, Any]:
    try:
        if path.stat().st_size > MOST_JSON_BYTES:
            raise ValueError("it is too long")
        found = json.loads(path.read_text("utf-8"))
    except (OSError, ValueError, RecursionError) as error:
        raise VoiceError(f"{path} cannot be read ({error})") from None
    if not isinstance(found, dict):
        raise VoiceError(f"{path} is no record")
    return found


# ---- both ------------------------------------------------------------------------------------------------------------


def _assembled(
    name: str,
    told: LlamaShape,
    letters: list[str],
    single_digits: bool,
    begin: int,
    fetch: Fetch,
    layers: Mapping[str, tuple[str, ...]],
    others: tuple[str, str, str | None],
    origin: Mapping[str, str],
) -> TransformerWeights:
    """Of what a file says, its tokens' spellings and its tensors; ``begin`` numbers what a text begins with."""
    subwords, numbers = Subwords.kept(letters, single_digits)
    shape = replace(told, tokens=len(subwords))
    embedding, norm, head = others
    whole = _sized(fetch(embedding), embedding, told.tokens, shape.width)
    if not 0 <= begin < told.tokens:
        raise VoiceError("the model does not say what a text begins with")
    kept = torch.from_numpy(numbers)
    made = []
    for place in range(shape.layers):
        matrices: dict[str, Matrix] = {}
        for ours, size in shape.sizes.items():
            joined = torch.cat([fetch(each.format(place)) for each in layers[ours]])
            matrices[ours] = Matrix.of(_sized(joined, f"{place}.{ours}", *size)).quantised()
        norms = {
            ours: _sized(fetch(layers[ours][0].format(place)), ours, shape.width)
            for ours in ("attention_norm", "mlp_norm")
        }
        made.append(LayerWeights(norms, matrices))
    return TransformerWeights(
        name,
        shape,
        subwords,
        whole[begin].clone(),
        Matrix.of(whole[kept]).quantised(),
        Matrix.of(_sized(fetch(head), head, told.tokens, shape.width)[kept]).quantised() if head else None,
        _sized(fetch(norm), norm, shape.width),
        tuple(made),
        origin,
    )


def _sized(tensor: Tensor, name: str, *size: int) -> Tensor:
    if tuple(tensor.shape) != size or not bool(torch.isfinite(tensor).all()):
        raise VoiceError(f"the model's {name} is {tuple(tensor.shape)}, not {size}, or not finite")
    return tensor
