"""Counters for operators, in Prometheus' text form. They hold numbers only, never words of a question."""

from __future__ import annotations

import threading
from collections import Counter

from assistant.answer import Answer

BUCKETS = (0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120, 300)  # seconds; a small model on two cores needs 3 to 30


class Metrics:
    """Counts what happened since the start."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._counts: Counter[tuple[str, str]] = Counter()
        self._times: dict[str, tuple[float, int]] = {}  # sum and number, by stage
        self._buckets: dict[str, Counter[float]] = {}

    def count(self, name: str, label: str, by: int = 1) -> None:
        """One more of ``name`` with its label."""
        with self._lock:
            self._counts[name, label] += by

    def answered(self, answer: Answer) -> None:
        """An answer, complete or interrupted: its status, its verdicts and how long each stage took."""
        self.count("questions", answer.status)
        for sentence in answer.sentences:
            self.count("sentences", sentence.verdict)
        with self._lock:
            for stage, milliseconds in answer.timings_ms.items():
                self._observe(stage, milliseconds / 1000)

    def _observe(self, stage: str, seconds: float) -> None:
        total, number = self._times.get(stage, (0.0, 0))
        self._times[stage] = (total + seconds, number + 1)
        buckets = self._buckets.setdefault(stage, Counter())
        for bound in BUCKETS:
            buckets[bound] += seconds <= bound

    def text(self, *, inside: int) -> str:
        """Everything, for a scraper."""
        labels = {"questions": "status", "sentences": "verdict", "refused": "reason", "feedback": "vote"}
        lines = ["# TYPE plainsource_questions_inside gauge", f"plainsource_questions_inside {inside}"]
        with self._lock:
            for name, label in labels.items():
                lines.append(f"# TYPE plainsource_{name}_total counter")
                found = sorted((value, n) for (kind, value), n in self._counts.items() if kind == name)
                lines += [f'plainsource_{name}_total{{{label}="{value}"}} {n}' for value, n in found]
            lines.append("# TYPE plainsource_stage_seconds histogram")
            for stage, (total, number) in sorted(self._times.items()):
                of = f'stage="{stage}"'
                bounds = [*((str(bound), self._buckets[stage][bound]) for bound in BUCKETS), ("+Inf", number)]
                lines += [f'plainsource_stage_seconds_bucket{{{of},le="{le}"}} {below}' for le, below in bounds]
                lines.append(f"plainsource_stage_seconds_sum{{{of}}} {total:.3f}")
                lines.append(f"plainsource_stage_seconds_count{{{of}}} {number}")
        return "\n".join(lines) + "\n"
