"""Sets up what the project needs. Standard library only, and parsed by Python 3.8.

It runs before anything else is there; run.py is its only reader.
"""

from __future__ import annotations

from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
