"""A bakery and a clinic keep their files in one database, and neither ever sees the other's."""

import hashlib
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta, timezone

import pytest

from engine.dataset import Choices, ColumnRole
from engine.errors import NotKept, StoreProblem
from engine.store import (
    PurchaseLine,
    PurchaseOrder,
    Receipt,
    SavedDataset,
    ScenarioRecord,
    Sender,
    SupplierContact,
)
from engine.store.store import open_store

MONDAY = datetime(2026, 3, 2, 8, 30, tzinfo=UTC)
TUESDAY = MONDAY + timedelta(days=1)
SALES = b"date,sold\n2026-03-01,12\n"
ABC = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
"""SHA-256 of "abc", as FIPS 180-2 prints it."""


@pytest.fixture
def address(tmp_path):
    return f"sqlite:///{tmp_path / 'dyocense.db'}"


@pytest.fixture
def store(address):
    store = open_store(address)
    yield store
    store.close()


@pytest.fixture
def sales(store):
    """The bakery's file."""
    return store.save_dataset("bakery", "sales.csv", SALES, saved_at=MONDAY)


def bread_forecast(dataset: SavedDataset, name: str = "Easter", page: str = "forecast") -> ScenarioRecord:
    settings = {"item": "Rye bread", "horizon": 28, "levels": [80, 95], "holidays": True, "limit": None}
    return ScenarioRecord(name, page, dataset.sha256, settings, "412 loaves in 28 days")


def test_a_file_is_known_by_the_hash_of_its_bytes(store):
    saved = store.save_dataset("bakery", "abc.txt", b"abc", saved_at=MONDAY)

    assert saved == SavedDataset(ABC, "abc.txt", 3, MONDAY)
    assert store.datasets("bakery") == (saved,)
    assert store.content("bakery", ABC) == b"abc"


def test_files_are_listed_newest_first(store):
    for name, day in (("first.csv", MONDAY), ("third.csv", TUESDAY), ("second.csv", MONDAY + timedelta(hours=1))):
        store.save_dataset("bakery", name, name.encode(), saved_at=day)

    assert [saved.name for saved in store.datasets("bakery")] == ["third.csv", "second.csv", "first.csv"]


def test_the_same_bytes_saved_again_are_one_file_with_the_new_name(store, sales):
    again = store.save_dataset("bakery", "march.csv", SALES, saved_at=TUESDAY)

    assert again.sha256 == sales.sha256
    assert store.datasets("bakery") == (SavedDataset(sales.sha256, "march.csv", len(SALES), TUESDAY),)


def test_the_same_bytes_saved_again_keep_their_scenarios(store, sales):
    scenario = store.save_scenario("bakery", bread_forecast(sales), saved_at=MONDAY)

    store.save_dataset("bakery", "march.csv", SALES, saved_at=TUESDAY)

    assert store.scenarios("bakery", "forecast") == (scenario,)


def test_a_file_of_twenty_megabytes_with_every_byte_comes_back_as_it_was(store):
    content = bytes(range(256)) * 80_000

    saved = store.save_dataset("bakery", "large.xlsx", content, saved_at=MONDAY)

    assert store.content("bakery", saved.sha256) == content


def test_moments_come_back_in_utc_whatever_zone_they_were_saved_in(store):
    in_vienna = MONDAY.astimezone(timezone(timedelta(hours=1)))

    store.save_dataset("bakery", "sales.csv", SALES, saved_at=in_vienna)

    (saved,) = store.datasets("bakery")
    assert saved.saved_at == MONDAY
    assert saved.saved_at.utcoffset() == timedelta(0)


def test_a_moment_without_a_zone_is_refused(store):
    with pytest.raises(ValueError, match="time zone"):
        store.save_dataset("bakery", "sales.csv", SALES, saved_at=MONDAY.replace(tzinfo=None))


