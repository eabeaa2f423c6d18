"""Learns ``knowledge/adapter.npz``: a low-rank change of the embedding model that brings questions with one answer
together (``knowledge/adapter.py`` says what it is for, ``material`` what it is learnt from)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Protocol

import numpy as np

from errors import SourceError
from evaluation.material import Material
from knowledge.adapter import Adapter

RANK, SCALE, STEPS = 8, 2.0, 900
RATE, RATE_OF_ODDS, WARM, LEAST_RATE, DECAY, DROPOUT = 5e-4, 2e-2, 40, 0.05, 0.01, 0.05
SHARPNESS, NONE = 12.0, 7.0  # to begin with: what a cosine is multiplied by, and what choosing none counts
TOKENS = 80  # of a question, while learning
GROUP = 26  # texts that are read at once, short ones with short ones
SEED = 0


class Embedder(Protocol):
    """A model that can be changed; see knowledge.embedding.Embedder."""

    digest: str

    def copied(self) -> Any: ...


def adapt(material: Material, embedder: Embedder, *, steps: int = STEPS, say: Callable[[str], None] = print) -> Adapter:
    """The change after so many batches: 45 minutes on two cores for the default. Raises SourceError if it cannot."""
    import torch

    torch.manual_seed(SEED)
    model = embedder.copied()
    model.max_seq_length = TOKENS
    layers = _with_low_rank(model)
    if not layers:
        raise SourceError("This embedding model has no linear layers under the name encoder: no adapter can be learnt.")
    thin = [matrix for both in layers.values() for matrix in both]
    odds_of = torch.nn.Parameter(torch.tensor([SHARPNESS, NONE]))
    optimizer = torch.optim.AdamW(
        [
            {"params": thin, "lr": RATE, "weight_decay": DECAY},
            {"params": [odds_of], "lr": RATE_OF_ODDS, "weight_decay": 0.0},
        ]
    )
    schedule = torch.optim.lr_scheduler.LambdaLR(
        optimizer, lambda step: min(1.0, (step + 1) / WARM) * max(LEAST_RATE, 1 - step / steps)
    )
    recent = 0.0
    for step, batch in zip(range(1, steps + 1), material.batches(), strict=False):
        vectors = _embedded(model, [*batch.texts, *batch.others])
        one, other = vectors[: len(batch.texts)], vectors[len(batch.texts) :]
        odds = torch.cat([odds_of[0] * one @ other.T, odds_of[1].expand(len(one), 1)], dim=1)
        odds = odds.masked_fill(torch.from_numpy(batch.unclear), -1e4)
        chosen = torch.log_softmax(odds, dim=1).masked_fill(~torch.from_numpy(batch.answers), -1e4)
        loss = -torch.logsumexp(chosen, dim=1).mean()
        optimizer.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        torch.nn.utils.clip_grad_norm_(thin, 1.0)
        optimizer.step()
        schedule.step()
        recent = loss.item() if step == 1 else 0.95 * recent + 0.05 * loss.item()
        if step % 25 == 0 or step == steps:
            say(f"step {step} of {steps}: loss {recent:.3f}")
    held = {name: (SCALE * up.detach().numpy(), down.detach().numpy()) for name, (up, down) in layers.items()}
    return Adapter(embedder.digest, held)


def _with_low_rank(model: Any) -> dict[str, tuple[Any, Any]]:
    """Adds to what each linear layer of the encoder says the product of two thin matrices, which alone may learn."""
    import torch

    model.train()
    for parameter in model.parameters():
        parameter.requires_grad = False
    layers: dict[str, tuple[Any, Any]] = {}
    for name, layer in model[0].auto_model.named_modules():
        if isinstance(layer, torch.nn.Dropout):
            layer.p = DROPOUT
        if isinstance(layer, torch.nn.Linear) and name.startswith("encoder."):
            down = torch.nn.Parameter(torch.randn(RANK, layer.in_features) / layer.in_features**0.5)
            up = torch.nn.Parameter(torch.zeros(layer.out_features, RANK))
            layers[name] = (up, down)
            layer.register_forward_hook(_added(up, down))
    return layers


def _added(up: Any, down: Any) -> Callable[[Any, Any, Any], Any]:
    return lambda _, given, said: said + SCALE * (given[0] @ down.T) @ up.T


def _embedded(model: Any, texts: Sequence[str]) -> Any:
    """Unit vectors, shape (texts, dimension), through which the loss can be followed back."""
    import torch

    order = sorted(range(len(texts)), key=lambda place: len(texts[place]))
    groups = [order[start : start + GROUP] for start in range(0, len(order), GROUP)]
    read = getattr(model, "preprocess", None) or model.tokenize  # the name that versions before 6 have
    parts = [model(read([texts[place] for place in group]))["sentence_embedding"] for group in groups]
    whole = torch.nn.functional.normalize(torch.cat(parts), dim=-1)
    return whole[torch.from_numpy(np.argsort(order))]
