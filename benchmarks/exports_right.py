"""Whether an export was understood: what differs from the careful reading of a case."""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

CLOSE = 1e-6
MOST_QUESTIONS = 3

Found = Mapping[str, Any]
Expected = Mapping[str, Any]


def asks(status: str) -> bool:
    """True where the owner is asked before any number counts."""
    return status == "ask"


def wrongs(found: Found, expect: Expected) -> list[str]:
    """What is not as it should be; empty when all is right.

    Args:
        found: the facts of `benchmarks.exports.ReadExport`.
        expect: as the manifest of the folder says it: of a whole export, of one fault, or of a fault that was reported.
    """
    if found["status"] == "traceback":
        return ["traceback"]
    spoken = " ".join(found["says"]).casefold()
    if any(word.casefold() in spoken for word in expect.get("must_not_say", ())):
        return ["says what is not so"]
    differences = list(_differences(found, expect))
    if not differences:
        return []
    if expect.get("or_asks") and asks(found["status"]):
        return []
    if any(re.search(re.escape(word), spoken, re.IGNORECASE) for word in expect.get("or_says", ())):
        return []
    if expect.get("asks_or_says") and found["says"]:
        return [each for each in differences if not each.startswith("quantity")]
    return differences


def _differences(found: Found, expect: Expected) -> Iterator[str]:
    if found["status"] == "refuse":
        if not expect.get("orders_page_must_not_say"):
            yield f"refused: {found['reason'][:80]}"
        return
    if "values" in expect or "use" in expect:
        yield from _as_a_whole(found, expect)
    yield from _sums(found, expect)
    yield from _names(found, expect)


def _as_a_whole(found: Found, expect: Expected) -> Iterator[str]:
    """Of a whole export: its kind, its days, its columns and the sums that a careful person would use."""
    if found["kind"] != expect["kind"]:
        yield f"kind {found['kind']}, not {expect['kind']}"
    if expect.get("date"):
        _, first, last = expect["date"]
        if found["dates"] is None or list(found["dates"]) != [first, last]:
            yield f"dates {found['dates']}, not {first} to {last}"
    also = [value for value in expect.get("also", {}).values() if isinstance(value, int | float)]
    for role, (_, value) in expect.get("values", {}).items():
        total = found["totals"].get(role)
        if value is not None and not any(_close(total, each) for each in (value, *also)):
            yield f"{role} {total}, not {value}"
    for role in ("item", "category", "store"):
        column, header = found["roles"].get(role), expect.get(role)
        if header and column is not None and column not in header:
            yield f"{role} from {column}, not {header}"
        if header and column is None:
            yield f"no {role}, not {header}"


def _sums(found: Found, expect: Expected) -> Iterator[str]:
    plain = {name: value for name, value in expect.items() if isinstance(value, int | float) and name in _PLAIN}
    choices = [expect["totals"]] if "totals" in expect else []
    choices = [*choices, *expect.get("totals_any", ())] or [plain]
    wrong = [list(_wrong_sums(found["totals"], choice)) for choice in choices]
    if all(wrong):
        yield from min(wrong, key=len)
    if "quantity|revenue" in expect:
        either = (found["totals"].get("quantity"), found["totals"].get("revenue"))
        if not any(_close(total, expect["quantity|revenue"]) for total in either):
            yield f"quantity or revenue {either}, not {expect['quantity|revenue']}"
    if "forecast_total_28_days" in expect:
        ahead, right = found["forecast_total_28_days"], expect["forecast_total_28_days"]
        if ahead is None or abs(ahead - right) > expect["tolerance"] * right:
            yield f"forecast {ahead}, not {right}"


_PLAIN = ("quantity", "revenue", "traffic", "leads")


def _wrong_sums(totals: Mapping[str, float | None], right: Mapping[str, float | None]) -> Iterator[str]:
    for role, value in right.items():
        total = totals.get(role)
        if (value is None) != (total is None) or (value is not None and not _close(total, value)):
            yield f"{role} {total}, not {value}"


def _names(found: Found, expect: Expected) -> Iterator[str]:
    for role, header in expect.get("roles", {}).items():
        if found["roles"].get(role) != header:
            yield f"{role} from {found['roles'].get(role)}, not {header}"
    for role in expect.get("absent", ()):
        if role in found["roles"]:
            yield f"{role} from {found['roles'][role]}, and there is none"
    dates = expect.get("dates") or (expect["date"] if isinstance(expect.get("date"), list) else None)
    if dates and "values" not in expect and list(found["dates"] or ()) != list(dates[-2:]):
        yield f"dates {found['dates']}, not {dates[-2:]}"
    yield from _counts(found, expect)
    for name, right in (("staff", expect.get("staff") or expect.get("employees")), ("channels", _channels(expect))):
        if right and sorted(found[name]) != sorted(right):
            yield f"{name} {json.dumps(found[name])[:60]}, not {json.dumps(right)[:60]}"
    for item, stock in expect.get("on_hand", {}).items():
        if not _close(found["on_hand"].get(item), stock):
            yield f"on hand of {item} {found['on_hand'].get(item)}, not {stock}"


def _counts(found: Found, expect: Expected) -> Iterator[str]:
    for name in ("periods", "rows", "tables", "items"):
        if name in expect and found[name] != expect[name] and "values" not in expect:
            yield f"{name} {found[name]}, not {expect[name]}"


def _channels(expect: Expected) -> Sequence[str]:
    return list(expect.get("channels") or expect.get("per") or ())


def _close(total: float | None, right: float) -> bool:
    return total is not None and abs(total - right) <= max(0.005, CLOSE * abs(right))
