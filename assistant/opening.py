"""Opens the assistant that the settings describe: index, embedder, engine. One of the edges: it reads the settings."""

from __future__ import annotations

from assistant.choice import Choice, Option, available, choose
from assistant.gate import Gate
from assistant.learnt import Learnt
from assistant.reply import Assistant
from errors import IndexUnavailable
from knowledge.catalogue import disputes
from knowledge.embedding import Embedder, made_otherwise
from knowledge.language import Glossary
from knowledge.search import Searcher
from knowledge.store import Store
from settings import Settings


def open_searcher(settings: Settings) -> tuple[Searcher, str]:
    """The searcher over the committed index, and the corpus digest.

    Raises IndexUnavailable if there is no index, or its vectors were made otherwise than those of questions now.
    """
    store = Store(settings.home)
    manifest = store.manifest()
    if manifest is None:
        raise IndexUnavailable("There is no index to search yet.", mend="python -m ingest")
    embedder = Embedder(settings.embedder, settings.home / "digests.json")
    if how := made_otherwise(manifest, embedder.digest):
        raise IndexUnavailable(f"The index was made {how}.", mend="python -m ingest")
    searcher = Searcher(store.rows(), embedder, Glossary.read())
    return searcher, manifest.get("corpus", "")


def open_models(settings: Settings) -> tuple[Option, ...]:
    """The models that are present now."""
    return available(
        home=settings.home,
        ollama_host=settings.ollama_host,
        openai_base_url=settings.openai_base_url,
        openai_model=settings.openai_model,
    )


def open_engine(settings: Settings, setting: str, fallback: bool = True) -> Choice:
    """The engine that ``setting`` means, with the other values of the settings."""
    return choose(
        setting,
        home=settings.home,
        ollama_host=settings.ollama_host,
        openai_base_url=settings.openai_base_url,
        openai_model=settings.openai_model,
        openai_api_key=settings.openai_api_key,
        threads=settings.threads,
        fallback=fallback,
    )


def open_other(settings: Settings, assistant: Assistant, setting: str) -> Assistant:
    """The same assistant with another engine. Raises UserError where that engine will not answer."""
    chosen = open_engine(settings, setting, fallback=False)  # quotations are what is left if it fails
    if chosen.trouble:
        if chosen.generator:
            chosen.generator.close()
        raise chosen.trouble
    other = assistant.by(chosen.generator)
    other.notices = chosen.notices
    return other


def open_assistant(settings: Settings) -> Assistant:
    """The assistant, ready to answer. The engine's model is loaded by the first question, or by ``preload``."""
    searcher, corpus = open_searcher(settings)
    chosen = open_engine(settings, settings.model)
    return Assistant(
        searcher,
        chosen.generator,
        disputes(),
        gate=Gate(learnt=Learnt.read(searcher.embedder)),
        notices=chosen.notices,
        corpus=corpus,
        passages=settings.passages,
        most_chars=settings.max_question_chars,
    )
