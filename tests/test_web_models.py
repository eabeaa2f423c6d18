"""The choice of a model: what is listed, what is opened, what is refused, and what the page says of it."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from types import SimpleNamespace
from typing import Any

import httpx
import pytest

from assistant.answer import Citation, Engine, Sentence
from assistant.choice import Option
from assistant.doctor import Check
from errors import EngineUnavailable
from tests.fake_assistant import FROM_NOTE, LIT, NOTE_TEXT, USE, FakeAssistant, scripted, shelf
from tests.served import built, served
from tests.test_web_api import read_events
from web.asking import Asker
from web.cards import answer_html, language_of
from web.kept import Kept
from web.limits import Buckets
from web.models import ModelAbsent, Models, option_label
from web.page import Page, Talk
from web.strings import words

HERE = "built-in"
OPTIONS = (
    Option("ollama:granite4:3b", "granite4:3b (Ollama)", "ollama", "Apache-2.0", True),
    Option("ollama:llama3.2", "llama3.2 (Ollama)", "ollama", "llama3.2", False),
    Option("ollama:big:cloud", "big:cloud (Ollama)", "ollama", "", None, sent_to="ollama.example"),
    Option(HERE, "Built In 1B (built in)", "embedded", "Apache-2.0", True),
    Option("none", "no model: quotations only", "none", "", None),
)
GONE = "ollama:llama3.2"
CHECKS = (
    Check("python", True, "Python 3.13"),
    Check("weights", False, "Built In 2B is not here", "python -m assistant models get two"),
)


@dataclass
class House:
    """Opens fakes, and counts what it is asked."""

    opened: dict[str, FakeAssistant] = field(default_factory=dict)
    listed: int = 0
    checked: int = 0
    first: FakeAssistant = field(
        default_factory=lambda: FakeAssistant(
            engine=Engine("embedded", HERE, "Apache-2.0", f"{HERE}, built in: Apache-2.0"), notices=()
        )
    )

    def list(self) -> tuple[Option, ...]:
        self.listed += 1
        return OPTIONS

    def open(self, setting: str) -> FakeAssistant:
        if setting == GONE:
            raise EngineUnavailable("Ollama does not answer.", mend="ollama serve")
        kind, _, name = setting.partition(":")
        reason = f"{name}, on Ollama at http://127.0.0.1:11434: Apache-2.0"
        engine = Engine(kind, name, "Apache-2.0", reason) if name else Engine("none", "")
        assert setting not in self.opened
        self.opened[setting] = FakeAssistant(engine=engine, notices=(f"A word on {name or kind}.",))
        return self.opened[setting]

    def check(self) -> tuple[Check, ...]:
        self.checked += 1
        return CHECKS

    def models(self) -> Models:
        return Models(self.first, listed=self.list, opened=self.open, checks=self.check)


def test_engines_are_opened_once_when_chosen_and_closed_together() -> None:
    house = House()
    models = house.models()
    assert models.get("") is models.get(HERE) is house.first
    assert house.opened == {}
    one = models.get("ollama:granite4:3b")
    assert models.get("ollama:granite4:3b") is one is models.known("ollama:granite4:3b")
    assert models.get("none") is not one
    assert house.listed == 1
    models.close()
    assert [fake.closed for fake in house.opened.values()] == [True, True] and not house.first.closed
    assert models.known("ollama:granite4:3b") is house.first


@pytest.mark.parametrize("setting", ["x", "/etc/passwd", "ollama:other", "openai:gpt", "auto", " none"])
def test_only_what_is_present_is_opened(setting: str) -> None:
    house = House()
    with pytest.raises(ModelAbsent) as caught:
        house.models().get(setting)
    assert all(option.setting in caught.value.mend for option in OPTIONS)
    assert house.opened == {}


def test_the_default_is_among_the_options_even_where_nobody_lists_it() -> None:
    own = FakeAssistant(engine=Engine("embedded", "my-own", "", "my-own.gguf, built in"))
    models = Models(own, listed=lambda: OPTIONS, opened=House().open)
    assert [option.setting for option in models.options()][:2] == ["my-own", "ollama:granite4:3b"]
    assert len(Models(own).options()) == 1


def test_latest_is_no_other_model() -> None:
    own = FakeAssistant(engine=Engine("ollama", "granite4", "Apache-2.0", "granite4, on Ollama"))
    latest = Option("ollama:granite4:latest", "granite4:latest (Ollama)", "ollama", "Apache-2.0", True)
    models = Models(own, listed=lambda: (latest, *OPTIONS), opened=House().open)
    assert [option.setting for option in models.options()].count("ollama:granite4:latest") == 1
    assert models.first == "ollama:granite4:latest"
    assert models.get("ollama:granite4:latest") is own


def test_a_page_that_opens_has_the_model_ready_and_trouble_is_told_elsewhere() -> None:
    wanted: list[str] = []

    def preload() -> None:
        wanted.append("loaded")
        raise EngineUnavailable("Ollama does not answer.", mend="ollama serve")

    Models(FakeAssistant(), preload=preload).refresh()
    assert wanted == ["loaded"]


def test_what_cannot_be_looked_at_is_said() -> None:
    def checks() -> tuple[Check, ...]:
        raise PermissionError("models")

    models = Models(FakeAssistant(notices=("Words go to X.",)), checks=checks)
    models.refresh()
    assert [missing.message for missing in models.missing()][-1] == "Words go to X."
    assert "cannot be looked at" in models.missing()[0].message


@pytest.mark.parametrize(
    ("setting", "english", "french"),
    [
        (
            "ollama:granite4:3b",
            "granite4:3b (Ollama) · Apache-2.0, OSI-approved",
            "granite4:3b (Ollama) · Apache-2.0, approuvée par l’OSI",
        ),
        (
            "ollama:llama3.2",
            "llama3.2 (Ollama) · llama3.2, not OSI-approved",
            "llama3.2 (Ollama) · llama3.2, non approuvée par l’OSI",
        ),
        (
            "ollama:big:cloud",
            "big:cloud (Ollama) · licence unknown · sends your words to ollama.example",
            "big:cloud (Ollama) · licence inconnue · envoie vos mots à ollama.example",
        ),
        (
            HERE,
            "Built In 1B (built in) · Apache-2.0, OSI-approved",
            "Built In 1B (intégré) · Apache-2.0, approuvée par l’OSI",
        ),
        ("none", "No model: quotations only", "Sans modèle : citations seulement"),
    ],
)
def test_an_option_tells_its_licence_and_who_gets_the_words(setting: str, english: str, french: str) -> None:
    option = next(option for option in OPTIONS if option.setting == setting)
    assert (option_label(option, words("en")), option_label(option, words("fr"))) == (english, french)


def page_of(house: House) -> tuple[Page, Asker]:
    asker = Asker(house.first, models=house.models())
    return Page(asker, Kept(), Buckets(9, 9)), asker


def asked(page: Page, model: str) -> None:
    async def ask() -> None:
        request: Any = SimpleNamespace(client=None, session_hash="s")
        async for _ in page.answer("May I?", Talk(), request, model):
            pass

    asyncio.run(ask())


def test_the_header_says_who_answers_and_why() -> None:
    house = House()
    page, asker = page_of(house)
    assert f"{HERE}, built in: Apache-2.0." in page.header("en", False)
    asyncio.run(page.choose("ollama:granite4:3b", ""))
    chosen = page.header("fr", False, "ollama:granite4:3b")
    assert "Modèle en service :" in chosen and "granite4:3b, on Ollama at http://127.0.0.1:11434: Apache-2.0." in chosen
    fake = house.opened["ollama:granite4:3b"]
    fake.engine = replace(
        fake.engine, kind="embedded", model=HERE, reason=f"{HERE}, until it is mended: Ollama is gone"
    )
    assert "until it is mended: Ollama is gone." in page.header("en", False, "ollama:granite4:3b")
    asker.close()


def test_a_choice_is_one_tabs_own_and_one_that_fails_changes_nothing() -> None:
    house = House()
    page, asker = page_of(house)
    assert asyncio.run(page.choose("ollama:granite4:3b", "")) == ("ollama:granite4:3b", "")
    kept, note = asyncio.run(page.choose(GONE, "ollama:granite4:3b"))
    assert kept == "ollama:granite4:3b" and "Ollama does not answer. <code>ollama serve</code>" in note
    asked(page, "ollama:granite4:3b")
    asked(page, "")
    assert (len(house.opened["ollama:granite4:3b"].asked), len(house.first.asked)) == (1, 1)
    asker.close()


def test_the_banner_tells_what_the_doctor_found_with_the_command() -> None:
    house = House()
    house.first.notices = ("There is no model. To mend it: python -m assistant models get two", "Words go to X.")
    page, asker = page_of(house)
    assert "is not here" not in page.header("en", False)  # nobody has looked
    for _ in range(2):
        options = asyncio.run(page.look("fr"))
    assert [setting for _, setting in options] == [option.setting for option in OPTIONS]
    assert (house.checked, house.listed) == (1, 1)
    html = page.header("fr", False)
    assert "Ce qui manque (2)" in html and "Words go to X." in html and "Python 3.13" not in html
    assert "<strong>weights</strong>: Built In 2B is not here" in html
    assert "Pour y remédier :</span> <code>python -m assistant models get two</code>" in html
    asker.close()


@pytest.fixture(scope="module")
def site() -> Iterator[tuple[httpx.Client, House]]:
    house = House()
    app = built(house.first, shelf(), models=house.models())
    with served(app) as url, httpx.Client(base_url=url, timeout=30) as client:
        yield client, house


def test_the_api_takes_a_model_that_is_present(site: tuple[httpx.Client, House]) -> None:
    client, house = site
    body = {"question": "May I?", "model": "ollama:granite4:3b"}
    assert client.post("/api/ask", json=body).status_code == 200
    with client.stream("POST", "/api/ask", json=body, headers={"Accept": "text/event-stream"}) as response:
        assert read_events(response)[-1][0] == "done"
    assert client.post("/api/ask", json={"question": "May I?"}).status_code == 200
    assert (len(house.opened["ollama:granite4:3b"].asked), len(house.first.asked)) == (2, 1)


@pytest.mark.parametrize("accept", ["application/json", "text/event-stream"])
@pytest.mark.parametrize(
    ("model", "status", "told"), [("/etc/passwd", 422, "ollama:granite4:3b, "), (GONE, 503, "ollama serve")]
)
def test_the_api_refuses_a_model_with_a_sentence(
    site: tuple[httpx.Client, House], accept: str, model: str, status: int, told: str
) -> None:
    response = site[0].post("/api/ask", json={"question": "May I?", "model": model}, headers={"Accept": accept})
    assert (response.status_code, response.headers["content-type"]) == (status, "application/problem+json")
    assert response.json()["detail"] and told in response.json()["mend"]


def test_programs_that_speak_openais_protocol_see_one_model(site: tuple[httpx.Client, House]) -> None:
    assert [model["id"] for model in site[0].get("/v1/models").json()["data"]] == ["plainsource"]


@pytest.mark.parametrize(
    ("text", "citation", "language"),
    [
        (NOTE_TEXT, FROM_NOTE, "en"),
        ("Les lampes éclairent quiconque se tient près d’elles.", FROM_NOTE, "fr"),
        ("Lamp Licence 1.0, 1. Grant: “use the grey lamp for every purpose”", USE, "en"),
        ("The lamp was first lit in 2004.", LIT, "en"),
    ],
)
def test_a_quotation_of_ours_carries_the_language_it_is_said_in(text: str, citation: Citation, language: str) -> None:
    sentence = Sentence(text, "supported", (citation.number,), quoted=True)
    assert language_of(sentence, citation, "fr") == language
    answer = replace(scripted("q", "quoted"), language="fr", sentences=(sentence,), citations=(citation,), passages=())
    html = answer_html(answer, turn=1, language="fr")
    assert ('<p><span lang="fr">Les lampes' in html) is (language == "fr")
