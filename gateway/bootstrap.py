"""Builds everything once from `Settings` and plugs it together; nothing is opened on import."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

from gateway import log
from gateway.config import Settings
from gateway.persistence.engine import make_engine
from gateway.persistence.reference_data import ReferenceCache
from gateway.persistence.schema import is_current
from gateway.persistence.unit_of_work import Database
from gateway.usecases.access import Access
from gateway.usecases.adjustments import Adjustments
from gateway.usecases.hospital import Hospital
from gateway.usecases.initialise import Initialise
from gateway.usecases.lookups import Lookups
from gateway.usecases.maintenance import Maintenance
from gateway.usecases.positions import Positions
from gateway.usecases.templates import Templates
from gateway.usecases.verify import Verify

if TYPE_CHECKING:
    from gateway.publishing.destinations import Destination
    from gateway.publishing.relay import Relay
    from gateway.web.application import WsgiApplication

DEFAULT_PORT = 8080


class Gateway:
    """Every part of one gateway process. Parts that need Spyne or zeep are built when first asked for."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        log.configure(settings.log_level, settings.log_format)
        self.database = Database(make_engine(settings.database_url, settings.database_pool_size))
        self.references = ReferenceCache()
        self.access = Access(self.database, remember_seconds=settings.credential_cache_seconds)
        self.adjustments = Adjustments(self.database, self.references, literal_dist=settings.merchandising_literal_dist)
        self.templates = Templates(self.database, self.references)
        self.lookups = Lookups(self.database, self.references)
        self.positions = Positions(self.database)
        self.hospital = Hospital(self.database)
        self.verify = Verify(self.database)
        self.initialise = Initialise(self.database, self.access)
        self.maintenance = Maintenance(self.database, self.references, self.access)

    @cached_property
    def destination(self) -> Destination:
        """The merchandising system, as the settings name it."""
        from gateway.publishing.destinations import Destination, Mode
        from gateway.publishing.retry import RetryPolicy

        settings = self.settings
        password = settings.merchandising_password
        return Destination(
            settings.merchandising_url,
            mode=Mode(settings.merchandising_mode),
            user=settings.merchandising_user or "",
            password=password.get_secret_value() if password is not None else "",
            connect_timeout_seconds=settings.merchandising_connect_seconds,
            read_timeout_seconds=settings.merchandising_read_seconds,
            retry=RetryPolicy(
                max_attempts=settings.relay_max_attempts,
                first_delay_seconds=settings.relay_retry_seconds,
                max_delay_seconds=settings.relay_retry_most_seconds,
            ),
            allow_plain_http=settings.allow_plain_http,
        )

    def relay(self, name: str | None = None) -> Relay:
        """Return a relay to the merchandising system; *name* must differ from that of every other relay."""
        from gateway.publishing.merchandising import MerchandisingClient
        from gateway.publishing.relay import Relay

        client = MerchandisingClient(self.destination)
        return Relay(self.database, self.destination, client, name=name, threads=self.settings.relay_workers)

    def soap_application(self) -> WsgiApplication:
        """Return the SOAP service as a WSGI application."""
        from gateway.soap import application

        settings = self.settings
        return application.build(
            self.adjustments,
            self.templates,
            self.lookups,
            self.access,
            settings=application.SoapSettings(
                public_url=settings.public_url,
                allowed_hosts=settings.allowed_hosts,
                max_body_bytes=settings.max_request_bytes,
                allow_plain_http=settings.allow_plain_http,
                anonymous_user=settings.anonymous_user,
                trusted_proxies=settings.trusted_proxies,
            ),
        )

    def wsgi_application(self) -> WsgiApplication:
        """Return all doors as one WSGI application."""
        from gateway.soap.application import PATH
        from gateway.web.application import by_path
        from gateway.web.health import PATHS, Health

        health = Health(lambda: is_current(self.database.engine))
        return by_path({PATH: self.soap_application(), **dict.fromkeys(PATHS, health)})

    def close(self) -> None:
        """Close the database connections."""
        self.database.engine.dispose()


def build(settings: Settings) -> Gateway:
    """Return a gateway for *settings*."""
    return Gateway(settings)
