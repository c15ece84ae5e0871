"""The parts of the forecast page: all models, how good it is, why it says so, what if, and the owner's own figures."""

from datetime import date

import streamlit as st

from engine.business.model import Business
from engine.charts import forecast as charts
from engine.dataset import Frequency, in_words
from engine.forecast import PANELS, Forecast
from engine.forecast.changes import Override
from engine.forecast.drivers import DriverKind, Drivers
from engine.workflows.forecast import by_item, forecasts, sales_drivers
from engine.workflows.forecast.forecasts import ForecastQuestion
from pages.parts.forecast.inputs import ForecastSelection
from pages.parts.frame import background, cached, show, state, widgets
from pages.parts.frame.background import Calculation, JobOffer

_BY_ITEM = "By item"
_RECORD = ("override_error", "override_model_error", "override_closer")

YARDSTICKS = 2
"""Rows of the accuracy table that are no model: the forecast itself and the simple rule."""

_OFFER = JobOffer(
    key="refine",
    label="Ask all models",
    icon=":material/model_training:",
    again="Try again",
    hint=f"This is the forecast of two quick models. Asking up to {len(PANELS['full'])} takes about 10 seconds.",
    cancelled="Cancelled. The quick forecast stands.",
    one_at_a_time=True,
)


def with_all_models(selection: ForecastSelection, business: Business) -> Forecast | None:
    """The forecast of all models, if it is ready."""
    return _calculation(selection, business).result()


def all_models(selection: ForecastSelection, business: Business, quick: Forecast) -> None:
    """Offer the forecast of all models instead of the quick one, or show how far it is."""
    if not quick.refinable:
        return
    forecast = background.panel(_calculation(selection, business), _OFFER)
    if forecast is not None:
        count = len(forecast.proof.scores) - YARDSTICKS
        st.caption(f":material/check_circle: The median of all models that earned a vote, of {count} tried.")


def _calculation(selection: ForecastSelection, business: Business) -> Calculation[Forecast]:
    arguments = (selection.history, selection.question.horizon, "full", selection.drivers)
    return Calculation((business.key, selection.question), forecasts.run_forecast, arguments)


def how_good(forecast: Forecast, drivers: Drivers) -> None:
    """The backtest, and what the history is too short for."""
    if forecast.proof.windows:
        show.table(forecasts.accuracy_table(forecast), alt="Each model's error on the past", digits=2)
    st.caption(forecasts.how_measured(forecast))
    for sentence in sales_drivers.too_short(forecast, drivers):
        st.caption(f":material/hourglass_empty: {show.plain(sentence)}")


def why(forecast: Forecast, drivers: Drivers) -> None:
    """The parts that add up to the forecast, what each driver does, and what does not fit in the past."""
    parts = forecast.explanation
    show.figure(charts.components(parts), key="parts", alt=charts.components_alt(parts))
    with st.expander("What the total is made of"):
        show.table(sales_drivers.parts_table(forecast), alt="The parts of the forecast's total, which add up")
    effects = sales_drivers.effects_table(forecast)
    if effects.is_empty():
        st.markdown(
            "No holiday, event, promotion or price plays a part: nothing is known, or your past shows no effect."
        )
    else:
        show.table(effects, alt="What each holiday, event, promotion or price does to sales")
    _listed("What plays no part, and why", sales_drivers.left_out(forecast))
    _listed("Days and shifts in your past that stand out", sales_drivers.oddities(forecast, drivers))


def _listed(title: str, sentences: list[str]) -> None:
    if sentences:
        with st.expander(title):
            st.markdown("\n".join(f"- {show.plain(sentence)}" for sentence in sentences))


@st.fragment
def what_if(forecast: Forecast, drivers: Drivers) -> None:
    """Try another price, a promotion or an event on some days ahead."""
    choices = {lever.label: lever for lever in sales_drivers.levers(drivers)}
    what, when, how_much = st.columns([2, 3, 2], vertical_alignment="bottom")
    lever = choices[what.selectbox("What if there were", list(choices), key="lever")]
    first, last = forecast.periods[0], forecast.periods[-1]
    days = when.date_input("On these days", (first, last), first, last, format="YYYY-MM-DD", key="lever_days")
    words = {DriverKind.PRICE: "Price change, %", DriverKind.EVENT: "Effect on sales, %"}
    percent = 0.0
    if lever.kind in words:
        percent = how_much.number_input(words[lever.kind], -90.0, 300.0, 5.0, 5.0, key=f"lever_{lever.kind}")
    if not isinstance(days, tuple) or len(days) != 2:
        st.caption("Choose the first and the last day.")
        return
    with show.problems():
        result = sales_drivers.try_out(forecast, drivers, sales_drivers.change_of(lever, days, percent))
        facts = result.facts()
        show.headline(facts, ("whatif_planned", "whatif_changed", "whatif_difference", "whatif_lower", "whatif_upper"))
        bars = charts.before_after(result, charts.axis_label(forecast))
        show.figure(bars, key="before_after", alt=charts.before_after_alt(result))
        show.cautions(result.cautions)


def figures_of(selection: ForecastSelection) -> tuple[Override, ...]:
    """The owner's own figures for this question."""
    return forecasts.figures_from_json(state.recall(_figures_subject(selection)))


