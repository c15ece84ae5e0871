"""What the owner chooses and knows: what to forecast, and public holidays, events, promotions, prices ahead."""

from collections.abc import Container
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any

import streamlit as st
from babel import Locale

from engine.business.history import SalesHistory, metrics
from engine.business.model import Business
from engine.dataset import in_words
from engine.forecast import LEVELS
from engine.forecast.drivers import Drivers
from engine.forecast.drivers.choices import countries
from engine.store import JSON
from engine.workflows.forecast import forecasts
from engine.workflows.forecast.forecasts import ForecastQuestion
from engine.workflows.forecast.sales_drivers import OwnerCalendar, Plan, PlanKind
from pages.parts.frame import cached, show, state, widgets
from pages.parts.frame.widgets import InAddress

ALL_ITEMS = "All items together"

_WHOLE_COUNTRY = "the whole country"
_NO_COUNTRY = "no public holidays"


@dataclass(frozen=True)
class ForecastSelection:
    """What the owner chose on the forecast page.

    Attributes:
        question: what to forecast, of which item, how far.
        level: percent, the widest band that is shown.
        history: what the question is about.
        drivers: holidays, events, promotions and prices of the history and of the time ahead.
        subject: under which the owner's knowledge of this business is kept.
    """

    question: ForecastQuestion
    level: int
    history: SalesHistory
    drivers: Drivers
    subject: str

    @property
    def settings(self) -> dict[str, JSON]:
        """The widgets' keys and values, for a scenario."""
        question = self.question
        return {"metric": question.metric, "item": question.item, "horizon": question.horizon, "level": self.level}


def question(business: Business) -> ForecastSelection:
    """Ask what to forecast, how far, and how sure to be.

    Raises:
        DataProblem: the file has nothing to forecast.
    """
    what, which, how_far, how_sure = st.columns([3, 4, 4, 4], vertical_alignment="bottom")
    choices = {metric.key: metric for metric in metrics(business)}
    metric = what.selectbox(
        "What to forecast", list(choices), format_func=lambda key: choices[key].label, **_bound("metric", choices)
    )
    names = ["", *cached.items(business, business.key, metric)]
    item = which.selectbox("Item", names, format_func=lambda name: name or ALL_ITEMS, **_bound("item", names))
    series = cached.history(business, business.key, metric, item)
    horizons = forecasts.horizons_for(series)
    noun = series.calendar.frequency.period
    horizon = how_far.select_slider(
        "How far ahead",
        horizons,
        value=forecasts.usual_horizon(series),
        format_func=lambda periods: f"{periods} {noun}s" if periods > 1 else f"1 {noun}",
        **_bound("horizon", horizons),
    )
    level = how_sure.segmented_control(
        "How sure", LEVELS, default=80, format_func=lambda chosen: f"{chosen}%", **_bound("level", LEVELS)
    )
    subject = business.fingerprint(metric)
    owner_calendar = state.owner_calendar(subject)
    drivers = cached.drivers(business, business.key, metric, item, owner_calendar)
    return ForecastSelection(
        ForecastQuestion(metric, item, horizon, owner_calendar), level or 80, series, drivers, subject
    )


def calendar(subject: str, now: OwnerCalendar, *, after: date) -> None:
    """Let the owner see and change what is known; it is kept for the next file with the same columns.

    Args:
        subject: under which it is kept.
        now: what is known so far.
        after: the last day of the file; plans are offered from the day after it.
    """
    label = "What you know about the time ahead"
    panel = st.expander(label, icon=":material/event:", key="calendar", on_change="rerun")
    if not panel.open:
        return
    with panel:
        _holidays(subject, now)
        for number, plan in enumerate(now.plans):
            _row(subject, now, number, plan)
        _add(subject, now, after)


def _bound(key: str, options: Container[Any]) -> InAddress:
    """Keep a widget's value in the address; drop a value that this file does not have."""
    state.drop_unless(key, options)
    return widgets.bound(key)


def _holidays(subject: str, now: OwnerCalendar) -> None:
    names, regions_of = Locale("en").territories, countries()
    codes = ["", *sorted(regions_of, key=lambda code: names.get(code, code))]
    where, part = st.columns(2)
    country = where.selectbox(
        "Public holidays of",
        codes,
        index=codes.index(now.country) if now.country in codes else 0,
        format_func=lambda code: names.get(code, code) if code else _NO_COUNTRY,
        key=f"country-{subject}",
    )
    regions = ["", *regions_of.get(country, ())]
    region = part.selectbox(
        "State or province",
        regions,
        index=regions.index(now.region) if country == now.country and now.region in regions else 0,
        format_func=lambda code: code or _WHOLE_COUNTRY,
        disabled=len(regions) == 1,
        key=f"region-{subject}-{country}",
    )
    if (country, region) != (now.country, now.region):
        _keep(subject, replace(now, country=country, region=region))
        st.rerun()


def _row(subject: str, now: OwnerCalendar, number: int, plan: Plan) -> None:
    effect = f", {plan.percent:+g}%" if plan.percent is not None else ""
    days = in_words(plan.first) + (f" to {in_words(plan.last)}" if plan.last != plan.first else "")
    with st.container(horizontal=True, vertical_alignment="center"):
        st.markdown(f"**{show.plain(plan.name)}** ({plan.kind}{effect})  \n{days}", width="stretch")
        rest = replace(now, plans=(*now.plans[:number], *now.plans[number + 1 :]))
        st.button("Remove", key=f"plan-{number}", type="tertiary", on_click=_keep, args=(subject, rest))


def _add(subject: str, now: OwnerCalendar, after: date) -> None:
    tomorrow = after + timedelta(days=1)
    with st.form(f"add-plan-{subject}", clear_on_submit=True, border=False):
        what, kind = st.columns([3, 2])
        name = what.text_input("What happens", placeholder="Street closed", max_chars=60)
        kinds = list(PlanKind)
        sort = kind.selectbox("It is", kinds, format_func=lambda one: f"{one}".capitalize())
        when, effect = st.columns([3, 2])
        days = when.date_input("Days, the first and the last", (tomorrow, tomorrow), format="YYYY-MM-DD")
        percent = effect.number_input(
            "Effect or price change, %",
            min_value=-100.0,
            max_value=900.0,
            value=None,
            placeholder="learn it from the past",
            help="Of an event or promotion: what it does to sales; leave it blank when it happened before. "
            "Of a price change: how much dearer (+) or cheaper (-).",
        )
        if st.form_submit_button("Add to the calendar", icon=":material/add:"):
            if days:
                _add_plan(subject, now, Plan(name.strip() or f"{sort}".capitalize(), sort, days[0], days[-1], percent))
            else:
                st.error("Choose the days first.", icon=":material/error:")


def _add_plan(subject: str, now: OwnerCalendar, plan: Plan) -> None:
    if plan.kind is PlanKind.PRICE and plan.percent in (None, -100.0):
        st.error("Say by how many percent the price changes; it cannot fall by all of it.", icon=":material/error:")
        return
    _keep(subject, replace(now, plans=(*now.plans, plan)))
    st.rerun()


def _keep(subject: str, told_now: OwnerCalendar) -> None:
    state.remember(subject, told_now.as_json())
