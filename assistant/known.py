"""What is known of the models that people run: licence, context, whether they think aloud, and how good they are here.

Facts of November 2026, from the makers' model cards. A licence counts as open here if the Open Source Initiative has
approved it; whether a *model* is open source AI asks for more than that (``knowledge/models.toml`` has the facts).
"""

from __future__ import annotations

import re
from dataclasses import dataclass

WORSE_THAN_EMBEDDED = 50


@dataclass(frozen=True)
class Known:
    """pattern: of its name in Ollama. rank: lower answers better from sources. writes: it is no embedding model."""

    pattern: str
    licence: str
    osi: bool
    context: int = 32_768
    thinks: bool = False
    rank: int = 30
    writes: bool = True
    note: str = ""


TABLE = (
    Known(r".*(embed|all-minilm|bge-|rerank|snowflake-arctic)", "", False, rank=99, writes=False),
    Known(r"granite4(\.\d)?:(350m|1b)", "Apache-2.0", True, 32_768, rank=20),
    Known(r"granite4", "Apache-2.0", True, 131_072, rank=1, note="made for answers from sources"),
    Known(r"qwen3:\d+b-instruct", "Apache-2.0", True, 262_144, rank=2),
    Known(r"ministral-3", "Apache-2.0", True, 262_144, rank=3),
    Known(r"gemma4", "Apache-2.0", True, 131_072, True, rank=4),
    Known(r"olmo-3.*instruct", "Apache-2.0", True, 65_536, rank=5, note="open data too"),
    Known(r"phi4-mini-reasoning", "MIT", True, 131_072, True, rank=25),
    Known(r"phi4-mini", "MIT", True, 131_072, rank=6),
    Known(r"granite3", "Apache-2.0", True, 131_072, rank=7),
    Known(r"phi4", "MIT", True, 16_384, rank=8),
    Known(r"mistral(-small|-nemo)?(:|$)", "Apache-2.0", True, 32_768, rank=9),
    Known(r"qwen2\.5(-coder)?:(0\.5b)", "Apache-2.0", True, rank=60),
    Known(r"qwen2\.5(-coder)?:3b", "Qwen Research License", False, rank=40),
    Known(r"qwen2\.5(-coder)?:72b", "Qwen License", False, rank=40),
    Known(r"qwen2\.5(-coder)?", "Apache-2.0", True, rank=10),
    Known(r"qwen3:0\.6b", "Apache-2.0", True, 40_960, True, rank=60),
    Known(r"qwen3", "Apache-2.0", True, 40_960, True, rank=11),
    Known(r"olmo-?[23]", "Apache-2.0", True, 4_096, rank=12, note="open data too"),
    Known(r"gpt-oss", "Apache-2.0", True, 131_072, True, rank=15),
    Known(r"smollm3?", "Apache-2.0", True, 8_192, rank=70),
    Known(r"tinyllama", "Apache-2.0", True, 2_048, rank=70),
    Known(r"llama4", "Llama 4 Community License", False, 131_072, rank=41),
    Known(r"llama3", "Llama 3 Community License", False, 8_192, rank=42),
    Known(r"(code)?llama2?(:|$)", "Llama 2 Community License", False, 4_096, rank=45),
    Known(r"gemma[23]?n?(:|$)", "Gemma Terms of Use", False, 8_192, rank=43),
    Known(r"command-", "CC-BY-NC-4.0", False, 131_072, rank=44),
    Known(r"deepseek-r1", "MIT, or the Llama licence for some sizes", False, 131_072, True, rank=46),
)
UNKNOWN = Known("", "", False, 4_096, rank=55, note="a model that we know nothing about")


def known(name: str) -> Known:
    """The first entry of the table that fits; a name may have a maker's path in front, as on a hub."""
    bare = name.lower().rsplit("/", 1)[-1]
    return next((entry for entry in TABLE if re.match(entry.pattern, bare)), UNKNOWN)


def osi_approved(name: str) -> bool | None:
    """Whether the OSI has approved its licence; None where the licence is not known."""
    entry = known(name)
    return entry.osi if entry.licence else None
