"""What a reference stands for: the id of a source or licence, a checked claim, or an address."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from knowledge import catalogue


@dataclass(frozen=True)
class Reference:
    """A reference with the title and the address of what it names; an address is its own title."""

    id: str
    title: str
    url: str = ""


def resolver() -> Mapping[str, Reference]:
    """All sources, licences and fact sheets that a reference may name, by id."""
    sources = {**catalogue.sources(), **{key: licence.source for key, licence in catalogue.licences().items()}}
    return {id_: Reference(id_, source.title, source.url) for id_, source in sources.items()}


def resolved(reference: str, known: Mapping[str, Reference]) -> Reference:
    """The reference with its title and address, as far as they are known."""
    if reference in known:
        return known[reference]
    return Reference(reference, reference, reference if "://" in reference else "")
