"""What the machine must have, each lack as a sentence."""

from __future__ import annotations

from errors import UserError
from installation import ROOT

PYTHONS = ((3, 11), (3, 14))  # the first and the last for which every library has a wheel


def check_python(version: tuple[int, int]) -> None:
    first, last = (".".join(map(str, v)) for v in PYTHONS)
    if not PYTHONS[0] <= tuple(version) <= PYTHONS[1]:
        found = ".".join(map(str, version))
        raise UserError(
            f"Plainsource needs Python {first} to {last}, and this is Python {found}.",
            mend=f"install one of these and start it by name, for example: python{first} run.py",
        )


def check_machine(system: str, machine: str) -> None:
    if system == "Darwin" and machine == "x86_64":
        raise UserError(
            "PyTorch is no longer made for Macs with an Intel processor.",
            mend="use a Mac with Apple silicon, Linux or Windows",
        )
    if system == "Windows" and machine.upper() == "ARM64":
        raise UserError(
            "The search index (Chroma) is not made for Windows on Arm.", mend="run it in WSL, which is Linux"
        )


def check_disk(free_bytes: int, needed_gb: float) -> None:
    free = free_bytes / 1e9
    if free < needed_gb:
        raise UserError(
            f"Setting up needs {needed_gb:.1f} GB of disk, and {ROOT} has {free:.1f} GB free.",
            mend="free some space, or move this folder to a larger disk; then run the same command again",
        )
