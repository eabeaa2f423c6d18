"""``/v1``: the same answers for programs that speak OpenAI's chat completions.

The model is always ours: "plainsource". Citations stand in the text as [n] with a list under it, and whole in the
field ``plainsource``. Sampling settings are not taken from clients: the same question gets the same answer.
"""

from __future__ import annotations

import json
import time
import uuid
from collections.abc import AsyncIterator
from typing import Any

from fastapi import Depends, FastAPI, HTTPException, Request
from fastapi.responses import JSONResponse, Response, StreamingResponse
from pydantic import BaseModel, ConfigDict, Field

from assistant.answer import INTERRUPTED, QUOTED, Answer
from errors import UserError
from web.api import answer_while_connected, limited, needs_token, status_json, user_problem
from web.asking import Asker, checked
from web.export import plain
from web.limits import Buckets, believed

MODEL = "plainsource"


class Part(BaseModel):
    """A part of a message; only text is read."""

    type: str = "text"
    text: str = ""


class ChatMessage(BaseModel):
    """One message; system messages are not read, because the prompt is ours."""

    role: str
    content: str | list[Part] | None = ""

    @property
    def text(self) -> str:
        """Its words."""
        if isinstance(self.content, list):
            return "\n".join(part.text for part in self.content if part.type == "text")
        return self.content or ""


class Completion(BaseModel):
    """What is read of a request; the other fields of the protocol are accepted and have no effect."""

    model_config = ConfigDict(extra="ignore")
    messages: list[ChatMessage] = Field(min_length=1, max_length=200)
    stream: bool = False
    model: str = MODEL


def add_routes(app: FastAPI, asker: Asker, asked: Buckets, *, token: str = "") -> None:
    """The routes of this file."""
    checks = [Depends(needs_token(token))]

    @app.get("/v1/models", dependencies=checks, tags=["openai"])
    async def models() -> dict[str, Any]:
        """The one model there is."""
        one = {"id": MODEL, "object": "model", "created": 0, "owned_by": asker.assistant.engine.model or "plainsource"}
        return {"object": "list", "data": [one]}

    @app.post("/v1/chat/completions", dependencies=[*checks, Depends(limited(asked))], tags=["openai"])
    async def completions(body: Completion, request: Request) -> Response:
        """Answers the last user message; the messages before it are the conversation."""
        question, history = conversation(body.messages)
        question = checked(question, asker.max_chars)
        name = f"chatcmpl-{uuid.uuid4().hex}"
        if body.stream:
            pieces = stream(asker, name, question, history)
            return StreamingResponse(pieces, media_type="text/event-stream", headers={"Cache-Control": "no-store"})
        answer = await answer_while_connected(asker, question, history, request)
        if answer is None:
            return Response(status_code=499)
        return JSONResponse(whole(name, answer))


def conversation(messages: list[ChatMessage]) -> tuple[str, list[tuple[str, str]]]:
    """The last user message and what was said before it."""
    last = next((i for i in range(len(messages) - 1, -1, -1) if messages[i].role == "user"), None)
    if last is None:
        raise HTTPException(422, "There is no message with the role user.")
    return messages[last].text, believed((m.role, m.text) for m in messages[:last])


def finish(answer: Answer) -> str:
    """OpenAI's word for how it ended."""
    return "length" if answer.status == INTERRUPTED else "stop"


def whole(name: str, answer: Answer) -> dict[str, Any]:
    """A complete chat completion. Tokens are not counted here, so none are told."""
    message = {"role": "assistant", "content": plain(answer)}
    return {
        "id": name, "object": "chat.completion", "created": int(time.time()), "model": MODEL,
        "choices": [{"index": 0, "message": message, "finish_reason": finish(answer), "logprobs": None}],
        "citations": answer.as_json()["citations"], "plainsource": answer.as_json(),
    }  # fmt: skip


async def stream(asker: Asker, name: str, question: str, history: list[tuple[str, str]]) -> AsyncIterator[str]:
    """The chunks of a streamed completion: sentences as they are checked, at the end the sources and the whole answer.

    What is sent cannot be taken back. Where the complete answer does not begin with what was sent (too few sentences
    survived, and it became quotations), it is sent again, whole, after a rule.
    """
    sent, last = "", None
    yield chunk(name, {"role": "assistant", "content": ""})
    try:
        async for event in asker.ask(question, history):
            if not isinstance(event, Answer):
                yield f": {json.dumps(status_json(event))}\n\n"  # a comment: keeps the connection, clients skip it
                continue
            last = event
            if event.status == QUOTED:
                continue  # a first quotation, to be read until the model has written
            if event.text.startswith(sent) and event.text != sent:
                yield chunk(name, {"content": event.text[len(sent) :]})
                sent = event.text
        if last is not None:
            complete = plain(last)
            rest = complete[len(sent) :] if complete.startswith(sent) else f"\n\n---\n\n{complete}"
            yield chunk(name, {"content": rest})
            yield chunk(name, {}, finish(last), citations=last.as_json()["citations"], plainsource=last.as_json())
        yield "data: [DONE]\n\n"
    except UserError as error:
        detail = json.loads(bytes(user_problem(error).body))
        told = {"message": detail["detail"], "type": "plainsource", "code": detail["status"]}
        yield f"data: {json.dumps({'error': told})}\n\n"


def chunk(name: str, delta: dict[str, str], finish_reason: str | None = None, **more: Any) -> str:
    """One chunk of a stream."""
    choice = {"index": 0, "delta": delta, "finish_reason": finish_reason}
    content = {"id": name, "object": "chat.completion.chunk", "created": int(time.time()), "model": MODEL}
    return f"data: {json.dumps({**content, 'choices': [choice], **more}, ensure_ascii=False)}\n\n"
