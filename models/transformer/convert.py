"""Transformers that others made, as Antiphon keeps them: from a GGUF file, or from a folder as the hub has them.

One that was fine-tuned here is a file of Antiphon's own already.

A folder has ``config.json``, ``tokenizer.json`` and safetensors. Whatever could hold code (pickles: .bin, .pt, .ckpt)
is refused and nothing of a model is run. Only the tokens that may be written are kept, so that special ones and other
alphabets take no part in what is expected. Runs on the caller's thread.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import safetensors
import torch
from torch import Tensor

from models.int8_rows import Matrix
from models.transformer.gguf_file import GgufFile
from models.transformer.network import TransformerShape
from models.transformer.subwords import Subwords
from models.transformer.weights_file import NORMS, LayerWeights, TransformerWeights
from models.voice_folders import SUFFIX
from protocol.errors import VoiceError

PICKLES = (".bin", ".pt", ".pth", ".ckpt", ".pkl", ".pickle")
MOST_JSON_BYTES = 64_000_000
GGUF_LAYER = {  # our names for the tensors of a layer of Llama's family, those that are joined in their order
    "qkv": ("attn_q", "attn_k", "attn_v"),
    "output": ("attn_output",),
    "gate_up": ("ffn_gate", "ffn_up"),
    "down": ("ffn_down",),
    "attention_norm": ("attn_norm",),
    "mlp_norm": ("ffn_norm",),
}
GGUF_GPT2_LAYER = {
    "qkv": ("attn_qkv",),
    "output": ("attn_output",),
    "up": ("ffn_up",),
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
HUB_GPT2_LAYER = {
    "qkv": ("attn.c_attn",),
    "output": ("attn.c_proj",),
    "up": ("mlp.c_fc",),
    "down": ("mlp.c_proj",),
    "attention_norm": ("ln_1",),
    "mlp_norm": ("ln_2",),
}
FAMILIES = ("llama", "gpt2")  # as both kinds of file call them
GPT2_BENDING = ("gelu_new", "gelu_pytorch_tanh")  # what a network of GPT-2's family is to do with its inner numbers
BEGIN = "<|endoftext|>"  # what a text begins with, where a tokenizer has it
NORMAL = 1  # the type of a token that is neither special nor a lone byte
SINGLE_DIGITS = ("smollm", "llama-bpe", "refact", "starcoder")  # GGUF's names of what cuts numbers into digits

Fetch = Callable[[str, str], Tensor]  # what a tensor is called, and whether it is its "weight" or its "bias"


def convert(path: Path, name: str) -> TransformerWeights:
    """The transformer at ``path`` under ``name``; raises ``VoiceError`` for one that cannot, or shall not, be read."""
    if path.suffix.lower() in PICKLES:
        raise VoiceError(f"{path} can hold code, and is not opened: give the model as safetensors or GGUF")
    if path.is_dir():
        return _from_folder(path, name)
    if path.suffix == SUFFIX:
        return replace(TransformerWeights.load(path), name=name)
    with GgufFile(path) as file:
        return _from_gguf(file, name)


# ---- GGUF ------------------------------------------------------------------------------------------------------------


def _from_gguf(file: GgufFile, name: str) -> TransformerWeights:
    record = file.record
    family = str(record.get("general.architecture"))
    if family not in FAMILIES:
        raise VoiceError(f"{file.path} is a {family[:40]!r}, and those read are of Llama's family and of GPT-2's")
    if record.get("tokenizer.ggml.model") != "gpt2":
        raise VoiceError(f"the tokenizer of {file.path} does not fit: byte-level ones are read, as SmolLM2's")
    try:
        spelled, types = record["tokenizer.ggml.tokens"], record["tokenizer.ggml.token_type"]
        shape = TransformerShape(
            len(spelled),
            int(record[f"{family}.block_count"]),
            int(record[f"{family}.attention.head_count"]),
            int(record.get(f"{family}.attention.head_count_kv", record[f"{family}.attention.head_count"])),
            int(record[f"{family}.embedding_length"]),
            int(record[f"{family}.feed_forward_length"]),
            float(record.get(f"{family}.rope.freq_base", 10_000.0)),
            float(record[f"{family}.attention.layer_norm{'_rms' if family == 'llama' else ''}_epsilon"]),
            int(record["gpt2.context_length"]) if family == "gpt2" else 0,
        )
        begin = spelled.index(BEGIN) if BEGIN in spelled else int(record["tokenizer.ggml.bos_token_id"])
    except (KeyError, TypeError, ValueError) as error:
        raise VoiceError(f"{file.path} does not say what it is ({error})") from None
    letters = [token if kind == NORMAL else "" for token, kind in zip(spelled, types, strict=False)]
    single = record.get("tokenizer.ggml.pre") in SINGLE_DIGITS

    def fetch(called: str, part: str) -> Tensor:
        found = torch.from_numpy(file.tensor(f"{called}.{part}"))
        if called.endswith(("attn_q", "attn_k")):  # ggml turns neighbouring numbers, we the halves of a head
            return found.view(-1, shape.head // 2, 2, shape.width).transpose(1, 2).reshape(found.shape)
        return found

    named = GGUF_LAYER if family == "llama" else GGUF_GPT2_LAYER
    layers = {ours: tuple(f"blk.{{}}.{each}" for each in theirs) for ours, theirs in named.items()}
    head = "output" if "output.weight" in file.names else None
    others = _Others("token_embd", "output_norm", head, "position_embd")
    origin = {"from": file.path.name, "licence": str(record.get("general.license", ""))[:80]}
    return _assembled(name, shape, letters, single, begin, fetch, layers, others, origin)


# ---- a folder --------------------------------------------------------------------------------------------------------


def _from_folder(path: Path, name: str) -> TransformerWeights:
    files = sorted(path.glob("*.safetensors"))
    if not files:
        pickles = [each.name for each in sorted(path.iterdir()) if each.suffix.lower() in PICKLES]
        why = f"has {pickles[0]}, which can hold code" if pickles else "has no weights"
        raise VoiceError(f"{path} {why}: give the model as safetensors or GGUF")
    config, tokenizer = _json(path / "config.json"), _json(path / "tokenizer.json")
    family = str(config.get("model_type"))
    if family not in FAMILIES:
        raise VoiceError(f"{path} is a {family[:40]!r}; those read are of Llama's family and of GPT-2's")
    try:
        model = tokenizer["model"]
        if model["type"] != "BPE":
            raise VoiceError(f"the tokenizer of {path} does not fit: byte-level ones are read, as GPT-2's")
        vocabulary: dict[str, int] = model["vocab"]
        special = {str(each["content"]): int(each["id"]) for each in tokenizer.get("added_tokens", ())}
        shape = (_llama_shape if family == "llama" else _gpt2_shape)(config)
        begin = int(special.get(BEGIN, config.get("bos_token_id") or 0))
        letters = [""] * shape.tokens
        for token, number in vocabulary.items():
            if not 0 <= number < shape.tokens:
                raise VoiceError(
                    f"the tokenizer of {path} does not fit: its token {number} is none of {shape.tokens:,}"
                )
            if token not in special:
                letters[number] = token
    except (AttributeError, IndexError, KeyError, TypeError, ValueError) as error:
        raise VoiceError(f"{path} does not say what it is, or its tokenizer does not fit ({error!r})") from None
    single = '"individual_digits": true' in json.dumps(tokenizer.get("pre_tokenizer"))
    opened = _Opened(files)
    origin = {"from": path.name}
    if family == "llama":
        layers = {ours: tuple(f"model.layers.{{}}.{each}" for each in theirs) for ours, theirs in HUB_LAYER.items()}
        head = "lm_head" if not config.get("tie_word_embeddings") and "lm_head" in opened else None
        others = _Others("model.embed_tokens", "model.norm", head)
        return _assembled(name, shape, letters, single, begin, opened.fetch, layers, others, origin)
    before = "transformer." if "transformer.wte" in opened else ""
    layers = {ours: tuple(f"{before}h.{{}}.{each}" for each in theirs) for ours, theirs in HUB_GPT2_LAYER.items()}
    others = _Others(f"{before}wte", f"{before}ln_f", None, f"{before}wpe")
    return _assembled(name, shape, letters, single, begin, _turned(opened.fetch), layers, others, origin)


def _llama_shape(config: Mapping[str, Any]) -> TransformerShape:
    return TransformerShape(
        int(config["vocab_size"]),
        int(config["num_hidden_layers"]),
        int(config["num_attention_heads"]),
        int(config.get("num_key_value_heads", config["num_attention_heads"])),
        int(config["hidden_size"]),
        int(config["intermediate_size"]),
        float(config.get("rope_theta", 10_000.0)),
        float(config["rms_norm_eps"]),
    )


def _gpt2_shape(config: Mapping[str, Any]) -> TransformerShape:
    width, heads = int(config["n_embd"]), int(config["n_head"])
    if (bending := config.get("activation_function", GPT2_BENDING[0])) not in GPT2_BENDING:
        raise ValueError(f"its inner numbers go through {str(bending)[:40]!r}")
    return TransformerShape(
        int(config["vocab_size"]),
        int(config["n_layer"]),
        heads,
        heads,
        width,
        int(config.get("n_inner") or 4 * width),
        epsilon=float(config.get("layer_norm_epsilon", 1e-5)),
        positions=int(config["n_positions"]),
    )


def _turned(fetch: Fetch) -> Fetch:
    """GPT-2's matrices stand in the hub's files with their rows as columns."""

    def turned(called: str, part: str) -> Tensor:
        found = fetch(called, part)
        return found.t().contiguous() if part == "weight" and ".h." in f".{called}" and found.dim() == 2 else found

    return turned


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

    def fetch(self, called: str, part: str) -> Tensor:
        whole = f"{called}.{part}"
        if whole not in self._files:
            raise VoiceError(f"the model has no {whole}")
        found: Tensor = self._files[whole].get_tensor(whole)
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


@dataclass(frozen=True)
class _Others:
    """What a file calls the tensors that are of no layer."""

    embedding: str
    norm: str
    head: str | None
    positions: str = ""


def _assembled(
    name: str,
    told: TransformerShape,
    letters: list[str],
    single_digits: bool,
    begin: int,
    fetch: Fetch,
    layers: Mapping[str, tuple[str, ...]],
    others: _Others,
    origin: Mapping[str, str],
) -> TransformerWeights:
    """Of what a file says, its tokens' spellings and its tensors; ``begin`` numbers what a text begins with."""
    subwords, numbers = Subwords.kept(letters, single_digits)
    shape = replace(told, tokens=len(subwords))
    whole = _sized(fetch(others.embedding, "weight"), others.embedding, told.tokens, shape.width)
    if not 0 <= begin < told.tokens:
        raise VoiceError("the model does not say what a text begins with")
    kept, head = torch.from_numpy(numbers), others.head

    def norm(called: str) -> Tensor:
        if shape.positions:
            both = [_sized(fetch(called, part), called, shape.width) for part in ("weight", "bias")]
            return torch.stack(both)
        return _sized(fetch(called, "weight"), called, shape.width)

    made = []
    for place in range(shape.layers):
        named = {ours: [each.format(place) for each in theirs] for ours, theirs in layers.items()}
        matrices: dict[str, Matrix] = {}
        for ours, size in shape.sizes.items():
            joined = torch.cat([fetch(each, "weight") for each in named[ours]])
            matrices[ours] = Matrix.of(_sized(joined, f"{place}.{ours}", *size)).quantised()
        biases = {ours: _sized(fetch(named[ours][0], "bias"), ours, rows) for ours, rows in shape.biases.items()}
        made.append(LayerWeights({ours: norm(named[ours][0]) for ours in NORMS}, matrices, biases))
    return TransformerWeights(
        name,
        shape,
        subwords,
        whole[begin].clone(),
        Matrix.of(whole[kept]).quantised(),
        Matrix.of(_sized(fetch(head, "weight"), head, told.tokens, shape.width)[kept]).quantised() if head else None,
        norm(others.norm),
        tuple(made),
        origin,
        positions=_sized(fetch(others.positions, "weight"), "positions", shape.positions, shape.width)
        if shape.positions
        else None,
    )


def _sized(tensor: Tensor, name: str, *size: int) -> Tensor:
    if tuple(tensor.shape) != size or not bool(torch.isfinite(tensor).all()):
        raise VoiceError(f"the model's {name} is {tuple(tensor.shape)}, not {size}, or not finite")
    return tensor
