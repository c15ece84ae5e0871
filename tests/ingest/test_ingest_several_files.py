"""Several files of one business, opened at once."""

import io
import zipfile

import pytest

from engine.business.history import metrics, sales_history
from engine.errors import DataProblem
from engine.ingest import bundle, bundle_name, unbundle
from engine.settings import Settings
from engine.workflows.files import as_one, open_business, open_file
from tests.conftest import LATER

HEADER = b"Date,Item,Sold\n"
JANUARY = HEADER + b"".join(b"2026-01-%02d,Bread,%d\n" % (day, day) for day in range(1, 32))
FEBRUARY = HEADER + b"".join(b"2026-02-%02d,Bread,10\n" % day for day in range(1, 29))
STOCK = b"Item,On hand,Supplier\nBread,12,Mill\nRolls,30,Mill\n"


def test_two_months_are_one_history() -> None:
    content, name = as_one({"january.csv": JANUARY, "february.csv": FEBRUARY})
    business = open_business(content, name, Settings(), today=LATER)
    history = sales_history(business, metrics(business)[0])
    assert business.name == "january.csv, february.csv"
    assert len(history) == 31 + 28
    assert history.values.sum() == 31 * 32 / 2 + 280


def test_the_sales_and_the_stock_list_stay_two_tables() -> None:
    content, name = as_one({"sales.csv": JANUARY, "stock.csv": STOCK})
    dataset = open_file(content, name, Settings())
    assert [table.name for table in dataset.tables] == ["sales", "stock"]


def test_one_file_stays_as_it_is() -> None:
    assert as_one({"january.csv": JANUARY}) == (JANUARY, "january.csv")


def test_a_problem_of_one_file_is_a_problem_of_all() -> None:
    content, name = as_one({"january.csv": JANUARY, "empty.csv": b""})
    with pytest.raises(DataProblem, match="empty"):
        open_file(content, name, Settings())


def test_what_was_bundled_comes_back_and_no_path_with_it() -> None:
    files = {"../../etc/january.csv": JANUARY, "february.csv": FEBRUARY}
    assert unbundle(bundle(files)) == {"january.csv": JANUARY, "february.csv": FEBRUARY}
    assert bundle(files) == bundle(dict(files))


def test_an_archive_that_grows_when_unpacked_is_no_bundle() -> None:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as package:
        package.writestr("zeros.csv", bytes(1_000_000))
        package.comment = b"several spreadsheets of one business"
    assert unbundle(buffer.getvalue()) == {}


def test_text_that_ends_like_a_bundle_is_read_as_text() -> None:
    assert unbundle(JANUARY + b"several spreadsheets of one business") == {}


def test_many_files_are_named_by_the_first() -> None:
    assert bundle_name(dict.fromkeys(["a.csv", "b.csv", "c.csv"], b"")) == "a.csv and 2 more"
