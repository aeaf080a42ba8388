"""A transformer, whole texts at a time: for training, for examining, and for checking the stepper.

Of Llama's family (Touvron et al. 2023): root-mean-square norms, rotary positions, grouped heads, a gated feed-forward
net. Or of GPT-2's (Radford et al. 2019): norms with a mean, biases, and positions that are learnt, of which there is a
last one. Queries, keys and values are one matrix, and so are gate and up. Every matrix may have an *adapter*, a product
of two thin ones that is added to it (LoRA, Hu et al. 2022). On stage it lives in ``models.transformer.stepping``. Pure
torch, no thread.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional as F

LEAST_POSITIONS, MOST_POSITIONS = 64, 1_024  # learnt ones; those that are heard stand in a ring
ADAPTED = ("qkv", "output", "down")  # the matrices of a layer that an adapter adds to

Pair = tuple[Tensor, Tensor]  # (R, in) and (out, R): what is added to a matrix is the second times the first
Pairs = Mapping[str, Pair]  # by "LAYER.MATRIX"


@dataclass(frozen=True)
class TransformerShape:
    """How large a transformer is."""

    tokens: int
    layers: int
    heads: int
    key_heads: int  # each of which several heads share
    width: int
    inner: int  # of the feed-forward net
    theta: float = 10_000.0  # of the rotary positions: the longest wave is so many times the shortest
    epsilon: float = 1e-5
    positions: int = 0  # that were learnt, as in GPT-2's family; 0: they are rotary, as in Llama's

    def __post_init__(self) -> None:
        sound = (
            1 <= self.layers <= 200
            and 1 <= self.key_heads <= self.heads <= 256
            and self.heads % self.key_heads == 0
            and 8 <= self.width <= 8_192
            and self.width % (2 * self.heads) == 0
            and 8 <= self.inner <= 65_536
            and 1 <= self.tokens <= 1_000_000
            and 1.0 < self.theta < 1e12
            and 0.0 < self.epsilon < 0.1
            and (self.positions == 0 or (LEAST_POSITIONS <= self.positions <= MOST_POSITIONS and self._one_head_each))
        )
        if not sound:
            raise ValueError(f"no transformer that can be played is of this size: {self}")

    @staticmethod
    def of(told: Mapping[str, Any]) -> TransformerShape:
        """What ``dataclasses.asdict`` gave; raises ``ValueError`` or another of Python's for what is none."""
        theta, epsilon = float(told["theta"]), float(told["epsilon"])
        whole = {name: int(value) for name, value in told.items() if name not in ("theta", "epsilon")}
        return TransformerShape(**whole, theta=theta, epsilon=epsilon)

    @property
    def head(self) -> int:
        """Numbers that a head sees."""
        return self.width // self.heads

    @property
    def sizes(self) -> dict[str, tuple[int, int]]:
        """Of the matrices of a layer, rows and columns."""
        return {
            "qkv": (self.width + 2 * self.key_heads * self.head, self.width),
            "output": (self.width, self.width),
            **({"up": (self.inner, self.width)} if self.positions else {"gate_up": (2 * self.inner, self.width)}),
            "down": (self.width, self.inner),
        }

    @property
    def biases(self) -> dict[str, int]:
        """By matrix how many numbers are added to what it gives; Llama's family has none."""
        return {name: rows for name, (rows, _) in self.sizes.items()} if self.positions else {}

    @property
    def norm(self) -> tuple[int, ...]:
        """The size of a norm: weights, and in GPT-2's family a row of biases."""
        return (2, self.width) if self.positions else (self.width,)

    @property
    def _one_head_each(self) -> bool:
        return self.key_heads == self.heads


class Layer(nn.Module):
    """One layer, for texts of at most the window's length."""

    def __init__(self, shape: TransformerShape) -> None:
        super().__init__()
        self.shape = shape
        self.attention_norm, self.mlp_norm = plain_norm(shape), plain_norm(shape)
        for name, size in shape.sizes.items():
            self.register_parameter(name, nn.Parameter(torch.zeros(size)))
        for name, rows in shape.biases.items():
            self.register_parameter(f"{name}_bias", nn.Parameter(torch.zeros(rows)))

    def forward(self, x: Tensor, waves: tuple[Tensor, Tensor] | None, pairs: Mapping[str, Pair]) -> Tensor:
        """``x`` (B, T, D); ``waves`` are of rotary positions, ``pairs`` of this layer's matrices."""
        shape, (texts, length, _) = self.shape, x.shape
        joined = self._product("qkv", normed(x, self.attention_norm, shape.epsilon), pairs)
        keys = shape.key_heads * shape.head
        q, k, v = (
            part.view(texts, length, -1, shape.head).transpose(1, 2)
            for part in torch.split(joined, [shape.width, keys, keys], dim=-1)
        )
        if waves is not None:
            q, k = rotated(q, *waves), rotated(k, *waves)
        heard = F.scaled_dot_product_attention(q, k, v, is_causal=True, enable_gqa=True)
        x = x + self._product("output", heard.transpose(1, 2).reshape(x.shape), pairs)
        return x + self._product(
            "down", bent(shape, self._inner(normed(x, self.mlp_norm, shape.epsilon), pairs)), pairs
        )

    def _inner(self, x: Tensor, pairs: Mapping[str, Pair]) -> Tensor:
        return self._product("up" if self.shape.positions else "gate_up", x, pairs)

    def _product(self, name: str, x: Tensor, pairs: Mapping[str, Pair]) -> Tensor:
        bias = getattr(self, f"{name}_bias") if self.shape.positions else None
        found = F.linear(x, getattr(self, name), bias)
        if name in pairs:
            down, up = pairs[name]
            found = found + F.linear(F.linear(x, down), up)
        return found


