"""What the page on budgets starts from: what the owner says of the marketing, and the curves learnt from the file."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

import polars as pl
import streamlit as st

from engine.budget import (
    AllocationLimits,
    ChannelGroup,
    ChannelLimit,
    Flight,
    LiftTest,
    MediaHistory,
    Mix,
    Outlook,
    ResponseModel,
)
from engine.business.model import Business
from engine.errors import DataProblem
from engine.proof import Infeasibility
from engine.workflows.budget import plan
from engine.workflows.forecast.sales_drivers import EMPTY_CALENDAR, OwnerCalendar
from pages.parts.frame import background, show, state, widgets
from pages.parts.frame.background import Calculation, JobOffer

NO_LIMITS = AllocationLimits()
SLOW, FAST = "starts slowly", "slows down from the start"


def recall(part: str) -> Any:
    """What was told about one part ("limits", "curves", "lifts"), or None."""
    parts = state.recall(_subject())
    return parts.get(part) if isinstance(parts, Mapping) else None


def tell(part: str, value: Any) -> None:
    """Keep one part; None forgets it."""
    parts = state.recall(_subject())
    others = {name: each for name, each in parts.items() if name != part} if isinstance(parts, Mapping) else {}
    state.remember(_subject(), {**others, part: value} if value is not None else others or None)


def limits(mix: Mix) -> AllocationLimits:
    """Ask for limits, in a form; returns those that are in force."""
    limits_json = recall("limits")
    current = plan.limits_from_json(limits_json, mix.names) if limits_json else NO_LIMITS
    with st.expander(f"Your limits{_count(current)}", key="limits-open"), st.form("limits", border=False):
        st.caption(f"Money per {mix.period}{_in(mix.currency)}. An empty cell is no limit.")
        own = widgets.editor(_channel_rows(mix, current), disabled=["Channel"], key=_key("own"), placeholder="")
        st.markdown("**Channels that share a limit**")
        groups = widgets.editor(
            _group_rows(current),
            num_rows="dynamic",
            column_config={"Channels": st.column_config.MultiselectColumn(options=list(mix.names))},
            key=_key("groups"),
        )
        many, step, whole = st.columns(3, vertical_alignment="bottom")
        most = many.number_input(
            "At most so many channels", 1, len(mix.names), current.most_channels, placeholder="any number"
        )
        steps = step.number_input(f"In steps of{_in(mix.currency)}", 0.0, None, current.step, help="0 is any amount.")
        spend_all = whole.checkbox("Spend all of it", current.spend_all, help="Even where it brings little.")
        with st.container(horizontal=True):
            confirm = st.form_submit_button("Use these limits", icon=":material/check:")
            none = st.form_submit_button("No limits", type="tertiary")
    if none:
        tell("limits", None)
        st.rerun()
    if confirm:
        new = AllocationLimits(_channels(own), _groups(groups), most, steps, spend_all)
        tell("limits", plan.limits_as_json(new))
        st.rerun()
    return current


def tests(names: Sequence[str], unit: str, currency: str) -> None:
    """Ask what experiments found; they weigh in the next fit as their errors say."""
    st.markdown("**Results of tests**")
    st.caption(
        f"What a test found a channel to bring per {currency or 'unit of money'}, and give or take how much. "
        "The curves are then learnt anew with it."
    )
    lifts_json = recall("lifts") or []
    brings, error = f"Brings per {currency or 'unit'}{_in(unit)}", "Give or take"
    rows = pl.DataFrame(
        {
            "Channel": [each["channel"] for each in lifts_json],
            brings: [float(each["roas"]) for each in lifts_json],
            error: [float(each["error"]) for each in lifts_json],
        },
        schema={"Channel": pl.String, brings: pl.Float64, error: pl.Float64},
    )
    with st.form("tests", border=False), show.problems():
        config = {"Channel": st.column_config.SelectboxColumn(options=list(names))}
        edited = widgets.editor(rows, num_rows="dynamic", column_config=config, key=_key("tests", len(lifts_json)))
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
    typed = recall("curves") or []
    spend, brings, doubled = f"Spend{_in(currency)}", f"Brings{_in(unit)}", f"Twice that brings{_in(unit)}"
    schema = {"Channel": pl.String, spend: pl.Float64, brings: pl.Float64, doubled: pl.Float64, "Shape": pl.String}
    rows = pl.DataFrame(
        [
            (each["channel"], each["spend"], each["brings"], each["doubled"], SLOW if each["starts_slowly"] else FAST)
            for each in typed
        ],
        schema=schema,
        orient="row",
    )
    with st.form("curves", border=False), show.problems():
        config = {"Shape": st.column_config.SelectboxColumn(options=[FAST, SLOW], default=FAST)}
        edited = widgets.editor(rows, num_rows="dynamic", column_config=config, key=_key("curves", len(typed)))
        if today:
            spends = ", ".join(f"{name} {amount:,.0f}" for name, amount in today.items())
            st.caption(f"Spent now per {period}{_in(currency)}: {show.plain(spends)}.")
        if st.form_submit_button("Use these curves", icon=":material/draw:"):
            new = [_curve(row) for row in edited.iter_rows() if any(cell is not None for cell in row[:4])]
            plan.curves_from_json(new)  # what cannot be is said before it is kept
            tell("curves", new or None)
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


def _channel_rows(mix: Mix, current: AllocationLimits) -> pl.DataFrame:
    rows = []
    for name in mix.names:
        own = current.of(name)
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
    schema: dict[str, type[pl.DataType]] = {"Channel": pl.String, **dict.fromkeys(columns, pl.Float64)}
    return pl.DataFrame(rows, schema=schema, orient="row")


def _channels(edited: pl.DataFrame) -> dict[str, Any]:
    by_channel = {}
    for name, least, most, fixed, if_used, fee in edited.iter_rows():
        low, high = (fixed, fixed) if fixed is not None else (least or 0.0, float("inf") if most is None else most)
        own = ChannelLimit(low, high, if_used or 0.0, fee or 0.0)
        if own != ChannelLimit():
            by_channel[name] = own
    return by_channel


def _group_rows(current: AllocationLimits) -> pl.DataFrame:
    amounts = {"At least": pl.Float64(), "At most": pl.Float64()}
    schema: dict[str, pl.DataType] = {"Group": pl.String(), "Channels": pl.List(pl.String()), **amounts}
    rows = [
        (
            group.name,
            list(group.channels),
            group.minimum or None,
            None if group.maximum == float("inf") else group.maximum,
        )
        for group in current.groups
    ]
    return pl.DataFrame(rows, schema=schema, orient="row")


def _groups(edited: pl.DataFrame) -> tuple[Any, ...]:
    groups = []
    for name, channels, least, most in edited.iter_rows():
        if channels is not None and len(channels):
            words = name or " and ".join(channels)
            groups.append(ChannelGroup(words, tuple(channels), least or 0.0, float("inf") if most is None else most))
    return tuple(groups)


def _count(current: AllocationLimits) -> str:
    numbers = len(current.channels), len(current.groups)
    number = sum(numbers) + bool(current.most_channels) + bool(current.step) + current.spend_all
    return f" ({number} in force)" if number else ""


def _subject() -> str:
    return f"budget {state.session().file}"


def _key(name: str, version: int = 0) -> str:
    return f"told-{name}-{version}-{state.session().file[:8]}"


def _in(unit: str) -> str:
    return f", {unit}" if unit else ""


_OFFER = JobOffer(
    key="response",
    label="Learn what each channel brings",
    icon=":material/model_training:",
    cancelled="Cancelled. Nothing is known of the channels yet.",
)


@st.cache_resource(show_spinner=False, max_entries=64)
def history(_business: Business, key: str, owner_calendar: OwnerCalendar) -> MediaHistory:
    """Spend and outcome of a file, side by side."""
    return plan.history_of(_business, owner_calendar)


def outlook(business: Business) -> Outlook:
    """What each channel is believed to bring; the page ends here while that is being learnt, or cannot be known."""
    media = model = None
    with show.problems(way_out="Home.py"):
        media = history(business, business.key, _owner_calendar(business))
    if media is not None:
        lifts = plan.lifts_from_json(recall("lifts") or [], media.channels)
        with show.problems(way_out="Home.py"):
            model = _response_model(media, tuple(lifts), business)
    typed = plan.curves_from_json(recall("curves") or [])
    unit = media.unit if media is not None else business.currency
    if model is None and not typed:
        st.markdown("You can also start from what you know of your channels, without any history.")
        curves({}, "week", business.currency, unit)
        st.stop()
    return Outlook(model, typed, unit, business.currency, media.frequency.period if media is not None else "week")


def version(business: Business) -> str:
    """What the outlook on a file depends on, as a key for caches."""
    beliefs = [*(recall(part) for part in ("lifts", "curves")), _owner_calendar(business).as_json()]
    return business.key + json.dumps(beliefs, sort_keys=True)


def _owner_calendar(business: Business) -> OwnerCalendar:
    """What the owner said on the Forecast page about holidays and events, for any sheet of the file."""
    calendars = (state.owner_calendar(table.fingerprint) for table in business.dataset.tables)
    return next((each for each in calendars if each != EMPTY_CALENDAR), EMPTY_CALENDAR)


def flight(
    outlook: Outlook, question: plan.BudgetQuestion, periods: int, about: str
) -> Flight | Infeasibility[str] | None:
    """The plan period by period, once the owner wants it and it is ready; `about` names outlook and question."""
    offer = JobOffer("flight", f"Plan the next {periods} {outlook.mix().period}s", ":material/calendar_month:")
    return background.panel(
        Calculation((about, "flight", periods), plan.by_period, (outlook, question, periods)), offer
    )


def _response_model(media: MediaHistory, lifts: tuple[LiftTest, ...], business: Business) -> ResponseModel:
    """The model of a history, or the end of the page while it is being made.

    Raises:
        DyocenseError: nothing can be learnt from it.
    """
    tests = tuple((each.channel, each.roas, each.error) for each in lifts)
    key = (business.key, "response", tests, _owner_calendar(business))
    learning = Calculation(key, plan.learn, (media, lifts))
    job = learning.job or learning.start()
    if job.status().state in ("done", "failed"):
        return learning.outcome()
    if not job.status().over:
        count = len(media.channels)
        st.markdown(
            f"Learning from {len(media)} {media.frequency.period}s what {count} channel{'s' * (count > 1)} "
            f"bring{'s' * (count == 1)}. This takes some seconds."
        )
    model = background.panel(learning, _OFFER)
    if model is None:
        st.stop()
    return model
