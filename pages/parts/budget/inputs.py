"""What the owner tells about the marketing: limits, tests, curves of his own; kept for the open file."""

from collections.abc import Mapping, Sequence
from typing import Any

import polars as pl
import streamlit as st

from engine.budget import AllocationLimits, Mix
from engine.errors import DataProblem
from engine.workflows.budget import plan
from pages.parts.frame import show, state

NO_LIMITS = AllocationLimits()
TIED = "channels"
SLOW, FAST = "starts slowly", "slows down from the start"


def told(part: str) -> Any:
    """What was told about one part ("limits", "curves", "lifts"), or None."""
    kept = state.remembered(_subject())
    return kept.get(part) if isinstance(kept, Mapping) else None


def tell(part: str, value: Any) -> None:
    """Keep one part; None forgets it."""
    kept = state.remembered(_subject())
    others = {name: each for name, each in kept.items() if name != part} if isinstance(kept, Mapping) else {}
    state.remember(_subject(), {**others, part: value} if value is not None else others or None)


def limits(mix: Mix) -> AllocationLimits:
    """Ask for limits, in a form; returns those that are in force."""
    kept = told("limits")
    known = plan.limits_from_json(kept, mix.names) if kept else NO_LIMITS
    with st.expander(f"Your limits{_count(known)}", key="limits-open"), st.form("limits", border=False):
        st.caption(f"Money per {mix.period}{_in(mix.currency)}. An empty cell is no limit.")
        own = st.data_editor(
            _channel_rows(mix, known), hide_index=True, disabled=["Channel"], key=_key("own"), placeholder=""
        )
        st.markdown("**Channels that share a limit**")
        groups = st.data_editor(
            _group_rows(known),
            hide_index=True,
            num_rows="dynamic",
            column_config={"Channels": st.column_config.MultiselectColumn(options=list(mix.names))},
            key=_key("groups"),
        )
        many, step, whole = st.columns(3, vertical_alignment="bottom")
        most = many.number_input(
            "At most so many channels", 1, len(mix.names), known.most_channels, placeholder="any number"
        )
        steps = step.number_input(f"In steps of{_in(mix.currency)}", 0.0, None, known.step, help="0 is any amount.")
        spend_all = whole.checkbox("Spend all of it", known.spend_all, help="Even where it brings little.")
        with st.container(horizontal=True):
            wanted = st.form_submit_button("Use these limits", icon=":material/check:")
            none = st.form_submit_button("No limits", type="tertiary")
    if none:
        tell("limits", None)
        st.rerun()
    if wanted:
        made = AllocationLimits(_channels(own), _groups(groups), most, steps, spend_all)
        tell("limits", plan.limits_as_json(made))
        st.rerun()
    return known


def tests(names: Sequence[str], unit: str, currency: str) -> None:
    """Ask what experiments found; they weigh in the next fit as their errors say."""
    st.markdown("**Results of tests**")
    st.caption(
        f"What a test found a channel to bring per {currency or 'unit of money'}, and give or take how much. "
        "The curves are then learnt anew with it."
    )
    kept = told("lifts") or []
    brings, error = f"Brings per {currency or 'unit'}{_in(unit)}", "Give or take"
    rows = pl.DataFrame(
        {
            "Channel": [each["channel"] for each in kept],
            brings: [float(each["roas"]) for each in kept],
            error: [float(each["error"]) for each in kept],
        },
        schema={"Channel": pl.String, brings: pl.Float64, error: pl.Float64},
    )
    with st.form("tests", border=False), show.problems():
        config = {"Channel": st.column_config.SelectboxColumn(options=list(names))}
        edited = st.data_editor(
            rows, hide_index=True, num_rows="dynamic", column_config=config, key=_key("tests", len(kept))
        )
        if st.form_submit_button("Learn with these tests", icon=":material/science:"):
            lifts = [
                {"channel": name, "roas": value, "error": give}
                for name, value, give in edited.drop_nulls().iter_rows()
                if name
            ]
            if any(not each["error"] > 0 for each in lifts):
                raise DataProblem("Give or take must be above 0", remedy="Half the width of the test's range will do.")
            tell("lifts", lifts or None)
            st.rerun()


