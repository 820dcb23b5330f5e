"""The journal survives its process and refuses what it cannot trust (PUB-07)."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest

from gateway.domain.errors import WrongSetting
from gateway.twin.journal import Effect, Journal, Received

NOON = datetime(2026, 3, 4, 12, 0, tzinfo=UTC)


def received(key: str | None) -> Received:
    return Received(key, NOON, "InvAdjust", "InvAdjustCre", "1311/1", "<x>\n</x>")


def test_a_torn_last_line_is_cut_off_and_its_key_is_free(tmp_path):
    path = tmp_path / "journal"
    journal = Journal(path)
    journal.take(received("one"))
    journal.take(received("two"))
    journal.close()
    whole = path.read_bytes()
    for cut in range(1, len(whole) // 2):
        path.write_bytes(whole[:-cut])
        again = Journal(path)
        assert again.take(received("one")) is Effect.DUPLICATE
        assert again.take(received("two")) is Effect.APPLIED
        again.close()
        keys = [json.loads(line)["key"] for line in path.read_bytes().splitlines()]
        assert keys == ["one", "one", "two"]


def test_a_broken_line_in_the_middle_is_refused_by_number(tmp_path):
    path = tmp_path / "journal"
    path.write_text('{"key": "a", "effect": "applied"}\n{"key"\n{"key": "b", "effect": "applied"}\n')
    with pytest.raises(WrongSetting, match="line 2"):
        Journal(path)
    with pytest.raises(WrongSetting, match="line 2"):  # and the file is free again
        Journal(path)


def test_two_processes_cannot_write_one_journal(tmp_path):
    journal = Journal(tmp_path / "journal")
    with pytest.raises(WrongSetting, match="in use"):
        Journal(tmp_path / "journal")
    journal.close()
    Journal(tmp_path / "journal").close()


def test_a_message_is_on_disk_before_take_returns(tmp_path, monkeypatch):
    synced: list[int] = []
    monkeypatch.setattr("gateway.twin.journal.os.fsync", synced.append)
    journal = Journal(tmp_path / "journal")
    journal.take(received("one"))
    journal.reject(received("two"))
    assert len(synced) == 2
    journal.close()


def test_without_a_file_keys_are_remembered_all_the_same():
    journal = Journal(None)
    assert journal.take(received("one")) is Effect.APPLIED
    assert journal.take(received("one")) is Effect.DUPLICATE
    assert journal.take(received(None)) is Effect.APPLIED
    assert journal.take(received(None)) is Effect.APPLIED
    journal.close()
