"""Safetensors in and out: plain tensors beside one JSON record, written whole or not at all.

No pickle. No thread of its own.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, TypeVar

import safetensors
import safetensors.torch
from torch import Tensor

from protocol.atomic_file import write_atomically
from protocol.errors import VoiceError

Held = TypeVar("Held")

RECORD_KEY = "antiphon"  # the metadata key that holds the JSON record


def write(path: Path, tensors: Mapping[str, Tensor], record: Mapping[str, Any]) -> None:
    """Save ``tensors`` and ``record`` (plain JSON values) as one safetensors file."""
    plain = {name: tensor.detach().cpu().contiguous() for name, tensor in tensors.items()}
    write_atomically(path, safetensors.torch.save(plain, {RECORD_KEY: json.dumps(record)}))


def read_record(path: Path) -> dict[str, Any]:
    """Only the record of a file that ``write`` made; raises ``VoiceError`` for anything else."""
    return _open(path, tensors=False)[1]


def read(path: Path) -> tuple[dict[str, Tensor], dict[str, Any]]:
    """The tensors and the record of a file that ``write`` made; raises ``VoiceError`` for anything else."""
    return _open(path, tensors=True)


def under(prefix: str, tensors: Mapping[str, Held]) -> dict[str, Held]:
    """Those of ``tensors`` whose names begin with ``prefix``, by what follows it."""
    return {name.removeprefix(prefix): value for name, value in tensors.items() if name.startswith(prefix)}


def _open(path: Path, tensors: bool) -> tuple[dict[str, Tensor], dict[str, Any]]:
    try:
        with safetensors.safe_open(str(path), framework="pt") as file:
            record = json.loads((file.metadata() or {})[RECORD_KEY])
            if not isinstance(record, dict):
                raise TypeError(record)
            names = list(file.keys()) if tensors else []
            return {name: file.get_tensor(name) for name in names}, record
    except FileNotFoundError:
        raise VoiceError(f"{path} is not there") from None
    except (KeyError, TypeError, ValueError, RecursionError):
        raise VoiceError(f"{path} is no file of Antiphon's: it has no record") from None
    except (safetensors.SafetensorError, OSError) as error:
        raise VoiceError(f"{path} cannot be read as safetensors ({error})") from None