def test_a_deleted_file_takes_its_scenarios_along_and_no_others(store, sales):
    other = store.save_dataset("bakery", "other.csv", b"other", saved_at=MONDAY)
    store.save_scenario("bakery", bread_forecast(sales), saved_at=MONDAY)
    kept = store.save_scenario("bakery", bread_forecast(other), saved_at=MONDAY)

    store.delete_dataset("bakery", sales.sha256)

    assert store.datasets("bakery") == (other,)
    assert store.scenarios("bakery", "forecast") == (kept,)
    with pytest.raises(NotKept):
        store.content("bakery", sales.sha256)


def test_choices_are_remembered_for_next_months_file(store):
    choices = Choices({"f1": {"Day": ColumnRole.DATE, "Sold": ColumnRole.QUANTITY}}, {"date order": "day first"})

    store.save_choices("bakery", choices)

    assert store.choices("bakery") == choices


def test_later_choices_replace_what_was_remembered(store):
    store.save_choices("bakery", Choices({"f1": {"Day": ColumnRole.DATE}, "f2": {"A": ColumnRole.ITEM}}, {"q": "yes"}))

    store.save_choices("bakery", Choices({"f1": {"Day": ColumnRole.OTHER}}))

    assert store.choices("bakery") == Choices({"f1": {"Day": ColumnRole.OTHER}})


def test_nothing_decided_yet_is_empty_choices(store):
    assert store.choices("bakery") == Choices()


def test_a_scenario_comes_back_by_its_id_with_all_its_settings(store, sales):
    saved = store.save_scenario("bakery", bread_forecast(sales), saved_at=MONDAY)

    assert store.scenarios("bakery", "forecast") == (saved,)
    assert saved.parameters == {
        "item": "Rye bread", "horizon": 28, "levels": [80, 95], "holidays": True, "limit": None
    }  # fmt: skip
    assert (saved.headline, saved.saved_at) == ("412 loaves in 28 days", MONDAY)


def test_scenarios_are_listed_per_page_newest_first(store, sales):
    for name, page, day in (("A", "forecast", MONDAY), ("B", "forecast", TUESDAY), ("C", "inventory", TUESDAY)):
        store.save_scenario("bakery", bread_forecast(sales, name, page), saved_at=day)

    assert [scenario.name for scenario in store.scenarios("bakery", "forecast")] == ["B", "A"]
    assert [scenario.name for scenario in store.scenarios("bakery", "inventory")] == ["C"]


def test_ids_of_scenarios_fit_into_a_link_and_cannot_be_guessed(store, sales):
    ids = {store.save_scenario("bakery", bread_forecast(sales), saved_at=MONDAY).id for _ in range(50)}

    assert len(ids) == 50
    # 96 random bits in base 64 are 16 characters.
    assert all(len(token) == 16 and token.replace("-", "").replace("_", "").isalnum() for token in ids)


def test_a_deleted_scenario_is_gone_and_its_file_stays(store, sales):
    saved = store.save_scenario("bakery", bread_forecast(sales), saved_at=MONDAY)

    store.delete_scenario("bakery", saved.id)

    assert store.scenarios("bakery", "forecast") == ()
    assert store.datasets("bakery") == (sales,)


def test_a_scenario_about_a_file_that_was_never_saved_is_refused(store):
    with pytest.raises(NotKept):
        store.save_scenario("bakery", ScenarioRecord("A", "forecast", ABC, {}, ""), saved_at=MONDAY)


def test_what_the_owner_told_us_is_kept_by_subject_and_can_be_taken_back(store):
    fair = {"name": "Street fair", "days": ["2026-05-03", "2026-05-09"], "percent": -30.5}
    store.remember("bakery", "events", [fair])
    store.remember("bakery", "country", "DE")
    store.remember("clinic", "events", [])
    assert store.remembered("bakery", "events") == [fair]
    store.remember("bakery", "events", [fair, fair])
    assert store.remembered("bakery", "events") == [fair, fair]
    store.remember("bakery", "events", None)
    assert store.remembered("bakery", "events") is None
    assert store.remembered("bakery", "country") == "DE"
    assert store.remembered("clinic", "events") == []


