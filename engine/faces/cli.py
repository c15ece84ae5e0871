"""The command line: the page's answers without a screen, and the app itself.

dyocense forecast sample_data/bakery.xlsx --metric quantity --horizon 28
dyocense forecast big.parquet --all-items --out folder/
dyocense orders sample_data/bakery.xlsx --xlsx orders.xlsx
dyocense open
dyocense demo bakery
"""

import argparse
import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
import webbrowser
from collections.abc import Sequence
from contextlib import suppress
from datetime import date
from pathlib import Path

from engine.business.history import metric_named, metrics
from engine.coach.understand.recalibrate import OWN_QUESTIONS, learn_from_owners
from engine.compute import runner_for
from engine.errors import DyocenseError
from engine.exports.orders import order_list, order_text, order_workbook
from engine.facts import Facts
from engine.forecast.bulk import Columns, forecast_file
from engine.narrate import Narration, narrate, spoken
from engine.settings import Settings
from engine.workflows import files, orders, purchases
from engine.workflows.forecast import forecasts
from engine.workflows.forecast.sales_drivers import OwnerCalendar, drivers_for
from engine.workflows.order_question import OrderQuestion

HOME = Path(__file__).parents[2] / "Home.py"
START_SECONDS = 60.0
FURTHEST = 1000
"""The longest horizon that is computed, periods."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; 0 when it succeeded, 2 when the file or the question has a problem."""
    options = _parser().parse_args(arguments)
    try:
        result: int = options.run(options)
    except OSError as problem:
        print(f"{problem.filename or 'The file'} could not be opened: {problem.strerror}.", file=sys.stderr)
        return 2
    except DyocenseError as problem:
        print(problem, file=sys.stderr)
        return 2
    return result


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser("dyocense", description="From a spreadsheet to a checked forecast.")
    commands = parser.add_subparsers(required=True)

    ahead = commands.add_parser("forecast", help="forecast a spreadsheet and print the facts")
    ahead.add_argument("file", type=Path)
    ahead.add_argument("--metric", default="", help="quantity, revenue, traffic or leads (default: the first there is)")
    ahead.add_argument("--item", default="", help="one item (default: all items together)")
    ahead.add_argument("--horizon", type=_positive, default=0, help="periods ahead (default: about a season)")
    ahead.add_argument("--level", type=int, default=80, choices=(50, 80, 95), help="band in percent (default: 80)")
    ahead.add_argument("--panel", default="quick", choices=("quick", "full"), help="two models or all (default: quick)")
    ahead.add_argument("--country", default="", help="whose public holidays count, such as DE (default: none)")
    ahead.add_argument("--json", action="store_true", help="print JSON")
    _add_bulk_options(ahead)
    ahead.set_defaults(run=lambda options: _forecast_all(options) if options.all_items else _forecast(options))

    order = commands.add_parser("orders", help="what to order from a spreadsheet of sales and stock")
    order.add_argument("file", type=Path)
    order.add_argument("--xlsx", type=Path, help="write the list and an order per supplier to this workbook")
    order.set_defaults(run=_orders)

    app = commands.add_parser("open", help="open the app in the browser")
    app.add_argument("--port", type=int, default=0)
    app.set_defaults(run=lambda options: _open_app(options.port, ""))

    demo = commands.add_parser("demo", help="open the app on a sample business")
    demo.add_argument("sample", nargs="?", default="bakery", choices=[sample.key for sample in files.SAMPLES])
    demo.add_argument("--port", type=int, default=0)
    demo.set_defaults(run=lambda options: _open_app(options.port, f"/forecast?demo={options.sample}"))

    learn = commands.add_parser("learn", help="learn to read questions from the answers that owners found right")
    learn.add_argument("--questions", type=Path, default=OWN_QUESTIONS, help="a file to learn from instead of our own")
    learn.set_defaults(run=lambda options: _learn(options.questions))

    warm = commands.add_parser("warm", help="compile the models once, so that the first forecast is quick")
    warm.set_defaults(run=lambda options: _warm())
    return parser


def _add_bulk_options(ahead: argparse.ArgumentParser) -> None:
    bulk = ahead.add_argument_group("every item of a large parquet or csv file")
    bulk.add_argument("--all-items", action="store_true", help="forecast each item; needs --out")
    bulk.add_argument("--out", type=Path, help="folder for the results; a run that was stopped goes on from there")
    bulk.add_argument("--workers", type=_positive, default=1, help="processes side by side (default: 1)")
    bulk.add_argument(
        "--scheduler",
        default="",
        help="address of a Dask scheduler that does the work instead (default: DYOCENSE_DASK_SCHEDULER)",
    )
    bulk.add_argument(
        "--columns",
        nargs=3,
        default=("", "", ""),
        metavar=("DATE", "ITEM", "QUANTITY"),
        help="where they are not found",
    )


def _positive(text: str) -> int:
    number = int(text)
    if not 1 <= number <= FURTHEST:
        raise argparse.ArgumentTypeError(f"it must lie between 1 and {FURTHEST} periods")
    return number


