"""The chat page and the compact one for iframes, both built by ``build``: Gradio's Blocks and Chatbot.

The components and which of them an event fills; what happens is ``web.page``'s.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from dataclasses import replace
from typing import Any

import gradio as gr

from web.page import Page, Talk
from web.strings import examples as questions
from web.strings import words


def build(page: Page, compact: bool) -> None:
    """The components and events of one page, inside the current Blocks."""
    w = words("en")
    gr.Navbar(visible=False)
    talk, chosen = gr.State(Talk()), gr.State("")
    head = gr.Markdown(page.header("en", compact), elem_id="ps-head", sanitize_html=True)
    chat = gr.Chatbot(
        elem_id="ps-chat", label=w["chat_label"], show_label=False, container=False, layout="panel",
        # No height of its own: the page scrolls. In an iframe a share of the window would chase the height we report.
        height=None, min_height=None if compact else "45vh",
        buttons=[], allow_tags=False, latex_delimiters=[], allow_file_downloads=False, feedback_options=None,
        autoscroll=False, placeholder=welcome("en"), examples=examples("en", compact),
    )  # fmt: skip
    note = gr.Markdown("", elem_id="ps-note", sanitize_html=True)
    box = gr.Textbox(
        elem_id="ps-box", label=w["ask_label"], show_label=False, container=False, placeholder=w["ask_placeholder"],
        lines=1, max_lines=6, autofocus=not compact, submit_btn=w["ask"], stop_btn=False,
        max_length=None,
    )  # fmt: skip
    with gr.Row(elem_id="ps-actions"):
        again = gr.Button(w["again"], size="sm", elem_id="ps-again", interactive=False)
        clear = gr.Button(w["clear"], size="sm", elem_id="ps-clear", interactive=False)
        picker = None if compact else model_picker(page, w["model"])
        small = gr.Markdown(disclaimer("en"), elem_id="ps-disclaimer")
    shown = [talk, chat, box, note, again, clear, head]

    async def answer_question(question: str, now: Talk, model: str, request: gr.Request) -> AsyncIterator[list[Any]]:
        w = words(now.language)
        running = False
        async for grown, said in page.answer(question, now, request, model):
            now, entry = grown, gr.skip()
            if said:  # refused, or failed: the question comes back into the box
                entry = gr.update(value=question, submit_btn=w["ask"], stop_btn=False)
            elif not running:
                entry = gr.update(value="", submit_btn=False, stop_btn=w["stop"])
            running = True
            off = gr.update(interactive=False)
            yield [now, now.messages(), entry, said, off, off, gr.skip()]
        yield [
            now, gr.skip(), gr.update(submit_btn=w["ask"], stop_btn=False), gr.skip(),
            gr.update(interactive=bool(now.turns)), gr.update(interactive=bool(now.turns)),
            page.header(now.language, compact, model),  # another may have taken over, or the first be back
        ]  # fmt: skip

    async def ask_example(
        now: Talk, model: str, request: gr.Request, example: gr.SelectData
    ) -> AsyncIterator[list[Any]]:
        async for update in answer_question(str(example.value.get("text", "")), now, model, request):
            yield update

    async def ask_again(now: Talk, model: str, request: gr.Request) -> AsyncIterator[list[Any]]:
        if not now.turns:
            return
        before = replace(now, turns=now.turns[:-1])
        async for update in answer_question(now.turns[-1].question, before, model, request):
            if len(update[0].turns) < len(now.turns):  # refused, or failed: the answer that was there stays
                on = gr.update(interactive=True)
                update[0], update[1], update[4], update[5] = now, now.messages(), on, on
            yield update

    async def arrive(model: str, request: gr.Request) -> list[Any]:
        question, now = page.arrive(request)
        options = [] if picker is None else await page.look(now.language)
        w, some = words(now.language), bool(now.turns)
        listed = gr.update(visible=False)
        if len(options) > 1:
            listed = gr.update(choices=options, value=model or page.first_model, label=w["model"], visible=True)
        # Only what the address asks for is set: whoever is quick has typed, or asked, before this comes.
        prefill = {"value": question} if question else {}
        restored = {"value": now.messages()} if some else {}
        return [
            now if some or now.language != "en" else gr.skip(),
            gr.update(
                label=w["chat_label"],
                placeholder=welcome(now.language),
                examples=examples(now.language, compact),
                **restored,
            ),
            gr.update(label=w["ask_label"], placeholder=w["ask_placeholder"], submit_btn=w["ask"], **prefill),
            gr.skip(),
            gr.update(value=w["again"], **({"interactive": True} if some else {})),
            gr.update(value=w["clear"], **({"interactive": True} if some else {})),
            page.header(now.language, compact, model),
            disclaimer(now.language),
            *([] if picker is None else [listed]),
        ]

    def forget(now: Talk) -> list[Any]:
        off = gr.update(interactive=False)
        return [Talk(now.language), [], gr.update(value=""), "", off, off, gr.skip()]

    async def choose(setting: str, former: str, now: Talk) -> list[Any]:
        model, said = await page.choose(str(setting or ""), former)
        back = gr.update(value=model or page.first_model) if said else gr.skip()
        return [model, back, said, page.header(now.language, compact, model)]

    # None: the one semaphore of Asker is the limit, for this page and for every other way in.
    quiet: dict[str, Any] = {"api_visibility": "private", "show_progress": "hidden", "concurrency_limit": None}
    gr.on([box.submit], answer_question, [box, talk, chosen], shown, **quiet)
    chat.example_select(ask_example, [talk, chosen], shown, **quiet)
    again.click(ask_again, [talk, chosen], shown, **quiet)
    box.stop(page.stop, None, None, queue=False, api_visibility="private", show_progress="hidden")
    clear.click(forget, [talk], shown, **quiet)
    _on_load(arrive, [chosen], [*shown, small, *([] if picker is None else [picker])], quiet)
    if picker is not None:
        picker.input(choose, [picker, chosen, talk], [chosen, picker, note, head], **quiet)
        gr.api(page.ask, api_name="ask", concurrency_limit=None)


def model_picker(page: Page, label: str) -> gr.Dropdown:
    """The list of models, shown when it is known that there is more than one."""
    first = page.first_model
    return gr.Dropdown(
        [(first, first)], value=first, label=label, show_label=False, container=False, filterable=False,
        elem_id="ps-model", visible=False, min_width=0,
    )  # fmt: skip


def _on_load(arrive: Any, inputs: list[Any], outputs: list[Any], quiet: Mapping[str, Any]) -> None:
    blocks = gr.context.Context.root_block
    assert blocks is not None
    blocks.load(arrive, inputs, outputs, **quiet)


def welcome(language: str) -> str:
    """What an empty conversation says."""
    w = words(language)
    return f'<div class="ps-welcome"><p class="ps-welcome-title">{w["welcome"]}</p><p>{w["welcome_more"]}</p></div>'


def disclaimer(language: str) -> str:
    """What an answer is not."""
    return f'<p class="ps-small">{words(language)["disclaimer"]}</p>'


def examples(language: str, compact: bool) -> list[dict[str, str]]:
    """Questions that show what the corpus is good at."""
    return [{"text": text} for text in questions(language)[: 2 if compact else 4]]
