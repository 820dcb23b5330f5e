"""SOAP/XML integration gateway for retail store inventory: three doors and one ledger."""

__version__ = "0.1.0"
