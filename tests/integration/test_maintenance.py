"""Maintenance of reference data on both databases: what it refuses, and that everything wrong is said at once."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal

import pytest
from argon2 import PasswordHasher
from sqlalchemy import update

from gateway.domain.adjustment import AdjustmentChange, LineChange
from gateway.domain.disposition import Disposition
from gateway.domain.errors import GatewayError, NotAuthenticated, RulesBroken
from gateway.domain.item import Item, ItemKind
from gateway.domain.permission import Function
from gateway.domain.reason import Reason
from gateway.domain.reference import Reference, Store
from gateway.formats.maintenance_csv import MerchandisingReason
from gateway.persistence.reference_data import put_parameter
from gateway.persistence.tables import store_item_stock, store_item_stock_nonsell
from gateway.persistence.unit_of_work import Database
from gateway.usecases.access import Access
from gateway.usecases.maintenance import Maintenance
from gateway.usecases.parameters import MEANINGS
from gateway.usecases.reasons import ReasonEdit
from gateway.usecases.users import UserEdit
from tests.factories import BATTERY, FLOUR, STORE, Retailer

OURS = Reason(0, 300, "Sampling", Disposition.DECREASE_SOH)


@pytest.fixture
def maintenance(retailer: Retailer) -> Maintenance:
    return Maintenance(retailer.database, retailer.references, access_to(retailer.database))


def access_to(database: Database) -> Access:
    """Cheap hashes: what is tested is who gets one, not how hard it is."""
    return Access(database, PasswordHasher(time_cost=1, memory_cost=8, parallelism=1), remember_seconds=0)


def reference_of(retailer: Retailer) -> Reference:
    return retailer.database.read(retailer.references.current)


def refused(call: Callable[[], object]) -> list[tuple[str, str]]:
    """Return rule and field of every problem of *call*."""
    with pytest.raises(RulesBroken) as caught:
        call()
    return sorted((problem.rule, problem.field) for problem in caught.value.problems)


class TestReasons:
    def test_a_new_reason_gets_an_id_above_all_others(self, maintenance: Maintenance, retailer: Retailer) -> None:
        # RSN-03
        highest = max(reference_of(retailer).reasons)
        added = maintenance.reasons.add(OURS)
        assert added == highest + 1
        assert reference_of(retailer).reasons[added] == replace(OURS, reason_id=added)

    def test_everything_wrong_with_a_reason_is_said_at_once(self, maintenance: Maintenance) -> None:  # RSN-03, RSN-05
        wrong = Reason(81, 83, " ", Disposition.TO_UNAVAILABLE)
        assert refused(lambda: maintenance.reasons.add(wrong)) == [
            ("RSN-03", "description"),
            ("RSN-03", "reason_code"),
            ("RSN-03", "reason_id"),
            ("RSN-05", "to_nonsellable_qty_type_id"),
        ]

    def test_a_reason_into_unavailable_needs_an_existing_sub_bucket(self, maintenance: Maintenance) -> None:  # RSN-05
        into_nowhere = replace(OURS, disposition=Disposition.TO_UNAVAILABLE, to_sub_bucket=77)
        assert refused(lambda: maintenance.reasons.add(into_nowhere)) == [("RSN-05", "to_nonsellable_qty_type_id")]
        maintenance.reasons.add(replace(into_nowhere, to_sub_bucket=1))

    def test_only_the_description_of_a_system_reason_can_be_edited(
        self, maintenance: Maintenance, retailer: Retailer
    ) -> None:  # RSN-06
        maintenance.reasons.edit(1, ReasonEdit(description="Spoilage"))
        assert reference_of(retailer).reasons[1].description == "Spoilage"
        everything = ReasonEdit(500, "Other", Disposition.INCREASE_SOH, use_in_ui=True, publish=False)
        assert refused(lambda: maintenance.reasons.edit(1, everything)) == [
            ("RSN-06", "disposition"),
            ("RSN-06", "publish"),
            ("RSN-06", "reason_code"),
            ("RSN-06", "use_in_ui"),
        ]
        assert reference_of(retailer).reasons[1].description == "Spoilage"

    def test_a_system_reason_with_odd_sub_buckets_can_still_be_renamed(self, maintenance: Maintenance) -> None:
        # RSN-06: reason 188 breaks RSN-05 as SIM prints it
        maintenance.reasons.edit(188, ReasonEdit(description="On hold at receipt"))

    @pytest.mark.parametrize("action", ["deactivate", "delete"])
    def test_a_system_reason_cannot_be_removed(self, maintenance: Maintenance, action: str) -> None:  # RSN-06
        assert ("RSN-06", "reason_id") in refused(lambda: getattr(maintenance.reasons, action)(182))

    def test_the_publish_flag_of_other_reasons_can_change(self, maintenance: Maintenance, retailer: Retailer) -> None:
        # RSN-06
        maintenance.reasons.edit(83, ReasonEdit(publish=False))
        assert not reference_of(retailer).reasons[83].publish

    def test_a_reason_in_use_can_only_be_deactivated(self, maintenance: Maintenance, retailer: Retailer) -> None:
        # RSN-09
        save_line(retailer, 83)
        assert refused(lambda: maintenance.reasons.delete(83)) == [("RSN-09", "reason_id")]
        change = ReasonEdit(reason_code=383, disposition=Disposition.INCREASE_SOH)
        assert refused(lambda: maintenance.reasons.edit(83, change)) == [
            ("RSN-09", "disposition"),
            ("RSN-09", "reason_code"),
        ]
        maintenance.reasons.deactivate(83)
        assert not reference_of(retailer).reasons[83].active
        maintenance.reasons.activate(83)
        assert reference_of(retailer).reasons[83].active

    def test_an_unused_reason_can_be_deleted_although_a_role_holds_it(
        self, maintenance: Maintenance, retailer: Retailer
    ) -> None:  # RSN-09
        retailer.user("clerk", reason_ids=[84, 86])
        maintenance.reasons.delete(84)
        assert 84 not in reference_of(retailer).reasons
        assert maintenance.users.show_role("clerk").reason_ids == (86,)

    def test_reasons_that_no_role_may_use_carry_a_warning(self, maintenance: Maintenance, retailer: Retailer) -> None:
        # SEC-03
        maintenance.users.put_role("pos", [Function.ACCESS], [83])
        warned = {one.reason.reason_id for one in maintenance.reasons.list() if "SEC-03" in "".join(one.warnings)}
        assert warned == set(reference_of(retailer).reasons) - {83}

    def test_an_unknown_reason_is_named(self, maintenance: Maintenance) -> None:
        assert refused(lambda: maintenance.reasons.edit(999, ReasonEdit(description="x"))) == [("ADJ-16", "reason_id")]

    def test_comparing_with_merchandising_names_every_difference(
        self, maintenance: Maintenance, retailer: Retailer
    ) -> None:  # RSN-08
        maintenance.reasons.deactivate(86)
        maintenance.reasons.deactivate(92)
        there = [
            MerchandisingReason(reason.reason_code, reason.description, reason.disposition)
            for reason in reference_of(retailer).reasons.values()
            if reason.reason_code not in (83, 84, 90, 92)
        ]
        there += [
            MerchandisingReason(84, "Own use", None),
            MerchandisingReason(90, "Dispose from SOH", Disposition.INCREASE_SOH),
            MerchandisingReason(555, "Unheard of", None),
        ]
        assert [(one.reason_code, one.what) for one in maintenance.reasons.check(there)] == [
            (83, "is missing there"),
            (84, "description"),
            (86, "is not active here"),
            (90, "disposition"),
            (555, "is missing here"),
        ]

    def test_an_export_imports_without_a_change(self, maintenance: Maintenance) -> None:
        rows = [(row, one.reason) for row, one in enumerate(maintenance.reasons.list(), start=2)]
        assert maintenance.reasons.import_rows(rows) == (0, 0)

    def test_an_import_with_one_wrong_row_changes_nothing(self, maintenance: Maintenance, retailer: Retailer) -> None:
        # RSN-06
        before = reference_of(retailer)
        rows = [
            (2, replace(OURS, reason_id=900)),
            (3, replace(before.reasons[1], publish=False)),
            (4, replace(OURS, reason_id=901)),
        ]
        with pytest.raises(RulesBroken) as caught:
            maintenance.reasons.import_rows(rows)
        assert [(problem.line, problem.rule) for problem in caught.value.problems] == [
            (2, "RSN-03"),
            (3, "RSN-06"),
            (4, "RSN-03"),
        ]
        assert reference_of(retailer).reasons == before.reasons
        assert maintenance.reasons.import_rows(rows[:1]) == (1, 0)


def save_line(retailer: Retailer, reason_id: int, item_id: str = BATTERY, quantity: int = 1) -> int:
    """Save an adjustment with one line; return its id."""
    line = LineChange(None, item_id, reason_id, Decimal(quantity), Decimal(1))
    return retailer.adjustments.save(retailer.pos, AdjustmentChange(None, STORE, lines=[line]))


class TestSubBuckets:
    def test_the_parameter_stays_while_a_sub_bucket_holds_stock(self, maintenance: Maintenance) -> None:  # RSN-04
        with pytest.raises(RulesBroken, match=BATTERY):
            maintenance.parameters.set("sub_buckets", "off")

    def test_the_parameter_changes_both_ways_without_unavailable_stock(
        self, maintenance: Maintenance, retailer: Retailer
    ) -> None:  # RSN-04
        empty_the_sub_buckets(retailer)
        maintenance.parameters.set("sub_buckets", "off")
        assert not reference_of(retailer).parameters.sub_buckets
        confirm_line(retailer, 91)
        with pytest.raises(RulesBroken, match="RSN-04"):
            maintenance.parameters.set("sub_buckets", "on")
        confirm_line(retailer, 96)
        maintenance.parameters.set("sub_buckets", "on")
        assert reference_of(retailer).parameters.sub_buckets
        assert retailer.verify.run().differences == ()

    def test_setting_what_it_is_already_is_no_change(self, maintenance: Maintenance) -> None:  # RSN-04
        maintenance.parameters.set("sub_buckets", "on")

    def test_the_change_waits_for_calls_under_way(self, maintenance: Maintenance, retailer: Retailer) -> None:
        # RSN-04, STK-06: a confirm that read "on" must not put stock into a sub-bucket after the change to "off"
        empty_the_sub_buckets(retailer)
        outcome: list[BaseException | None] = []

        def switch_off() -> None:
            try:
                maintenance.parameters.set("sub_buckets", "off")
                outcome.append(None)
            except GatewayError as error:
                outcome.append(error)

        switching = threading.Thread(target=switch_off)
        with retailer.database.transaction() as uow:
            assert retailer.references.current(uow).parameters.sub_buckets
            switching.start()
            switching.join(0.5)
            assert switching.is_alive()
            for table, values in (
                (store_item_stock, {"quantity_unavailable": Decimal(1)}),
                (store_item_stock_nonsell, {"quantity": Decimal(1)}),
            ):
                uow.execute(update(table).where(table.c.store_id == STORE, table.c.item_id == BATTERY).values(**values))
            uow.commit()
        switching.join(20)
        assert isinstance(outcome[0], RulesBroken)

    def test_a_sub_bucket_gets_the_next_id(self, maintenance: Maintenance, retailer: Retailer) -> None:  # RSN-04
        highest = max(reference_of(retailer).sub_buckets)
        assert maintenance.sub_buckets.add("Recall") == highest + 1
        assert refused(lambda: maintenance.sub_buckets.add("recall")) == [("RSN-04", "description")]
        assert refused(lambda: maintenance.sub_buckets.add("Other", 1)) == [("RSN-04", "type_id")]


def confirm_line(retailer: Retailer, reason_id: int, quantity: int = 1) -> None:
    """Confirm an adjustment of batteries."""
    retailer.adjustments.confirm(retailer.pos, save_line(retailer, reason_id, BATTERY, quantity))


def empty_the_sub_buckets(retailer: Retailer) -> None:
    """Bring the 10 batteries in Trouble back to available."""
    confirm_line(retailer, 96, 10)


class TestParameters:
    def test_every_parameter_has_a_meaning(self, maintenance: Maintenance) -> None:
        listed = maintenance.parameters.list()
        assert {one.name for one in listed} == set(MEANINGS)
        assert all(one.value == one.default for one in listed)

    def test_values_are_checked(self, maintenance: Maintenance) -> None:  # ADJ-11
        assert refused(lambda: maintenance.parameters.set("search_limit", "1000")) == [("ADJ-11", "search_limit")]
        assert refused(lambda: maintenance.parameters.set("sub_buckets", "maybe")) == [("RSN-04", "sub_buckets")]
        assert refused(lambda: maintenance.parameters.set("colour", "on")) == [("RSN-04", "name")]

    def test_a_set_parameter_is_seen_at_once(self, maintenance: Maintenance, retailer: Retailer) -> None:  # ADJ-11
        maintenance.parameters.set("search_limit", "0099")
        assert reference_of(retailer).parameters.search_limit == 99

    def test_a_value_from_a_newer_version_does_no_harm(self, maintenance: Maintenance, retailer: Retailer) -> None:
        retailer.database.write(lambda uow: put_parameter(uow, "of_tomorrow", "on"))
        assert "of_tomorrow" not in {one.name for one in maintenance.parameters.list()}


class TestUsers:
    def test_a_user_logs_in_after_being_added(self, maintenance: Maintenance, retailer: Retailer) -> None:  # SEC-01
        maintenance.users.add("new", "long enough", ["pos"], [STORE])
        assert access_to(retailer.database).authenticate("new", "long enough").user_name == "new"
        shown = maintenance.users.show("new")
        assert (shown.roles, shown.store_ids, shown.active) == (("pos",), (STORE,), True)

    def test_everything_wrong_with_a_user_is_said_at_once(self, maintenance: Maintenance) -> None:  # SEC-01
        assert refused(lambda: maintenance.users.add("pos", "long enough", ["nobody", "pos"], [1, STORE])) == [
            ("ADJ-16", "store"),
            ("SEC-01", "role"),
            ("SEC-01", "user"),
        ]

    @pytest.mark.parametrize("name", ["", " ", "x" * 31, "a\nb"])
    def test_a_name_that_messages_cannot_carry_is_refused(self, maintenance: Maintenance, name: str) -> None:  # PUB-04
        assert refused(lambda: maintenance.users.add(name, "long enough", [], [])) == [("PUB-04", "user")]

    @pytest.mark.parametrize("password", ["", "short", "x" * 1025])
    def test_a_password_is_neither_short_nor_endless(self, maintenance: Maintenance, password: str) -> None:
        assert refused(lambda: maintenance.users.add("new", password, [], [])) == [("SEC-01", "password")]
        assert refused(lambda: maintenance.users.set_password("pos", password)) == [("SEC-01", "password")]

    def test_another_password_ends_the_old_one(self, maintenance: Maintenance, retailer: Retailer) -> None:
        maintenance.users.add("new", "long enough", [], [])
        maintenance.users.set_password("new", "longer than before")
        with pytest.raises(NotAuthenticated):
            access_to(retailer.database).authenticate("new", "long enough")
        assert access_to(retailer.database).authenticate("new", "longer than before").credential_version == 2

    def test_a_locked_user_stays_out_until_unlocked(self, maintenance: Maintenance, retailer: Retailer) -> None:
        maintenance.users.add("new", "long enough", [], [])
        maintenance.users.lock("new")
        with pytest.raises(NotAuthenticated):
            access_to(retailer.database).authenticate("new", "long enough")
        assert refused(lambda: maintenance.users.identity("new")) == [("SEC-01", "user")]
        maintenance.users.unlock("new")
        assert access_to(retailer.database).authenticate("new", "long enough").user_name == "new"

    def test_editing_changes_only_what_is_named(self, maintenance: Maintenance) -> None:  # SEC-01
        maintenance.users.add("new", "long enough", ["pos"], [STORE])
        maintenance.users.edit("new", UserEdit(every_store=True))
        assert maintenance.users.show("new").store_ids is None
        maintenance.users.edit("new", UserEdit(roles=[]))
        assert (maintenance.users.show("new").roles, maintenance.users.show("new").store_ids) == ((), None)

    @pytest.mark.parametrize("action", ["lock", "unlock", "show", "identity"])
    def test_an_unknown_user_is_named(self, maintenance: Maintenance, action: str) -> None:
        with pytest.raises(RulesBroken, match="ghost"):
            getattr(maintenance.users, action)("ghost")

    def test_a_role_is_written_anew(self, maintenance: Maintenance) -> None:  # SEC-01, SEC-02
        maintenance.users.put_role("clerk", [Function.ACCESS, Function.CREATE], [83, 84, 83])
        maintenance.users.put_role("clerk", [Function.ACCESS], [86])
        role = maintenance.users.show_role("clerk")
        assert (role.functions, role.reason_ids) == ((Function.ACCESS,), (86,))
        maintenance.users.put_role("clerk", [Function.ACCESS], None)
        assert maintenance.users.show_role("clerk").reason_ids is None

    def test_a_role_takes_codes_and_not_ids(self, maintenance: Maintenance) -> None:  # RSN-03, SEC-02
        # Reason 200 of the factory has the code 1200.
        maintenance.users.put_role("mover", [Function.ACCESS], [1200])
        assert maintenance.users.show_role("mover").reason_ids == (200,)
        assert refused(lambda: maintenance.users.put_role("mover", [], [200, 201])) == [
            ("SEC-02", "reason_codes"),
            ("SEC-02", "reason_codes"),
        ]


class TestAssortment:
    def test_a_store_is_added_once(self, maintenance: Maintenance) -> None:  # ADJ-16
        store = Store(1400, "Airport", "Europe/Paris", "EUR")
        maintenance.stores.add(store)
        assert store in maintenance.stores.list()
        assert refused(lambda: maintenance.stores.add(store)) == [("ADJ-16", "store_id")]

    def test_everything_wrong_with_a_store_is_said_at_once(self, maintenance: Maintenance) -> None:
        wrong = Store(0, " ", "Europe/Atlantis", "Euro")
        fields = ["currency", "name", "store_id", "timezone"]
        assert refused(lambda: maintenance.stores.add(wrong)) == [("ADJ-16", name) for name in fields]

    def test_stores_are_imported_all_or_none(self, maintenance: Maintenance) -> None:
        rows = [(2, Store(1400, "Airport", "Europe/Paris", "EUR")), (3, Store(1401, "Port", "Europe/Paris", "eur"))]
        assert refused(lambda: maintenance.stores.import_rows(rows)) == [("ADJ-16", "currency")]
        assert 1400 not in {store.store_id for store in maintenance.stores.list()}
        assert maintenance.stores.import_rows(rows[:1]) == (1, 0)
        assert maintenance.stores.import_rows([(2, replace(rows[0][1], name="Terminal"))]) == (0, 1)

    def test_items_are_imported_and_changed(self, maintenance: Maintenance) -> None:  # UIN-01
        new = Item("200000001", "Lamp", "EA", ItemKind.SERIAL, Decimal("12.5"), "Home", None, None)
        battery = next(item for item in maintenance.items.list() if item.item_id == BATTERY)
        changed = replace(battery, description="Batteries, four")
        assert maintenance.items.import_rows([(2, new), (3, changed)]) == (1, 1)
        assert maintenance.items.import_rows([(2, new), (3, changed)]) == (0, 0)
        assert maintenance.items.list("LAMP") == [new]
        assert refused(lambda: maintenance.items.add(new)) == [("ADJ-16", "item_id")]

    def test_an_item_with_a_position_keeps_unit_and_kind(self, maintenance: Maintenance) -> None:  # UIN-02, IVL-05
        flour = next(item for item in maintenance.items.list() if item.item_id == FLOUR)
        wrong = replace(flour, uom="LB", kind=ItemKind.AGSN)
        assert refused(lambda: maintenance.items.import_rows([(2, wrong)])) == [("IVL-05", "uom"), ("UIN-02", "kind")]

    def test_an_item_named_twice_is_refused_with_its_row(self, maintenance: Maintenance) -> None:
        new = Item("200000001", "Lamp", "EA", ItemKind.PLAIN)
        with pytest.raises(RulesBroken) as caught:
            maintenance.items.import_rows([(2, new), (3, new)])
        assert [problem.line for problem in caught.value.problems] == [3]

    def test_many_items_are_imported_quickly(self, maintenance: Maintenance) -> None:
        rows = [(row, Item(f"9{row:08d}", f"Item {row}", "EA", ItemKind.PLAIN)) for row in range(2, 5002)]
        assert maintenance.items.import_rows(rows) == (5000, 0)
