"""Logging in: what is right, what it costs, and how long it is remembered."""

from __future__ import annotations

import pytest
from argon2.exceptions import VerifyMismatchError

from gateway.domain.errors import NotAuthenticated, RulesBroken
from gateway.domain.permission import Identity
from gateway.domain.reference import Store
from gateway.persistence import reference_data, users
from gateway.usecases.access import Access, checked_user_name
from tests.factories import NOON, Retailer, change, line


class CountingHasher:
    """Stands in for argon2, which is slow on purpose; counts what the real one would have cost."""

    def __init__(self) -> None:
        self.checks = 0

    def hash(self, password: str) -> str:
        """Return what to keep."""
        return f"hash of {password}"

    def verify(self, kept: str, password: str) -> bool:
        """Check, as argon2 does: True or an exception."""
        self.checks += 1
        if kept != self.hash(password):
            raise VerifyMismatchError
        return True


class Watch:
    """Seconds that pass only when a test says so."""

    def __init__(self) -> None:
        self.seconds = 1000.0

    def __call__(self) -> float:
        return self.seconds


@pytest.fixture
def hasher() -> CountingHasher:
    """A hasher that counts."""
    return CountingHasher()


@pytest.fixture
def watch() -> Watch:
    """A clock that stands still."""
    return Watch()


@pytest.fixture
def access(retailer: Retailer, hasher: CountingHasher, watch: Watch) -> Access:
    """Logins for 60 seconds; the user ``clerk`` has the password ``secret``."""
    made = Access(retailer.database, hasher, remember_seconds=60, clock=watch)  # type: ignore[arg-type]
    _set_password(retailer, made, "secret")
    return made


def _set_password(retailer: Retailer, access: Access, password: str, name: str = "clerk") -> None:
    retailer.write(
        lambda uow: users.put_user(
            uow, name, roles=["pos"], store_ids=None, now=NOON, password_hash=access.hash(password)
        )
    )


def test_the_right_password_says_who_it_is(access: Access) -> None:  # SEC-01
    assert access.authenticate("clerk", "secret") == Identity("clerk", 1)


@pytest.mark.parametrize(
    ("name", "password"),
    [("clerk", "wrong"), ("clerk", ""), ("nobody", "secret"), ("", ""), ("Clerk", "secret"), ("pos", "")],
)
def test_what_is_wrong_is_refused_with_one_text_and_costs_a_check(
    access: Access, hasher: CountingHasher, name: str, password: str
) -> None:  # SEC-04
    with pytest.raises(NotAuthenticated) as caught:
        access.authenticate(name, password)
    assert str(caught.value) == "user name or password is not right"
    assert hasher.checks == 1


def test_a_locked_user_is_refused_with_the_same_text(
    retailer: Retailer, access: Access, hasher: CountingHasher
) -> None:  # SEC-04
    retailer.write(lambda uow: users.set_active(uow, "clerk", False))
    with pytest.raises(NotAuthenticated, match="user name or password is not right"):
        access.authenticate("clerk", "secret")
    assert hasher.checks == 1


def test_a_right_login_is_remembered_for_a_while_and_then_checked_again(
    access: Access, hasher: CountingHasher, watch: Watch
) -> None:  # SEC-01
    for _ in range(5):
        access.authenticate("clerk", "secret")
    assert hasher.checks == 1
    watch.seconds += 59.9
    access.authenticate("clerk", "secret")
    assert hasher.checks == 1
    watch.seconds += 0.2
    access.authenticate("clerk", "secret")
    assert hasher.checks == 2


def test_a_wrong_login_is_never_remembered(access: Access, hasher: CountingHasher) -> None:  # SEC-01
    for number in range(1, 4):
        with pytest.raises(NotAuthenticated):
            access.authenticate("clerk", "wrong")
        assert hasher.checks == number
    access.authenticate("clerk", "secret")
    with pytest.raises(NotAuthenticated):
        access.authenticate("clerk", "wrong")
    assert hasher.checks == 5


def test_name_and_password_are_not_run_together(
    retailer: Retailer, access: Access, hasher: CountingHasher
) -> None:  # SEC-01
    _set_password(retailer, access, "bsecret", "a")
    access.authenticate("a", "bsecret")
    with pytest.raises(NotAuthenticated):
        access.authenticate("ab", "secret")
    with pytest.raises(NotAuthenticated):
        access.authenticate("1:a", "bsecret")
    assert hasher.checks == 3


