"""The command line gives the page's answer, and says what is wrong in one line."""

import csv
import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from datetime import date, timedelta
from pathlib import Path

import numpy as np
import openpyxl
import polars as pl
import pytest

from engine.faces.cli import main
from engine.narrate import spoken
from engine.settings import Settings
from engine.workflows import files
from engine.workflows.forecast import forecasts
from tests.conftest import LATER, MONDAY, days_from

ROOT = Path(__file__).parents[2]
SUNDAY = 6


@pytest.fixture
def stall(tmp_path) -> Path:
    """Apples and pears from Monday to Saturday, twenty weeks long; an order of plums that nobody dated."""
    chance = np.random.default_rng(11)
    lines = ["Day,Product,Units,Price"]
    for day in days_from(MONDAY, 140):
        if day.weekday() != SUNDAY:
            lines += [f"{day},Apples,{chance.poisson(40)},1.00", f"{day},Pears,{chance.poisson(20)},1.50"]
    path = tmp_path / "stall.csv"
    path.write_text("\n".join([*lines, ",Plums,12,2.00"]), encoding="utf-8")
    return path


def every(step: timedelta, count: int, folder: Path) -> Path:
    """A till that is read out at this distance."""
    lines = ["Day,Units", *(f"{MONDAY + k * step},{50 + k % 5}" for k in range(count))]
    path = folder / "till.csv"
    path.write_text("\n".join(lines), encoding="utf-8")
    return path


def pages_answer(path: Path, metric: str, item: str, horizon: int):
    dataset = files.open_business(path.read_bytes(), path.name, Settings(), today=LATER)
    return forecasts.run_forecast(forecasts.history_for(dataset, metric, item), horizon, "quick")


def failed(arguments: list[str], capsys) -> str:
    """What is said when a command ends with 2; nothing may look like an answer."""
    assert main(arguments) == 2
    said = capsys.readouterr()
    assert said.out == ""
    assert len(said.err.strip().splitlines()) == 1
    return said.err


def test_the_json_holds_the_numbers_of_the_page(stall, capsys):
    question = ["--metric", "revenue", "--item", "pears", "--horizon", "14", "--level", "95"]
    assert main(["forecast", str(stall), *question, "--json"]) == 0
    answer = json.loads(capsys.readouterr().out)
    facts = pages_answer(stall, "revenue", "Pears", 14).facts(95)
    days = {fact.name: fact.value.isoformat() for fact in facts if isinstance(fact.value, date)}
    assert {fact["name"]: fact["value"] for fact in answer["facts"]} == {f.name: f.value for f in facts} | days
    assert [(fact["label"], fact["unit"], fact["basis"]) for fact in answer["facts"]] == [
        (fact.label, fact.unit, fact.basis) for fact in facts
    ]
    assert answer["cautions"] == list(facts.cautions)
    assert answer["narration"]


def test_the_forecast_of_the_stall_is_its_true_mean(stall, capsys):
    assert main(["forecast", str(stall), "--metric", "revenue", "--horizon", "14", "--json"]) == 0
    facts = {fact["name"]: fact["value"] for fact in json.loads(capsys.readouterr().out)["facts"]}
    # 40 apples at 1.00 and 20 pears at 1.50 are 70 a day; three standard errors of a month are 6 %.
    assert facts["total_ahead"] == pytest.approx(12 * 70, rel=0.06)
    assert facts["first_period"] == "2024-05-20"


def test_the_text_names_every_fact(stall, capsys):
    assert main(["forecast", str(stall), "--horizon", "14"]) == 0
    printed = capsys.readouterr().out
    for fact in pages_answer(stall, "quantity", "", 14).facts(80):
        assert any(line.startswith(fact.label) and line.endswith(spoken(fact)) for line in printed.splitlines())


def test_the_text_says_the_cautions(tmp_path, capsys):
    path = every(timedelta(days=1), 12, tmp_path)
    assert main(["forecast", str(path), "--horizon", "7"]) == 0
    cautions = pages_answer(path, "quantity", "", 7).cautions
    assert cautions
    printed = capsys.readouterr().out.splitlines()
    assert all(f"Note: {caution}" in printed for caution in cautions)


def test_the_bakery_is_answered_from_its_workbook(capsys):
    assert main(["forecast", str(files.sample("bakery").path), "--item", "butter croissant"]) == 0
    printed = capsys.readouterr().out
    lines = {line.split("  ")[0]: line.split("  ")[-1].strip() for line in printed.splitlines()}
    assert lines["What is forecast"] == "Units sold"
    assert lines["For which item"] == "Butter croissant"
    assert lines["How far ahead"] == "28 days"
    assert lines["First forecast period"] == "1 November 2026"
    assert lines["Last forecast period"] == "28 November 2026"


