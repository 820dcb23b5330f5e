"""Writes a confirmation: movements, positions, UINs and the messages that merchandising hears (ADJ-04, PUB-05)."""

from __future__ import annotations

import os
from collections.abc import Sequence
from datetime import datetime
from functools import partial

from gateway.domain.adjustment import AdjustmentLine
from gateway.domain.adjustment_rules import Situation
from gateway.domain.confirmation import Publication, confirm_lines
from gateway.domain.ledger import Origin
from gateway.domain.outbox import (
    DEFAULT_DESTINATION,
    INV_ADJUST_CREATE,
    INV_ADJUST_FAMILY,
    OutboxMessage,
    business_object_id,
)
from gateway.domain.uin import state_after
from gateway.formats.inv_adjust_desc import InvAdjustDescWriter
from gateway.persistence import adjustments, outbox, stock, uins
from gateway.persistence.unit_of_work import UnitOfWork
from gateway.usecases.situation import other_positions, range_new_items


def confirm(
    uow: UnitOfWork,
    lines: Sequence[AdjustmentLine],
    situation: Situation,
    user_name: str,
    now: datetime,
    literal_dist: bool,
) -> None:
    """Move the stock of stored *lines* that were checked in the same *situation*.

    Args:
        user_name: who confirms.
        now: the moment of the confirmation, UTC.
        literal_dist: send ``DIST`` instead of leaving the side of the outside world out (PUB-04).
    """
    store_id = situation.store_id
    new_items = [item_id for item_id, item in situation.items.items() if not item.is_ranged]
    if new_items:
        situation = range_new_items(uow, situation, new_items)
    others = other_positions(uow, lines, situation)
    confirmation = confirm_lines(lines, situation, others, partial(uins.next_serial_numbers, uow))
    stock.add_movements(uow, confirmation.movements, Origin.ADJUSTMENT_LINE, now, user_name)
    if confirmation.sub_bucket_stock:
        stock.put_sub_buckets(uow, ((*key, quantity) for key, quantity in confirmation.sub_bucket_stock.items()))
    if confirmation.uins:
        uins.put_uins(uow, confirmation.uins, now)
        generated = ((line_id, uin) for line_id, made in confirmation.generated.items() for uin in made)
        adjustments.add_uins(uow, generated)
    sequences = {(store_id, item.item_id): item.publish_sequence for item in situation.items.values()}
    sequences.update((key, item.publish_sequence) for key, item in others.items())
    _publish(uow, confirmation.publications, sequences, user_name, now, literal_dist)
    rows = ((*key, position, sequences[key]) for key, position in confirmation.positions.items())
    stock.put_positions(uow, rows)


def _publish(
    uow: UnitOfWork,
    publications: Sequence[Publication],
    sequences: dict[tuple[int, str], int],
    user_name: str,
    now: datetime,
    literal_dist: bool,
) -> None:
    """Write the finished messages into the outbox; *sequences* counts up with them (PUB-05, PUB-06)."""
    if not publications:
        return
    writers: dict[int, InvAdjustDescWriter] = {}
    messages: list[OutboxMessage] = []
    keys = _message_keys(len(publications))
    for key, (store_id, _, item_id, reason, disposition, quantity, moved_uins) in zip(keys, publications, strict=True):
        writer = writers.get(store_id)
        if writer is None:
            writer = writers[store_id] = InvAdjustDescWriter(store_id, user_name, now, literal_dist)
        place = (store_id, item_id)
        sequence = sequences[place] = sequences[place] + 1
        state = state_after(reason) if moved_uins else None
        payload = writer.render(item_id, reason.reason_code, quantity, disposition, moved_uins, state)
        messages.append(
            OutboxMessage(
                key,
                DEFAULT_DESTINATION,
                INV_ADJUST_FAMILY,
                INV_ADJUST_CREATE,
                business_object_id(store_id, item_id),
                sequence,
                payload,
            )
        )
    line_ids = [publication.line_id for publication in publications]
    outbox.add(uow, messages, Origin.ADJUSTMENT_LINE, line_ids, now)


def _message_keys(count: int) -> list[str]:
    """Return *count* new message keys: UUIDs of version 4 that share their random part and count in the last 24 bits.

    92 random bits are still beyond any repetition, and a thousand keys cost what one does (PUB-07).
    """
    start = os.urandom(13).hex()
    first = f"{start[:8]}-{start[8:12]}-4{start[13:16]}-a{start[17:20]}-{start[20:]}"
    return [f"{first}{number:06x}" for number in range(count)]
