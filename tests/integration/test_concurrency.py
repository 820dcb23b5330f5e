"""Many callers at once: no lost update, no deadlock, nothing taken twice."""

from __future__ import annotations

import random
import threading
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

import pytest

from gateway.domain.errors import RulesBroken
from gateway.persistence.engine import make_engine
from gateway.persistence.reference_data import ReferenceCache
from gateway.persistence.unit_of_work import Database, UnitOfWork
from gateway.usecases.adjustments import Adjustments
from tests.factories import (
    BATTERY,
    FLOUR,
    OTHER_STORE,
    STORE,
    TELEVISION,
    TROUBLE,
    WATCH,
    Retailer,
    change,
    line,
    numbered,
)

T = TypeVar("T")
OK = "ok"


class CountingDatabase(Database):
    """Counts how often transactions are begun, so that a call that was run again is noticed."""

    def __init__(self, url: str) -> None:
        super().__init__(make_engine(url, pool_size=16))
        self.begun = 0
        self._counting = threading.Lock()

    def write(self, work: Callable[[UnitOfWork], T]) -> T:
        """Run *work* as ever."""

        def counted(uow: UnitOfWork) -> T:
            with self._counting:
                self.begun += 1
            return work(uow)

        return super().write(counted)


class Crowd:
    """Callers of two gateways on one database, all let go at the same moment."""

    def __init__(self, retailer: Retailer) -> None:
        url = retailer.database.engine.url.render_as_string(hide_password=False)
        self.retailer = retailer
        self.databases = [CountingDatabase(url), CountingDatabase(url)]
        self._gateways = [Adjustments(one, ReferenceCache()) for one in self.databases]
        self.calls = 0

    def run(self, *calls: Callable[[Adjustments], object]) -> list[str]:
        """Run every call in a thread of its own; return how each ended: ok, or the rules it broke."""
        self.calls += len(calls)
        start = threading.Barrier(len(calls))

        def one(number: int) -> str:
            gateway = self._gateways[number % 2]
            start.wait(timeout=30)
            try:
                calls[number](gateway)
            except RulesBroken as broken:
                return " ".join(sorted({problem.rule for problem in broken.problems}))
            return OK

        with ThreadPoolExecutor(len(calls)) as pool:
            return list(pool.map(one, range(len(calls))))

    @property
    def repetitions(self) -> int:
        """How many calls had to be run again because they lost against others, in a deadlock or otherwise."""
        return sum(one.begun for one in self.databases) - self.calls

    def close(self) -> None:
        """Close the connections."""
        for one in self.databases:
            one.engine.dispose()


@pytest.fixture
def crowd(retailer: Retailer) -> Iterator[Crowd]:
    """A crowd of callers."""
    made = Crowd(retailer)
    yield made
    made.close()


def _confirming(
    retailer: Retailer, *lines: object, store_id: int = STORE, **header: object
) -> Callable[[Adjustments], object]:
    asked = change(*lines, store_id=store_id, **header)  # type: ignore[arg-type]
    return lambda gateway: gateway.save_and_confirm(retailer.pos, asked)


def test_many_changes_of_overlapping_positions_in_any_order_lose_nothing(
    retailer: Retailer, crowd: Crowd
) -> None:  # STK-06
    items = numbered("I", 12)
    retailer.add_items(items, uom="KG")
    chance = random.Random(6)
    expected: Counter[str] = Counter()

    def lines_in_any_order() -> Iterator[object]:
        for item_id in chance.sample(list(items), 8):
            reason_id, sign = chance.choice([(83, -1), (93, 1), (84, -1), (94, 1)])
            quantity = chance.randint(1, 9)
            expected[item_id] += sign * quantity
            yield line(item_id, reason_id, quantity)

    for _ in range(8):
        calls = [_confirming(retailer, *lines_in_any_order()) for _ in range(12)]
        assert crowd.run(*calls) == [OK] * 12
    assert {one: retailer.position(one).available for one in items} == {one: expected[one] for one in items}
    assert crowd.repetitions == 0
    assert retailer.differences() == ()


def test_a_sub_bucket_gives_no_more_than_it_holds(retailer: Retailer, crowd: Crowd) -> None:  # STK-06, STK-04, ADJ-05
    calls = [_confirming(retailer, line(BATTERY, reason_id, 1)) for reason_id in (96, 89, 200, 96) * 4]
    ends = Counter(crowd.run(*calls))
    assert ends == {OK: 10, "ADJ-05": 6}
    assert retailer.sub_bucket(BATTERY, TROUBLE.type_id) == 0
    assert crowd.repetitions == 0
    assert retailer.differences() == ()


