"""The linter and the type checker are part of the suite: one command checks everything."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
CHECKS = [["ruff", "check"], ["mypy", "."]]


@pytest.mark.slow
@pytest.mark.parametrize("command", CHECKS, ids=[check[0] for check in CHECKS])
def test_the_code_is_in_order(command: list[str]) -> None:
    done = subprocess.run([sys.executable, "-m", *command], cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
