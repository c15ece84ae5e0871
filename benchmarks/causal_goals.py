"""What the causal figures must show, and the tables that show them."""

from collections.abc import Mapping, Sequence
from typing import Any

from benchmarks.table import number

Tables = list[tuple[Sequence[str], list[list[str]]]]


WHOLE = 0.99
"""A recall that counts as whole: one edge in a hundred may miss the 5 % level by chance."""


def goals(figures: Mapping[str, Any]) -> dict[str, bool]:
    """Per goal whether it was reached; goals of parts that did not run are left out."""
    found: dict[str, bool] = {}
    for name, judge in _JUDGES.items():
        if name in figures:
            found |= {goal: bool(good) for goal, good in judge(figures[name]).items()}
    return found


def tables(figures: Mapping[str, Any]) -> Tables:
    """The tables of the parts that ran."""
    return [table for name, draw in _TABLES.items() if name in figures for table in draw(figures[name])]


ONLY_BY_CHANCE = 0.15
"""Where R finds nothing, the point may differ by this share of half of R's interval."""


def _granger(of: Mapping[str, Any]) -> dict[str, bool]:
    var, files = of["published_var"], of["var_files"]
    found = {
        "VAR files: <= 0.1 false edges": _per_series(files, "false", 0) <= 0.1,
        "VAR files: recall >= 0.65 from T = 104, and >= 0.99 from T = 260": _per_series(files, "recall", 104) >= 0.65
        and _per_series(files, "recall", 260) >= WHOLE,
    }
    return (found if files else {}) | {
        "false leads <= 7.5 % in each world": of["worst"] <= 0.075,
        "family-wise <= 7 %": of["family_wise_104"] <= 0.07,
        "power >= 90 % at 0.4, n = 104": of["power_at_0.4"]["104"] >= 0.9,
        "published VAR: <= 0.1 false edges": all(row["false"] <= 0.1 for row in var.values()),
        "published VAR: recall >= 0.65, and >= 0.99 from T = 260": var["104"]["recall"] >= 0.65
        and min(var[length]["recall"] for length in ("260", "1000")) >= WHOLE,
    }


def _per_series(files: Mapping[str, Any], key: str, shortest: int) -> float:
    """The mean over all series of at least this length; 1 when there is none."""
    rows = [row for length, row in files.items() if int(length) >= shortest]
    return sum(row[key] * row["series"] for row in rows) / sum(row["series"] for row in rows) if rows else 1.0


def _graph(of: Mapping[str, Any]) -> dict[str, bool]:
    nets = of["networks"].values()
    drawn, right = (sum(net[key] for net in nets) for key in ("drawn", "right_way"))
    return ({"networks: arrows >= 98 % the right way": right >= 0.98 * drawn} if drawn else {}) | {
        "solid arrows >= 98 % the right way": of["right_way"] >= 0.98,
        "funnel exact >= 90 % with season and trend": of["funnel_exact"]["season and trend, at once"] >= 0.9,
        "week-later funnel exact >= 90 %": of["funnel_exact"]["season and trend, a week later"] >= 0.9,
        "any solid arrow in <= 5 % of null worlds": of["null_any_solid_all"] <= 0.05,
        "identical over hash seeds": of["hash_seeds_identical"],
    }


def _effect(of: Mapping[str, Any]) -> dict[str, bool]:
    known = {name: row for name, row in of["worlds"].items() if row["identifiable"]}
    lost = [row for row in of["worlds"].values() if not row["identifiable"]]
    honest = [row["grades"][rule]["A"] for row in lost for rule in (row["told_truly"], "unknown")]
    misled = [row["grades"]["planned"]["A"] for row in lost]
    return {
        "bias <= 8 % where identifiable": all(abs(row["bias"]) <= 0.08 for row in known.values()),
        "coverage 92-98 % where identifiable": all(0.92 <= row["coverage"] <= 0.98 for row in known.values()),
        "none graded strong where no test can help": sum(honest) == 0,
        "none graded strong there even when misled": sum(misled) == 0,
    }


def _arithmetic(of: Mapping[str, Any]) -> dict[str, bool]:
    events, found = of["events"].values(), {"splits add up to 1e-6": of["worst_gap"] <= 1e-6}
    if of["textbooks"]:
        found["textbook cases exact"] = all(of["textbooks"].values())
    if events:
        found["CausalImpact: within 15 % of R"] = all(_as_r(event) for event in events)
        found["CausalImpact: same verdict"] = all(event["same_verdict"] for event in events)
    return found


def _as_r(event: Mapping[str, Any]) -> bool:
    if not event["real"] and event["off_in_half_widths"] <= ONLY_BY_CHANCE:
        return True
    return event["off"] is not None and event["off"] <= 0.15


def _incidents(of: Mapping[str, Any]) -> dict[str, bool]:
    return {
        f"PetShop, {label}: at least {'published' if row['published'] else 'by correlation'}": all(
            row[f"top{k}"] >= wanted
            for k, wanted in zip((1, 3), row["published"] or (row["naive_top1"], row["naive_top3"]), strict=True)
        )
        for label, row in of.items()
    }


def _speed(of: Mapping[str, float]) -> dict[str, bool]:
    return {"104 x 6 in <= 2 CPU s": of["104x6"] <= 2, "1,000 x 20 in <= 8 CPU s": of["1000x20"] <= 8}


_JUDGES = {
    "granger": _granger,
    "graph": _graph,
    "effect": _effect,
    "arithmetic": _arithmetic,
    "incidents": _incidents,
    "speed": _speed,
}


