"""How this emulator runs; what is in the Azure it plays stands in the fleet."""

from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field


class Settings(BaseModel):
    """Every default makes the emulator as quick and as quiet as it can be."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    host: str = "127.0.0.1"  # never open to the network: its secrets are printed
    port: int = 0  # HTTPS; 0 takes a free one
    plain_port: int = 0  # HTTP for the identity endpoint and the control API; 0 takes a free one
    operation_seconds: float = Field(default=0, ge=0)  # how long a write runs; 0 ends before the 202 is sent
    retry_after_seconds: int = Field(default=0, ge=0)  # Azure says 60 for servers and 10 for parameters
    token_seconds: int = Field(default=86_400, gt=0)  # a managed identity's token lives 24 hours
    time_scale: float = Field(default=1.0, gt=0)  # factor on Event Grid's retry schedule; 0.001 makes 10 s to 10 ms
    delivery_attempts: int = Field(default=30, ge=1, le=30)  # Event Grid's default
    delivery_ttl_minutes: int = Field(default=1440, ge=1, le=1440)  # Event Grid's default
    delivery_timeout_seconds: float = Field(default=30, gt=0)  # Event Grid waits 30 s for an answer
    handshake_seconds: float = Field(default=30, gt=0)  # how long a subscription given at start waits for its endpoint
    activity_log_lag_seconds: float = Field(default=0, ge=0)  # Azure's events take minutes to appear in the log
    resource_notifications: bool = False  # also emit Microsoft.ResourceNotifications.Resources.* events
    enforce_rate_limits: bool = False  # true answers 429 when a subscription's bucket is empty
    exchange_log: Path | None = None  # JSONL of every ARM exchange
    ca_file: Path | None = None  # where to write the CA; default a temporary file
