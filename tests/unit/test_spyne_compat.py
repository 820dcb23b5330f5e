"""The import shim: needed as long as these hold, and sound on every Python."""

from __future__ import annotations

import importlib.metadata
import importlib.util
import logging
import subprocess
import sys
from pathlib import Path

import gateway.soap  # the import is the subject: it installs the shim
from gateway import spyne_compat as compat


def spyne_source(path: str) -> str:
    """Return a source file of the installed Spyne, without importing it."""
    spec = importlib.util.find_spec("spyne")
    assert spec is not None and spec.origin is not None
    return (Path(spec.origin).parent / path).read_text(encoding="utf-8")


def test_the_shim_is_still_needed_for_spynes_old_six() -> None:
    assert "find_spec" not in spyne_source("util/six.py"), "Spyne's six works again: drop _lend_six"


def test_the_shim_is_still_needed_for_spynes_cgi() -> None:
    users = [path for path in ("protocol/soap/soap11.py", "server/wsgi.py") if "\nimport cgi" in spyne_source(path)]
    assert users, "Spyne no longer imports cgi: drop _lend_cgi"


def test_spyne_is_the_release_the_shim_was_written_for() -> None:
    assert importlib.metadata.version("spyne") == "2.14.0"


def test_spyne_imports_in_a_fresh_interpreter_and_leaves_no_cgi_behind() -> None:
    program = (
        "import sys; had = __import__('importlib.util').util.find_spec('cgi') is not None\n"
        "import gateway.soap, spyne.protocol.soap, spyne.server.wsgi\n"
        "assert had or 'cgi' not in sys.modules\n"
        "import spyne.const; assert spyne.const.MIN_GC_INTERVAL == float('inf')\n"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_the_lent_six_has_what_spyne_takes_from_it() -> None:
    program = (
        "import sys\nfrom gateway import spyne_compat as compat\n"
        "for name in [n for n in sys.modules if n.startswith('spyne')]: del sys.modules[name]\n"
        "compat._lend_six()\nimport spyne.util.six as lent\n"
        "assert lent.get_function_name(len) == 'len'\n"
        "from spyne.util.six.moves.urllib.parse import quote\n"
        "from spyne.util.six.moves.http_cookies import SimpleCookie\n"
        "import spyne\n"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_headers_are_split_as_cgi_did() -> None:
    assert compat.parse_header('text/xml; charset="utf-8"; a=b') == ("text/xml", {"charset": "utf-8", "a": "b"})


def test_spyne_logs_nothing() -> None:
    assert gateway.soap
    for name in ("spyne", "spyne.protocol.soap.soap11.invalid", "spyne.application.server"):
        assert not logging.getLogger(name).isEnabledFor(logging.CRITICAL)
