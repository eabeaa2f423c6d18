"""Setting up without a network: the sentences, the ladder, the stamp."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from errors import UserError
from installation import libraries, machine, steps, venv

ROOT = Path(__file__).resolve().parent.parent


class ScriptedShell(steps.Shell):
    """Keeps the protocol of Shell, records what it was asked to run, and fails where the script says so."""

    def __init__(self, fails: Callable[[str, list[str]], str] = lambda what, command: "", answers: str | None = None):
        super().__init__(Path("logs"))
        self.fails, self.answers = fails, answers
        self.ran: list[tuple[str, list[str]]] = []

    def run(self, what: str, command: list[str], environment: dict[str, str] | None = None) -> None:
        self.ran.append((what, command))
        if said := self.fails(what, command):
            raise steps.StepFailed(what, said)

    def ask(self, command: list[str], environment: dict[str, str] | None = None) -> str | None:
        return self.answers

    def names(self) -> list[str]:
        return [what for what, _ in self.ran]


# ---- sentences ------------------------------------------------------------------------------------------------------

PYTHONS = [((2, 7), False), ((3, 8), False), ((3, 10), False), ((3, 11), True), ((3, 14), True), ((3, 15), False)]


@pytest.mark.parametrize(("version", "fits"), PYTHONS)
def test_a_python_without_wheels_gets_a_sentence(version: tuple[int, int], fits: bool) -> None:
    if fits:
        machine.check_python(version)
        return
    with pytest.raises(UserError, match=rf"needs Python 3.11 to 3.14, and this is Python {version[0]}\.{version[1]}"):
        machine.check_python(version)


def test_the_python_of_pyproject_is_the_python_of_run() -> None:
    import tomllib

    said = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["requires-python"]
    first, last = machine.PYTHONS
    assert said == f">={first[0]}.{first[1]},<{last[0]}.{last[1] + 1}"


MACHINES = [
    ("Darwin", "x86_64", "Intel"),
    ("Darwin", "arm64", ""),
    ("Windows", "ARM64", "Windows on Arm"),
    ("Windows", "AMD64", ""),
    ("Linux", "x86_64", ""),
    ("Linux", "aarch64", ""),
]


@pytest.mark.parametrize(("system", "processor", "sentence"), MACHINES)
def test_a_machine_without_wheels_gets_a_sentence(system: str, processor: str, sentence: str) -> None:
    if not sentence:
        machine.check_machine(system, processor)
        return
    with pytest.raises(UserError, match=sentence):
        machine.check_machine(system, processor)


def test_too_little_disk_is_said_before_anything_is_made() -> None:
    machine.check_disk(3_100_000_000, 3.0)
    with pytest.raises(UserError, match=r"needs 3\.0 GB of disk, and .* has 1\.2 GB free"):
        machine.check_disk(1_200_000_000, 3.0)


FAULTS = [
    ("error: Failed to fetch: `a`\n  cause: dns error: failed to lookup", "network", "could not be reached"),
    ("Retrying (Retry(total=1)) after connection broken by 'NewConnectionError(…)'\nERROR: none", "network", "reached"),
    ("OSError: [Errno 28] No space left on device", "disk", "disk is full"),
    ("dns error, then: No space left on device", "disk", "disk is full"),
    ("ERROR: No matching distribution found for a==9\nsome hint", "other", "No matching distribution found for a==9"),
    ("", "other", "said nothing"),
]


@pytest.mark.parametrize(("output", "fault", "sentence"), FAULTS)
def test_what_an_installer_says_becomes_a_sentence(output: str, fault: str, sentence: str) -> None:
    failure = steps.StepFailed("libraries", output)
    assert failure.fault == fault
    assert sentence in failure.sentence().message
    assert "run the same command again" in failure.sentence().mend


# ---- steps ----------------------------------------------------------------------------------------------------------


def test_a_step_says_that_it_is_done(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    steps.Shell(tmp_path).run("counting (1 MB)", [sys.executable, "-c", "print('one')"])
    assert capsys.readouterr().out == "  counting (1 MB): done in 0 s\n"
    assert (tmp_path / "counting.log").read_text() == "one\n"


def test_a_step_that_fails_keeps_what_it_said(tmp_path: Path) -> None:
    with pytest.raises(steps.StepFailed) as failed:
        steps.Shell(tmp_path).run("counting", [sys.executable, "-c", "raise SystemExit('error: three is missing')"])
    assert failed.value.last == "error: three is missing"
    assert str(tmp_path / "counting.log") in failed.value.sentence().mend


def test_a_task_that_is_stopped_is_gone(tmp_path: Path) -> None:
    task = steps.Shell(tmp_path).start("sleeping", [sys.executable, "-c", "import time; time.sleep(60)"])
    task.stop()
    assert task.child.poll() is not None


# ---- pip's settings, told to uv -------------------------------------------------------------------------------------

LISTING = """\
:env:.find-links='FOLDER missing https://files.example/links'
global.extra-index-url='https://one.example/simple\\nhttps://two.example/simple'
global.find-links='elsewhere'
global.index-url='https://old.example/simple'
install.index-url='https://index.example/simple'
global.no-index='false'
"""


def test_uv_looks_where_pip_looks(tmp_path: Path) -> None:
    pip = venv.read_pip_settings(LISTING.replace("FOLDER", str(tmp_path)))
    found = venv.uv_environment(pip, {"PATH": "p", "UV_INDEX_STRATEGY": "first-index"})
    assert found["UV_DEFAULT_INDEX"] == "https://index.example/simple"
    assert found["UV_INDEX"] == "https://one.example/simple https://two.example/simple"
    assert found["UV_FIND_LINKS"] == f"{tmp_path},https://files.example/links"  # a missing folder would stop uv
    assert found["UV_INDEX_STRATEGY"] == "first-index"  # what a person set for uv stays
    assert "UV_NO_INDEX" not in found
    assert found["PATH"] == "p"


def test_without_settings_nothing_is_told() -> None:
    assert venv.uv_environment({}, {}).keys() <= {"UV_INDEX_STRATEGY", "UV_LINK_MODE"}


# ---- installing -----------------------------------------------------------------------------------------------------


def is_uv(command: list[str]) -> bool:
    return Path(command[0]).stem == "uv"


def test_without_uv_pip_does_it() -> None:
    shell = ScriptedShell(lambda what, _: "no such package" if what.startswith("uv ") else "")
    venv.Installers(shell).install("libraries", "-r", "list.txt")
    assert [is_uv(command) for _, command in shell.ran] == [False, False]


def test_where_uv_fails_pip_is_asked() -> None:
    shell = ScriptedShell(lambda _, command: "error: certificate" if is_uv(command) else "")
    venv.Installers(shell).install("libraries")
    assert [is_uv(command) for _, command in shell.ran[1:]] == [True, False]


def test_a_full_disk_is_not_tried_twice() -> None:
    shell = ScriptedShell(lambda _, command: "os error 28" if is_uv(command) else "")
    with pytest.raises(steps.StepFailed):
        venv.Installers(shell).install("libraries")
    assert [is_uv(command) for _, command in shell.ran[1:]] == [True]


CPU, CPU_AT_PYTORCH, CUDA = "torch (CPU)", "torch (CPU, from PyTorch)", "torch (with CUDA, about 3 GB)"
LADDERS = [
    ("Linux", False, [CPU, CPU_AT_PYTORCH, CUDA]),
    ("Linux", True, [CUDA]),
    ("Darwin", False, ["torch"]),
    ("Windows", False, ["torch"]),
]


@pytest.mark.parametrize(("system", "gpu", "rungs"), LADDERS)
def test_the_ladder_ends_with_cuda(system: str, gpu: bool, rungs: list[str]) -> None:
    assert [what for what, _ in libraries.torch_rungs(system, gpu)] == rungs
    shell = ScriptedShell(lambda what, _: "no such version" if what.startswith("torch") else "")
    with pytest.raises(steps.StepFailed):
        libraries.install_torch(venv.Installers(shell), system, gpu)
    assert list(dict.fromkeys(shell.names()[1:])) == rungs


CLIMBS = [
    ("the first rung holds", {}, [CPU]),
    ("the CPU build is elsewhere", {CPU: "no such version"}, [CPU, CPU_AT_PYTORCH]),
    ("PyTorch's index is blocked", {CPU: "no such version", CPU_AT_PYTORCH: "dns error"}, [CPU, CPU_AT_PYTORCH, CUDA]),
    ("the network is dead", {CPU: "dns error"}, [CPU]),
    ("the disk is full", {CPU: "No space left on device"}, [CPU]),
]


@pytest.mark.parametrize(("_case", "failures", "rungs"), CLIMBS, ids=[case for case, *_ in CLIMBS])
def test_the_ladder_is_climbed_as_far_as_it_helps(_case: str, failures: dict[str, str], rungs: list[str]) -> None:
    shell = ScriptedShell(lambda what, _: failures.get(what, ""))
    installers = venv.Installers(shell)
    try:
        libraries.install_torch(installers, "Linux", False)
    except steps.StepFailed as failure:
        assert failure.what == rungs[-1]
    assert list(dict.fromkeys(shell.names()[1:])) == rungs


TORCHES = [("2.13.0+cpu", False, False), ("2.13.0+cpu", True, True), ("2.13.0", True, False), ("2.13.0", False, False)]


@pytest.mark.parametrize(("version", "gpu", "again"), TORCHES)
def test_a_torch_that_is_there_stays(version: str, gpu: bool, again: bool) -> None:
    shell = ScriptedShell(answers=None)
    installers = venv.Installers(shell)
    shell.answers = version
    libraries.install_torch(installers, "Linux", gpu)
    assert (CUDA in shell.names()) is again


# ---- the stamp ------------------------------------------------------------------------------------------------------

STAMPS = [
    ({}, False, False, False),
    ({"digest": "d"}, False, False, True),
    ({"digest": "other"}, False, False, False),
    ({"digest": "d"}, True, False, False),  # the test tools are missing
    ({"digest": "d", "tests": True}, False, False, True),  # more than is asked for
    ({"digest": "d", "tests": True}, True, True, False),
    ({"digest": "d", "tests": True, "gpu": True}, True, False, True),
]


@pytest.mark.parametrize(("stamp", "tests", "gpu", "current"), STAMPS)
def test_a_stamp_serves_whoever_asks_for_less(stamp: dict[str, object], tests: bool, gpu: bool, current: bool) -> None:
    assert libraries.is_current(stamp, "d", tests, gpu) is current


@pytest.mark.parametrize("text", ["", "{", "[1]", "3"])
def test_a_stamp_that_was_cut_off_is_no_stamp(text: str, tmp_path: Path) -> None:
    (tmp_path / "stamp").write_text(text)
    assert libraries.read_stamp(tmp_path / "stamp") == {}
    assert libraries.read_stamp(tmp_path / "none") == {}


def house(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A checkout of its own: the files that set-up reads, and no virtual environment."""
    for name in ("pyproject.toml", "constraints.txt", "requirements-models.txt", "requirements-models-test.txt"):
        (tmp_path / name).write_bytes((ROOT / name).read_bytes())
    monkeypatch.setattr(libraries, "ROOT", tmp_path)
    for module in (libraries, venv):
        monkeypatch.setattr(module, "VENV", tmp_path / ".venv")
    (tmp_path / ".venv" / "bin").mkdir(parents=True)
    Path(venv.in_venv("python")).touch()
    return tmp_path


