"""The settings of the service, from the environment (prefix PRRT_)."""

from importlib.resources import files
from pathlib import Path
from zoneinfo import ZoneInfo

from pydantic import Field, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from service.vocabulary import CtcaeVersion, Jurisdiction


def _models_of_the_checkout() -> Path:
    return Path(str(files("service"))).parent / "models"


class Settings(BaseSettings):
    """Frozen settings, read once, when the application is built."""

    model_config = SettingsConfigDict(env_prefix="PRRT_", frozen=True, extra="ignore")

    models_dir: Path = Field(
        default_factory=_models_of_the_checkout, description="Folder of the risk models (`served.yaml` and one folder each)."
    )
    time_zone: str = Field("UTC", description="Time zone in which `as_of` defaults to today.")
    ctcae_version: CtcaeVersion = Field("5.0", description="CTCAE version unless the request names one.")
    jurisdiction: Jurisdiction = Field("us", description="Whose label applies unless the request says so.")
    max_body_bytes: int = Field(1_048_576, description="Largest request body in bytes; larger ones get 413.", ge=1024)

    @field_validator("time_zone")
    @classmethod
    def _known_zone(cls, time_zone: str) -> str:
        try:
            ZoneInfo(time_zone)
        except (LookupError, OSError, ValueError):
            raise ValueError("is not the name of a time zone") from None
        return time_zone