def test_saved_adjustments_are_checked_against_the_stock_of_the_moment(
    retailer: Retailer, crowd: Crowd
) -> None:  # STK-06, ADJ-04
    saved = [retailer.adjustments.save(retailer.pos, change(line(BATTERY, 96, 3), line(FLOUR))) for _ in range(8)]
    ends = Counter(crowd.run(*(lambda gateway, one=one: gateway.confirm(retailer.pos, one) for one in saved)))
    assert ends == {OK: 3, "ADJ-05": 5}
    assert retailer.sub_bucket(BATTERY, TROUBLE.type_id) == 1
    assert retailer.position(FLOUR).available == 100 - 3 * 2
    assert retailer.differences() == ()


@pytest.mark.parametrize("rival", ["confirm", "cancel", "save"])
def test_an_adjustment_is_closed_once(retailer: Retailer, crowd: Crowd, rival: str) -> None:  # STK-06, ADJ-08
    adjustment_id = retailer.adjustments.save(retailer.pos, change(line(BATTERY, 83, 2)))

    def confirm(gateway: Adjustments) -> None:
        gateway.confirm(retailer.pos, adjustment_id)

    def other(gateway: Adjustments) -> None:
        if rival == "confirm":
            gateway.confirm(retailer.pos, adjustment_id)
        elif rival == "cancel":
            gateway.cancel(retailer.pos, adjustment_id)
        else:
            gateway.save_and_confirm(retailer.pos, change(line(FLOUR), adjustment_id=adjustment_id))

    ends = Counter(crowd.run(*([confirm, other] * 4)))
    assert ends == {OK: 1, "ADJ-08": 7}
    completed = retailer.rows("inv_adjust")[0]["status"] == "COMPLETED"
    assert retailer.position(BATTERY).available == (98 if completed else 100)
    assert len(retailer.messages()) <= 2
    assert retailer.differences() == ()


def test_a_unit_is_taken_once(retailer: Retailer, crowd: Crowd) -> None:  # STK-06, UIN-05
    calls = [
        _confirming(retailer, line(item_id, reason_id, 1, added=[uin]))
        for item_id, uin in ((TELEVISION, "TV-1311-1"), (WATCH, "WA-1311-1"))
        for reason_id in (83, 91, 84, 90)
    ]
    ends = crowd.run(*calls)
    assert Counter(ends[:4]) == Counter(ends[4:]) == {OK: 1, "UIN-05": 3}
    assert retailer.differences() == ()


def test_a_new_unit_enters_at_one_store_only(retailer: Retailer, crowd: Crowd) -> None:  # STK-06, UIN-05
    for number in range(6):
        calls = [
            _confirming(retailer, line(item_id, 93, 1, added=[f"N{number}"]), store_id=store_id)
            for item_id in (TELEVISION, WATCH)
            for store_id in (STORE, OTHER_STORE)
        ]
        ends = crowd.run(*calls)
        assert sorted(ends[:2]) == sorted(ends[2:]) == ["UIN-05", OK]
    assert retailer.differences() == ()


def test_a_unit_that_left_comes_back_at_one_store_only(retailer: Retailer, crowd: Crowd) -> None:  # STK-06, UIN-05
    for _ in range(4):
        store_id = retailer.states(TELEVISION)["TV-1311-1"][0]
        asked = change(line(TELEVISION, 83, 1, added=["TV-1311-1"]), store_id=store_id)
        retailer.adjustments.save_and_confirm(retailer.pos, asked)
        calls = [
            _confirming(retailer, line(TELEVISION, 93, 1, added=["TV-1311-1"]), store_id=one)
            for one in (STORE, OTHER_STORE) * 2
        ]
        assert Counter(crowd.run(*calls)) == {OK: 1, "UIN-05": 3}
    assert retailer.differences() == ()


