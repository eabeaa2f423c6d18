"""What the assistant says of itself."""

from __future__ import annotations

import pytest

from assistant.wording import in_part


@pytest.mark.parametrize(
    ("question", "parts", "said"),
    [
        ("Who lit it, and who sold it?", ["who sold it?"], "“who sold it?”"),
        ("Who lit Rope, and who sold it?", ["Rope: who sold it?"], "“Rope: who sold it?”"),
        ("Does Rope sell more oil than Shine?", ["Shine: sell oil?"], "“Shine”"),
    ],
)
def test_a_part_is_said_in_the_questions_words_or_by_what_it_is_about(
    question: str, parts: list[str], said: str
) -> None:
    assert in_part(parts, question) == f"The corpus may not answer a part of this: {said}."