def _forecast(options: argparse.Namespace) -> int:
    os.environ.update(forecasts.model_environment(Settings()))
    content, name = options.file.read_bytes(), options.file.name
    business = files.open_business(content, name, Settings(), today=date.today())
    metric = metric_named(business, options.metric or metrics(business)[0].key)
    history = forecasts.history_for(business, metric.key, options.item)
    horizon = options.horizon or forecasts.usual_horizon(history)
    drivers = drivers_for(business, metric, history.item, OwnerCalendar(options.country.upper()))
    facts = forecasts.run_forecast(history, horizon, options.panel, drivers).facts(options.level)
    words = narrate(facts, "forecast")
    print(_as_json(facts, words) if options.json else _as_text(facts, words))
    return 0


def _orders(options: argparse.Namespace) -> int:
    os.environ.update(forecasts.model_environment(Settings()))
    today = date.today()
    business = files.open_business(options.file.read_bytes(), options.file.name, Settings(), today=today)
    stock = orders.stock_of(business)
    question = OrderQuestion()
    plan = orders.plan(orders.planner(stock, question), stock, question, business.currency)
    if not plan.lines:
        lacks = "\n".join(str(problem) for problem in plan.problems)
        raise DyocenseError(f"No item of this file can be planned.\n{lacks}".rstrip())
    listed = order_list(plan, purchases.codes_of(stock))
    print(order_text(plan, listed))
    if options.xlsx is not None:
        drafts = purchases.drafts(plan, stock, purchases.Letterhead(), today)
        options.xlsx.write_bytes(order_workbook(listed, drafts, plan.facts().cautions))
        print(f"Written: {options.xlsx}")
    return 0


def _learn(questions: Path) -> int:
    own, count = learn_from_owners(Settings(), questions)
    print(f"Learnt from {count} questions, {own} of them from owners. Start the app again to use it.")
    return 0


def _forecast_all(options: argparse.Namespace) -> int:
    if options.out is None:
        raise DyocenseError("Name a folder for the results with --out.")
    os.environ.update(forecasts.model_environment(Settings()))
    result = forecast_file(
        options.file,
        options.out,
        horizon=options.horizon,
        columns=_columns(options),
        runner=runner_for(options.scheduler or Settings().dask_scheduler, options.workers),
        report=_say_progress,
    )
    print(f"Forecast {result.items} items from {result.periods[0]} to {result.periods[-1]}: {options.out}")
    for caution in result.cautions:
        print(f"Note: {caution}")
    return 0


def _columns(options: argparse.Namespace) -> Columns:
    day, item, quantity = options.columns
    return Columns(day, item, quantity, until=date.today())


def _say_progress(share: float, note: str) -> None:
    print(f"{share:4.0%} {note}", file=sys.stderr, flush=True)


def _as_text(facts: Facts, words: Narration) -> str:
    wide = max(len(fact.label) for fact in facts)
    lines = [f"{fact.label:<{wide}}  {spoken(fact)}" for fact in facts]
    return "\n".join([*lines, *(f"Note: {caution}" for caution in facts.cautions), "", words.text])


def _as_json(facts: Facts, words: Narration) -> str:
    rows = [
        {
            "name": fact.name,
            "label": fact.label,
            "value": fact.value.isoformat() if isinstance(fact.value, date) else fact.value,
            "unit": fact.unit,
            "basis": fact.basis,
        }
        for fact in facts
    ]
    return json.dumps({"facts": rows, "cautions": facts.cautions, "narration": words.text}, indent=2)


def _open_app(port: int, path: str) -> int:
    port = port or _free_port()
    address = f"http://127.0.0.1:{port}"
    signal.signal(signal.SIGTERM, _interrupt)  # else the server would outlive us
    command = [sys.executable, "-m", "streamlit", "run", str(HOME), "--server.address", "127.0.0.1"]
    with subprocess.Popen([*command, "--server.port", str(port)], cwd=HOME.parent) as server:  # noqa: S603 - our own command
        try:
            _wait_until_healthy(server, address)
            print(f"Dyocense is at {address}{path}  (Ctrl+C ends it)", flush=True)
            webbrowser.open(address + path)
            return _wait(server)
        except KeyboardInterrupt:
            server.terminate()
            return 0


def _wait(server: "subprocess.Popen[bytes]") -> int:
    """Wait until the server ends; look up now and then, because a wait without end may sleep through a signal."""
    while True:
        with suppress(subprocess.TimeoutExpired):
            return server.wait(timeout=0.5)


def _interrupt(*_: object) -> None:
    raise KeyboardInterrupt


def _wait_until_healthy(server: "subprocess.Popen[bytes]", address: str) -> None:
    ends = time.monotonic() + START_SECONDS
    while time.monotonic() < ends and server.poll() is None:
        try:
            with urllib.request.urlopen(f"{address}/_stcore/health", timeout=1):  # noqa: S310 - always this machine
                return
        except (urllib.error.URLError, TimeoutError):
            time.sleep(0.1)
    server.terminate()
    raise DyocenseError("The app did not start. Is another program using the port?")


def _free_port() -> int:
    """8501 when it is free, as Streamlit's users expect; any other otherwise."""
    for number in (8501, 0):
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", number))
            except OSError:
                continue
            port: int = probe.getsockname()[1]
            return port
    raise DyocenseError("No port is free on this computer.")


def _warm() -> int:
    os.environ.update(forecasts.model_environment(Settings()))
    forecasts.warm_up("full")
    return 0


if __name__ == "__main__":
    sys.exit(main())
