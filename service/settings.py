"""All settings of the service, read from environment variables that start with EVENFLEET_."""

from __future__ import annotations

from pathlib import Path
from typing import Literal, Self
from urllib.parse import urlsplit

from pydantic import Field, field_validator, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from service.outward.allowed import Allowed

LOOPBACK = ("127.0.0.1", "::1", "localhost")


class Settings(BaseSettings):
    """Read once where a process starts and handed down from there; `docs/operations.md` lists every field."""

    model_config = SettingsConfigDict(env_prefix="EVENFLEET_", frozen=True)

    data_dir: Path = Field(Path(".evenfleet"), description="Where the database file, documents and caches live.")
    db_url: str = Field(
        "", description="SQLAlchemy URL of PostgreSQL (postgresql+psycopg://…); empty = SQLite in data_dir."
    )
    host: str = Field("127.0.0.1", description="Address the API listens on.")
    port: int = Field(8000, ge=0, le=65535, description="Port the API listens on; 0 = any free one.")
    workers: int = Field(1, ge=0, le=64, description="Worker processes that `evenfleet serve` starts.")
    auth: Literal["auto", "keys"] = Field(
        "auto",
        description="`auto`: while there is no key, this machine needs none; `keys`: everybody always needs one.",
    )
    log_level: str = Field("INFO", description="Least level that is logged.")
    allow_hosts: str = Field(
        "", description="Hosts that feeds and webhooks may reach by http and inside: `host, host:port, …`."
    )

    max_body_bytes: int = Field(8_000_000, ge=1_000, description="Largest request body.")
    max_body_values: int = Field(400_000, ge=1_000, description="Most values in a request body: numbers, texts, lists.")
    max_stations: int = Field(2_000, ge=1, description="Most stations of one plan.")
    max_vans: int = Field(50, ge=1, description="Most vans of one plan.")
    max_cars: int = Field(2_000, ge=1, description="Most cars of one plan.")
    max_drivers: int = Field(200, ge=1, description="Most drivers of one plan.")
    max_pairs: int = Field(100_000, ge=1, description="Most ways with times of their own (`pairs`) of one plan.")
    max_grid_steps: int = Field(10_000, ge=1, description="Most steps of tariff and CO2 (`grid_series`) of one plan.")
    max_demand_points: int = Field(20_000, ge=1, description="Most features of `demand` of one study.")
    max_sites: int = Field(20_000, ge=1, description="Most candidates, and most chargers, of one study.")
    max_areas: int = Field(5_000, ge=1, description="Most districts, exclusions and grid nodes of one study, each.")
    max_study_entries: int = Field(
        5_000, ge=1, description="Most entries of `siting` and `wishes` of one study, without `force` and `ban`."
    )
    max_access_pairs: int = Field(20_000_000, ge=1, description="Most demand points times sites of one study.")
    max_servings: int = Field(1_000_000, ge=1, description="Most demand points times phases times scenarios.")
    max_builds: int = Field(2_000_000, ge=1, description="Most ways to furnish the sites of one study with plugs.")
    max_city_mb: int = Field(200, ge=1, description="Largest zip file of a city, and all of its files unpacked, in MB.")
    city_check_s: float = Field(120.0, gt=0, description="Longest time that looking over a city may take.")
    evaluate_s: float = Field(60.0, gt=0, description="Longest time that evaluating routes may take.")
    max_revisions: int = Field(50, ge=1, description="Most revisions of one night, one of the other.")
    max_solve_s: float = Field(900.0, gt=0, description="Longest search one plan may ask for.")
    max_wait_s: float = Field(30.0, ge=0, description="Longest `Prefer: wait` that is honoured.")
    max_page: int = Field(100, ge=1, description="Most items on one page of a list.")

    rate_requests: float = Field(1_000.0, gt=0, description="Requests a second that one tenant may keep up.")
    burst_requests: int = Field(2_000, ge=1, description="Requests that one tenant may make at once.")
    rate_submissions: float = Field(100.0, gt=0, description="Submissions a second that one tenant may keep up.")
    burst_submissions: int = Field(200, ge=1, description="Submissions that one tenant may make at once.")
    max_open_jobs: int = Field(2_000, ge=1, description="Most jobs of one tenant that wait or run.")
    max_tenant_streams: int = Field(20, ge=1, description="Most event streams that one tenant may hold open with keys.")
    max_streams: int = Field(500, ge=1, description="Most event streams that one API process holds open.")
    oidc_issuer: str = Field("", description="`iss` of tokens that are accepted beside keys, as `https://id.example`.")
    oidc_audience: str = Field("", description="What `aud` of these tokens has to hold; needed with an issuer.")
    oidc_jwks: str = Field("", description="The issuer's keys (JWKS): an address or a file; needed with an issuer.")
    oidc_tenant_claim: str = Field("", description="Claim that names the tenant; empty = all are `default`.")
    oidc_scope_claim: str = Field("scope", description="Claim that holds scopes, as a text with blanks or a list.")
    key_grace_s: float = Field(86_400.0, ge=0, description="How long a rotated key stays valid, unless told otherwise.")

    max_attempts: int = Field(3, ge=1, description="Attempts after which a job fails with attempts_exhausted.")
    solver_memory_mb: int = Field(8_192, ge=256, description="Address space of one solver child.")
    solver_cpu_s: int = Field(7_200, ge=1, description="CPU time of one solver child.")
    solver_file_mb: int = Field(1_024, ge=1, description="Largest file a solver child may write.")
    solver_nice: int = Field(
        10,
        ge=0,
        le=19,
        description="How far a solver child gives way to all else; 0 where other programs are busy, too.",
    )
    preload: bool = Field(
        True,
        description="Whether a worker loads what nights need once, ahead of them (400 MB), not in each solver child.",
    )
    solver_wall_s: float = Field(1_800.0, gt=0, description="Wall time after which a solver child is stopped.")
    grace_s: float = Field(5.0, gt=0, description="Time between asking a solver child to stop and killing it.")
    study_grace_s: float = Field(
        60.0, gt=0, description="The same for a siting study, of which every figure, map and table is made after that."
    )
    drain_s: float = Field(20.0, ge=0, description="Time a stopping worker gives its running jobs.")

    dask: str = Field(
        "",
        description="Scheduler of a Dask cluster for parts of large jobs (tls://host:8786); empty = all is made here.",
    )
    dask_ca: str = Field("", description="Certificate of who signs for the cluster (PEM file); needed with tls://.")
    dask_cert: str = Field("", description="Our certificate for the cluster (PEM file); needed with tls://.")
    dask_key: str = Field("", description="Its key (PEM file); needed with tls://.")
    dask_patience_s: float = Field(
        60.0, ge=0, description="How long a cluster may be away before what it has not made is made here."
    )

    poll_s: float = Field(0.2, gt=0, description="How often workers look for jobs and for wishes to cancel.")
    stream_poll_s: float = Field(0.5, gt=0, description="How often an event stream looks for new events.")
    beat_s: float = Field(10.0, gt=0, description="How often a worker says that it is alive.")
    lease_s: float = Field(30.0, gt=0, description="Silence after which a worker's jobs are given to others.")
    least_free_mb: int = Field(200, ge=0, description="Room on the disk below which `/readyz` says no.")
    retain_days: float = Field(
        0.0, ge=0, description="Days after which ended jobs go, with events and results; 0 = never."
    )
    catch_up_s: float = Field(
        21_600.0, ge=0, description="How late a scheduled night may still be planned; later it has been missed."
    )
    heartbeat_s: float = Field(15.0, gt=0, description="Silence on an event stream after which a ping is sent.")

    max_webhook_endpoints: int = Field(16, ge=0, le=16, description="Most webhook endpoints of one tenant.")
    webhook_timeout_s: float = Field(15.0, gt=0, description="Time a receiver of a webhook has to answer.")
    webhook_retries_s: tuple[float, ...] = Field(
        (0.0, 5.0, 300.0, 1800.0, 7200.0, 18000.0, 36000.0, 50400.0, 72000.0, 86400.0),
        min_length=1,
        max_length=50,
        description="Waits before each attempt at a webhook, as JSON; up to a tenth is added by chance.",
    )
    webhook_keep_days: float = Field(30.0, gt=0, description="Days that the log of deliveries is kept.")

    @field_validator("allow_hosts")
    @classmethod
    def _readable(cls, value: str) -> str:
        Allowed.read(value)
        return value

    @model_validator(mode="after")
    def _whole_issuer(self) -> Self:
        if self.oidc_issuer and not (self.oidc_audience and self.oidc_jwks):
            raise ValueError("EVENFLEET_OIDC_ISSUER needs EVENFLEET_OIDC_AUDIENCE and EVENFLEET_OIDC_JWKS")
        return self

    @model_validator(mode="after")
    def _safe_cluster(self) -> Self:
        if not self.dask:
            return self
        address = urlsplit(self.dask)
        if address.scheme == "tls":
            if not (self.dask_ca and self.dask_cert and self.dask_key):
                raise ValueError("EVENFLEET_DASK needs EVENFLEET_DASK_CA, EVENFLEET_DASK_CERT and EVENFLEET_DASK_KEY")
        elif address.scheme != "tcp" or address.hostname not in LOOPBACK:
            # Whoever can talk to a scheduler can run anything on its workers.
            raise ValueError("EVENFLEET_DASK must be tls://host:port; tcp:// is for 127.0.0.1 alone")
        if not address.port:
            raise ValueError("EVENFLEET_DASK names no port; a scheduler listens on 8786 unless told otherwise")
        return self

    @property
    def database_url(self) -> str:
        """Where our tables and the job engine's live."""
        return self.db_url or f"sqlite:///{self.data_dir.resolve() / 'evenfleet.sqlite'}"

    @property
    def documents_dir(self) -> Path:
        """Requests and results by content."""
        return self.data_dir / "documents"

    @property
    def cities_dir(self) -> Path:
        """Versions of the cities that users brought, by content."""
        return self.data_dir / "cities"

    def city_folder(self, version: str) -> Path:
        """The files of one version."""
        return self.cities_dir / version / "city"

    @property
    def attempts_dir(self) -> Path:
        """Working folders of solver children."""
        return self.data_dir / "attempts"

    @property
    def cache_dir(self) -> Path:
        """Street graphs, travel times, compiled code; may be deleted at any time."""
        return self.data_dir / "cache"