def test_settings_that_json_cannot_hold_are_the_callers_mistake(store, sales):
    with pytest.raises(TypeError, match="JSON serializable"):
        store.save_scenario(
            "bakery", ScenarioRecord("A", "forecast", sales.sha256, {"x": object()}, ""), saved_at=MONDAY
        )


class TestAnotherWorkspace:
    """The clinic, in the same database as the bakery."""

    def test_sees_no_files(self, store, sales):
        assert store.datasets("clinic") == ()

    def test_cannot_read_a_file_whose_hash_it_knows(self, store, sales):
        with pytest.raises(NotKept):
            store.content("clinic", sales.sha256)

    def test_may_save_the_same_bytes_as_a_file_of_its_own(self, store, sales):
        own = store.save_dataset("clinic", "ours.csv", SALES, saved_at=TUESDAY)

        assert store.datasets("clinic") == (own,)
        assert store.datasets("bakery") == (sales,)

    def test_cannot_delete_a_file(self, store, sales):
        store.delete_dataset("clinic", sales.sha256)

        assert store.content("bakery", sales.sha256) == SALES

    def test_sees_no_choices_and_its_own_leave_others_alone(self, store):
        bakery = Choices({"f1": {"Day": ColumnRole.DATE}}, {"q": "yes"})
        clinic = Choices({"f1": {"Day": ColumnRole.ITEM}}, {"q": "no"})
        store.save_choices("bakery", bakery)
        assert store.choices("clinic") == Choices()

        store.save_choices("clinic", clinic)

        assert store.choices("bakery") == bakery
        assert store.choices("clinic") == clinic

    def test_cannot_make_others_forget(self, store):
        bakery = Choices({"f1": {"Day": ColumnRole.DATE}})
        store.save_choices("bakery", bakery)

        store.save_choices("clinic", Choices())

        assert store.choices("bakery") == bakery

    def test_sees_no_scenarios(self, store, sales):
        store.save_scenario("bakery", bread_forecast(sales), saved_at=MONDAY)

        assert store.scenarios("clinic", "forecast") == ()

    def test_cannot_save_a_scenario_about_a_file_of_others(self, store, sales):
        with pytest.raises(NotKept):
            store.save_scenario("clinic", bread_forecast(sales), saved_at=MONDAY)

    def test_cannot_delete_a_scenario(self, store, sales):
        saved = store.save_scenario("bakery", bread_forecast(sales), saved_at=MONDAY)

        store.delete_scenario("clinic", saved.id)

        assert store.scenarios("bakery", "forecast") == (saved,)


def test_a_workspace_without_a_name_is_refused(store):
    with pytest.raises(ValueError, match="workspace"):
        store.datasets("")
    with pytest.raises(ValueError, match="workspace"):
        store.save_dataset("", "sales.csv", SALES, saved_at=MONDAY)


def test_a_restart_loses_nothing(store, sales, address):
    scenario = store.save_scenario("bakery", bread_forecast(sales), saved_at=MONDAY)
    choices = Choices({"f1": {"Day": ColumnRole.DATE}}, {"q": "yes"})
    store.save_choices("bakery", choices)
    store.close()

    after = open_store(address)

    assert after.datasets("bakery") == (sales,)
    assert after.content("bakery", sales.sha256) == SALES
    assert after.choices("bakery") == choices
    assert after.scenarios("bakery", "forecast") == (scenario,)
    after.close()


def test_the_hash_is_of_the_bytes_alone(store, sales):
    assert sales.sha256 == hashlib.sha256(SALES).hexdigest()


def test_a_database_whose_file_was_taken_away_is_a_problem_that_says_so(store, sales, tmp_path):
    store.close()
    for file in tmp_path.iterdir():
        file.unlink()

    with pytest.raises(StoreProblem, match="no such table"):
        store.datasets("bakery")


