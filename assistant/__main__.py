"""python -m assistant "question" [--json] · --batch FILE · models · doctor · openness · verify · unanswered"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from assistant.answer import Answer
from assistant.render import as_markdown
from errors import QuestionError, UserError
from settings import Settings, read

#: Words that stand where a question would, and the module whose ``main(arguments, settings)`` does them.
COMMANDS = {
    "models": "assistant.weights",
    "doctor": "assistant.doctor",
    "openness": "assistant.openness",
    "verify": "assistant.verify",
    "unanswered": "assistant.unanswered",
}


def main(argv: Sequence[str]) -> int:
    """Answers on the command line. Returns the exit status: 1 for what a person can mend, 2 for wrong usage."""
    options, rest = _parser().parse_known_args(argv)
    try:
        settings = read(model=options.model, home=options.home)
        if options.question in COMMANDS:
            return _command(options.question, [*rest, *(["--json"] if options.json else [])], settings)
        if rest:
            _parser().error(f"unrecognised arguments: {' '.join(rest)}")
        if options.batch:
            return _batch(options.batch, settings)
        return _ask(options.question, options.json, settings)
    except UserError as error:
        print(error, file=sys.stderr)
        return 1
    except BrokenPipeError:
        return 0
    except KeyboardInterrupt:
        print("Stopped.", file=sys.stderr)
        return 130


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m assistant",
        description="Ask about open-source AI; every sentence of the answer is checked against its source.",
        epilog="Commands: models [get NAME], doctor [--json], openness MODEL, verify FILE, unanswered.",
    )
    parser.add_argument("question", nargs="?", default="", help="the question, or a command")
    parser.add_argument("--json", action="store_true", help="print one line of JSON")
    parser.add_argument(
        "--batch", type=Path, metavar="FILE", help='lines {"id", "question", "history"}; prints one answer a line'
    )
    parser.add_argument(
        "--model", metavar="NAME", help="auto, none, ollama:NAME, a name of the catalogue, or a GGUF file"
    )
    parser.add_argument("--home", type=Path, metavar="FOLDER", help="where the index and the models are")
    return parser


def _command(name: str, rest: list[str], settings: Settings) -> int:
    from importlib import import_module

    return int(import_module(COMMANDS[name]).main(rest, settings))


def _ask(question: str, as_json: bool, settings: Settings) -> int:
    if not question.strip():
        raise QuestionError("There is no question.", mend='python -m assistant "What must data information list?"')
    with _opened(settings) as assistant:
        for notice in assistant.notices:
            print(f"Note: {notice}", file=sys.stderr)
        answer = assistant.answer(question)
    print(json.dumps(answer.as_json(), ensure_ascii=False) if as_json else as_markdown(answer))
    return 0


def _batch(path: Path, settings: Settings) -> int:
    lines = list(_lines(path))
    with _opened(settings) as assistant:
        for entry in lines:
            try:
                found: Answer = assistant.answer(entry["question"], entry["history"])
                print(json.dumps({"id": entry["id"], **found.as_json()}, ensure_ascii=False), flush=True)
            except QuestionError as error:
                print(
                    json.dumps({"id": entry["id"], "question": entry["question"], "error": error.message}), flush=True
                )
    return 0


def _opened(settings: Settings) -> Any:
    from contextlib import closing

    from assistant.opening import open_assistant

    return closing(open_assistant(settings))


def _lines(path: Path) -> Iterator[dict[str, Any]]:
    """The questions of a batch file, checked. Raises QuestionError that names the line."""
    try:
        text = path.read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise QuestionError(f"The questions in {path} cannot be read: {error}.") from None
    for number, line in enumerate(text.splitlines(), 1):
        if not line.strip():
            continue
        try:
            entry = json.loads(line)
            history = [(str(role), str(words)) for role, words in entry.get("history") or []]
            yield {"id": entry.get("id", number), "question": str(entry["question"]), "history": history}
        except (ValueError, KeyError, TypeError, AttributeError):
            raise QuestionError(
                f'{path}, line {number}: not a question in the form {{"id", "question", "history": [["user", "…"]]}}.'
            ) from None


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