class Transformer(nn.Module):
    """The whole network. Number ``shape.tokens`` is what a text begins with, which no token is."""

    def __init__(self, shape: TransformerShape, tied: bool = True) -> None:
        super().__init__()
        self.shape = shape
        self.embedding = nn.Parameter(torch.zeros(shape.tokens, shape.width))
        self.begin = nn.Parameter(torch.zeros(shape.width))
        self.layers = nn.ModuleList(Layer(shape) for _ in range(shape.layers))
        self.norm = plain_norm(shape)
        self.positions = nn.Parameter(torch.zeros(shape.positions, shape.width)) if shape.positions else None
        self.head = None if tied else nn.Parameter(torch.zeros(shape.tokens, shape.width))

    def forward(self, numbers: Tensor, pairs: Pairs | None = None) -> Tensor:
        """(B, T, D) what is known behind each token of ``numbers`` (B, T), by the adapters ``pairs``."""
        tokens = self.shape.tokens
        x = F.embedding(numbers.clamp(max=tokens - 1), self.embedding)
        x = torch.where((numbers == tokens)[..., None], self.begin.to(x.dtype), x)
        waves = None
        if self.positions is not None:
            x = x + self.positions[: numbers.shape[1]]
        else:
            waves = waves_at(torch.arange(numbers.shape[1], dtype=torch.float64), self.shape)
        for place, layer in enumerate(self.layers):
            x = layer(x, waves, of_layer(pairs or {}, place))
        return normed(x, self.norm, self.shape.epsilon)

    def logits(self, known: Tensor) -> Tensor:
        """Of every token, behind what is ``known``."""
        return F.linear(known, self.embedding if self.head is None else self.head)

    def start(self, seed: int) -> None:
        """Small random numbers, to be trained from nothing."""
        torch.manual_seed(seed)
        for name, parameter in self.named_parameters():
            if not name.endswith(("norm", "bias")):
                nn.init.normal_(parameter, std=0.02)


def of_layer(pairs: Pairs, place: int) -> dict[str, Pair]:
    """Those of ``pairs`` that are of the layer ``place``, by matrix."""
    found = {name: pairs.get(f"{place}.{name}") for name in ADAPTED}
    return {name: pair for name, pair in found.items() if pair is not None}


def plain_norm(shape: TransformerShape) -> nn.Parameter:
    """A norm that weighs all alike."""
    made = torch.ones(shape.norm)
    if shape.positions:
        made[1] = 0.0
    return nn.Parameter(made)


def normed(x: Tensor, weight: Tensor, epsilon: float) -> Tensor:
    """``x`` (..., D) brought to a root mean square of 1, then weighted; by (2, D) to a mean of 0 first, and moved."""
    weight = weight.to(x.dtype)
    if weight.dim() == 2:
        return F.layer_norm(x, (x.shape[-1],), weight[0], weight[1], epsilon)
    return F.rms_norm(x, (x.shape[-1],), weight, epsilon)


def bent(shape: TransformerShape, x: Tensor) -> Tensor:
    """What the feed-forward net makes of its inner numbers ``x`` before it brings them down."""
    if shape.positions:
        return F.gelu(x, approximate="tanh")
    gate, up = x.chunk(2, dim=-1)
    return F.silu(gate) * up


def waves_at(positions: Tensor, shape: TransformerShape) -> tuple[Tensor, Tensor]:
    """Cosines and sines (n, head) of ``positions`` (n,), which are float64 so that a long show keeps its bits."""
    speeds = shape.theta ** (-torch.arange(0, shape.head, 2, dtype=torch.float64) / shape.head)
    angles = torch.outer(positions, speeds)
    angles = torch.cat([angles, angles], dim=-1)
    return angles.cos().float(), angles.sin().float()


def rotated(x: Tensor, cosines: Tensor, sines: Tensor) -> Tensor:
    """``x`` (..., n, head) as it stands at the positions of these waves."""
    half = x.shape[-1] // 2
    turned = torch.cat([-x[..., half:], x[..., :half]], dim=-1)
    return x * cosines.to(x.dtype) + turned * sines.to(x.dtype)
