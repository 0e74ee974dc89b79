"""Small inline pictures: stepped rates, bars, fans of quantiles. SVG, no script, no library."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Sequence

from attrs import frozen

from tradescen.display.markup import Html, esc
from tradescen.display.palette import ACCENT

__all__ = ["Step", "bar", "fan", "spark", "text_bar", "text_spark", "text_stairs"]

WIDTH, HEIGHT, PAD = 150, 22, 2
_BLOCKS = "▁▂▃▄▅▆▇█"
_PARTS = " ▏▎▍▌▋▊▉█"


@frozen
class Step:
    """A rate that holds from *start* until *end*; ``low`` to ``rate`` where it differs by line,
    ``under`` the duty underneath a suspension. Fractions; NaN is unknown and leaves a gap."""

    start: dt.date
    end: dt.date
    rate: float
    low: float = math.nan
    under: float = math.nan


def _n(value: float) -> str:
    return f"{value:.1f}".rstrip("0").rstrip(".")


@frozen
class _Scale:
    start: dt.date
    end: dt.date
    top: float

    def x(self, day: dt.date) -> float:
        whole = max(1, (self.end - self.start).days)
        at = min(max((day - self.start).days, 0), whole)
        return PAD + (WIDTH - 2 * PAD) * at / whole

    def y(self, rate: float) -> float:
        return HEIGHT - PAD - (HEIGHT - 2 * PAD) * min(rate / (self.top or 1.0), 1.0)


def _stairs(steps: Sequence[tuple[dt.date, dt.date, float]], scale: _Scale) -> str:
    """The path of a stepped line; it breaks where the rate is unknown or time is missing."""
    out, last, at = [], None, None
    for start, end, rate in steps:
        if math.isnan(rate):
            last = None
            continue
        x0, x1, y = _n(scale.x(start)), _n(scale.x(end)), _n(scale.y(rate))
        if last is None or at != start:
            out.append(f"M{x0} {y}H{x1}")
        else:
            out.append(f"V{y}H{x1}" if y != last else f"H{x1}")
        last, at = y, end
    return "".join(out)


def _svg(body: str, said: str, width: float = WIDTH, height: float = HEIGHT) -> Html:
    return Html(
        f'<svg width="{_n(width)}" height="{_n(height)}" viewBox="0 0 {_n(width)} {_n(height)}" '
        f'role="img"><title>{esc(said)}</title>{body}</svg>'
    )


def spark(steps: Sequence[Step], start: dt.date, end: dt.date, *, said: str,
          top: float | None = None, mark: dt.date | None = None) -> Html:
    """A stepped line of rates over time.

    Args:
        steps: In the order of their days.
        start, end: The window drawn.
        said: What it shows, for those who hover or listen.
        top: The rate at the upper edge; by default the highest one drawn.
        mark: A day to mark, such as the last one known.
    """
    drawn = [s for s in steps if s.end > start and s.start < end]
    rates = [r for s in drawn for r in (s.rate, s.under) if not math.isnan(r)]
    scale = _Scale(start, end, top if top is not None else max(rates, default=0.0))
    base = _n(scale.y(0))
    body = [f'<path d="M{PAD} {base}H{WIDTH - PAD}" stroke="currentColor" opacity=".22"/>']
    if mark is not None and start < mark < end:
        x = _n(scale.x(mark))
        body.append(f'<path d="M{x} 0V{HEIGHT}" stroke="currentColor" opacity=".45" '
                    'stroke-dasharray="1.5 1.5"/>')
    for s in drawn:
        if math.isnan(s.rate) or not s.rate:
            continue
        low = s.rate if math.isnan(s.low) else s.low
        x0, x1 = scale.x(s.start), scale.x(s.end)
        for upper, lower, depth in ((s.rate, low, ".2"), (low, 0.0, ".45")):
            if upper > lower:  # deep: every line bears it; light: some do
                y0, y1 = scale.y(upper), scale.y(lower)
                body.append(f'<rect x="{_n(x0)}" y="{_n(y0)}" width="{_n(x1 - x0)}" '
                            f'height="{_n(y1 - y0)}" fill="{ACCENT}" opacity="{depth}"/>')
    under = _stairs([(s.start, s.end, s.under) for s in drawn], scale)
    if under:
        body.append(f'<path d="{under}" fill="none" stroke="currentColor" opacity=".6" '
                    'stroke-dasharray="2 2"/>')
    line = _stairs([(s.start, s.end, s.rate) for s in drawn], scale)
    if line:
        body.append(f'<path d="{line}" fill="none" stroke="currentColor" stroke-width="1.4"/>')
    return _svg("".join(body), said)


def bar(share: float, *, said: str, start: float = 0.0, width: int = 110) -> Html:
    """A bar from *start* over *share* of the width; an unknown one is a dashed box."""
    if math.isnan(share):
        body = (f'<rect x=".5" y="2.5" width="{width - 1}" height="9" fill="none" '
                'stroke="currentColor" opacity=".5" stroke-dasharray="2 2"/>')
    else:
        left = width * min(max(start, 0.0), 1.0)
        long = min(width * max(share, 0.0), width - left)
        body = (f'<path d="M0 13.5H{width}" stroke="currentColor" opacity=".22"/>'
                f'<rect x="{_n(left)}" y="2" width="{_n(long)}" height="10" fill="{ACCENT}" '
                'opacity=".75"/>')
    return _svg(body, said, width, 14)


def fan(days: Sequence[dt.date], low: Sequence[float], middle: Sequence[float],
        high: Sequence[float], *, said: str, top: float | None = None) -> Html:
    """A band from *low* to *high* with the line of the *middle*; one day is a whisker."""
    known = [n for n in range(len(days))
             if not any(math.isnan(v[n]) for v in (low, middle, high))]
    if not known:
        return Html("")
    days = [days[n] for n in known]
    low, middle, high = ([v[n] for n in known] for v in (low, middle, high))
    scale = _Scale(days[0], days[-1], max(high) if top is None else top)
    at = [scale.x(d) for d in days] if len(days) > 1 else [WIDTH / 2]

    def line(values: Sequence[float]) -> list[str]:
        return [f"{_n(x)} {_n(scale.y(v))}" for x, v in zip(at, values, strict=True)]

    base = _n(scale.y(0))
    body = [f'<path d="M{PAD} {base}H{WIDTH - PAD}" stroke="currentColor" opacity=".22"/>']
    if len(days) == 1:
        body.append(f'<path d="M{line(low)[0]}L{line(high)[0]}" stroke="{ACCENT}" '
                    'stroke-width="7" opacity=".45"/>')
    else:
        edge = "L".join([*line(high), *reversed(line(low))])
        body += [f'<path d="M{edge}Z" fill="{ACCENT}" opacity=".3"/>',
                 f'<path d="M{"L".join(line(middle))}" fill="none" stroke="currentColor" '
                 'stroke-width="1.4"/>']
    for point in line(middle):
        x, y = point.split()
        body.append(f'<circle cx="{x}" cy="{y}" r="1.7" fill="currentColor"/>')
    return _svg("".join(body), said)


def text_bar(share: float, width: int) -> str:
    """A bar of block characters, *width* at most; a ``?`` where the share is unknown."""
    if math.isnan(share):
        return "?"
    eighths = round(min(max(share, 0.0), 1.0) * width * 8)
    if share > 0:
        eighths = max(eighths, 1)  # what is charged is seen
    return "█" * (eighths // 8) + _PARTS[eighths % 8].strip()


def text_spark(rates: Sequence[float], top: float) -> str:
    """One block character a rate, full height at *top*; a dot where it is unknown."""
    out = []
    for rate in rates:
        if math.isnan(rate):
            out.append("·")
        else:
            share = min(max(rate / top, 0.0), 1.0) if top > 0 else 0.0
            out.append(_BLOCKS[round(share * (len(_BLOCKS) - 1))])
    return "".join(out)


def text_stairs(steps: Sequence[Step], start: dt.date, end: dt.date, top: float,
                count: int) -> str:
    """A stepped rate as block characters: the rate on *count* evenly spaced days."""
    rates = []
    for n in range(count):
        day = start + (end - start) * n / count
        rates.append(next((s.rate for s in steps if s.start <= day < s.end), math.nan))
    return text_spark(rates, top)
