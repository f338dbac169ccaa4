"""The settings of the service, from the environment (prefix PRRT_)."""

import re
from importlib.resources import files
from pathlib import Path
from zoneinfo import ZoneInfo

from pydantic import Field, SecretStr, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError

from service.vocabulary import CtcaeVersion, Jurisdiction

LEAST_SECRET_BYTES = 32


def _of_the_checkout(folder: str) -> Path:
    return Path(str(files("service"))).parent / folder


def _data() -> Path:
    """Beside the code of a checkout; of an installed package in the folder from which it is started."""
    checkout = _of_the_checkout("data")
    return checkout if checkout.with_name("pyproject.toml").exists() else Path("data")


class Settings(BaseSettings):
    """Frozen settings, read once, when the application is built."""

    model_config = SettingsConfigDict(env_prefix="PRRT_", frozen=True, extra="ignore")

    models_dir: Path = Field(
        default_factory=lambda: _of_the_checkout("models"),
        description="Folder of the risk models (`served.yaml` and one folder each).",
    )
    data_dir: Path = Field(
        default_factory=_data,
        description="Folder of the embedded record (SQLite), unless a database is named.",
    )
    database_url: SecretStr | None = Field(None, description="PostgreSQL for the record: `postgresql://user:password@host/name`.")
    record_seconds: float = Field(5, description="Longest time in seconds that one use of the record may take.", gt=0, le=60)
    public_url: str | None = Field(
        None, description="Address under which clients reach the service, for links and token audiences."
    )
    api_keys_file: Path | None = Field(None, description="YAML file with the digests of API keys (`prrt-cds keys new`).")
    oidc_issuer: str | None = Field(None, description="Issuer of the bearer tokens that are accepted.")
    oidc_audience: str = Field("prrt-cds", description="Audience that a bearer token must name.")
    oidc_jwks: str | None = Field(None, description="Public keys of that issuer: a file, or an https address.")
    oidc_allowed_hosts: str = Field(
        "", description="Hosts, separated by commas, that may be asked for these keys and, for the page, for tokens."
    )
    oidc_client_id: str | None = Field(None, description="Name of this service at that issuer, for signing in to the page.")
    oidc_client_secret: SecretStr | None = Field(None, description="Its secret there, if it has one.")
    oidc_authorize_url: str | None = Field(None, description="Where the issuer lets people sign in (https).")
    oidc_token_url: str | None = Field(None, description="Where the issuer hands out tokens (https).")
    oidc_scopes: str = Field(
        "openid assess read review", description="Scopes, separated by spaces, that the page asks the issuer for."
    )
    session_secret: SecretStr | None = Field(
        None, description="Secret of 32 bytes or more that signs the sessions of the page; the same in every replica."
    )
    max_in_flight: int = Field(64, description="Requests that are answered at the same time; more get 503.", ge=1)
    requests_per_minute: int = Field(600, description="Requests a minute from one caller; more get 429.", ge=1)
    drain_seconds: float = Field(0, description="Time in seconds to go on serving, not ready, after SIGTERM.", ge=0, le=300)
    cds_issuers: str = Field("", description="Issuers, separated by commas, of the tokens of CDS Hooks clients.")
    cds_jkus: str = Field("", description="Addresses, separated by commas, of the keys that such a token may name (`jku`).")
    cds_jwks_file: Path | None = Field(None, description="File with the keys of CDS Hooks clients, put there by hand.")
    cors_origins: str = Field("", description="Origins, separated by commas, whose web pages may call.")
    fhir_allowed_hosts: str = Field(
        "", description="Hosts (or `host:port`), separated by commas, of FHIR servers that may be asked for data."
    )
    fhir_seconds: float = Field(2, description="Longest time in seconds to ask a FHIR server during one call.", gt=0, le=30)
    time_zone: str = Field("UTC", description="Time zone in which `as_of` defaults to today.")
    ctcae_version: CtcaeVersion = Field("5.0", description="CTCAE version unless the request names one.")
    jurisdiction: Jurisdiction = Field("us", description="Whose label applies unless the request says so.")
    max_body_bytes: int = Field(1_048_576, description="Largest request body in bytes; larger ones get 413.", ge=1024)
    max_fhir_bytes: int = Field(
        16_777_216, description="Largest body of FHIR resources in bytes, sent or fetched; larger ones get 413.", ge=1024
    )

    def listed(self, name: str) -> frozenset[str]:
        """The entries of a setting that is a list separated by commas."""
        return frozenset(entry.strip() for entry in str(getattr(self, name)).split(",") if entry.strip())

    @field_validator("database_url")
    @classmethod
    def _a_postgresql(cls, url: SecretStr | None) -> SecretStr | None:
        try:
            is_postgresql = url is None or make_url(url.get_secret_value()).get_backend_name() == "postgresql"
        except (ArgumentError, ValueError):
            is_postgresql = False
        if not is_postgresql:
            raise ValueError("must be the address of a PostgreSQL: postgresql://user:password@host/name")
        return url

    @field_validator("session_secret")
    @classmethod
    def _long_enough(cls, secret: SecretStr | None) -> SecretStr | None:
        if secret is not None and len(secret.get_secret_value().encode()) < LEAST_SECRET_BYTES:
            raise ValueError(f"must be at least {LEAST_SECRET_BYTES} bytes long")
        return secret

    @field_validator("cors_origins")
    @classmethod
    def _origins(cls, listed: str) -> str:
        if not all(re.fullmatch(r"https?://[^/*\s]+", origin.strip()) for origin in listed.split(",") if origin.strip()):
            raise ValueError("must be origins, written https://host or https://host:port without anything after it")
        return listed

    @field_validator("time_zone")
    @classmethod
    def _known_zone(cls, time_zone: str) -> str:
        try:
            ZoneInfo(time_zone)
        except (LookupError, OSError, ValueError):
            raise ValueError("is not the name of a time zone") from None
        return time_zone