def curves(today: Mapping[str, float], period: str, currency: str, unit: str) -> None:
    """Ask for curves of the owner's own: for new channels, or instead of what was learnt."""
    st.markdown("**Your own curves**")
    st.caption(
        f"What a spend per {period} brings, and what twice that spend would bring. A channel of the same name as "
        "one of your file's is replaced."
    )
    kept = told("curves") or []
    spend, brings, doubled = f"Spend{_in(currency)}", f"Brings{_in(unit)}", f"Twice that brings{_in(unit)}"
    schema = {"Channel": pl.String, spend: pl.Float64, brings: pl.Float64, doubled: pl.Float64, "Shape": pl.String}
    rows = pl.DataFrame(
        [
            (each["channel"], each["spend"], each["brings"], each["doubled"], SLOW if each["starts_slowly"] else FAST)
            for each in kept
        ],
        schema=schema,
        orient="row",
    )
    with st.form("curves", border=False), show.problems():
        config = {"Shape": st.column_config.SelectboxColumn(options=[FAST, SLOW], default=FAST)}
        edited = st.data_editor(
            rows, hide_index=True, num_rows="dynamic", column_config=config, key=_key("curves", len(kept))
        )
        if today:
            spends = ", ".join(f"{name} {amount:,.0f}" for name, amount in today.items())
            st.caption(f"Spent now per {period}{_in(currency)}: {show.plain(spends)}.")
        if st.form_submit_button("Use these curves", icon=":material/draw:"):
            made = [_curve(row) for row in edited.iter_rows() if any(cell is not None for cell in row[:4])]
            plan.curves_from_json(made)  # what cannot be is said before it is kept
            tell("curves", made or None)
            st.rerun()


def _curve(row: tuple[Any, ...]) -> dict[str, Any]:
    name, spend, brings, doubled, shape = row
    if None in (spend, brings, doubled):
        raise DataProblem("A number is missing", where=name or "", remedy="Fill all three, or delete the row.")
    return {
        "channel": (name or "").strip(),
        "spend": spend,
        "brings": brings,
        "doubled": doubled,
        "starts_slowly": shape == SLOW,
    }


def _channel_rows(mix: Mix, known: AllocationLimits) -> pl.DataFrame:
    rows = []
    for name in mix.names:
        own = known.of(name)
        fixed = own.minimum == own.maximum
        rows.append(
            (
                name,
                None if fixed else own.minimum or None,
                None if fixed or own.maximum == float("inf") else own.maximum,
                own.minimum if fixed else None,
                own.if_used or None,
                own.fee or None,
            )
        )
    columns = ("At least", "At most", "Fixed at", "If used, at least", "Fee when used")
    return pl.DataFrame(rows, schema={"Channel": pl.String} | dict.fromkeys(columns, pl.Float64), orient="row")


def _channels(edited: pl.DataFrame) -> dict[str, Any]:
    made = {}
    for name, least, most, fixed, if_used, fee in edited.iter_rows():
        low, high = (fixed, fixed) if fixed is not None else (least or 0.0, float("inf") if most is None else most)
        own = plan.ChannelLimit(low, high, if_used or 0.0, fee or 0.0)
        if own != plan.ChannelLimit():
            made[name] = own
    return made


def _group_rows(known: AllocationLimits) -> pl.DataFrame:
    schema = {"Group": pl.String, "Channels": pl.List(pl.String), "At least": pl.Float64, "At most": pl.Float64}
    rows = [
        (
            group.name,
            list(group.channels),
            group.minimum or None,
            None if group.maximum == float("inf") else group.maximum,
        )
        for group in known.groups
    ]
    return pl.DataFrame(rows, schema=schema, orient="row")


def _groups(edited: pl.DataFrame) -> tuple[Any, ...]:
    made = []
    for name, channels, least, most in edited.iter_rows():
        if channels is not None and len(channels):
            words = name or " and ".join(channels)
            made.append(plan.ChannelGroup(words, tuple(channels), least or 0.0, float("inf") if most is None else most))
    return tuple(made)


def _count(known: AllocationLimits) -> str:
    number = len(known.channels) + len(known.groups) + bool(known.most_channels) + bool(known.step) + known.spend_all
    return f" ({number} in force)" if number else ""


def _subject() -> str:
    return f"budget {state.session().file}"


def _key(name: str, version: int = 0) -> str:
    return f"told-{name}-{version}-{state.session().file[:8]}"


def _in(unit: str) -> str:
    return f", {unit}" if unit else ""