def flour_order(supplier: str = "Mill", **changes: object) -> PurchaseOrder:
    lines = (
        PurchaseLine("Rye flour", 60.0, 1.25, date(2026, 3, 4), code="R-7", pack=5.0),
        PurchaseLine("Wheat flour", 10.0, 0.5, date(2026, 3, 6)),
    )
    sender, contact = Sender("Corner Bakery", "Mill Lane 4\nBerlin"), SupplierContact("Hafen 3", "30 days net", "free")
    return replace(PurchaseOrder(supplier, date(2026, 3, 2), "EUR", lines, sender, contact), **changes)


def test_approved_orders_get_running_numbers_and_come_back_whole(store):
    first = store.add_orders("bakery", "till", [flour_order(), flour_order("Dairy")], after=0)
    second = store.add_orders("bakery", "till", [flour_order()], after=2)

    assert [order.reference for order in (*first, *second)] == ["PO-0001", "PO-0002", "PO-0003"]
    assert store.purchase_orders("bakery", "till") == (*second, *reversed(first))
    assert replace(first[0], number=0) == flour_order()


def test_each_business_and_each_workspace_counts_its_own_orders(store):
    store.add_orders("bakery", "till", [flour_order()], after=0)

    assert store.add_orders("bakery", "web shop", [flour_order()], after=0)[0].number == 1
    assert store.add_orders("clinic", "till", [flour_order()], after=0)[0].number == 1
    assert len(store.purchase_orders("bakery", "till")) == 1
    with pytest.raises(NotKept):
        store.change_order("clinic", "web shop", 1, lambda order: order)


def test_a_second_click_orders_nothing_twice(store):
    store.add_orders("bakery", "till", [flour_order()], after=0)

    with pytest.raises(StoreProblem, match="another window"):
        store.add_orders("bakery", "till", [flour_order()], after=0)

    assert len(store.purchase_orders("bakery", "till")) == 1


def test_of_eight_windows_that_approve_together_one_is_first(store):
    def approve(_: int) -> bool:
        try:
            store.add_orders("bakery", "till", [flour_order(), flour_order()], after=0)
        except StoreProblem:
            return False
        return True

    with ThreadPoolExecutor(8) as windows:
        assert sum(windows.map(approve, range(8))) == 1

    assert [order.number for order in store.purchase_orders("bakery", "till")] == [2, 1]


def test_what_becomes_of_an_order_is_kept_over_a_restart(store, address):
    store.add_orders("bakery", "till", [flour_order()], after=0)
    came = Receipt("Rye flour", date(2026, 3, 4), 60.0)

    changed = store.change_order("bakery", "till", 1, lambda order: replace(order, receipts=(*order.receipts, came)))

    again = open_store(address)
    assert again.purchase_orders("bakery", "till") == (changed,)
    again.close()
    assert (changed.state, changed.is_open, changed.total) == ("part received", True, 80.0)
    assert [changed.outstanding(line) for line in changed.lines] == [0.0, 10.0]
    with pytest.raises(NotKept, match="order is no longer kept"):
        store.change_order("bakery", "till", 2, lambda order: order)


def test_an_order_says_what_has_become_of_it():
    order = flour_order(number=12)
    half = Receipt("Wheat flour", date(2026, 3, 6), 5.0)
    all_of_it = (Receipt("Rye flour", date(2026, 3, 4), 60.0), half, half)

    assert (order.state, order.expected) == ("open", date(2026, 3, 6))
    assert replace(order, receipts=(half,)).state == "part received"
    assert replace(order, receipts=all_of_it).state == "received"
    assert replace(order, cancelled=date(2026, 3, 5)).state == "cancelled"
    assert replace(order, receipts=(half,), cancelled=date(2026, 3, 5)).state == "rest cancelled"
    assert (order.lines[0].packs, order.lines[0].amount) == (12, 75)
