"""The verbs that the pages and the command line share."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

import polars as pl

from engine.dataset import Choices, Dataset, Frequency
from engine.errors import DataProblem, MissingColumn
from engine.exports import Sheet, workbook
from engine.forecast import Forecast, Panel, forecast
from engine.history import Calendar, Metric, SalesHistory, items, metrics, sales_history
from engine.ingest import Limits, Status, bundle, bundle_name, read_dataset, read_files, unbundle, verdict
from engine.jobs import Report
from engine.narrate import spoken
from engine.process import ONE_THREAD
from engine.settings import Settings

SAMPLE_FOLDER = Path(__file__).parent.parent / "sample_data"

HORIZONS: dict[Frequency, tuple[int, ...]] = {
    Frequency.DAILY: (7, 14, 28, 56, 91),
    Frequency.WEEKLY: (4, 8, 13, 26),
    Frequency.MONTHLY: (3, 6, 12, 18),
    Frequency.QUARTERLY: (2, 4, 8),
    Frequency.YEARLY: (1, 2, 3),
}
"""How far ahead an owner may look, periods."""


@dataclass(frozen=True)
class Sample:
    """A business to try the app on; `key` names its workbook."""

    key: str
    title: str
    blurb: str
    icon: str

    @property
    def path(self) -> Path:
        """The workbook."""
        return SAMPLE_FOLDER / f"{self.key}.xlsx"


SAMPLES = (
    Sample("bakery", "Bakery", "Bread and cakes, closed on Mondays", ":material/bakery_dining:"),
    Sample("clothing_shop", "Clothing shop", "Seasons, sales and slow sellers", ":material/apparel:"),
    Sample("clinic", "Clinic", "Appointments on weekdays", ":material/local_hospital:"),
    Sample("cafe", "Cafe", "Busy mornings and a team of staff", ":material/local_cafe:"),
    Sample("online_shop", "Online shop", "Orders moved by marketing", ":material/shopping_cart:"),
)


_MORE_COLUMNS = "If a column was misread, say below what it means; else choose a file with a row for each sale or day."
_REMEDIES = {
    Status.TOO_SHORT: "Choose a file that reaches further back.",
    Status.NO_TIME_AXIS: _MORE_COLUMNS,
    Status.NO_NUMBERS: _MORE_COLUMNS,
    Status.REFUSE: f"Nothing is kept of it. {_MORE_COLUMNS}",
}


@dataclass(frozen=True)
class ForecastQuestion:
    """What the owner wants to know.

    Attributes:
        metric: key of a `Metric`.
        item: name of an item, or "" for all together.
        horizon: calendar periods ahead.
    """

    metric: str
    item: str
    horizon: int


def sample(key: str) -> Sample:
    """The sample business with this key.

    Raises:
        KeyError: there is none.
    """
    for candidate in SAMPLES:
        if candidate.key == key:
            return candidate
    raise KeyError(key)


def open_file(content: bytes, name: str, settings: Settings, choices: Choices | None = None) -> Dataset:
    """Read an owner's file.

    Raises:
        DataProblem: the file cannot be read; the message says what, where and what to do.
    """
    limits = Limits(max_bytes=settings.max_upload_mb * 1_000_000, max_rows=settings.max_rows)
    if files := unbundle(content):
        return replace(read_files(files, choices=choices or Choices(), limits=limits), name=name)
    return read_dataset(content, name, choices=choices or Choices(), limits=limits)


def as_one(files: Mapping[str, bytes]) -> tuple[bytes, str]:
    """What `open_file` reads as one dataset, and its name."""
    if len(files) == 1:
        name, content = next(iter(files.items()))
        return content, name
    return bundle(files), bundle_name(files)


def is_useful(dataset: Dataset) -> bool:
    """False for a file that no page can use as it was read; it is not kept."""
    return verdict(dataset).status is not Status.REFUSE


def what_stops_us(dataset: Dataset) -> DataProblem | None:
    """Why this file cannot be forecast as it was read, and what would help; None when it can."""
    judged = verdict(dataset)
    if judged.status in (Status.OK, Status.ASK):
        return None
    return DataProblem(judged.reason, where=judged.table, remedy=_REMEDIES[judged.status])


def metric_named(dataset: Dataset, key: str) -> Metric:
    """The metric with this key.

    Raises:
        MissingColumn: the file has no column for it.
    """
    available = metrics(dataset)
    for metric in available:
        if metric.key == key.casefold():
            return metric
    raise MissingColumn(key, available=[metric.key for metric in available])


def _item_named(known: Sequence[str], name: str) -> str:
    if not name or name in known:
        return name
    for item in known:
        if item.casefold() == name.casefold():
            return item
    remedy = f"Choose one of: {', '.join(known[:20])}." if known else "The file names no items; ask for all together."
    raise DataProblem(f'There is no item "{name}"', remedy=remedy)


def horizons_for(history: SalesHistory) -> tuple[int, ...]:
    """The horizons that make sense for a history: not further ahead than half of what it looks back on."""
    choices = HORIZONS[history.calendar.frequency]
    return tuple(periods for periods in choices if periods <= len(history) // 2) or choices[:1]


def usual_horizon(history: SalesHistory) -> int:
    """The horizon that is shown first."""
    choices = horizons_for(history)
    return choices[min(2, len(choices) - 1)]


def history_for(dataset: Dataset, metric: str, item: str = "") -> SalesHistory:
    """The history of one metric (by its key), of one item or of all together.

    Raises:
        DataProblem: the file cannot answer the question.
    """
    chosen = metric_named(dataset, metric)
    return sales_history(dataset, chosen, item=_item_named(items(dataset, chosen), item))


def run_forecast(
    history: SalesHistory, horizon: int, panel: Panel, report: Report = lambda share, note: None
) -> Forecast:
    """`forecast` with plain arguments, so that another process can run it."""
    return forecast(history, horizon=horizon, panel=panel, report=report)


def warm_up(panel: Panel = "quick") -> None:
    """Load the models and their compiled code, so that the first owner does not wait for it."""
    days = pl.date_range(date(2026, 1, 1), date(2026, 3, 1), eager=True)
    frame = pl.DataFrame({"item": "", "period": days, "value": [10.0 + day.weekday() + day.day / 31 for day in days]})
    metric = Metric("quantity", "Units sold", "units", "", "")
    run_forecast(SalesHistory(metric, "", frame, Calendar(Frequency.DAILY)), 7, panel)


def model_environment(settings: Settings) -> dict[str, str]:
    """Environment for every process that forecasts: one thread, and compiled code on disk, which takes 30 s to make."""
    folder = settings.home / "compiled"
    folder.mkdir(parents=True, exist_ok=True)
    return {**ONE_THREAD, "NIXTLA_NUMBA_CACHE": "1", "NUMBA_CACHE_DIR": str(folder)}


def accuracy_table(result: Forecast) -> pl.DataFrame:
    """The models with their measured errors, the forecast itself first, the rest by error."""
    first, *others = result.proof.scores
    ordered = [first, *sorted(others, key=lambda score: score.typical_error)]
    yardstick = result.proof.naive.mase
    return pl.DataFrame(
        {
            "Model": [score.model for score in ordered],
            "Typical error, %": [score.typical_error for score in ordered],
            "Error against the simple rule": [score.mase / yardstick if yardstick > 0 else None for score in ordered],
            "Too high (+) or too low (-), %": [score.bias for score in ordered],
            "Part in the forecast": ["", *("votes" if score.votes else score.remark for score in ordered[1:])],
        },
        schema_overrides={"Error against the simple rule": pl.Float64},
    )


def how_measured(result: Forecast) -> str:
    """How the accuracy table came about, in words."""
    proof = result.proof
    noun = result.history.calendar.frequency.period
    return (
        f"Measured on {proof.points} {noun}s in {proof.windows} stretches of your past that the models were not shown. "
        f"The typical error is the sum of all misses as a share of the volume. The simple rule is "
        f"{result.simple_rule}: below 1 is better than that."
    )


def forecast_table(result: Forecast) -> pl.DataFrame:
    """The forecast as an owner would like to read it, one row per open period."""
    columns = {"period": "Date", "median": "Expected"}
    for band in result.bands:
        columns |= {f"lower_{band.level}": f"{band.level}% from", f"upper_{band.level}": f"{band.level}% to"}
    return result.frame().rename(columns)


def cleaned_workbook(dataset: Dataset) -> bytes:
    """What was done to the owner's file, and the tables as they are used, as an xlsx file.

    Raises:
        DataProblem: a table has more rows than a sheet can hold.
    """
    report = dataset.report
    lines: list[tuple[str, str, int | None]] = [("How it was read", line, None) for line in report.read_as]
    lines += [("Changed", f"{repair.what} {repair.where}".strip(), repair.rows) for repair in report.repairs]
    lines += [("Open question", f"{question.text} ({question.chosen})", None) for question in report.questions]
    lines += [("Worth a look", warning, None) for warning in report.warnings]
    said = pl.DataFrame(lines, schema={"Kind": pl.String, "What": pl.String, "Rows": pl.Int64}, orient="row")
    return workbook([Sheet("Report", said), *(Sheet(table.name, table.frame) for table in dataset.tables)])


def forecast_workbook(result: Forecast) -> bytes:
    """The forecast, its history, its accuracy and its facts as an xlsx file."""
    metric = result.history.metric
    title = f"{metric.label} ({metric.unit or 'as in your file'}), {result.history.item or 'all items'}"
    facts = result.facts()
    past = result.history.frame.select(Date="period", Actual="value")
    rows = {"What": [fact.label for fact in facts], "Value": [spoken(fact) for fact in facts]}
    rows |= {"How we got it": [fact.basis for fact in facts]}
    return workbook(
        [
            Sheet("Forecast", forecast_table(result), (title, *result.cautions)),
            Sheet("Past", past, (title,)),
            Sheet("Accuracy", accuracy_table(result), ("Measured on stretches of the past that were held back.",)),
            Sheet("Facts", pl.DataFrame(rows)),
        ]
    )
