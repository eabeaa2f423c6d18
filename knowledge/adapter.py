"""A small change of the embedding model for questions: two that one passage answers lie together, others apart.

To "When was Mistral AI founded?" the model out of the box finds "How many people work at Mistral AI?" nearer (0.67)
than "How old is the Paris start-up Mistral?" (0.48); changed, it is 0.39 and 0.57. The change is of low rank (LoRA,
arXiv 2106.09685): to the weights of each linear layer of the encoder the product of two thin matrices is added. It
stands in ``adapter.npz`` and was learnt by ``python -m evaluation adapt``, for one embedding model and no other; texts
that are no questions are embedded without it (docs/decisions/questions.md).
"""

from __future__ import annotations

import copy
import hashlib
import io
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from zipfile import BadZipFile

import numpy as np
from numpy.typing import NDArray

from errors import WeightsError
from knowledge.texts import write_atomically

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
        whole = io.BytesIO()
        np.savez_compressed(whole, allow_pickle=False, **held)
        write_atomically(path, whole.getvalue())

    @classmethod
    def read(cls, embedder: str, path: Path = FILE) -> Adapter | None:
        """The change that was learnt for this embedding model (the digest of its weights), or nothing.

        Raises WeightsError where the file is damaged.
        """
        if not path.is_file():
            return None
        try:
            with np.load(io.BytesIO(path.read_bytes()), allow_pickle=False) as held:
                if str(held["embedder"]) != embedder:
                    return None
                names = sorted({name.rpartition("/")[0] for name in held.files if "/" in name})
                layers = {
                    name: (held[f"{name}/up"].astype(np.float32), held[f"{name}/down"].astype(np.float32))
                    for name in names
                }
        except (OSError, ValueError, KeyError, EOFError, BadZipFile) as error:
            raise WeightsError(
                f"{path.name} cannot be read: {error}.", mend=f"git checkout knowledge/{path.name}"
            ) from None
        return cls(embedder, layers)


def digest_of(embedder: str, path: Path = FILE) -> str:
    """The first characters of the file's sha256 if it is for this embedding model; else nothing."""
    if Adapter.read(embedder, path) is None:
        return ""
    return hashlib.sha256(path.read_bytes()).hexdigest()[:16]
