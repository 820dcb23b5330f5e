"""Many callers at once: everyone gets its own answer and its own error."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any

from gateway.formats import namespaces as ns
from tests.unit.soap.soap_calls import LINE, PAYLOAD, Client, StubUseCases, save

CALLS = 600


def test_every_caller_gets_its_own_error() -> None:
    client = Client()

    def call(number: int) -> bool:
        wrong = save(PAYLOAD.replace(LINE, LINE * 20 + LINE.replace(">2<", f">wrong-{number}<")))
        return f"'wrong-{number}'" in client.call(wrong).fault.text

    with ThreadPoolExecutor(8) as pool:
        assert sum(pool.map(call, range(CALLS))) == CALLS


class Echo(StubUseCases):
    """Gives an adjustment the number of its item."""

    def save(self, identity: Any, change: Any) -> int:
        return int(change.lines[0].item_id)


def test_every_caller_gets_its_own_answer() -> None:
    client = Client(stub=Echo())

    def call(number: int) -> bool:
        reply = client.call(save(PAYLOAD.replace("100000147", str(number))))
        return bool(reply.root.findtext(f".//{ns.tag(ns.STR_ADJ_REF, 'adjustment_id')}") == str(number))

    with ThreadPoolExecutor(8) as pool:
        assert sum(pool.map(call, range(1, CALLS + 1))) == CALLS
