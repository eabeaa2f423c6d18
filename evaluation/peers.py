"""LangChain's and LlamaIndex's default pipelines over the same texts, so that they are asked the same questions.

    python -m evaluation.peers langchain --port 8101
    python -m evaluation run --url http://127.0.0.1:8101/v1 --model langchain

The embedder, the model file and its engine are ours; splitting, search, prompts and everything else are what each
library does when it is told nothing. Our own words (notes, model sheets) are left out: the peers have the sources.
A question is asked without the turns before it, since neither default keeps them.

Their packages are no part of the project. ``peers-requirements.txt`` pins those that were measured; they go into an
environment of their own, beside ours.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import settings
from assistant import weights
from assistant.generation import Generator, Message, Request
from errors import SettingsError, SourceError, UserError
from evaluation.observed import Piece
from knowledge.embedding import folder_of
from knowledge.texts import FOLDER

REQUIREMENTS = "evaluation/peers-requirements.txt"
OWN = ("note-", "model-", "plainsource")  # our own words
MOST = 300  # tokens of an answer, as Compatible asks for
ROLES = {"human": "user", "ai": "assistant"}  # LangChain's words for them


@dataclass(frozen=True)
class Replied:
    """What a pipeline says, and the passages that it found, best first."""

    text: str
    passages: tuple[Piece, ...] = ()


Pipeline = Callable[[str], Replied]
Write = Callable[[Sequence[Message]], str]


@dataclass(frozen=True)
class Parts:
    """What both peers are given. embedder: a folder; window: tokens of a prompt and its answer."""

    texts: Sequence[Path]
    embedder: Path
    write: Write
    window: int


def langchain(parts: Parts) -> Pipeline:
    """RetrievalQA with its own prompt over 4 chunks of 1000 characters, as in LangChain's tutorial; exact search."""
    try:
        from langchain_classic.chains import RetrievalQA  # type: ignore[import-not-found]
        from langchain_core.documents import Document  # type: ignore[import-not-found]
        from langchain_core.language_models import BaseChatModel  # type: ignore[import-not-found]
        from langchain_core.messages import AIMessage, BaseMessage  # type: ignore[import-not-found]
        from langchain_core.outputs import ChatGeneration, ChatResult  # type: ignore[import-not-found]
        from langchain_core.vectorstores import InMemoryVectorStore  # type: ignore[import-not-found]
        from langchain_huggingface import HuggingFaceEmbeddings  # type: ignore[import-not-found]
        from langchain_text_splitters import RecursiveCharacterTextSplitter  # type: ignore[import-not-found]
    except ImportError as error:
        raise _missing("LangChain", error) from None

    class Model(BaseChatModel):  # type: ignore[misc]
        @property
        def _llm_type(self) -> str:
            return "plainsource"

        def _generate(self, messages: list[BaseMessage], *_: object, **__: object) -> ChatResult:
            words = parts.write([Message(ROLES.get(m.type, m.type), str(m.content)) for m in messages])
            return ChatResult(generations=[ChatGeneration(message=AIMessage(words))])

    documents = [Document(path.read_text("utf-8"), metadata={"source": path.stem}) for path in parts.texts]
    chunks = RecursiveCharacterTextSplitter(chunk_size=1000, chunk_overlap=200).split_documents(documents)
    store = InMemoryVectorStore(HuggingFaceEmbeddings(model_name=str(parts.embedder)))
    store.add_documents(chunks)
    chain = RetrievalQA.from_chain_type(Model(), retriever=store.as_retriever(), return_source_documents=True)

    def ask(question: str) -> Replied:
        found = chain.invoke({"query": question})
        pieces = tuple(Piece(d.metadata["source"], text=d.page_content) for d in found["source_documents"])
        return Replied(found["result"], pieces)

    return ask


def llama_index(parts: Parts) -> Pipeline:
    """The five lines of LlamaIndex's start page: 2 chunks of at most 1024 tokens, each with its file's path.

    The path is embedded and read by the model, and the embedder reads the first 256 tokens of a chunk: its defaults.
    """
    try:
        from llama_index.core import SimpleDirectoryReader, VectorStoreIndex  # type: ignore[import-not-found]
        from llama_index.core.llms import (  # type: ignore[import-not-found]
            ChatMessage,
            ChatResponse,
            CompletionResponse,
            CustomLLM,
            LLMMetadata,
        )
        from llama_index.embeddings.huggingface import HuggingFaceEmbedding  # type: ignore[import-not-found]
    except ImportError as error:
        raise _missing("LlamaIndex", error) from None

    class Model(CustomLLM):  # type: ignore[misc]
        @property
        def metadata(self) -> LLMMetadata:
            return LLMMetadata(context_window=parts.window, num_output=MOST, is_chat_model=True)

        def chat(self, messages: Sequence[ChatMessage], **_: object) -> ChatResponse:
            words = parts.write([Message(m.role.value, m.content or "") for m in messages])
            return ChatResponse(message=ChatMessage(role="assistant", content=words))

        def complete(self, prompt: str, *_: object, **__: object) -> CompletionResponse:
            return CompletionResponse(text=parts.write([Message("user", prompt)]))

        def stream_complete(self, *_: object, **__: object) -> Any:
            raise NotImplementedError("the default query engine does not stream")

    documents = SimpleDirectoryReader(input_files=[str(path) for path in parts.texts]).load_data()
    index = VectorStoreIndex.from_documents(
        documents, embed_model=HuggingFaceEmbedding(model_name=str(parts.embedder), device="cpu")
    )
    engine = index.as_query_engine(llm=Model())

    def ask(question: str) -> Replied:
        found = engine.query(question)
        pieces = (Piece(Path(n.metadata["file_path"]).stem, text=n.node.get_content()) for n in found.source_nodes)
        return Replied(str(found), tuple(pieces))

    return ask


