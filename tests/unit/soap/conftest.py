"""A client of the service for each test."""

from __future__ import annotations

import pytest

from tests.unit.soap.soap_calls import Client


@pytest.fixture
def client() -> Client:
    return Client()
