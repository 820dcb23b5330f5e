"""Make the pinned Spyne importable on Python 3.12 and later, and quiet everywhere.

Spyne 2.14.0 is the last release. It carries an old copy of ``six`` whose importer Python 3.12 no longer
understands, and it imports ``cgi``, which Python 3.13 no longer has. Both are mended from outside, before the first
import of anything of Spyne: ``gateway.soap`` and ``gateway.twin`` do so when they are imported.

``tests/unit/test_spyne_compat.py`` fails when a newer Spyne needs none of this.
"""

from __future__ import annotations

import importlib
import importlib.util
import logging
import sys
from email.message import Message
from operator import attrgetter
from types import ModuleType
from typing import Any

MOVED_MODULES = (
    "moves",
    "moves.collections_abc",
    "moves.http_cookies",
    "moves.urllib",
    "moves.urllib.error",
    "moves.urllib.parse",
    "moves.urllib.request",
    "moves.urllib.response",
    "moves.urllib.robotparser",
)
"""Modules that Spyne imports through its own copy of six."""

LOUDEST = logging.CRITICAL + 1


def install() -> None:
    """Mend what this Python lacks for Spyne, then keep Spyne from collecting garbage and from logging.

    Doing it twice does nothing more. Import order matters: call it before anything else imports Spyne.
    """
    if sys.version_info >= (3, 12) and "spyne.util.six" not in sys.modules:
        _lend_six()
    if importlib.util.find_spec("cgi") is None and "spyne.protocol.soap.soap11" not in sys.modules:
        _lend_cgi()
    _settle()


def _lend_six() -> None:
    """Put the maintained six in the place of Spyne's old copy."""
    six = importlib.import_module("six")
    stand_in = ModuleType("spyne.util.six")
    stand_in.__dict__.update({name: value for name, value in vars(six).items() if not name.startswith("__")})
    stand_in.__dict__["__path__"] = []  # makes it a package, so that its submodules can be imported
    stand_in.__dict__["get_function_name"] = attrgetter("__name__")  # the one thing Spyne added to six
    sys.modules["spyne.util.six"] = stand_in
    for name in MOVED_MODULES:
        sys.modules[f"spyne.util.six.{name}"] = importlib.import_module(f"six.{name}")


def _lend_cgi() -> None:
    """Lend Spyne a ``cgi`` with the one function it uses, only while it is being imported.

    Its modules keep their reference; nobody else sees a ``cgi`` that this Python does not have.
    """
    stand_in = ModuleType("cgi")
    stand_in.__dict__["parse_header"] = parse_header
    sys.modules["cgi"] = stand_in
    try:
        importlib.import_module("spyne.protocol.soap")
        importlib.import_module("spyne.server.wsgi")
    finally:
        del sys.modules["cgi"]


def parse_header(line: str) -> tuple[str, dict[str, str]]:
    """Split a header such as ``text/xml; charset=utf-8`` into its value and its parameters."""
    message = Message()
    message["content-type"] = line
    parameters = message.get_params() or [("", "")]
    return parameters[0][0], dict(parameters[1:])


def _settle() -> None:
    """Switch off two habits of Spyne that hurt a server."""
    constants: Any = importlib.import_module("spyne.const")
    # Otherwise Spyne runs a full garbage collection inside a request, once a second.
    constants.MIN_GC_INTERVAL = float("inf")
    # Its loggers write whole requests, passwords included, and a traceback for each fault of a caller.
    # What is worth a line we log ourselves.
    logging.getLogger("spyne").setLevel(LOUDEST)
