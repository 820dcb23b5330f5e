"""UINs: ``uin``, and the numbers that generated ones are made of."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

from sqlalchemy import BigInteger, Executable, String, bindparam, insert, literal_column, select, update
from sqlalchemy.dialects import postgresql, sqlite

from gateway.domain.uin import Uin, UinState
from gateway.persistence.columns import UtcTime
from gateway.persistence.statement import Columns, Statement, many_rows, one_of, rows_parameter
from gateway.persistence.tables import number_sequence, uin
from gateway.persistence.unit_of_work import UnitOfWork

AGSN_SEQUENCE = "agsn"


def _select_uins(dialect_name: str) -> Executable:
    return select(uin.c.item_id, uin.c.uin, uin.c.store_id, uin.c.state, uin.c.nonsellable_type_id).where(
        one_of(uin.c.item_id, "item_ids", dialect_name), one_of(uin.c.uin, "uins", dialect_name)
    )


def _put_uins(dialect_name: str) -> Executable:
    columns: Columns = {
        "item_id": String(),
        "uin": String(),
        "store_id": BigInteger(),
        "state": String(),
        "nonsellable_type_id": BigInteger(),
    }
    source = many_rows(dialect_name, **columns).add_columns(bindparam("updated_at", type_=UtcTime()))
    names = [*columns, "updated_at"]
    changing = ["store_id", "state", "nonsellable_type_id", "updated_at"]
    if dialect_name == "sqlite":
        lite = sqlite.insert(uin).from_select(names, source.where(literal_column("1") == literal_column("1")))
        return lite.on_conflict_do_update(
            index_elements=["item_id", "uin"], set_={name: lite.excluded[name] for name in changing}
        )
    post = postgresql.insert(uin).from_select(names, source)
    return post.on_conflict_do_update(
        index_elements=["item_id", "uin"], set_={name: post.excluded[name] for name in changing}
    )


def _next_numbers(_: str) -> Executable:
    return (
        update(number_sequence)
        .where(number_sequence.c.name == bindparam("sequence"))
        .values(next_number=number_sequence.c.next_number + bindparam("count", type_=BigInteger()))
        .returning(number_sequence.c.next_number)
    )


SELECT_UINS = Statement(_select_uins)
PUT_UINS = Statement(_put_uins)
NEXT_NUMBERS = Statement(_next_numbers)


def known_uins(uow: UnitOfWork, item_ids: Sequence[str], numbers: Sequence[str]) -> dict[tuple[str, str], Uin]:
    """Return the known ones among *numbers* of any of *item_ids*, by item and number."""
    rows = uow.run(SELECT_UINS, item_ids=item_ids, uins=numbers)
    return {
        (item_id, number): Uin(item_id, number, store_id, UinState(state), sub_bucket)
        for item_id, number, store_id, state, sub_bucket in rows
    }


def put_uins(uow: UnitOfWork, uins: Iterable[Uin], now: datetime) -> None:
    """Write where units are now; new ones are added (UIN-05, UIN-06)."""
    uow.run(PUT_UINS, rows=rows_parameter(uins), updated_at=now)


def next_serial_numbers(uow: UnitOfWork, item_id: str, count: int, taken: Sequence[str]) -> list[str]:
    """Return *count* numbers that no unit of the item has, such as ``AG000000000042`` (UIN-04).

    Args:
        taken: numbers that units of the item are about to get. Somebody may have captured ours by hand, so those that
            exist are passed over.
    """
    numbers: list[str] = []
    while len(numbers) < count:
        made = _next_numbers_of_sequence(uow, count - len(numbers))
        known = known_uins(uow, [item_id], made)
        numbers.extend(one for one in made if (item_id, one) not in known and one not in taken)
    return numbers


def _next_numbers_of_sequence(uow: UnitOfWork, count: int) -> list[str]:
    rows = uow.run(NEXT_NUMBERS, sequence=AGSN_SEQUENCE, count=count)
    if not rows:
        uow.execute(insert(number_sequence).values(name=AGSN_SEQUENCE, next_number=1))
        rows = uow.run(NEXT_NUMBERS, sequence=AGSN_SEQUENCE, count=count)
    after = int(rows[0][0])
    return [f"AG{number:012d}" for number in range(after - count, after)]