def test_a_second_set_up_runs_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    house(tmp_path, monkeypatch)
    first, second = ScriptedShell(answers="pip 26"), ScriptedShell()
    libraries.set_up(first)
    libraries.set_up(second)
    assert "libraries" in first.names()
    assert second.ran == []


def test_a_changed_requirement_sets_up_again_with_the_tools_that_were_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    root = house(tmp_path, monkeypatch)
    libraries.set_up(ScriptedShell(answers="pip 26"), tests=True)
    (root / "constraints.txt").write_text("nh3==0.3.1\n")
    again = ScriptedShell(answers="pip 26")
    libraries.set_up(again)
    assert "test model (98 MB)" in again.names()


def test_an_interrupted_set_up_leaves_no_stamp(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    house(tmp_path, monkeypatch)
    broken = ScriptedShell(lambda what, _: "error: gone" if what == "libraries" else "", answers="pip 26")
    with pytest.raises(steps.StepFailed):
        libraries.set_up(broken)
    again = ScriptedShell(answers="pip 26")
    libraries.set_up(again)
    assert "libraries" in again.names()


def test_model_files_come_without_dependencies_and_by_digest(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    house(tmp_path, monkeypatch)
    shell = ScriptedShell(answers="pip 26")
    libraries.set_up(shell, tests=True)
    for what, command in shell.ran:
        if "MB" in what:
            assert {"--no-deps", "--require-hashes"} <= set(command)
