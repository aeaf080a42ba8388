"""Where a long run stands, as a file: exact, to go on from on this machine, or packed, to be carried to another.

Packed, a parameter costs 3.5 bytes in place of 16: the averaged weights in bfloat16, the network as its distance from
them in int8 (blocks with a scale of their own, as in Dettmers et al. 2022), the second moments as 4-bit steps of their
logarithm above a rank-one estimate (the row's and the column's mean, after Shazeer & Stern 2018). First moments are
left out: they are forgotten within some ten updates. What that costs stands in docs/voices/trials.md. Pure torch.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from models import tensor_file
from models.char_lstm.network import Shape
from protocol.errors import TrainingError, VoiceError

FORMAT = 1  # of both files; a reader refuses others
BLOCK = 256  # numbers that share a scale
LEVELS = 15  # of a packed second moment; 0 stands for one that is zero
HIGHEST_LOG = 1_000.0  # of a second moment, far above any
LEAST_MOMENT = 1e-38  # below it a second moment counts as zero


@dataclass(frozen=True)
class RunState:
    """All that the rest of a run depends on. ``moments`` is what ``Learner.moments`` gave, ``record`` plain JSON."""

    network: Mapping[str, Tensor]
    average: Mapping[str, Tensor]  # of the network's weights
    moments: Mapping[str, Tensor]
    hidden: Tensor  # (layers, B, H), of the texts that are being read
    cell: Tensor
    record: Mapping[str, Any]

    @property
    def shape(self) -> Shape:
        """How large the network is."""
        return Shape(int(self.record["layers"]), int(self.record["hidden"]))

    @property
    def chars(self) -> int:
        """How many characters the run has read."""
        return int(self.record["chars"])


def save_exact(path: Path, state: RunState) -> None:
    """Write every bit of ``state``."""
    tensors = {f"network.{name}": value for name, value in state.network.items()}
    tensors |= {f"average.{name}": value for name, value in state.average.items()}
    tensors |= {f"moments.{name}": value for name, value in state.moments.items()}
    tensors |= {"state.hidden": state.hidden, "state.cell": state.cell}
    tensor_file.write(path, tensors, {**state.record, **_header(state, packed=False)})


def save_packed(path: Path, state: RunState) -> None:
    """Write ``state`` in a quarter of the bytes, nearly the same."""
    tensors = {"state.hidden": state.hidden.bfloat16(), "state.cell": state.cell.bfloat16()}
    for index, (name, value) in enumerate(state.network.items()):
        average = state.average[name].detach().cpu().bfloat16()
        tensors[f"average.{name}"] = average
        away = value.detach().cpu().float() - average.float()
        tensors[f"away.{name}"], tensors[f"away_scale.{name}"] = quantise_blocks(away)
        if f"{index}.exp_avg_sq" in state.moments:
            packed = pack_moments(state.moments[f"{index}.exp_avg_sq"].detach().cpu())
            tensors |= {f"moments.{index}.{part}": tensor for part, tensor in packed.items()}
            updates = int(state.moments[f"{index}.step"].item())
    record = {**state.record, **_header(state, packed=True)}
    tensor_file.write(path, tensors, {**record, "optimizer_updates": updates if state.moments else 0})


def _header(state: RunState, packed: bool) -> dict[str, Any]:
    """What a reader needs. A file keeps its tensors by name, the optimiser counts its parameters in order."""
    return {"run_format": FORMAT, "packed": packed, "parameters": list(state.network)}


def load(path: Path) -> RunState:
    """Read either file; raises ``TrainingError`` where it is missing, torn, foreign or of another format."""
    try:
        tensors, record = tensor_file.read(path)
    except VoiceError as error:
        raise TrainingError(str(error)) from None
    if record.get("run_format") != FORMAT:
        raise TrainingError(f"{path} is no state of a run that this Antiphon can go on from")
    try:
        average = {name: tensors[f"average.{name}"].float() for name in record["parameters"]}
        if record["packed"]:
            network = {
                name: value + unquantise_blocks(tensors[f"away.{name}"], tensors[f"away_scale.{name}"])
                for name, value in average.items()
            }
            moments = _unpacked_moments(tensors, network, int(record["optimizer_updates"]))
        else:
            network = {name: tensors[f"network.{name}"] for name in average}
            moments = tensor_file.under("moments.", tensors)
        hidden, cell = tensors["state.hidden"].float(), tensors["state.cell"].float()
        state = RunState(network, average, moments, hidden, cell, record)
        if state.chars < 0 or state.hidden.shape[::2] != (state.shape.layers, state.shape.hidden):
            raise ValueError("its numbers do not fit together")
        return state
    except (KeyError, TypeError, ValueError, RuntimeError) as error:
        raise TrainingError(f"{path} is no state of a run that can be gone on from ({error})") from None


def quantise_blocks(values: Tensor) -> tuple[Tensor, Tensor]:
    """Floats of any shape to int8 of that shape and one float32 scale for each ``BLOCK`` of them in order."""
    blocks = _blocks(values)
    scale = blocks.abs().amax(dim=1).clamp_min(1e-30) / 127.0
    codes = (blocks / scale[:, None]).round().to(torch.int8)
    return codes.flatten()[: values.numel()].view(values.shape), scale


def unquantise_blocks(codes: Tensor, scale: Tensor) -> Tensor:
    """The floats that ``quantise_blocks`` was given, to half a step."""
    return codes.float() * scale.repeat_interleave(BLOCK)[: codes.numel()].view(codes.shape)


def pack_moments(second: Tensor) -> dict[str, Tensor]:
    """A matrix of second moments, none negative, in 4-bit steps of the logarithm, zeros as zeros; a vector as it is."""
    if second.dim() == 1:
        return {"vector": second}
    there = second > LEAST_MOMENT
    logs = second.clamp_min(LEAST_MOMENT).log2()
    rows = _mean(logs, there, dim=1)
    columns = _mean(logs - rows.float()[:, None], there, dim=0)
    above, filled = _blocks(logs - rows.float()[:, None] - columns.float()), _blocks(there)
    low = above.masked_fill(~filled, math.inf).amin(dim=1).clamp_max(HIGHEST_LOG).half()
    high = above.masked_fill(~filled, -math.inf).amax(dim=1).clamp_min(-HIGHEST_LOG).half()
    span = (high.float() - low.float()).clamp_min(1e-6)[:, None]
    steps = ((above - low.float()[:, None]) / span * (LEVELS - 1)).round().clamp(0, LEVELS - 1) + 1
    pairs = (steps * filled).to(torch.uint8).view(-1, 2)
    return {"codes": pairs[:, 0] * 16 + pairs[:, 1], "rows": rows, "columns": columns, "low": low, "high": high}


def unpack_moments(packed: Mapping[str, Tensor], shape: torch.Size) -> Tensor:
    """The second moments that ``pack_moments`` was given, each to half a step of its block's range."""
    if "vector" in packed:
        return packed["vector"]
    steps = torch.stack([packed["codes"] // 16, packed["codes"] % 16], dim=1).float().view(-1, BLOCK)
    low, high = packed["low"].float()[:, None], packed["high"].float()[:, None]
    above = ((steps - 1) / (LEVELS - 1) * (high - low) + low).flatten()[: shape.numel()].view(shape)
    values = (above + packed["rows"].float()[:, None] + packed["columns"].float()).exp2()
    return torch.where(steps.flatten()[: shape.numel()].view(shape) > 0, values, 0.0)


def _mean(values: Tensor, there: Tensor, dim: int) -> Tensor:
    """The mean over ``dim`` of the values that are ``there``."""
    return ((values * there).sum(dim=dim) / there.sum(dim=dim).clamp_min(1)).half()


def _blocks(values: Tensor) -> Tensor:
    """The values in order, ``BLOCK`` of them a row, the last row filled with zeros."""
    flat = values.flatten()
    return torch.nn.functional.pad(flat, (0, -len(flat) % BLOCK)).view(-1, BLOCK)


def _unpacked_moments(tensors: Mapping[str, Tensor], network: Mapping[str, Tensor], updates: int) -> dict[str, Tensor]:
    moments = {}
    for index, value in enumerate(network.values()):
        packed = tensor_file.under(f"moments.{index}.", tensors)
        if packed:
            moments[f"{index}.step"] = torch.tensor(float(updates))
            moments[f"{index}.exp_avg"] = torch.zeros_like(value)
            moments[f"{index}.exp_avg_sq"] = unpack_moments(packed, value.shape)
    return moments
