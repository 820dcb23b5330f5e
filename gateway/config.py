"""All settings of the gateway, read once from the environment (``GATEWAY_…``)."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field, SecretStr, ValidationError, field_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from gateway.domain.errors import WrongSetting

PREFIX = "GATEWAY_"


class Settings(BaseSettings):
    """What an operator can set. A value that cannot be used stops the start and names its variable."""

    model_config = SettingsConfigDict(env_prefix=PREFIX, frozen=True, extra="ignore")

    database_url: str = Field(
        "sqlite:///gateway.db",
        description="SQLAlchemy URL: sqlite:///FILE or postgresql+psycopg://USER:PASSWORD@HOST/NAME",
    )
    database_pool_size: int = Field(8, ge=1, le=200, description="database connections that one process keeps open")
    public_url: str | None = Field(
        None, description="address that callers use, such as https://gateway.example; shown in the WSDL"
    )
    allowed_hosts: Annotated[tuple[str, ...], NoDecode] = Field(
        (), description="Host names that may be shown in the WSDL when no public URL is set, separated by blanks"
    )
    trusted_proxies: Annotated[tuple[str, ...], NoDecode] = Field(
        (),
        description="proxies whose X-Forwarded-Proto and -Host are believed: addresses, separated by blanks",
    )
    allow_plain_http: bool = Field(False, description="accept passwords without TLS on other than loopback")
    anonymous_user: str | None = Field(None, description="callers without credentials act as this user")
    credential_cache_seconds: float = Field(
        60, ge=0, le=3600, description="seconds for which a login that was right is remembered; 0 checks every call"
    )
    max_request_bytes: int = Field(8 * 1024 * 1024, ge=65536, description="largest request, in bytes")
    merchandising_url: str = Field(
        "http://127.0.0.1:8090/InvAdjustPublishingBean/InvAdjustPublishingService",
        description="endpoint of the merchandising system's InvAdjustPublishingService",
    )
    merchandising_user: str | None = Field(None, description="user of a UsernameToken for the merchandising system")
    merchandising_password: SecretStr | None = Field(None, description="its password")
    merchandising_mode: Literal["keyed", "query", "hold"] = Field(
        "keyed", description="what may be done after an unknown outcome (PUB-09)"
    )
    merchandising_connect_seconds: float = Field(5, gt=0, le=300, description="longest wait for a connection")
    merchandising_read_seconds: float = Field(30, gt=0, le=600, description="longest wait for an answer")
    merchandising_literal_dist: bool = Field(
        False, description="send the disposition DIST literally instead of leaving that side out (PUB-04)"
    )
    relay_max_attempts: int = Field(12, ge=1, le=100, description="attempts before a message goes to the hospital")
    relay_retry_seconds: float = Field(
        5, gt=0, le=3600, description="delay before the second attempt; doubles each time"
    )
    relay_retry_most_seconds: float = Field(1800, gt=0, le=86400, description="longest delay between two attempts")
    relay_workers: int = Field(4, ge=1, le=64, description="messages that one relay has under way at once")
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = Field("INFO", description="least level that is logged")
    log_format: Literal["console", "json"] = Field("console", description="how log lines look")

    @field_validator("allowed_hosts", "trusted_proxies", mode="before")
    @classmethod
    def _split(cls, value: object) -> object:
        return tuple(value.replace(",", " ").split()) if isinstance(value, str) else value

    @property
    def sqlite_file(self) -> Path | None:
        """The database file, when the database is SQLite."""
        name = self.database_url.removeprefix("sqlite:///")
        return Path(name) if name != self.database_url else None


def load_settings() -> Settings:
    """Read the settings from the environment.

    Raises:
        WrongSetting: names every variable that cannot be used, with its value.
    """
    try:
        return Settings()
    except ValidationError as error:
        wrong = "; ".join(
            f"{PREFIX}{str(one['loc'][0]).upper()}={one['input']!r}: {one['msg']}" for one in error.errors()
        )
        raise WrongSetting(wrong) from None
