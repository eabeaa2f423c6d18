"""A small change of the embedding model for questions: two that one passage answers lie together, others apart.

The model out of the box puts "Whose law governs the EUPL?" nearer to "Who wrote the EUPL?" than to "The licensor sits
in Canada, which courts?". The change is of low rank (LoRA, arXiv 2106.09685): to each matrix of the encoder the product
of two thin ones is added. It stands in ``adapter.npz`` and was learnt by ``python -m evaluation adapt``, for one
embedding model and no other; texts that are no questions are embedded without it (docs/decisions/questions.md).
"""

from __future__ import annotations

import copy
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

Matrix = NDArray[np.float32]

FILE = Path(__file__).with_name("adapter.npz")


@dataclass(frozen=True)
class Adapter:
    """embedder: the digest of the model's weights. layers: the name of a linear layer to (up, down), of shapes
    (out, rank) and (rank, in); their product is added to its weights."""

    embedder: str
    layers: Mapping[str, tuple[Matrix, Matrix]]

    def applied(self, model: Any) -> Any:
        """A copy of a SentenceTransformer with the change in it."""
        import torch

        changed = copy.deepcopy(model)
        encoder = changed[0].auto_model
        with torch.no_grad():
            for name, (up, down) in self.layers.items():
                encoder.get_submodule(name).weight += torch.from_numpy(up @ down)
        return changed

    def write(self, path: Path = FILE) -> None:
        """Writes the file, two bytes a number."""
        held: dict[str, Any] = {
            f"{name}/{part}": matrix.astype(np.float16)
            for name, both in self.layers.items()
            for part, matrix in zip(("up", "down"), both, strict=True)
        }
        held["embedder"] = np.array(self.embedder)
        np.savez_compressed(path, allow_pickle=False, **held)

    @classmethod
    def read(cls, embedder: str, path: Path = FILE) -> Adapter | None:
        """The change that was learnt for this embedding model (the digest of its weights), or nothing."""
        if not path.is_file():
            return None
        with np.load(path, allow_pickle=False) as held:
            if str(held["embedder"]) != embedder:
                return None
            names = sorted({name.rpartition("/")[0] for name in held.files if "/" in name})
            layers = {
                name: (held[f"{name}/up"].astype(np.float32), held[f"{name}/down"].astype(np.float32)) for name in names
            }
        return cls(embedder, layers)


def digest_of(embedder: str, path: Path = FILE) -> str:
    """The first characters of the file's sha256 if it is for this embedding model; else nothing."""
    if Adapter.read(embedder, path) is None:
        return ""
    return hashlib.sha256(path.read_bytes()).hexdigest()[:16]
