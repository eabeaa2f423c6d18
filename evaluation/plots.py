"""Plots as inline SVG, drawn from numbers only; they take the colour of the text around them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape

COLOURS = ("#1f6f8b", "#d9822b", "#6b8e23", "#8b3a62")
LEFT, WIDTH, ROW = 190, 640, 17

Bar = tuple[float, float, float]  # value, low, high, each 0 to 1


def bars(labels: Sequence[str], series: Mapping[str, Sequence[Bar | None]], title: str) -> str:
    """Lying bars from 0 to 1 with their intervals: a group a label, a colour a series."""
    group = ROW * len(series) + 8
    height = group * len(labels) + 44
    out = [_grid(height, title)]
    for row, label in enumerate(labels):
        top = 26 + row * group
        out.append(_text(LEFT - 8, top + group / 2, label, "end"))
        for place, (name, values) in enumerate(series.items()):
            bar = values[row]
            if bar is not None:
                out.append(_bar(top + place * ROW, bar, COLOURS[place % len(COLOURS)], f"{label}, {name}"))
    return _svg(out, height, title) + legend(list(series))


def stacks(labels: Sequence[str], series: Mapping[str, Sequence[int]], title: str) -> str:
    """Lying stacked bars: shares of each label's whole."""
    height = (ROW + 8) * len(labels) + 44
    out = [_grid(height, title)]
    for row, label in enumerate(labels):
        top, left = 26 + row * (ROW + 8), 0.0
        whole = sum(values[row] for values in series.values()) or 1
        out.append(_text(LEFT - 8, top + ROW / 2 + 4, f"{label} ({whole})", "end"))
        for place, (name, values) in enumerate(series.items()):
            share = values[row] / whole
            out.append(
                f'<rect x="{_x(left):.1f}" y="{top}" width="{share * (WIDTH - LEFT):.1f}" height="{ROW}" '
                f'fill="{COLOURS[place % 4]}">'
                f"<title>{escape(f'{label}, {name}: {values[row]}')}</title></rect>"
            )
            left += share
    return _svg(out, height, title) + legend(list(series))


def steps(series: Mapping[str, Sequence[float]], title: str, unit: str) -> str:
    """Cumulative shares: how many of the values lie at or below x."""
    most = max((value for values in series.values() for value in values), default=1.0) or 1.0
    out = [_text(LEFT, 14, title, "start")]
    for share in (0.0, 0.5, 1.0):
        y = 230 - 200 * share
        out.append(
            f'<line x1="{LEFT}" x2="{WIDTH}" y1="{y}" y2="{y}" class="grid"/>'
            + _text(LEFT - 8, y + 4, f"{share:.0%}", "end")
        )
    out += [_text(_x(n / 4), 248, f"{most * n / 4:,.3g} {unit}", "middle") for n in range(5)]
    for place, values in enumerate(series.values()):
        points = [(_x(value / most), 230 - 200 * n / len(values)) for n, value in enumerate(sorted(values), 1)]
        path = " ".join(f"{x:.1f},{y:.1f}" for x, y in [(float(LEFT), 230.0), *points])
        out.append(f'<polyline points="{path}" fill="none" stroke="{COLOURS[place % 4]}" stroke-width="2"/>')
    return _svg(out, 256, title) + legend(list(series))


def calibration(points: Sequence[tuple[float, float, int]], title: str) -> str:
    """Dots of (score from 0 to 1, share of questions with an answer, how many questions)."""
    out = [_text(LEFT, 14, title, "start")]
    for share in (0.0, 0.5, 1.0):
        y = 230 - 200 * share
        out.append(
            f'<line x1="{LEFT}" x2="{WIDTH}" y1="{y}" y2="{y}" class="grid"/>'
            + _text(LEFT - 8, y + 4, f"{share:.0%}", "end")
        )
    most = max((score for score, _, _ in points), default=1.0) or 1.0
    for score, share, n in points:
        x, y = _x(score / most), 230 - 200 * share
        out.append(
            f'<circle cx="{x:.1f}" cy="{y:.1f}" r="{3 + n**0.5:.1f}" fill="{COLOURS[0]}" fill-opacity="0.7">'
            f"<title>{n} questions</title></circle>"
        )
        out.append(_text(x, 248, f"{score:.2f}", "middle"))
    return _svg(out, 256, title)


def legend(names: Sequence[str]) -> str:
    """Names beside their colours."""
    marks = (f'<span><i style="background:{COLOURS[n % 4]}"></i>{escape(name)}</span>' for n, name in enumerate(names))
    return f'<p class="legend">{"".join(marks)}</p>'


def _x(share: float) -> float:
    return LEFT + share * (WIDTH - LEFT)


def _grid(height: int, title: str) -> str:
    lines = [_text(LEFT, 14, title, "start")]
    for quarter in range(5):
        x = _x(quarter / 4)
        lines.append(
            f'<line x1="{x}" x2="{x}" y1="22" y2="{height - 18}" class="grid"/>'
            + _text(x, height - 4, f"{quarter * 25} %", "middle")
        )
    return "".join(lines)


def _bar(top: float, bar: Bar, colour: str, label: str) -> str:
    value, low, high = bar
    middle = top + (ROW - 3) / 2
    words = escape(f"{label}: {value:.3f} [{low:.3f}, {high:.3f}]")
    return (
        f'<rect x="{LEFT}" y="{top}" width="{max(1.0, value * (WIDTH - LEFT)):.1f}" height="{ROW - 3}" '
        f'fill="{colour}"><title>{words}</title></rect>'
        f'<line x1="{_x(low):.1f}" x2="{_x(high):.1f}" y1="{middle}" y2="{middle}" class="spread"/>'
    )


def _text(x: float, y: float, words: str, anchor: str) -> str:
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}">{escape(words)}</text>'


def _svg(parts: Sequence[str], height: int, title: str) -> str:
    return f'<svg role="img" aria-label="{escape(title)}" viewBox="0 0 {WIDTH + 20} {height}">{"".join(parts)}</svg>'