@pytest.mark.parametrize(
    ("step", "count", "horizon", "unit"),
    [
        (timedelta(days=1), 140, 28, "days"),
        (timedelta(weeks=1), 110, 13, "weeks"),
        (timedelta(days=365.25 / 12), 48, 12, "months"),
    ],
)
def test_the_default_horizon_follows_the_rhythm_of_the_file(tmp_path, capsys, step, count, horizon, unit):
    assert main(["forecast", str(every(step, count, tmp_path)), "--json"]) == 0
    facts = {fact["name"]: fact for fact in json.loads(capsys.readouterr().out)["facts"]}
    assert (facts["horizon"]["value"], facts["horizon"]["unit"]) == (horizon, unit)


def test_a_missing_file_is_named(tmp_path, capsys):
    path = tmp_path / "nowhere.xlsx"
    assert f"{path} could not be opened: No such file" in failed(["forecast", str(path)], capsys)


def test_a_folder_is_no_file(tmp_path, capsys):
    assert f"{tmp_path} could not be opened: Is a directory" in failed(["forecast", str(tmp_path)], capsys)


def test_a_picture_named_xlsx_is_no_workbook(tmp_path, capsys):
    path = tmp_path / "till.xlsx"
    path.write_bytes((ROOT / "assets" / "icon.png").read_bytes())
    assert "picture" in failed(["forecast", str(path)], capsys)


def test_an_empty_file_says_so(tmp_path, capsys):
    path = tmp_path / "till.csv"
    path.write_bytes(b"")
    assert "empty" in failed(["forecast", str(path)], capsys)


def test_a_metric_that_the_file_lacks_is_answered_with_those_it_has(stall, capsys):
    said = failed(["forecast", str(stall), "--metric", "traffic"], capsys)
    assert "traffic" in said
    assert "Choose one of: quantity, revenue." in said


def test_a_mistyped_item_is_answered_with_those_there_are(stall, capsys):
    said = failed(["forecast", str(stall), "--item", "Aples"], capsys)
    assert said.strip() == 'There is no item "Aples". Choose one of: Apples, Pears.'


def test_an_item_that_was_never_dated_cannot_be_forecast(stall, capsys):
    assert 'There is no item "Plums"' in failed(["forecast", str(stall), "--item", "Plums"], capsys)


def test_a_file_that_covers_a_week_is_too_short(tmp_path, capsys):
    said = failed(["forecast", str(every(timedelta(days=1), 7, tmp_path))], capsys)
    assert "covers 7 days, and a forecast needs at least 8" in said


def test_a_business_that_is_closed_tomorrow_is_told_to_look_further(stall, capsys):
    said = failed(["forecast", str(stall), "--horizon", "1"], capsys)  # the file ends on a Saturday
    assert said.strip() == "You are usually closed on the next day. Look further ahead."


@pytest.mark.parametrize("horizon", ["0", "-7", "1001", "many", "2.5"])
def test_a_horizon_that_makes_no_sense_is_refused(stall, capsys, horizon):
    with pytest.raises(SystemExit) as ended:
        main(["forecast", str(stall), f"--horizon={horizon}"])
    assert ended.value.code == 2
    assert "--horizon" in capsys.readouterr().err


@pytest.mark.parametrize("arguments", [[], ["predict"], ["demo", "nowhere"], ["forecast", "a.csv", "--level", "90"]])
def test_a_command_that_does_not_exist_is_refused(capsys, arguments):
    with pytest.raises(SystemExit) as ended:
        main(arguments)
    assert ended.value.code == 2
    assert "usage: dyocense" in capsys.readouterr().err


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def is_healthy(port: int) -> bool:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/_stcore/health", timeout=5) as answer:
            return answer.read() == b"ok"
    except (urllib.error.URLError, ConnectionError):
        return False


