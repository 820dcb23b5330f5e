"""The twin merchandiser: the merchandising system's SOAP contract with a journal of effects."""

from gateway.spyne_compat import install

install()
