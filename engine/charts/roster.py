"""Figures of a roster."""

from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from math import ceil
from typing import Any

from engine.charts.basics import Figure, axis, figure, plain_layout
from engine.scheduling.entities import Employee, ShiftType, day_name
from engine.scheduling.roster import Coverage, Roster

NEED, PLAN = "#D55E00", "#0a7bc8"
FREE, EARLY, MIDDLE, LATE, NIGHT = 0, 1, 2, 3, 4
SCALE = ("rgba(127,135,145,0.10)", "#56B4E9", "#009E73", "#E69F00", "#CC79A7")
"""Free, early, middle, late, night: Okabe and Ito's colours; the words in the cells say the same."""
MARKS = {"Wishes": "♡", "broken": "⚠", "lock": "🔒"}
ROW_HEIGHT, HEAD_HEIGHT = 30, 130
DAY_MILLISECONDS = 24 * 3600 * 1000


def roster_grid(roster: Roster) -> Figure:
    """People down, days across, the shift's word in each cell.

    A heart marks a refused wish, a warning sign a broken rule, a lock a cell that is decided; colours only repeat
    what the words say.
    """
    people, days = roster.problem.employees, roster.problem.calendar
    cells = {(each.employee, each.day): each for each in roster.assignments}
    marks = _marks(roster)
    kinds, words, hover = [], [], []
    for employee in people:
        assignments = [cells.get((employee.name, day)) for day in days]
        types = [None if each is None else roster.problem.shift_named[each.shift] for each in assignments]
        kinds.append([_kind(shift) for shift in types])
        words.append(
            [_word(shift, marks.get((employee.name, day), "")) for shift, day in zip(types, days, strict=True)]
        )
        hover.append([_hover(employee, day, shift) for shift, day in zip(types, days, strict=True)])
    trace = {
        "type": "heatmap",
        "x": list(days),
        "y": [employee.name for employee in people],
        "z": kinds,
        "text": words,
        "customdata": hover,
        "texttemplate": "%{text}",
        "hovertemplate": "%{customdata}<extra></extra>",
        "zmin": -0.5,
        "zmax": len(SCALE) - 0.5,
        "colorscale": [[edge / len(SCALE), colour] for k, colour in enumerate(SCALE) for edge in (k, k + 1)],
        "showscale": False,
        "xgap": 2,
        "ygap": 2,
    }
    return figure([trace], _grid_layout(len(people)))


def roster_grid_alt(roster: Roster) -> str:
    """The grid in one sentence."""
    first, last = roster.problem.calendar[0], roster.problem.calendar[-1]
    broken = len(roster.checked.violations)
    return (
        f"Roster of {len(roster.problem.employees)} people from {day_name(first)} to {day_name(last)} with "
        f"{len(roster.assignments)} shifts; {broken} {'rule is' if broken == 1 else 'rules are'} broken."
    )


def coverage_chart(roster: Roster, *, role: str = "") -> Figure:
    """People needed, as a dashed line, against people planned, as an area, over time.

    Args:
        roster: what to draw.
        role: only this role; "" for all roles added up.
    """
    moments, needed, planned = _steps([c for c in roster.coverage() if not role or c.role == role])
    traces = [
        {
            "type": "scatter",
            "mode": "lines",
            "name": "Planned",
            "x": moments,
            "y": planned,
            "line": {"shape": "hv", "color": PLAN, "width": 2},
            "fill": "tozeroy",
            "fillcolor": "rgba(40,140,215,0.25)",
        },
        {
            "type": "scatter",
            "mode": "lines",
            "name": "Needed",
            "x": moments,
            "y": needed,
            "line": {"shape": "hv", "color": NEED, "width": 2, "dash": "6px,3px"},
        },
    ]
    layout = _layout("People", 300) | {"hovermode": "x unified"}
    layout["xaxis"] |= {"tickformat": "%a %-d %b", "dtick": DAY_MILLISECONDS * ceil(len(roster.problem.calendar) / 7)}
    return figure(traces, layout)


def coverage_alt(roster: Roster, *, role: str = "") -> str:
    """Need against plan in one sentence."""
    stretches = [c for c in roster.coverage() if not role or c.role == role]
    short = [c for c in stretches if c.planned < c.needed]
    who = f" as {role}" if role else ""
    if not short:
        return f"Step chart of people needed{who} against people planned: the plan covers every stretch."
    worst = max(short, key=lambda c: c.needed - c.planned)
    return (
        f"Step chart of people needed{who} against people planned: {len(short)} of {len(stretches)} stretches are "
        f"short, the most on {day_name(worst.day)} with {worst.planned} of {worst.needed}."
    )