PEERS: dict[str, Callable[[Parts], Pipeline]] = {"langchain": langchain, "llama-index": llama_index}


def texts_in(folder: Path) -> list[Path]:
    """The texts of the sources. Raises SourceError if there is none."""
    found = sorted(path for path in folder.glob("*.txt") if not path.stem.startswith(OWN))
    if not found:
        raise SourceError(f"There is no text of a source in {folder}.", mend="python -m ingest")
    return found


def writing(generator: Generator) -> Write:
    """The model as a function of messages; greedy, as requests are if nothing is said."""

    def write(messages: Sequence[Message]) -> str:
        return "".join(piece.text for piece in generator.stream(Request(messages, MOST), threading.Event()))

    return write


def server(pipeline: Pipeline, name: str, port: int = 0) -> HTTPServer:
    """``POST /v1/chat/completions`` on loopback, one question at a time; port 0 takes any that is free.

    The reply has one field that OpenAI's does not: ``passages``, a list of ``{"source_id", "text"}``.
    """

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            if self.path != "/v1/chat/completions":
                return self._send(404, _failure(f"There is no {self.path} here."))
            try:
                body = json.loads(self.rfile.read(int(self.headers["Content-Length"] or 0)))
                question = next(m["content"] for m in reversed(body["messages"]) if m["role"] == "user")
            except (ValueError, KeyError, TypeError, StopIteration):
                return self._send(400, _failure("The body has no message of a user."))
            try:
                return self._send(200, _completion(pipeline(question), name))
            except UserError as error:
                return self._send(500, _failure(error.message))

        def _send(self, status: int, reply: dict[str, Any]) -> None:
            data = json.dumps(reply).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

        def log_message(self, *_: object) -> None:
            """Nothing is said: the run that asks tells its progress."""

    return HTTPServer(("127.0.0.1", port), Handler)


def main(arguments: Sequence[str] | None = None) -> int:
    """Serves until it is interrupted. Exit status 1 for what a person can mend."""
    chosen = _parser().parse_args(arguments)
    try:
        return _serve(chosen)
    except UserError as error:
        print(f"Error: {error}", file=sys.stderr)
        return 1


def _serve(chosen: argparse.Namespace) -> int:
    from assistant import opening

    known = settings.read()
    texts = texts_in(chosen.texts or known.home / FOLDER)
    generator = opening.open_engine(known, chosen.model, fallback=False).generator
    if generator is None:
        raise SettingsError(f"A peer needs a model, and {chosen.model!r} is none.", mend=f"--model {weights.DEFAULT}")
    os.environ.setdefault("HF_HUB_OFFLINE", "1")  # the embedder is a folder of this machine
    try:
        print(f"Embedding {len(texts)} texts …", flush=True)
        pipeline = PEERS[chosen.peer](Parts(texts, folder_of(known.embedder), writing(generator), generator.window))
        with server(pipeline, chosen.peer, chosen.port) as serving:
            url = f"http://127.0.0.1:{serving.server_port}/v1"
            print(f"{generator.engine.model}; python -m evaluation run --url {url} --model {chosen.peer}", flush=True)
            serving.serve_forever()
    except KeyboardInterrupt:
        print()
    finally:
        generator.close()
    return 0


def _completion(replied: Replied, name: str) -> dict[str, Any]:
    message = {"role": "assistant", "content": replied.text}
    return {
        "object": "chat.completion",
        "model": name,
        "choices": [{"index": 0, "message": message, "finish_reason": "stop"}],
        "passages": [{"source_id": piece.source, "text": piece.text} for piece in replied.passages],
    }


def _failure(message: str) -> dict[str, Any]:
    return {"error": {"message": message}}


def _missing(peer: str, error: ImportError) -> UserError:
    return UserError(
        f"{peer} cannot be loaded: {error}.", mend=f"python -m pip install -r {REQUIREMENTS}, in a venv of its own"
    )


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m evaluation.peers", description="Serves another library's default pipeline, to be measured."
    )
    parser.add_argument("peer", choices=PEERS)
    parser.add_argument("--texts", type=Path, help="folder of *.txt; those that ingest kept by default")
    parser.add_argument("--model", default=weights.DEFAULT, help="as in PLAINSOURCE_MODEL")
    parser.add_argument("--port", type=int, default=8101)
    return parser


if __name__ == "__main__":
    sys.exit(main())
