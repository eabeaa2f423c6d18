"""The house, held by its imports: who may import whom, and which one file may import which library."""

from __future__ import annotations

import ast
import os
import re
import sys
from collections.abc import Iterator
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
NOT_OURS = {".git", ".venv", ".plainsource", "__pycache__", ".pytest_cache", ".mypy_cache", ".ruff_cache", "build"}

BELOW = {"errors", "knowledge", "prompts"}
MAY_IMPORT = {
    "errors": set(),
    "settings": {"errors"},
    "knowledge": {"errors"},
    "prompts": {"errors"},
    "ingest": BELOW,
    "assistant": BELOW,
    "evaluation": BELOW | {"assistant", "ingest"},
    "web": BELOW | {"assistant", "ingest"},
    "app": BELOW | {"assistant", "ingest", "web"},
    "installation": {"errors"},
    "run": {"errors", "installation"},
}
EDGES = {"app", "run", "assistant.opening", "evaluation.peers"}  # and every __main__: those that may read settings

HOMES = {
    "chromadb": ("knowledge.store",),
    "sentence_transformers": ("knowledge.embedding",),
    "gradio": ("app", "web"),
    "ollama": ("assistant.engine_ollama",),
    "xllamacpp": ("assistant.engine_embedded",),
    "openai": ("assistant.engine_openai",),
    **dict.fromkeys(
        ("langchain_classic", "langchain_core", "langchain_huggingface", "langchain_text_splitters", "llama_index"),
        ("evaluation.peers",),
    ),
}
HEAVY = {"chromadb", "sentence_transformers", "torch", "transformers", "xllamacpp", "openai", "ollama"}
LONGEST = 400


def files(*suffixes: str) -> Iterator[Path]:
    for folder, folders, names in os.walk(ROOT):
        folders[:] = sorted(set(folders) - NOT_OURS)
        yield from (Path(folder, name) for name in sorted(names) if not suffixes or name.endswith(suffixes))


def module_name(path: Path) -> str:
    name = ".".join(path.relative_to(ROOT).with_suffix("").parts)
    return name.removesuffix(".__init__")


MODULES = {module_name(path): path for path in files(".py") if path.relative_to(ROOT).parts[0] not in {"tests", "docs"}}


def imports(tree: ast.AST) -> Iterator[str]:
    """Dotted names of what is imported anywhere below; of ours, the module that it comes from."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0 and node.module, "say where a module is from its top: no relative imports"
            for alias in node.names:
                whole = f"{node.module}.{alias.name}"
                yield whole if whole in MODULES else node.module


def parsed(name: str) -> ast.Module:
    return ast.parse(MODULES[name].read_text(encoding="utf-8"))


def imports_of(name: str) -> set[str]:
    return set(imports(parsed(name)))


class WithoutTypes(ast.NodeTransformer):
    """Leaves out what only the type checker reads."""

    def visit_If(self, node: ast.If) -> ast.AST | list[ast.stmt]:
        return node.orelse if "TYPE_CHECKING" in ast.dump(node.test) else node


def imports_at_start(tree: ast.Module) -> Iterator[str]:
    """What importing the module imports: not what waits in a function, nor what only the type checker reads."""
    for node in WithoutTypes().visit(tree).body:
        if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            yield from imports(node)


def top(name: str) -> str:
    return name.split(".")[0]


OURS = {top(name) for name in MODULES}


@pytest.mark.parametrize("name", MODULES)
def test_imports_go_one_way(name: str) -> None:
    assert top(name) in MAY_IMPORT, f"{top(name)} has no place in the house yet: give it one in this test and in design"
    ours = {top(other) for other in imports_of(name)} & OURS - {top(name), "settings"}
    assert ours <= MAY_IMPORT[top(name)]


@pytest.mark.parametrize("name", MODULES)
def test_settings_are_read_at_the_edges_only(name: str) -> None:
    if "settings" in imports_of(name):
        assert name in EDGES or name.endswith("__main__")


@pytest.mark.parametrize("name", MODULES)
def test_a_library_has_one_home(name: str) -> None:
    for library in {top(other) for other in imports_of(name)} & HOMES.keys():
        assert any(name == home or name.startswith(f"{home}.") for home in HOMES[library])


@pytest.mark.parametrize("name", MODULES)
def test_heavy_libraries_wait_until_they_are_needed(name: str) -> None:
    started = {top(other) for other in imports_at_start(parsed(name))}
    assert not started & HEAVY


@pytest.mark.parametrize("name", [name for name, path in MODULES.items() if path.name == "__init__.py"])
def test_importing_a_package_costs_nothing(name: str) -> None:
    assert {top(other) for other in imports_of(name)} <= sys.stdlib_module_names


BEFORE_SET_UP = {"run", "installation", "errors", "settings"}


@pytest.mark.parametrize("name", [name for name in MODULES if top(name) in BEFORE_SET_UP])
def test_set_up_needs_nothing_and_parses_with_an_old_python(name: str) -> None:
    text = MODULES[name].read_text(encoding="utf-8")
    ast.parse(text, feature_version=(3, 8))
    assert {top(other) for other in imports(ast.parse(text))} - OURS <= sys.stdlib_module_names


def test_no_module_imports_itself_round_a_corner() -> None:
    graph = {name: set(imports(WithoutTypes().visit(parsed(name)))) & MODULES.keys() - {name} for name in MODULES}
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as error:
        pytest.fail(" → ".join(error.args[1]))


@pytest.mark.parametrize("path", list(files(".py")), ids=lambda path: str(path.relative_to(ROOT)))
def test_no_file_holds_too_much(path: Path) -> None:
    assert len(path.read_text(encoding="utf-8").splitlines()) <= LONGEST


def test_no_file_names_a_place_on_one_machine() -> None:
    # Put together here, or this file would find itself.
    places = re.compile(r"(?<![\w.~-])/(?:" + "|".join(("work", "root", "opt", "tmp")) + r")/")
    found = []
    for path in files(".py", ".md", ".toml", ".txt", ".jsonl", ".json", ".html", ".js", ".css", "/run"):
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
            if places.search(line):
                found.append(f"{path.relative_to(ROOT)}:{number}: {line.strip()[:80]}")
    assert not found
