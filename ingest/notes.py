"""The front matter of our notes: a title, subjects, sources and the day they were checked."""

from __future__ import annotations

from dataclasses import dataclass

from errors import SourceError

KEYS = {"title", "subjects", "sources", "checked"}


@dataclass(frozen=True)
class Front:
    """What stands between the two lines of dashes. subjects: names that lead to the note; sources: what it rests on."""

    title: str
    subjects: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()
    checked: str = ""


def parted(text: str, name: str) -> tuple[Front, str]:
    """A note's front matter and its body. Raises SourceError where the front matter is not of the agreed form.

    The form is four keys and flat lists, so that no YAML library, with all that YAML may do, is needed.
    """
    lines = text.replace("\r\n", "\n").split("\n")
    if lines[0].strip() != "---" or "---" not in [line.strip() for line in lines[1:]]:
        raise SourceError(f"{name} does not begin with front matter between two lines of dashes.")
    end = next(number for number, line in enumerate(lines[1:], 1) if line.strip() == "---")
    found: dict[str, str] = {}
    for line in lines[1:end]:
        key, colon, value = line.partition(":")
        if not line.strip():
            continue
        if not colon or key.strip() not in KEYS:
            raise SourceError(f"{name}: {line.strip()[:60]!r} is not one of {', '.join(sorted(KEYS))}.")
        found[key.strip()] = value.strip()
    if not found.get("title"):
        raise SourceError(f"{name} has no title.")
    front = Front(
        title=found["title"].strip("\"'"),
        subjects=_list(found.get("subjects", "")),
        sources=_list(found.get("sources", "")),
        checked=found.get("checked", ""),
    )
    return front, "\n".join(lines[end + 1 :])


def _list(value: str) -> tuple[str, ...]:
    return tuple(item.strip().strip("\"'") for item in value.strip("[]").split(",") if item.strip())
