"""Opens the assistant that the settings describe: index, embedder, engine. One of the edges: it reads the settings."""

from __future__ import annotations

from assistant.choice import choose
from assistant.reply import Assistant
from errors import IndexUnavailable
from knowledge.catalogue import disputes
from knowledge.embedding import Embedder
from knowledge.language import Glossary
from knowledge.search import Searcher
from knowledge.store import Store
from settings import Settings


def open_searcher(settings: Settings) -> tuple[Searcher, str]:
    """The searcher over the committed index, and the corpus digest.

    Raises IndexUnavailable if there is no index, or it was made with another embedding model.
    """
    store = Store(settings.home)
    manifest = store.manifest()
    if manifest is None:
        raise IndexUnavailable("There is no index to search yet.", mend="python -m ingest")
    embedder = Embedder(settings.embedder, settings.home / "digests.json")
    if manifest.get("embedder_digest") != embedder.digest:
        raise IndexUnavailable(
            f"The index was made with the embedding model {manifest.get('embedder')}, not {embedder.name}.",
            mend="python -m ingest",
        )
    searcher = Searcher(store.rows(), embedder, Glossary.read())
    return searcher, manifest.get("corpus", "")


def open_assistant(settings: Settings) -> Assistant:
    """The assistant, ready to answer. The engine's model is loaded by the first question, or by ``preload``."""
    searcher, corpus = open_searcher(settings)
    chosen = choose(
        settings.model,
        home=settings.home,
        ollama_host=settings.ollama_host,
        openai_base_url=settings.openai_base_url,
        openai_model=settings.openai_model,
        openai_api_key=settings.openai_api_key,
        threads=settings.threads,
    )
    return Assistant(
        searcher,
        chosen.generator,
        disputes(),
        notices=chosen.notices,
        corpus=corpus,
        passages=settings.passages,
        most_chars=settings.max_question_chars,
    )
