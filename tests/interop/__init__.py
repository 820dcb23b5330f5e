"""Real SOAP clients, built from our WSDL, call every operation of a running gateway."""

import pytest

pytest.register_assert_rewrite("tests.interop.stack", "tests.interop.story", "tests.interop.refusals")
