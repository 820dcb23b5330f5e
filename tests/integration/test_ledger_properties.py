"""Thousands of mixed calls against a second, much simpler bookkeeping: both must agree, and the proof must be clean."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from itertools import count
from typing import NamedTuple

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gateway.domain.errors import RulesBroken
from tests.factories import OTHER_STORE, STORE, Retailer, change, line

PLAIN, WEIGHED, SERIAL, AGSN, NEW = range(5)
UOM_AND_KIND = {
    PLAIN: ("EA", "plain"),
    WEIGHED: ("KG", "plain"),
    SERIAL: ("EA", "serial"),
    AGSN: ("EA", "agsn"),
    NEW: ("KG", "plain"),
}
TROUBLE, REPAIR = 1, 2


class Effect(NamedTuple):
    """What a reason does to the parts of a position, for one unit, and to the state of a unit."""

    available: int
    trouble: int
    repair: int
    reserved: int
    state_before: str
    state_after: str
    is_published: bool = True


# By reason id; states are store-independent names, "out" is anywhere but at a store.
EFFECTS = {
    83: Effect(-1, 0, 0, 0, "available", "out"),
    93: Effect(1, 0, 0, 0, "out", "available"),
    182: Effect(1, 0, 0, 0, "out", "available"),
    91: Effect(-1, 1, 0, 0, "available", "trouble"),
    96: Effect(1, -1, 0, 0, "trouble", "available"),
    75: Effect(1, -1, 0, 0, "trouble", "out"),
    180: Effect(-1, 0, 0, 1, "available", "reserved"),
    181: Effect(1, 0, 0, -1, "reserved", "available"),
    89: Effect(0, -1, 0, 0, "trouble", "out"),
    200: Effect(0, -1, 1, 0, "trouble", "repair", is_published=False),
}
STATES = {"in_stock": "available", "customer_reserved": "reserved", "removed": "out", "missing": "out"}


class Line(NamedTuple):
    """One line of a generated call."""

    item: int
    reason_id: int
    quantity: Decimal
    units: tuple[int, ...]
    is_aimed: bool = False


@dataclass
class Book:
    """The second bookkeeping: dictionaries and the rules of the specification, nothing else."""

    ranged: set[tuple[int, int]]
    stock: dict[tuple[int, int, str], Decimal] = field(default_factory=lambda: defaultdict(Decimal))
    units: dict[tuple[int, str], tuple[int, str]] = field(default_factory=dict)
    messages: dict[tuple[int, int], int] = field(default_factory=lambda: defaultdict(int))

    def accepts(self, store_id: int, lines: list[Line]) -> bool:
        """Say whether every line could be confirmed now."""
        return all(self._accepts_line(store_id, one) for one in lines)

    def _accepts_line(self, store_id: int, one: Line) -> bool:
        effect = EFFECTS[one.reason_id]
        enters = effect.state_before == "out"
        if not enters and (store_id, one.item) not in self.ranged:
            return False
        source = effect.state_before
        if source in ("trouble", "reserved") and one.quantity > self.stock[store_id, one.item, source]:
            return False
        if one.item in (SERIAL, AGSN):
            may_be_fewer = one.item == AGSN and enters
            if len(one.units) > one.quantity or (len(one.units) != one.quantity and not may_be_fewer):
                return False
            return all(self._accepts_unit(store_id, one, str(unit)) for unit in one.units)
        return not one.units

    def _accepts_unit(self, store_id: int, one: Line, unit: str) -> bool:
        effect = EFFECTS[one.reason_id]
        at, state = self.units.get((one.item, unit), (0, "out"))
        if effect.state_before == "out":
            return state == "out" or (one.reason_id == 182 and at != store_id and state == "available")
        return (at, state) == (store_id, effect.state_before)

    def aimed(self, store_id: int, one: Line) -> Line:
        """Return a line like this one that can be confirmed now, where there is any; else the line itself."""
        source = EFFECTS[one.reason_id].state_before
        if one.item in (SERIAL, AGSN):
            takable = [unit for unit in range(5) if self._accepts_unit(store_id, one, str(unit))]
            units = tuple(dict.fromkeys(takable[unit % len(takable)] for unit in one.units or (0,))) if takable else ()
            return one._replace(units=units, quantity=Decimal(len(units))) if units else one
        if (store_id, one.item) not in self.ranged:
            return one._replace(reason_id=93)
        held = self.stock[store_id, one.item, source] if source in ("trouble", "reserved") else one.quantity
        return one._replace(quantity=min(one.quantity, held)) if held > 0 else one

    def post(self, store_id: int, lines: list[Line], published: bool) -> None:
        """Move the stock of accepted lines."""
        for one in lines:
            effect = EFFECTS[one.reason_id]
            for unit in one.units:
                at, state = self.units.get((one.item, str(unit)), (0, "out"))
                if effect.state_before == "out" and state == "available":
                    self.stock[at, one.item, "available"] -= 1
                    self.messages[at, one.item] += published
                self.units[one.item, str(unit)] = (store_id, effect.state_after)
            self.ranged.add((store_id, one.item))
            for part in ("available", "trouble", "repair", "reserved"):
                self.stock[store_id, one.item, part] += getattr(effect, part) * one.quantity
            self.messages[store_id, one.item] += published and effect.is_published


@st.composite
def _lines(draw: st.DrawFn) -> list[Line]:
    made = []
    for item in draw(st.lists(st.sampled_from(range(5)), min_size=1, max_size=3, unique=True)):
        reason_id = draw(st.sampled_from(sorted(EFFECTS)))
        units: tuple[int, ...] = ()
        if item in (SERIAL, AGSN):
            units = tuple(draw(st.lists(st.integers(0, 4), max_size=2, unique=True)))
            quantity = Decimal(len(units) + draw(st.sampled_from((0, 0, 0, 0, 0, 1))) or 1)
        elif item == PLAIN:
            quantity = Decimal(draw(st.integers(1, 6)))
        else:
            quantity = Decimal(draw(st.integers(1, 60_000))).scaleb(-4)
        made.append(Line(item, reason_id, quantity, units, is_aimed=draw(st.sampled_from((True, True, True, False)))))
    return made


STORES = st.sampled_from((STORE, OTHER_STORE))
CALLS = st.one_of(
    st.tuples(st.just("post"), STORES, _lines(), st.booleans()),
    st.tuples(st.just("save"), STORES, _lines(), st.booleans()),
    st.tuples(st.just("confirm"), st.integers(0, 9)),
    st.tuples(st.just("cancel"), st.integers(0, 9)),
)
_EXAMPLES = count()


class _Run:
    """One example: the calls go to the gateway and into the book, with items of their own."""

    def __init__(self, retailer: Retailer) -> None:
        self.retailer = retailer
        number = next(_EXAMPLES)
        self.items = {item: f"E{number}-{item}" for item in UOM_AND_KIND}
        for item, (uom, kind) in UOM_AND_KIND.items():
            retailer.add_items([self.items[item]], uom, kind, ranged=item != NEW)
        ranged = {(store_id, item) for store_id in (STORE, OTHER_STORE) for item in UOM_AND_KIND if item != NEW}
        self.book = Book(ranged)
        self.saved: list[tuple[int, int, list[Line], bool]] = []
        # Something of everything everywhere, so that most calls find what they take.
        for store_id, units in ((STORE, (0, 1, 2)), (OTHER_STORE, (3, 4))):
            stocked = [Line(item, 93, Decimal(20), ()) for item in (PLAIN, WEIGHED)]
            serialised = [Line(item, 93, Decimal(len(units)), units) for item in (SERIAL, AGSN)]
            held = [
                Line(PLAIN, 91, Decimal(9), ()),
                Line(WEIGHED, 180, Decimal(9), ()),
                Line(SERIAL, 91, Decimal(1), units[:1]),
                Line(AGSN, 91, Decimal(1), units[:1]),
            ]
            self.do("post", store_id, stocked + serialised, True)
            self.do("post", store_id, held, True)

    def do(self, kind: str, *arguments: object) -> None:
        """Make one call and note it, and compare whether both take it."""
        if kind in ("post", "save"):
            self._enter(kind, *arguments)  # type: ignore[arg-type]
        elif self.saved:
            self._close(kind, *arguments)  # type: ignore[arg-type]

    def _enter(self, kind: str, store_id: int, wishes: list[Line], published: bool) -> None:
        lines = [self.book.aimed(store_id, one) if one.is_aimed else one for one in wishes]
        asked = change(
            *(
                line(self.items[one.item], one.reason_id, str(one.quantity), added=[str(unit) for unit in one.units])
                for one in lines
            ),
            store_id=store_id,
            publish=None if published else False,
        )
        work = self.retailer.adjustments
        accepted = self.book.accepts(store_id, lines)
        try:
            adjustment_id = (work.save_and_confirm if kind == "post" else work.save)(self.retailer.pos, asked)
        except RulesBroken as broken:
            assert not accepted, broken
            return
        assert accepted, lines
        if kind == "save":
            self.saved.append((adjustment_id, store_id, lines, published))
        else:
            self._book(adjustment_id, store_id, lines, published)

    def _close(self, kind: str, number: int) -> None:
        adjustment_id, store_id, lines, published = self.saved.pop(number % len(self.saved))
        work = self.retailer.adjustments
        if kind == "cancel":
            work.cancel(self.retailer.pos, adjustment_id)
            return
        accepted = self.book.accepts(store_id, lines)
        try:
            work.confirm(self.retailer.pos, adjustment_id)
        except RulesBroken as broken:
            assert not accepted, broken
            return
        assert accepted, lines
        self._book(adjustment_id, store_id, lines, published)

    def _book(self, adjustment_id: int, store_id: int, lines: list[Line], published: bool) -> None:
        self.book.post(store_id, lines, published)
        for one, stored in zip(
            lines, self.retailer.adjustments.read(self.retailer.pos, adjustment_id).lines, strict=True
        ):
            for uin in set(stored.uins) - {str(unit) for unit in one.units}:
                assert (one.item, uin) not in self.book.units
                self.book.units[one.item, uin] = (store_id, "available")

    def compare(self) -> None:
        """Compare everything that both books hold."""
        names = {item_id: item for item, item_id in self.items.items()}
        stock = {
            (row["store_id"], names[row["item_id"]], part): row[f"quantity_{part}"]
            for row in self.retailer.rows("store_item_stock")
            if row["item_id"] in names
            for part in ("available", "unavailable", "reserved")
        }
        for store_id, item in self.book.ranged:
            held = {
                part: self.book.stock[store_id, item, part] for part in ("available", "trouble", "repair", "reserved")
            }
            assert stock[store_id, item, "available"] == held["available"]
            assert stock[store_id, item, "unavailable"] == held["trouble"] + held["repair"]
            assert stock[store_id, item, "reserved"] == held["reserved"]
            for part, type_id in (("trouble", TROUBLE), ("repair", REPAIR)):
                assert self.retailer.sub_bucket(self.items[item], type_id, store_id) == held[part] >= 0
        assert {key[:2] for key in stock} == self.book.ranged
        for item in (SERIAL, AGSN):
            assert dict(self._units(self.items[item])) == {
                uin: place for (of_item, uin), place in self.book.units.items() if of_item == item
            }
        counts: dict[tuple[int, int], int] = defaultdict(int)
        for row in self.retailer.rows("outbox_message"):
            store_text, item_id = str(row["business_object_id"]).split("/")
            if item_id in names:
                counts[int(store_text), names[item_id]] += 1
        assert counts == {key: number for key, number in self.book.messages.items() if number}

    def _units(self, item_id: str) -> Iterator[tuple[str, tuple[int, str]]]:
        for uin, (store_id, state, type_id) in self.retailer.states(item_id).items():
            part = {TROUBLE: "trouble", REPAIR: "repair", None: ""}[type_id]
            yield uin, (store_id, part or STATES[state])


# All examples share one database on purpose: each has items of its own, and the proof looks at all of them together.
@settings(
    max_examples=70,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow, HealthCheck.data_too_large],
)
@given(calls=st.lists(CALLS, min_size=25, max_size=45))
def test_any_sequence_of_calls_keeps_both_books_alike(
    retailer: Retailer, calls: list[tuple[object, ...]]
) -> None:  # STK-01, STK-02, STK-03, STK-04, UIN-05
    retailer.set_parameter("callers_may_use_system_reasons", "on")
    run = _Run(retailer)
    for call in calls:
        run.do(*call)  # type: ignore[arg-type]
    run.compare()
    assert retailer.differences() == ()
