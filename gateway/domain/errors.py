"""What the gateway refuses, as one small tree.

GatewayError
 ├─ InvalidMessage      cannot be read at all: bad XML, fails its XSD, missing payload
 ├─ NotAuthenticated    who is calling is not known
 ├─ AccessDenied        known caller, missing permission (SEC-01, SEC-02)
 ├─ RulesBroken         business rules broken; carries *every* problem of the request
 ├─ BusyTryAgain        the database could not serialise the call; nothing changed, the caller may repeat it
 └─ WrongSetting        a setting, a file or a command line argument that cannot be used

Doors turn these into their own language in one table each (SOAP: ``soap/faults.py``; command line: ``cli``).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Problem:
    """One broken rule, with what its reader needs to repair it.

    Attributes:
        rule: id of the business rule, such as ``ADJ-02``.
        text: what is wrong, in one sentence that names the field and the value.
        remedy: what would be right, in one sentence.
        field: wire name of the field at fault, such as ``quantity``; empty for the whole request.
        value: the value that came, as text.
        line: position of the line in the request, counted from 1; None for the header.
        line_id: id of the stored line, when there is one.
        item_id: item of the line, when there is one.
    """

    rule: str
    text: str
    remedy: str = ""
    field: str = ""
    value: str = ""
    line: int | None = None
    line_id: int | None = None
    item_id: str | None = None

    def __str__(self) -> str:
        place = f"line {self.line}, " if self.line is not None else ""
        item = f"item {self.item_id}: " if self.item_id is not None else ""
        remedy = f" {self.remedy}" if self.remedy else ""
        return f"{self.rule}: {place}{item}{self.text}{remedy}"


class GatewayError(Exception):
    """Something that the gateway refuses, said in words for the one who asked."""


class InvalidMessage(GatewayError):
    """The message cannot be read: not XML, not valid against its schema, or without its payload.

    Args:
        text: what came and what was expected.
        line: line in the message, counted from 1.
        path: XPath-like place of the element at fault.
    """

    def __init__(self, text: str, line: int | None = None, path: str | None = None) -> None:
        self.text, self.line, self.path = text, line, path
        where = ", ".join(part for part in (path or "", f"line {line}" if line is not None else "") if part)
        super().__init__(f"{text} ({where})" if where else text)


class NotAuthenticated(GatewayError):
    """The caller is not known; the text never says which half of the credentials was wrong."""

    def __init__(self, text: str = "user name or password is not right") -> None:
        super().__init__(text)


class AccessDenied(GatewayError):
    """A known caller lacks a permission. Names the permission and nothing about the data (SEC-04).

    Args:
        user_name: the caller.
        permissions: what is missing, such as ``function complete`` or ``store 1312`` or ``reason 83``.
        rule: SEC-01 for functions and stores, SEC-02 for reasons.
    """

    def __init__(self, user_name: str, permissions: Sequence[str], rule: str = "SEC-01") -> None:
        self.user_name, self.permissions, self.rule = user_name, tuple(permissions), rule
        super().__init__(f"{rule}: user {user_name} lacks the permission: {', '.join(permissions)}")


class RulesBroken(GatewayError):
    """The request breaks business rules. Nothing was changed; every problem found is listed."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(problems)
        super().__init__("; ".join(str(problem) for problem in self.problems))


class BusyTryAgain(GatewayError):
    """Other callers changed the same rows too often; nothing was changed and the call may be repeated."""


class WrongSetting(GatewayError):
    """A setting, a file or an argument cannot be used; names it, its value and what would be right."""


def refuse(rule: str, text: str, remedy: str = "", *, field: str = "", value: object = "") -> RulesBroken:
    """Return the error for one problem of the whole request."""
    return RulesBroken([Problem(rule, text, remedy, field=field, value=str(value))])
