"""What a question asks for, apart from what it asks about."""

from __future__ import annotations

import pytest

from assistant.asked_for import asking, asks_amount, has_amount, head, is_task, kind, parts, relation, share, story


@pytest.mark.parametrize(
    ("question", "bare"),
    [
        ("How many oars does Lamp-4 70B have?", "How many oars does it have?"),
        ("Does the Harbour Licence 2.1 allow boats?", "Does the it allow boats?"),
        ("Who rowed Ostend's ferry?", "Who rowed it ferry?"),
        ("Lantern 3: who made it?", "it: who made it?"),
        ("Is Lantern open?", "Is it open?"),
        ("why is the sea salt?", "why is the sea salt?"),
        ("May I light it?", "May I light it?"),
        ("Qui a éteint Lantern ?", "Qui a éteint it ?"),
        ("", ""),
    ],
)
def test_names_become_it(question: str, bare: str) -> None:
    assert relation(question) == bare


@pytest.mark.parametrize(
    ("question", "wanted"),
    [
        ("Which court decides on lamps in Ghent?", {"court", "decid"}),
        ("How many boats does a harbour have?", {"boat"}),
        ("What port fee is due?", {"port", "fee"}),
        ("May I light it?", set()),
        ("WHICH LAMP IS IT?", {"lamp"}),
    ],
)
def test_the_thing_that_is_asked_for(question: str, wanted: set[str]) -> None:
    assert head(question) == wanted


@pytest.mark.parametrize("question", ["How many are there?", "How long may it burn?", "The price of a lamp?"])
def test_an_amount_is_asked_for(question: str) -> None:
    assert asks_amount(question)


@pytest.mark.parametrize("question", ["Who lit the lamp?", "Which accounts are costly and what is it?"])
def test_no_amount_is_asked_for(question: str) -> None:
    assert not asks_amount(question)


def test_an_amount_stands_beside_what_is_counted() -> None:
    assert has_amount("How many boats does a harbour have?", ["A harbour has at most twelve boats."])
    assert not has_amount("How many boats does a harbour have?", ["The lamp is 30 feet high.", "Boats are many."])


@pytest.mark.parametrize(
    ("question", "of"),
    [
        ("How many boats are there?", "amount"),
        ("How small must a boat be to come in?", "amount"),
        ("What does the keeper charge for a night?", "amount"),
        ("What does the keeper say when he is paid?", "what"),  # "when" asks for no time here
        ("To count as a boat, must it have a sail?", "yes or no"),
        ("When did it burn?", "time"),
        ("In which year was it lit?", "time"),
        ("Which firm lit it?", "who"),
        ("Where does it stand?", "where"),
        ("How come it is dark?", "why"),
        ("We have a boat. May we light it?", "yes or no"),
        ("How is it lit?", "how"),
        ("What is it?", "what"),
        ("A lamp.", ""),
        ("Combien de bateaux y a-t-il ?", "amount"),
        ("Depuis quand brûle-t-elle ?", "time"),
        ("Qui l'a allumée ?", "who"),
        ("Puis-je l'allumer ?", "yes or no"),
        ("Le port a-t-il une lampe ?", "yes or no"),
        ("Qu'est-ce que la lampe ?", "what"),
        ("Que doit-on payer ?", "what"),
        ("Quelle lampe a-t-il ?", "what"),
        ("Comment peut-on l'allumer ?", "how"),
        ("Est-ce que le port a une lampe ?", "yes or no"),
        ("Must I name them when I share it?", "yes or no"),
        ("May I use a lamp that cost me nothing where I work?", "yes or no"),
    ],
)
def test_the_kind_of_answer(question: str, of: str) -> None:
    assert kind(question) == of


@pytest.mark.parametrize(
    ("question", "task"),
    [
        ("Write a poem about the sea.", True),
        ("Can you please book me a boat?", True),
        ("Can I book a boat?", False),
        ("Who may write on the lamp?", False),
        ("Explain the lamp.", False),
        ("Code under this licence: may I sell it?", False),
        ("Design patents: are they covered?", False),
        ("Order of precedence of the parts?", False),
        ("Écris-moi un poème.", True),
    ],
)
def test_something_to_be_made_or_done(question: str, task: bool) -> None:
    assert is_task(question) is task


def test_a_share_of_nothing_is_all() -> None:
    assert share(frozenset(), "anything") == 1.0
    assert share(frozenset({"boat", "lamp"}), "A boat.") == 0.5


@pytest.mark.parametrize(
    ("question", "asks"),
    [
        ("EUPL 1.2, licensor sits in Canada. Whose law applies?", "Whose law applies?"),
        ("Must I keep it? My two models are under OpenRAIL.", "Must I keep it?"),
        ("Tell me who wrote it. I live in Rome.", "Tell me who wrote it. I live in Rome."),
        ("Je suis à Lyon. Puis-je le vendre ?", "Puis-je le vendre ?"),
        ("", ""),
    ],
)
def test_a_story_is_told_apart_from_what_is_asked(question: str, asks: str) -> None:
    assert asking(question) == asks


@pytest.mark.parametrize(
    ("question", "told"),
    [
        ("I live in Rome. Who wrote it? Tell me.", "I live in Rome. Tell me."),
        ("Who wrote it?", ""),
        ("I live in Rome.", ""),
        ("", ""),
    ],
)
def test_what_only_tells_a_story(question: str, told: str) -> None:
    assert story(question) == told


@pytest.mark.parametrize(
    ("question", "two"),
    [
        ("May I sell it, and whose law applies in Canada?", ("May I sell it", "whose law applies in Canada?")),
        ("May I sell it? And what about a gift?", ("May I sell it?", "what about a gift?")),
        ("Quel âge faut-il, et faut-il l'accord d'un parent ?", ("Quel âge faut-il", "faut-il l'accord d'un parent ?")),
        ("Which of Gemma and Llama may I use?", ("Which of Gemma and Llama may I use?",)),
        ("Why and how?", ("Why and how?",)),
    ],
)
def test_two_questions_in_one_are_told_apart(question: str, two: tuple[str, ...]) -> None:
    assert parts(question) == two