def test_stores_that_take_units_from_each_other_do_not_block_each_other(
    retailer: Retailer, crowd: Crowd
) -> None:  # STK-06, UIN-07
    units: dict[int, Sequence[str]] = {STORE: ["TV-1311-1", "TV-1311-2"], OTHER_STORE: ["TV-1312-1", "TV-1312-2"]}
    watches: dict[int, Sequence[str]] = {STORE: ["WA-1311-1"], OTHER_STORE: ["WA-1312-1"]}
    for _ in range(6):
        calls = [
            _confirming(
                retailer,
                *order(
                    [
                        line(TELEVISION, 182, 2, added=units[taken_from]),
                        line(WATCH, 182, 1, added=watches[taken_from]),
                        line(BATTERY, 93, 1),
                    ]
                ),
                store_id=taker,
            )
            for taker, taken_from, order in ((STORE, OTHER_STORE, list), (OTHER_STORE, STORE, reversed))
        ]
        assert crowd.run(*calls) == [OK, OK]
        for held in (units, watches):
            held[STORE], held[OTHER_STORE] = held[OTHER_STORE], held[STORE]
    assert retailer.position(TELEVISION) == (3, 0, 0)
    assert retailer.position(TELEVISION, OTHER_STORE) == (2, 0, 0)
    assert crowd.repetitions == 0
    assert retailer.differences() == ()


def test_a_unit_that_is_sold_while_another_store_takes_it_stays_one_unit(
    retailer: Retailer, crowd: Crowd
) -> None:  # STK-06, UIN-07
    for number in (1, 2):
        uin = f"TV-1312-{number}"
        ends = crowd.run(
            _confirming(retailer, line(TELEVISION, 182, 1, added=[uin])),
            _confirming(retailer, line(TELEVISION, 83, 1, added=[uin]), store_id=OTHER_STORE),
        )
        # Sold first, it comes back from outside; moved first, there is nothing left to sell.
        assert ends in ([OK, OK], [OK, "UIN-05"])
        assert retailer.states(TELEVISION)[uin] == (STORE, "in_stock", None)
        assert retailer.differences() == ()


def test_an_item_may_be_received_for_the_first_time_by_many_at_once(
    retailer: Retailer, crowd: Crowd
) -> None:  # STK-06, ADJ-16
    retailer.add_items(numbered("N", 6), ranged=False)
    calls = [
        _confirming(retailer, *order([line(one, 93, 2) for one in numbered("N", 6)])) for order in (list, reversed) * 4
    ]
    assert crowd.run(*calls) == [OK] * 8
    assert [retailer.position(one).available for one in numbered("N", 6)] == [16] * 6
    assert crowd.repetitions == 0
    assert retailer.differences() == ()


def test_generated_numbers_are_different_for_all(retailer: Retailer, crowd: Crowd) -> None:  # STK-06, UIN-04
    retailer.adjustments.save_and_confirm(retailer.pos, change(line(WATCH, 93, 1)))
    calls = [
        _confirming(retailer, line(WATCH, 93, 5), line(BATTERY, 93, 1), store_id=store_id)
        for store_id in (STORE, OTHER_STORE) * 4
    ]
    calls += [_confirming(retailer, line(WATCH, 93, 1, added=[f"AG{number:012d}"])) for number in (10, 20)]
    ends = crowd.run(*calls)
    assert ends[:8] == [OK] * 8
    captured = ends[8:].count(OK)
    assert len(retailer.states(WATCH)) == 5 + 1 + 40 + captured
    assert crowd.repetitions == 0
    assert retailer.differences() == ()


def test_copies_in_any_order_do_not_block_each_other(retailer: Retailer, crowd: Crowd) -> None:  # STK-06, ADJ-09
    items = numbered("I", 20)
    retailer.add_items(items)
    originals = [
        retailer.adjustments.save_and_confirm(retailer.pos, change(*(line(one) for one in some)))
        for some in (items[:10], items[10:])
    ]
    for _ in range(4):
        # Each copies one half and changes lines of the other.
        calls = [
            _confirming(retailer, *(line(one) for one in some), reference_id=original)
            for original, some in ((originals[0], items[10:]), (originals[1], items[:10])) * 4
        ]
        assert crowd.run(*calls) == [OK] * 8
    assert crowd.repetitions == 0
    assert retailer.differences() == ()


def test_lines_are_added_to_one_adjustment_by_many_at_once(retailer: Retailer, crowd: Crowd) -> None:  # STK-06, ADJ-07
    items = numbered("I", 8)
    retailer.add_items(items)
    adjustment_id = retailer.adjustments.save(retailer.pos, change(line()))
    calls = [
        lambda gateway, one=one: gateway.save(retailer.pos, change(line(one), adjustment_id=adjustment_id))
        for one in items
    ]
    assert crowd.run(*calls) == [OK] * 8
    read = retailer.adjustments.read(retailer.pos, adjustment_id)
    assert {one.item_id for one in read.lines} == {BATTERY, *items}
