"""Shapes outside the gateway: one file per message or file format, and the contracts that describe them."""
