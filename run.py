"""One command for a machine that has Python and nothing else.

    python3 run.py              set up, ingest what is missing, fetch a model, serve the page
    python3 run.py setup        set up, and stop
    python3 run.py test …       set up with the test tools, and run the tests (the rest goes to pytest)

Standard library only, here and in installation/, and parsed by Python 3.8, so that an old Python gets a
sentence. Each step can be interrupted and done again: stamps are written last, and caches keep what was downloaded.
"""

from __future__ import annotations

import argparse
import errno
import hashlib
import os
import subprocess
import sys
from pathlib import Path

from errors import UserError
from installation import ROOT
from installation.libraries import set_up
from installation.machine import check_python
from installation.steps import DISK, Shell, StepFailed, Task
from installation.venv import WINDOWS, in_venv
from settings import Settings, read

DEFAULT_MODEL = "qwen2.5-coder-1.5b-instruct"
# Prints the models of an Ollama server that run there, and fails where there is no server. A child asks, because only
# the virtual environment has what it takes.
OLLAMA = """
import sys
from assistant.ollama_server import models
print(*(model.name for model in models(sys.argv[1]) if not model.is_cloud))
"""


def fingerprint(folders: list[Path], *more: str) -> str:
    """Names, sizes and times of the files that the index is made from: milliseconds, where an ingest takes seconds."""
    seen = hashlib.sha256("\n".join(more).encode())
    for folder in folders:
        for path in sorted(folder.rglob("*")):
            if path.is_file() and path.suffix != ".pyc":
                state = path.stat()
                seen.update(f"{path} {state.st_size} {state.st_mtime_ns}\n".encode())
    return seen.hexdigest()


def ingest(settings: Settings, source_folder: Path | None, environment: dict[str, str]) -> None:
    """Bring the sources into the index, where they changed since this command last did."""
    stamp = settings.home / "ingested"
    folders = [ROOT / "knowledge", ROOT / "ingest", *([source_folder] if source_folder else [])]
    seen = fingerprint(folders, settings.embedder)
    if (settings.home / "index").is_dir() and stamp.exists() and stamp.read_text(encoding="utf-8") == seen:
        return
    command = [in_venv("python"), "-m", "ingest", *(["--from", str(source_folder)] if source_folder else [])]
    if subprocess.run(command, cwd=ROOT, env=environment).returncode:
        raise UserError(
            "The sources were not brought into the index; the lines above say why.",
            mend="run the same command again; what was done is kept",
        )
    settings.home.mkdir(parents=True, exist_ok=True)
    stamp.write_text(seen, encoding="utf-8")


def missing_model(shell: Shell, settings: Settings) -> str:
    """Name of the model to fetch, or "" where another engine answers, or the file is here."""
    model = settings.model
    if model == "none" or model.startswith("ollama:") or model.endswith(".gguf") or os.sep in model:
        return ""
    name = DEFAULT_MODEL if model == "auto" else model
    if (settings.home / "models" / f"{name}.gguf").is_file():
        return ""
    if model == "auto" and (
        settings.openai_base_url or shell.ask([in_venv("python"), "-c", OLLAMA, settings.ollama_host])
    ):
        return ""
    return name


def fetch_model(shell: Shell, settings: Settings, environment: dict[str, str]) -> Task | None:
    """Start to fetch the weights that are missing. It runs beside the ingest, so that the first answer comes sooner."""
    name = missing_model(shell, settings)
    if not name:
        return None
    command = [in_venv("python"), "-m", "assistant", "models", "get", name]
    return shell.start(f"language model ({name})", command, environment)


def prepare(shell: Shell, settings: Settings, source_folder: Path | None, environment: dict[str, str]) -> None:
    weights = fetch_model(shell, settings, environment)
    try:
        ingest(settings, source_folder, environment)
        if weights:
            print("Fetching the language model (to start without one: Ctrl-C, then --model none)", flush=True)
            weights.wait()
    except StepFailed as failure:
        print(f"No language model could be fetched: {failure.last}\n  The page quotes its sources until there is one.")
    finally:
        if weights:
            weights.stop()


def serve(shell: Shell, options: argparse.Namespace) -> int:
    model = str(Path(options.model).resolve()) if options.model and Path(options.model).is_file() else options.model
    settings = read(host=options.host, port=options.port, model=model, offline=options.offline or None)
    said = {"HOST": settings.host, "PORT": settings.port, "MODEL": settings.model, "HOME": settings.home}
    said["OFFLINE"] = "1" if settings.offline else "0"
    environment = {**os.environ, **{f"PLAINSOURCE_{name}": str(value) for name, value in said.items()}}
    prepare(shell, settings, source_folder(options.folder), environment)
    print(f"Starting the page at http://{settings.host}:{settings.port} (Ctrl-C stops it)", flush=True)
    return hand_over([str(ROOT / "app.py")], environment)


def hand_over(arguments: list[str], environment: dict[str, str]) -> int:
    """Become the other program, so that signals and the exit status are its own."""
    command = [in_venv("python"), *arguments]
    if not WINDOWS:  # where exec starts a second process and lets go of the terminal
        os.chdir(ROOT)
        sys.stdout.flush()
        os.execve(command[0], command, environment)
    return subprocess.run(command, cwd=ROOT, env=environment).returncode


def source_folder(text: str | None) -> Path | None:
    if text and not Path(text).is_dir():
        raise UserError(f"There is no folder {text}.", mend="give --from a folder that holds a sources.toml")
    return Path(text).resolve() if text else None


def arguments_of(words: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="run.py", formatter_class=argparse.RawDescriptionHelpFormatter, description=__doc__, allow_abbrev=False
    )
    parser.add_argument("task", nargs="?", choices=("serve", "setup", "test"), default="serve")
    parser.add_argument("--host", help="where the page is served (127.0.0.1)")
    parser.add_argument("--port", type=int, help="and its port (7860)")
    parser.add_argument("--model", metavar="PATH_OR_NAME", help="a GGUF file, a name, ollama:NAME, auto, or none")
    parser.add_argument(
        "--from", dest="folder", metavar="FOLDER", help="read the sources from a folder, not from the web"
    )
    parser.add_argument("--gpu", action="store_true", help="install torch with CUDA (about 3 GB)")
    parser.add_argument("--offline", action="store_true", help="ask no model hub and no web address")
    if words[:1] == ["test"]:
        return argparse.Namespace(**{**vars(parser.parse_args(["test"])), "rest": words[1:]})
    return parser.parse_args(words)


def run(words: list[str]) -> int:
    check_python(sys.version_info[:2])
    options = arguments_of(words)
    shell = Shell(ROOT / ".plainsource" / "logs")
    set_up(shell, tests=options.task == "test", gpu=options.gpu)
    if options.task == "test":
        return hand_over(["-m", "pytest", *options.rest], dict(os.environ))
    if options.task == "setup":
        print("Plainsource is set up. Start it with: python3 run.py")
        return 0
    return serve(shell, options)


def main(words: list[str]) -> int:
    """What went wrong becomes a sentence where a person can mend it, and a traceback where it is a bug."""
    try:
        return run(words)
    except UserError as error:
        print(f"\n{error}", file=sys.stderr)
        return 1
    except StepFailed as failure:
        print(f"\n{failure.sentence()}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("\nStopped. The same command goes on from here.", file=sys.stderr)
        return 130
    except OSError as error:
        if error.errno not in (errno.ENOSPC, errno.EDQUOT):
            raise
        print(f"\n{StepFailed('a part of it', DISK[0]).sentence()}", file=sys.stderr)
        return 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