@pytest.mark.slow
@pytest.mark.parametrize("signal_sent", [signal.SIGINT, signal.SIGTERM])
def test_the_demo_opens_on_the_bakery_and_ends_with_its_server(tmp_path, signal_sent):
    port, printed = free_port(), tmp_path / "printed.txt"
    database = f"sqlite:///{tmp_path / 'demo.db'}"
    surroundings = {"BROWSER": "true", "PYTHONUNBUFFERED": "1", "DYOCENSE_DATABASE_URL": database}
    command = [sys.executable, "-m", "engine.faces.cli", "demo", "bakery", "--port", str(port)]
    # In a session of its own, so that the signal reaches it and what it started, and not the tests.
    with (
        printed.open("wb") as out,
        subprocess.Popen(
            command, cwd=ROOT, env={**os.environ, **surroundings}, stdout=out, stderr=out, start_new_session=True
        ) as demo,
    ):
        try:
            ends = time.monotonic() + 90
            address = f"Dyocense is at http://127.0.0.1:{port}/forecast?demo=bakery"
            while address not in printed.read_text() and demo.poll() is None and time.monotonic() < ends:
                time.sleep(0.1)
            assert address in printed.read_text()
            assert is_healthy(port)
            demo.send_signal(signal_sent)
            assert demo.wait(timeout=30) == 0
            assert not is_healthy(port)
        finally:
            if demo.poll() is None:
                os.killpg(demo.pid, signal.SIGKILL)


def test_all_items_of_a_large_file_go_to_a_folder(tmp_path, capsys):
    chance = np.random.default_rng(3)
    lines = ["Day,Item,Units"]
    for day in days_from(MONDAY, 100):
        lines += [f"{day},apples,{chance.poisson(40)}", f"{day},figs,{chance.poisson(0.3)}"]
    path = tmp_path / "stall.csv"
    path.write_text("\n".join(lines), encoding="utf-8")
    assert main(["forecast", str(path), "--all-items", "--horizon", "7", "--out", str(tmp_path / "out")]) == 0
    assert "Forecast 2 items from 2024-04-10 to 2024-04-16" in capsys.readouterr().out
    made = pl.read_parquet(tmp_path / "out" / "*.parquet").filter(pl.col("period").is_null())
    assert dict(made.select("item", "mean").iter_rows()) == pytest.approx({"apples": 280, "figs": 2.1}, rel=0.4)


STOCK = "Product,Unit cost,Price,On hand,Supplier\nApples,0.5,1.0,0,Grower\nPears,0.8,1.5,900,Grower\n"


def with_stock(stall: Path, stock: str, folder: Path) -> Path:
    """The stall's sales and its list of items as one workbook."""
    book = openpyxl.Workbook()
    sheets = {"sales": stall.read_text(encoding="utf-8"), "items": stock}
    for name, text in sheets.items():
        sheet = book.create_sheet(name)
        for row in csv.reader(text.splitlines()):
            sheet.append([float(cell) if cell.replace(".", "", 1).isdigit() else cell for cell in row])
    book.remove(book.worksheets[0])
    path = folder / "stall.xlsx"
    book.save(path)
    return path


def test_the_orders_of_the_stall_are_printed_and_written(stall, tmp_path, capsys):
    path, out = with_stock(stall, STOCK + "Melons,,3.0,0,Grower\n", tmp_path), tmp_path / "orders.xlsx"
    assert main(["orders", str(path), "--xlsx", str(out)]) == 0
    printed = capsys.readouterr().out
    lines = printed.splitlines()
    assert lines[1].split()[0] == "Apples" and "Grower" in lines[1]
    units, spend = (float(cell.replace(",", "")) for cell in lines[1].split()[1:3])
    # Forty a day from Monday to Saturday, for a week and a delivery of three days; nothing is on the shelf.
    assert 40 * 6 < units < 40 * 12
    assert spend == pytest.approx(0.5 * units)
    assert f"Total: {spend:,.2f}" in printed and "1 other needs no order." in printed
    assert "Not planned: Melons has no cost" in printed
    assert not any(line.startswith("Pears") for line in lines)
    book = openpyxl.load_workbook(out)
    assert book.sheetnames == ["Order list", "Grower"]
    assert [row[:2] for row in book["Grower"].values][1] == ("Apples", units)


def test_a_file_of_which_nothing_can_be_planned_says_what_each_item_lacks(stall, tmp_path, capsys):
    path = with_stock(stall, "Product,Unit cost,Price,On hand\nApples,,1.0,0\nPears,,1.5,9\n", tmp_path)
    assert main(["orders", str(path)]) == 2
    said = capsys.readouterr()
    assert said.out == ""
    assert "No item of this file can be planned." in said.err
    assert "Apples has no cost" in said.err and "Pears has no cost" in said.err


def test_all_items_need_a_folder(tmp_path, capsys):
    assert "--out" in failed(["forecast", str(tmp_path / "sales.parquet"), "--all-items"], capsys)
