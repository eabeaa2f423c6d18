"""The web application: ``python app.py [--host HOST] [--port PORT] [--model MODEL]``.

Reads the settings, builds the parts and serves them. What the parts do is told in ``web``.
"""

from __future__ import annotations

import argparse
import contextlib
import sys
import threading
from collections.abc import Sequence
from typing import TYPE_CHECKING

import settings
from errors import UserError

if TYPE_CHECKING:
    from assistant.reply import Assistant
    from web.models import Models


def main(arguments: Sequence[str] | None = None) -> int:
    """Serves until it is interrupted. Returns the exit status."""
    parser = argparse.ArgumentParser(prog="python app.py", description="The chat page and the HTTP API.")
    parser.add_argument("--host", help="address to serve on (127.0.0.1)")
    parser.add_argument("--port", type=int, help="port to serve on (7860)")
    parser.add_argument("--model", help="auto, none, ollama:NAME, a model of the catalogue, or a GGUF file (auto)")
    try:
        serve(settings.read(**vars(parser.parse_args(arguments))))
    except UserError as error:
        print(error, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        pass
    return 0


def serve(values: settings.Settings) -> None:
    """Opens the assistant, builds the application and serves it."""
    import uvicorn  # heavy imports wait until the arguments are known to be good

    from assistant.doctor import of_settings
    from assistant.opening import open_assistant, open_models, open_other
    from knowledge import catalogue
    from knowledge.store import Store
    from knowledge.texts import read_text
    from web.models import Models
    from web.server import Options, build_app, names, origins
    from web.shelf import Shelf, chunks_of

    assistant = open_assistant(values)
    store = Store(values.home)
    shelf = Shelf(
        store.sources,
        chunks_of(store),
        lambda source_id: read_text(values.home, source_id),
        catalogue.disputes(),
        catalogue.models(),
    )
    options = Options(
        embed_origins=origins(values.embed_origins),
        allowed_hosts=(*names(values.allowed_hosts), values.host),
        api_token=values.api_token,
        max_question_chars=values.max_question_chars,
        logs=values.home / "logs",
        log_questions=values.log_questions,
        keep_answers=values.keep_answers,
        mcp=values.mcp,
        journal=_journal if values.log_requests else None,
    )
    models = Models(
        assistant,
        listed=lambda: open_models(values),
        opened=lambda setting: open_other(values, assistant, setting),
        checks=lambda: of_settings(values),
        preload=assistant.preload,
    )
    # Embedder and model are read before the first question needs them; what fails here fails there, with its sentence.
    threading.Thread(target=_warm, args=(assistant, models), daemon=True).start()
    shown = "127.0.0.1" if values.host in ("0.0.0.0", "::") else values.host
    print(f"Plainsource: http://{shown}:{values.port}", flush=True)
    try:
        uvicorn.run(
            build_app(assistant, shelf, options, models), host=values.host, port=values.port, log_level="warning",
            server_header=False, timeout_graceful_shutdown=5,
        )  # fmt: skip
    finally:
        models.close()
        assistant.close()


def _warm(assistant: Assistant, models: Models) -> None:
    with contextlib.suppress(UserError):
        assistant.warm()
    models.refresh()


def _journal(line: str) -> None:
    print(line, file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main())
