"""The README's commands exist: the program understands each, and its help names each option."""

from __future__ import annotations

import re
import shlex
import subprocess
import sys
from functools import cache
from pathlib import Path

import pytest

import run

ROOT = Path(__file__).resolve().parent.parent
README = ROOT / "README.md"


def commands() -> list[str]:
    text = README.read_text(encoding="utf-8") if README.exists() else ""
    blocks = re.findall(r"^ *```(?:sh|bash|console)\n(.*?)^ *```", text, flags=re.MULTILINE | re.DOTALL)
    joined = "\n".join(blocks).replace("\\\n", " ")
    lines = (line.strip().removeprefix("$ ") for line in joined.splitlines())
    return list(dict.fromkeys(line for line in lines if re.match(r"(\S*/)?(python[\d.]*|py)(\s|\.exe)", line)))


def words_of(command: str) -> list[str]:
    """The words for one program: up to a pipe or a redirection, without the comment."""
    words = shlex.split(command, comments=True)[1:]
    stops = [at for at, word in enumerate(words) if word in {"|", ">", ">>", "<", "&&", "&", ";"}]
    return words[: stops[0]] if stops else words


@cache
def help_of(program: tuple[str, ...]) -> str:
    done = subprocess.run([sys.executable, *program, "--help"], cwd=ROOT, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_the_readme_shows_the_two_commands() -> None:
    if not README.exists():
        pytest.skip("no README yet")
    assert any(words_of(command) == ["run.py"] for command in commands())
    assert any(words_of(command) == ["run.py", "test"] for command in commands())


@pytest.mark.parametrize("command", commands())
def test_a_command_of_the_readme_is_understood(command: str) -> None:
    words = words_of(command)
    if words[0] == "run.py":
        run.arguments_of(words[1:])  # exits where it does not understand
        return
    program, rest = (words[:2], words[2:]) if words[0] == "-m" else (words[:1], words[1:])
    assert words[0] == "-m" or (ROOT / words[0]).exists()
    # A first word may be a subcommand, whose help is its own.
    told = help_of(tuple(program)) + (help_of((*program, *rest[:1])) if rest and rest[0].isidentifier() else "")
    for option in (word.split("=")[0] for word in rest if word.startswith("-")):
        assert re.search(rf"(?<![\w-]){re.escape(option)}(?![\w-])", told), f"{option} is not in the help"