def _granger_tables(of: Mapping[str, Any]) -> Tables:
    rows = [
        [name, *(_percent(value) for value in row.values()), _percent(of["naive_false_104"][name])]
        for name, row in of["false"].items()
    ]
    power = [["power at 0.4", *(_percent(value) for value in of["power_at_0.4"].values()), ""]]
    power.append(["any of 30 pairs, after Holm", "", _percent(of["family_wise_104"]), "", ""])
    var = [
        [f"published VAR, T = {length}", number(row["false"]), number(row["recall"]), _maybe(row["naive_false"])]
        for length, row in of["published_var"].items()
    ]
    var += [
        [f"{row['series']} files, T = {length}", number(row["false"]), number(row["recall"]), "-"]
        for length, row in of["var_files"].items()
    ]
    return [
        (("false leads", "n = 52", "n = 104", "n = 260", "naive, 104"), rows + power),
        (("edges", "false", "recall", "naive false"), var),
    ]


def _graph_tables(of: Mapping[str, Any]) -> Tables:
    rows = [[f"funnel exact, {name}", _percent(value)] for name, value in of["funnel_exact"].items()]
    rows += [["funnel exact, naive", _percent(of["naive_funnel_exact"])], ["right way", _percent(of["right_way"])]]
    rows += [["right way, naive", _percent(of["naive_right_way"])]]
    rows += [[f"any solid arrow, {name}", _percent(value)] for name, value in of["null_any_solid"].items()]
    keys: tuple[str, ...] = ("true", "drawn", "direct", "right_way", "backward")
    keys += ("naive_drawn", "naive_direct", "naive_right_way", "naive_backward")
    nets = [[name, *(str(row.get(key, "-")) for key in keys)] for name, row in of["networks"].items()]
    headers = (
        "network",
        "true",
        "drawn",
        "direct",
        "right way",
        "backward",
        "naive",
        "direct",
        "right way",
        "backward",
    )
    return [
        (("graph", "share"), [*rows, ["same under all hash seeds", str(of["hash_seeds_identical"])]]),
        (headers, nets),
    ]


def _effect_tables(of: Mapping[str, Any]) -> Tables:
    rows = [
        [
            name,
            number(row["truth"], 2),
            number(row["mean"], 2),
            _percent(row["coverage"]),
            number(row["median_width"], 2),
            number(row["naive_mean"], 2),
            _percent(row["naive_coverage"]),
            " ".join(f"{grade}{count}" for grade, count in row["grades"][row["told_truly"]].items() if count),
            " ".join(f"{grade}{count}" for grade, count in row["grades"]["unknown"].items() if count),
        ]
        for name, row in of["worlds"].items()
    ]
    headers = ("effect", "truth", "ours", "held", "width", "naive", "held", "grades, told truly", "grades, not told")
    passed = of["refuters_passed_wrong_slopes"]
    refuters = [["wrong slopes that pass DoWhy's refuters", f"{passed['passed']} of {passed['wrong']}"]]
    return [(headers, rows), (("refuters", "share"), refuters)]


def _arithmetic_tables(of: Mapping[str, Any]) -> Tables:
    rows = [
        [
            name,
            number(row["ours"], 2),
            "{:.3g} to {:.3g}".format(*row["interval"]),
            number(row["r"], 2),
            "{:.3g} to {:.3g}".format(*row["r_interval"]),
            number(row["naive"], 2),
            str(row["same_verdict"]),
        ]
        for name, row in of["events"].items()
    ]
    others = [
        [f"largest gap of {of['random_splits']:,} random splits", f"{of['worst_gap']:.1e}"],
        ["median gap of one factor at a time", _percent(of["naive_median_gap"])],
        *([name.replace("_", " "), str(value)] for name, value in of["textbooks"].items()),
        *([f"event, {name.replace('_', ' ')}", _percent(value)] for name, value in of["null_events"].items()),
    ]
    return [
        (("event", "ours", "interval", "R", "interval", "naive", "same verdict"), rows),
        (("arithmetic", "value"), others),
    ]


def _incident_tables(of: Mapping[str, Any]) -> Tables:
    rows = [
        [metric, *(number(row[key]) for key in ("top1", "top3")), *(_maybe(value) for value in row["published"] or ())]
        + ([] if row["published"] else ["-", "-"])
        + [number(row[key]) for key in ("naive_top1", "naive_top3", "quiet_on_normal_days")]
        for metric, row in of.items()
    ]
    headers = ("PetShop", "top-1", "top-3", "published", "published", "naive", "naive", "quiet days")
    return [(headers, rows)]


def _mix_tables(of: Mapping[str, Any]) -> Tables:
    rows = [
        [
            name,
            number(row["truth"], 2),
            number(row["ours"], 2),
            "{:.2f} to {:.2f}".format(*row["interval"]),
            str(row["held"]),
            number(row["naive"], 2),
        ]
        for name, row in of.items()
    ]
    return [(("media mix", "truth", "ours", "interval", "held", "naive"), rows)]


def _speed_tables(of: Mapping[str, float]) -> Tables:
    return [(("CPU seconds, warm", "s"), [[name, number(value, 2)] for name, value in of.items()])]


_TABLES = {
    "granger": _granger_tables,
    "graph": _graph_tables,
    "effect": _effect_tables,
    "arithmetic": _arithmetic_tables,
    "incidents": _incident_tables,
    "mixes": _mix_tables,
    "speed": _speed_tables,
}


def _percent(value: float) -> str:
    return f"{100 * value:.1f} %"


def _maybe(value: float | None) -> str:
    return "-" if value is None else number(value)
