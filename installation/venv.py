"""The virtual environment, and what puts packages into it: uv where it can be had, then pip."""

from __future__ import annotations

import ast
import os
import sys
from pathlib import Path

from errors import UserError
from installation import VENV
from installation.steps import Shell, StepFailed

WINDOWS = os.name == "nt"


def in_venv(name: str) -> str:
    return str(VENV / "Scripts" / f"{name}.exe") if WINDOWS else str(VENV / "bin" / name)


def make_venv(shell: Shell) -> None:
    python = in_venv("python")
    if shell.ask([python, "-m", "pip", "--version"]):
        return
    if shell.ask([python, "--version"]):  # made without pip, or interrupted before it
        shell.run("pip", [python, "-m", "ensurepip"])
        return
    base = getattr(sys, "_base_executable", "") or sys.executable
    try:
        shell.run("virtual environment", [base, "-m", "venv", "--clear", str(VENV)])
    except StepFailed as failure:
        if failure.fault == "disk":
            raise
        raise UserError(
            "This Python cannot make a virtual environment.",
            mend="on Debian and Ubuntu: sudo apt-get install python3-venv; then run the same command again",
        ) from None


def read_pip_settings(listing: str) -> dict[str, str]:
    """``pip config list`` as option → value; a section for ``install`` beats ``global``, the environment beats both."""
    found: dict[str, str] = {}
    for section in ("global", "install", ":env:"):
        for line in listing.splitlines():
            name, _, value = line.partition("=")
            if name.startswith(section + "."):
                found[name[len(section) + 1 :]] = str(ast.literal_eval(value))
    return found


def uv_environment(pip: dict[str, str], environment: dict[str, str]) -> dict[str, str]:
    """The environment that makes uv look where pip looks. What is set for uv already stays."""
    # uv stops at a folder of links that is missing; pip shrugs.
    links = [link for link in pip.get("find-links", "").split() if "://" in link or Path(link).expanduser().exists()]
    said = {
        "UV_DEFAULT_INDEX": pip.get("index-url", ""),
        "UV_INDEX": " ".join(pip.get("extra-index-url", "").split()),
        "UV_FIND_LINKS": ",".join(links),
        "UV_NO_INDEX": "1" if pip.get("no-index", "").lower() in {"1", "true", "yes", "on"} else "",
        "UV_INSECURE_HOST": " ".join(pip.get("trusted-host", "").split()),
        "UV_INDEX_STRATEGY": "unsafe-best-match",  # pip takes the best version of all indexes, not of the first
        "SSL_CERT_FILE": pip.get("cert", ""),
        "HTTPS_PROXY": pip.get("proxy", ""),
        "UV_LINK_MODE": "copy" if WINDOWS else "",
    }
    return {**{name: value for name, value in said.items() if value}, **environment}


class Installers:
    """uv where it can be had, then pip."""

    def __init__(self, shell: Shell) -> None:
        self.shell = shell
        pip = [
            in_venv("python"),
            "-m",
            "pip",
            "install",
            "--no-input",
            "--progress-bar=off",
            "--disable-pip-version-check",
        ]
        # Byte code is made when a module is first imported: compiling all of it here costs 35 s.
        self.ways = [([*pip, "--no-compile", "--retries=2"], dict(os.environ))]
        try:
            self.install("uv (the faster installer)", "uv>=0.9,<1")
        except StepFailed as failure:
            if failure.fault == "disk":
                raise
            return  # pip alone does it, in three times the time
        settings = read_pip_settings(shell.ask([in_venv("python"), "-m", "pip", "config", "list"]) or "")
        uv = [in_venv("uv"), "pip", "install", "--python", in_venv("python")]
        self.ways.insert(0, (uv, uv_environment(settings, dict(os.environ))))

    def install(self, what: str, *arguments: str) -> None:
        for number, (command, environment) in enumerate(self.ways, 1):
            try:
                self.shell.run(what, [*command, *arguments], environment)
                return
            except StepFailed as failure:
                if failure.fault == "disk" or number == len(self.ways):
                    raise