def fairness_bars(roster: Roster) -> Figure:
    """Paid hours, weekends and late shifts of each person, side by side."""
    shares = roster.shares()
    names = [share.employee for share in shares]
    series = (
        ("Paid hours", [share.minutes / 60 for share in shares], "x", "#0072B2", ""),
        ("Weekends", [float(share.weekends) for share in shares], "x2", "#E69F00", "/"),
        ("Late shifts", [float(share.late) for share in shares], "x3", "#009E73", "x"),
    )
    traces = [
        {
            "type": "bar",
            "orientation": "h",
            "name": name,
            "x": values,
            "y": names,
            "xaxis": side,
            "marker": {"color": colour, "pattern": {"shape": pattern}},
            "text": [f"{value:g}" for value in values],
            "textposition": "outside",
            "cliponaxis": False,
            "hovertemplate": "%{y}: %{x:g}<extra>" + name + "</extra>",
        }
        for name, values, side, colour, pattern in series
    ]
    height = HEAD_HEIGHT + ROW_HEIGHT * len(names)
    layout = _layout("", height) | {"barmode": "group", "showlegend": False}
    layout["yaxis"] = {"autorange": "reversed", "automargin": True}
    for place, (name, _, side, _, _) in enumerate(series):
        domain = [place / 3 + 0.02 * (place > 0), (place + 1) / 3 - 0.02]
        largest = max(series[place][1], default=0.0)
        scale = {"range": [0, 1.15 * max(1.0, largest)], "dtick": max(1, ceil(largest / 4)), "showgrid": False}
        layout[side.replace("x", "xaxis")] = {"domain": domain, "title": {"text": name}} | scale
    return figure(traces, layout)


def fairness_alt(roster: Roster) -> str:
    """The bars in one sentence."""
    shares = roster.shares()
    weekends = [share.weekends for share in shares]
    late = [share.late for share in shares]
    hours = [share.minutes / 60 for share in shares]
    return (
        f"Bars per person: paid hours from {min(hours):g} to {max(hours):g}, worked weekends from {min(weekends)} to "
        f"{max(weekends)}, late shifts from {min(late)} to {max(late)}."
    )


def _kind(shift: ShiftType | None) -> int:
    """Early, middle, late or night, by the middle of the shift."""
    if shift is None:
        return FREE
    middle = (shift.start + shift.end) / 2 / 60
    return EARLY if middle < 12 else MIDDLE if middle < 15.5 else LATE if middle < 22 else NIGHT


def _word(shift: ShiftType | None, mark: str) -> str:
    return f"{'' if shift is None else shift.name} {mark}".strip()


def _hover(employee: Employee, day: date, shift: ShiftType | None) -> str:
    return f"{employee.name}, {day_name(day)}: " + ("free" if shift is None else f"{shift.name}, {shift.times}")


def _marks(roster: Roster) -> dict[tuple[str, date], str]:
    marks: dict[tuple[str, date], str] = {}
    for lock in roster.problem.locks:
        marks[(lock.employee, lock.day)] = MARKS["lock"]
    for breach in roster.checked.breaches:
        kind = "broken" if breach.penalty is None else breach.rule
        for day in breach.days if kind in MARKS else ():
            cell = (breach.employee, day)
            marks[cell] = marks.get(cell, "").replace(MARKS[kind], "") + MARKS[kind]
    return marks


def _steps(stretches: Sequence[Coverage]) -> tuple[list[datetime], list[float | None], list[float]]:
    """Sums over roles at each moment at which something changes; a null where nobody is needed."""
    changes: dict[datetime, list[int]] = {}
    for each in stretches:
        begin = datetime.combine(each.day, time()) + timedelta(minutes=0 if each.shift else each.start)
        end = datetime.combine(each.day, time()) + timedelta(minutes=24 * 60 if each.shift else each.end)
        for moment, sign in ((begin, 1), (end, -1)):
            entry = changes.setdefault(moment, [0, 0])
            entry[0] += sign * each.needed
            entry[1] += sign * each.planned
    moments = sorted(changes)
    needed, planned, total = [], [], [0, 0]
    for moment in moments:
        total = [total[0] + changes[moment][0], total[1] + changes[moment][1]]
        needed.append(float(total[0]))
        planned.append(float(total[1]))
    return moments, [*needed], planned


def _grid_layout(people: int) -> dict[str, Any]:
    return _layout("", HEAD_HEIGHT + ROW_HEIGHT * people) | {
        "xaxis": {"side": "top", "tickformat": "%a %-d %b", "dtick": DAY_MILLISECONDS, "showgrid": False},
        "yaxis": {"autorange": "reversed", "showgrid": False, "automargin": True},
    }


def _layout(title: str, height: int) -> dict[str, Any]:
    return plain_layout(
        height=height,
        uirevision="roster",
        xaxis=axis("", showgrid=False),
        yaxis=axis(title, rangemode="tozero", zeroline=False),
    )
