"""The SOAP door: Spyne models and services, our protocol, WSGI front, security and faults."""

from gateway.spyne_compat import install

install()
