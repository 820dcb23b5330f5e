"""The journal: every message that came, with its effect, one JSON line each, on disk before the sender is answered.

It is also the memory of the deduplication: reading it again after a restart tells which keys had their effect
(PUB-07). One process writes one journal.
"""

from __future__ import annotations

import fcntl
import json
import os
import threading
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import NamedTuple

from gateway.domain.errors import WrongSetting


class Effect(StrEnum):
    """What a message did: APPLIED the first time, nothing as DUPLICATE of its key, REJECTED when not usable."""

    APPLIED = "applied"
    DUPLICATE = "duplicate"
    REJECTED = "rejected"


class Received(NamedTuple):
    """A message as it came.

    Attributes:
        key: from ``Idempotency-Key`` or ``wsa:MessageID``; None when the sender gave none (it is then always applied).
        business_object_id: ``store/item``; empty when the message does not tell.
        payload: the business object as XML; of a rejected message whatever came.
    """

    key: str | None
    received_at: datetime
    family: str
    type: str
    business_object_id: str
    payload: str


class Journal:
    """Decides the effect of each message and writes it down; threads may share it.

    Args:
        path: the file; it is made when it is not there. None keeps nothing but the keys, in memory.
    Raises:
        WrongSetting: the file is no journal, or another process writes it.
    """

    def __init__(self, path: Path | None) -> None:
        self._lock = threading.Lock()
        self._keys: set[str] = set()
        self._file: int | None = None
        if path is not None:
            self._file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o644)
            try:
                self._take_over(path)
            except BaseException:
                self.close()
                raise

    def take(self, received: Received) -> Effect:
        """Apply *received* once for its key; on return it is on disk."""
        with self._lock:
            effect = Effect.DUPLICATE if received.key in self._keys else Effect.APPLIED
            self._write(received, effect)
            if received.key is not None:
                self._keys.add(received.key)
        return effect

    def reject(self, received: Received) -> None:
        """Note a message that cannot be used; its key stays free, so that a mended one can come."""
        with self._lock:
            self._write(received, Effect.REJECTED)

    def close(self) -> None:
        """Close the file."""
        with self._lock:
            if self._file is not None:
                os.close(self._file)
                self._file = None

    def _take_over(self, path: Path) -> None:
        assert self._file is not None
        try:
            # Two processes with a memory each would both apply the same key.
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            raise WrongSetting(f"the journal {path} is in use by another process") from None
        content = path.read_bytes()
        complete = content[: content.rfind(b"\n") + 1]
        for number, line in enumerate(complete.splitlines(), start=1):
            try:
                entry = json.loads(line)
                if entry["effect"] == Effect.APPLIED and entry["key"] is not None:
                    self._keys.add(entry["key"])
            except (ValueError, TypeError, KeyError):
                raise WrongSetting(f"line {number} of {path} is no entry of a journal") from None
        if len(complete) < len(content):
            # The process died while it wrote the last line, so before it answered: the sender will send again.
            os.ftruncate(self._file, len(complete))
            os.fsync(self._file)

    def _write(self, received: Received, effect: Effect) -> None:
        if self._file is None:
            return
        entry = {
            "key": received.key,
            "received_at": received.received_at.isoformat().replace("+00:00", "Z"),
            "family": received.family,
            "type": received.type,
            "business_object_id": received.business_object_id,
            "effect": effect.value,
            "payload": received.payload,
        }
        line = memoryview(json.dumps(entry, ensure_ascii=False).encode("utf-8", "replace") + b"\n")
        while line:
            line = line[os.write(self._file, line) :]
        os.fsync(self._file)