def test_nothing_is_remembered_when_told_so(
    retailer: Retailer, access: Access, hasher: CountingHasher
) -> None:  # SEC-01
    forgetful = Access(retailer.database, hasher, remember_seconds=0)  # type: ignore[arg-type]
    for number in (1, 2, 3):
        forgetful.authenticate("clerk", "secret")
        assert hasher.checks == number


def test_a_remembered_login_ends_with_the_password(retailer: Retailer, access: Access) -> None:  # SEC-01
    old = access.authenticate("clerk", "secret")
    retailer.adjustments.save(old, change(line()))
    _set_password(retailer, access, "changed")
    assert access.authenticate("clerk", "changed") == Identity("clerk", 2)
    with pytest.raises(NotAuthenticated):
        retailer.adjustments.save(access.authenticate("clerk", "secret"), change(line()))


def test_a_remembered_login_ends_with_the_lock(retailer: Retailer, access: Access) -> None:  # SEC-01
    access.authenticate("clerk", "secret")
    retailer.write(lambda uow: users.set_active(uow, "clerk", False))
    with pytest.raises(NotAuthenticated):
        retailer.adjustments.save(access.authenticate("clerk", "secret"), change(line()))
    retailer.write(lambda uow: users.set_active(uow, "clerk", True))
    retailer.adjustments.save(access.authenticate("clerk", "secret"), change(line()))


def test_writing_a_user_anew_without_a_password_keeps_the_login(retailer: Retailer, access: Access) -> None:  # SEC-01
    identity = access.authenticate("clerk", "secret")
    retailer.write(lambda uow: users.put_user(uow, "clerk", roles=["pos"], store_ids=[1311], now=NOON))
    retailer.adjustments.save(identity, change(line()))


def test_a_user_without_a_password_cannot_log_in_but_can_stand_for_callers_without_one(
    retailer: Retailer, access: Access
) -> None:  # SEC-01
    retailer.user("legacy")
    with pytest.raises(NotAuthenticated):
        access.authenticate("legacy", "")
    assert access.anonymous("legacy") == Identity("legacy", 1)
    retailer.write(lambda uow: users.set_active(uow, "legacy", False))
    for name in ("legacy", "nobody"):
        with pytest.raises(NotAuthenticated):
            access.anonymous(name)


def test_passwords_are_kept_as_argon2_hashes(retailer: Retailer) -> None:  # SEC-01
    real = Access(retailer.database)
    _set_password(retailer, real, "sécret")
    (row,) = [row for row in retailer.rows("app_user") if row["user_name"] == "clerk"]
    assert str(row["password_hash"]).startswith("$argon2id$")
    assert "sécret" not in str(row["password_hash"])
    assert real.authenticate("clerk", "sécret") == Identity("clerk", 1)
    with pytest.raises(NotAuthenticated):
        real.authenticate("clerk", "secret")


@pytest.mark.parametrize("name", ["a", "clerk 1", "x" * 30, "é"])
def test_a_user_name_that_fits_the_message_is_taken(name: str) -> None:  # PUB-04
    assert checked_user_name(name) == name


@pytest.mark.parametrize("name", ["", "  ", "x" * 31, "a\nb", "a\x00b"])
def test_a_user_name_that_merchandising_cannot_carry_is_refused(name: str) -> None:  # PUB-04
    with pytest.raises(RulesBroken, match="PUB-04"):
        checked_user_name(name)


def test_reference_data_of_a_change_that_was_rolled_back_are_not_kept(retailer: Retailer) -> None:  # SEC-01
    """The version number of the undone change is given again, to another change."""
    with retailer.database.transaction() as uow:
        reference_data.put_store(uow, Store(1, "never", "UTC", "EUR"))
        assert 1 in retailer.references.current(uow).stores
    retailer.write(lambda uow: reference_data.put_store(uow, Store(2, "kept", "UTC", "EUR")))
    stores = retailer.database.read(retailer.references.current).stores
    assert 1 not in stores
    assert stores[2].name == "kept"
