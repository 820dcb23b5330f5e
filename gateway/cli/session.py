"""What commands share: settings read once, and the gateway built once, when a command first asks for it."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

import click

from gateway.domain.errors import WrongSetting

if TYPE_CHECKING:
    from gateway.bootstrap import Gateway
    from gateway.config import Settings
    from gateway.usecases.maintenance import Maintenance


class Session:
    """One run of the command line. Nothing heavy is imported before it is needed, so that ``--help`` is quick.

    Args:
        settings: instead of those of the environment; given by tests.
    """

    def __init__(self, settings: Settings | None = None) -> None:
        self._settings = settings
        self._gateway: Gateway | None = None

    @property
    def settings(self) -> Settings:
        """The settings.

        Raises:
            WrongSetting: names every variable that cannot be used.
        """
        if self._settings is None:
            from gateway.config import load_settings

            self._settings = load_settings()
        return self._settings

    @property
    def gateway(self) -> Gateway:
        """The gateway on a database that is ready for it.

        Raises:
            WrongSetting: the database has no schema or that of another version.
        """
        if self._gateway is None:
            from gateway.persistence.schema import is_current

            file = self.settings.sqlite_file
            if file is not None and not file.exists():
                # Connecting would leave an empty file behind.
                raise WrongSetting(f"there is no database {file}; run `gateway init`, or set GATEWAY_DATABASE_URL")
            built = self.gateway_before_init()
            if not is_current(built.database.engine):
                raise WrongSetting("the database has no schema or that of another version; run `gateway init`")
        assert self._gateway is not None
        return self._gateway

    @property
    def maintenance(self) -> Maintenance:
        """The maintenance of the gateway's database.

        Raises:
            WrongSetting: as for `gateway`.
        """
        return self.gateway.maintenance

    def gateway_before_init(self) -> Gateway:
        """Return the gateway, whatever its database looks like."""
        if self._gateway is None:
            from gateway.bootstrap import build

            self._gateway = build(self.settings)
            if self.settings.log_level != "DEBUG":
                # Looking at the schema is no news; `gateway init` says itself what it did.
                logging.getLogger("alembic").setLevel(logging.WARNING)
        return self._gateway

    def close(self) -> None:
        """Close the database connections."""
        if self._gateway is not None:
            self._gateway.close()
            self._gateway = None


pass_session = click.make_pass_decorator(Session)
