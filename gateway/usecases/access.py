"""Who is calling, and what a caller may do (SEC-01 to SEC-04)."""

from __future__ import annotations

import hashlib
import secrets
import threading
import time
from collections import OrderedDict
from collections.abc import Callable
from datetime import datetime
from typing import NamedTuple

import structlog
from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from gateway.domain.errors import AccessDenied, NotAuthenticated, refuse
from gateway.domain.permission import Caller, Identity
from gateway.domain.reference import Reference
from gateway.persistence import users
from gateway.persistence.unit_of_work import Database

_log = structlog.get_logger(__name__)

MAX_USER_NAME = 30
"""Characters of a user name: ``InvAdjustDtl/user_id`` carries no more (PUB-04)."""

MAX_REMEMBERED = 10_000
"""Most logins that one process remembers; the oldest makes room."""


class _Remembered(NamedTuple):
    identity: Identity
    until: float


class Access:
    """Checks passwords, which are kept as argon2 hashes only.

    argon2 is slow on purpose, some 50 ms a check. A login that was right is remembered for a short time, under a keyed
    digest that is worthless outside this process, so that a till that calls twice a second pays once a minute.

    Args:
        remember_seconds: how long; 0 checks every call.
        clock: seconds that only go forward.
    """

    def __init__(
        self,
        database: Database,
        hasher: PasswordHasher | None = None,
        remember_seconds: float = 60,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._database, self._clock = database, clock
        self._hasher = hasher or PasswordHasher()
        self._remember_seconds = remember_seconds
        self._key = secrets.token_bytes(32)
        self._remembered: OrderedDict[bytes, _Remembered] = OrderedDict()
        self._lock = threading.Lock()
        # Checked for unknown users too, so that the time of an answer does not tell who exists.
        self._nobody = self._hasher.hash(secrets.token_urlsafe(16))

    def authenticate(self, user_name: str, password: str) -> Identity:
        """Return who this is.

        Raises:
            NotAuthenticated: unknown user, wrong password or locked user; the text is the same for all three.
        """
        text = f"{len(user_name)}:{user_name}{password}".encode("utf-8", "surrogatepass")
        digest = hashlib.blake2b(text, key=self._key, digest_size=32).digest()
        remembered = self._remembered.get(digest)
        if remembered is not None and remembered.until > self._clock():
            return remembered.identity
        known = self._database.read(lambda uow: users.credentials(uow, user_name))
        usable = known is not None and known.active and known.password_hash is not None
        if not self._matches(known.password_hash if known is not None else None, password) or not usable:
            _log.warning("login refused", user=user_name)
            raise NotAuthenticated
        assert known is not None
        identity = Identity(user_name, known.credential_version)
        self._remember(digest, identity)
        return identity

    def anonymous(self, user_name: str) -> Identity:
        """Return the user that legacy callers without credentials act as.

        Raises:
            NotAuthenticated: there is no such active user.
        """
        known = self._database.read(lambda uow: users.credentials(uow, user_name))
        if known is None or not known.active:
            raise NotAuthenticated("credentials are required")
        return Identity(user_name, known.credential_version)

    def hash(self, password: str) -> str:
        """Return what to keep of a password."""
        return self._hasher.hash(password)

    def _matches(self, password_hash: str | None, password: str) -> bool:
        try:
            return self._hasher.verify(password_hash or self._nobody, password)
        except (VerificationError, InvalidHashError):
            return False

    def _remember(self, digest: bytes, identity: Identity) -> None:
        if self._remember_seconds <= 0:
            return
        with self._lock:
            self._remembered[digest] = _Remembered(identity, self._clock() + self._remember_seconds)
            while len(self._remembered) > MAX_REMEMBERED:
                self._remembered.popitem(last=False)


def caller_of(identity: Identity, reference: Reference) -> Caller:
    """Return what *identity* may do now.

    Raises:
        NotAuthenticated: the user was locked or got another password since it logged in.
    """
    user = reference.users.get(identity.user_name)
    if user is None or not user.active or user.credential_version != identity.credential_version:
        raise NotAuthenticated
    return user.caller


def remember_denial(database: Database, denied: AccessDenied, action: str, now: datetime) -> None:
    """Write a denied call down, in a transaction of its own since the call's was rolled back (SEC-04)."""
    _log.warning("call denied", user=denied.user_name, action=action, permissions=list(denied.permissions))
    database.write(lambda uow: users.add_denial(uow, now, denied.user_name, action, denied.permissions))


def checked_user_name(user_name: str) -> str:
    """Return *user_name* if a user can be called that.

    Raises:
        RulesBroken: blank, too long for messages to merchandising, or with characters that are not printable.
    """
    if not user_name.strip() or len(user_name) > MAX_USER_NAME or not user_name.isprintable():
        raise refuse(
            "PUB-04",
            f"user name {user_name!r} cannot be used.",
            f"Use 1 to {MAX_USER_NAME} printable characters.",
            field="user",
            value=user_name,
        )
    return user_name