def your_figures(forecast: Forecast, selection: ForecastSelection, figures: tuple[Override, ...]) -> None:
    """Put figures of your own in the forecast's place, and see how earlier ones did."""
    st.markdown(
        "Do you know better for a day? Your figure stands beside the forecast, and is judged when the day is over."
    )
    with st.form("own-figure", clear_on_submit=True, border=False):
        when, amount, because = st.columns([2, 2, 3])
        period = when.selectbox("Instead of the forecast for", forecast.periods, format_func=in_words)
        unit = f", {forecast.history.metric.unit}" if forecast.history.metric.unit else ""
        value = amount.number_input(f"I expect{unit}", min_value=0.0, value=None, placeholder="a number")
        reason = because.text_input("Because", max_chars=80, placeholder="the market is in town")
        if st.form_submit_button("Use my figure", icon=":material/edit:") and value is not None:
            mine = forecasts.with_figure(figures, forecast, period, value, today=date.today(), reason=reason.strip())
            _keep_figures(selection, mine)
            st.rerun()
    own = forecasts.figures_in_use(forecast, figures)
    for figure in forecasts.latest_figures(forecast, figures):
        _figure_row(selection, figures, figure)
    if own:
        whole = forecasts.overridden_total(forecast, figures)
        before = float(forecast.point.sum())
        st.markdown(f"With your figures the total is **{whole:,.0f}{unit.lstrip(',')}** instead of {before:,.0f}.")
    judged = forecasts.override_record(forecast, figures)
    if judged.judged:
        show.headline(judged.facts(), _RECORD)
        show.cautions(judged.facts().cautions)


def _figure_row(selection: ForecastSelection, figures: tuple[Override, ...], figure: Override) -> None:
    with st.container(horizontal=True, vertical_alignment="center"):
        because = f" ({show.plain(figure.reason)})" if figure.reason else ""
        comparison = f"yours {figure.value:,.10g}, the forecast's {_short(figure.model)}{because}"
        st.markdown(f"**{in_words(figure.period)}**: {comparison}", width="stretch")
        rest = tuple(each for each in figures if each.period != figure.period)
        st.button(
            "Take back", key=f"own-{figure.period}", type="tertiary", on_click=_keep_figures, args=(selection, rest)
        )


def _short(value: float) -> str:
    return f"{value:,.0f}" if value >= show.SMALL else f"{value:,.2g}"


def _keep_figures(selection: ForecastSelection, figures: tuple[Override, ...]) -> None:
    state.remember(_figures_subject(selection), forecasts.figures_as_json(figures))


def _figures_subject(selection: ForecastSelection) -> str:
    return f"own figures/{selection.subject}/{selection.question.metric}/{selection.question.item}"


def numbers(
    business: Business, selection: ForecastSelection, forecast: Forecast, figures: tuple[Override, ...]
) -> None:
    """The forecast as a table, by its own periods, longer ones or by item, and as a workbook."""
    own = forecast.history.calendar.frequency
    views = {f"By {each.period}": each for each in (own, *forecasts.longer_periods(forecast))}
    names = [*views, *([_BY_ITEM] if by_item.can_be_split(business, forecast) else [])]
    state.drop_unless("view", names)
    chosen = st.segmented_control("Shown", names, default=names[0], key="view") or names[0]
    parts = None
    if chosen == _BY_ITEM:
        with st.spinner("Forecasting every item ..."):
            parts = _split(business, selection, forecast)
        show.table(parts.table, alt="What each item is expected to sell; the items add up to the total")
        st.caption(show.plain(parts.sentence))
    elif (by := views[chosen]) is own:
        show.table(forecasts.overridden_table(forecast, figures), alt="The forecast, one row per open period")
    else:
        show.table(forecasts.view_table(forecast, by), alt=f"The forecast, one row per {Frequency(by).period}")
    widgets.download("Download as Excel", lambda: forecasts.forecast_workbook(forecast, parts), "forecast.xlsx")


def _split(business: Business, selection: ForecastSelection, forecast: Forecast) -> by_item.ItemSplit:
    return cached.by_item(business, forecast, business.key, selection.question, tuple(forecast.members))


def model_by_model(forecast: Forecast) -> None:
    """What each model expects by itself."""
    show.figure(charts.models(forecast), key="models", alt=charts.models_alt(forecast))


def compare(business: Business, selection: ForecastSelection, forecast: Forecast) -> None:
    """Saved forecasts beside the one on screen; those of the same metric, by the quick models."""
    saved = {
        each.name: each
        for each in state.scenarios("forecast")
        if each.parameters["metric"] == selection.question.metric
    }
    if not saved:
        st.markdown("Save a forecast below, change something above, and compare the two here.")
        return
    chosen = st.multiselect("Compare with", list(saved), default=list(saved)[:2], max_selections=3, key="compared")
    together = {"On screen": forecast}
    for name in chosen:
        settings = saved[name].parameters
        question = ForecastQuestion(
            selection.question.metric, str(settings["item"]), int(str(settings["horizon"])), selection.question.calendar
        )
        past = cached.history(business, business.key, question.metric, question.item)
        drivers = cached.drivers(business, business.key, question.metric, question.item, question.calendar)
        together[name] = cached.quick_forecast(past, drivers, business.key, question)
    show.figure(charts.several(together), key="several", alt=charts.several_alt(together))
    show.table(forecasts.comparison_table(together, selection.level), alt="The totals of the compared forecasts")
