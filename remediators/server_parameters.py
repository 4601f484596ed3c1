"""Server parameters that must hold a value: one row of `ROWS` for each control.

Why      Each row says it: what is not logged cannot be investigated, what is not encrypted can be read.
Fix      Write the last good value, else the row's value. A list keeps what is in it and gets what is missing.
Refuses  A parameter that this version of the server lacks is not applicable; one that waits for a restart is not
         fixed, and Holdfast restarts no server unasked.
Undo     Write the value as it was.
"""

from dataclasses import dataclass
from functools import partial

from shared.condition import Between, Condition, Either, Has, OneOf, Text
from shared.control import (
    Control,
    Disposition,
    Finding,
    Needs,
    NotApplicable,
    Parameters,
    Remediator,
    Revert,
    Risk,
    Severity,
)
from shared.held import drifts_of
from shared.state import SERVER, Facet, State, parameter
from shared.target import Kind

AUTO, APPROVAL = Disposition.AUTO, Disposition.APPROVAL
LOW, MEDIUM, HIGH = Severity.LOW, Severity.MEDIUM, Severity.HIGH
_SIGN_IN = "Identity & Access Management / Authentication"
_TRANSIT = "Encryption & Secure Data Management / Encryption in Transit"
_LEAKS = "Network Security / Data Exfiltration Prevention & Data Loss Prevention"
_AUDIT = "Logging & Monitoring / Security Monitoring & Alerting"
_SERVICE = "Logging & Monitoring / Service Monitoring"
_REPLICAS = "Resilience & Recovery / Data Resilience (Replication)"
_ON, _OFF = OneOf(("on",)), OneOf(("off",), bad="on")


@dataclass(frozen=True, slots=True)
class Row:
    """The parameters `names` must each meet `condition`; on single servers they are called `single` (empty: none).

    `why` is what is wrong while they do not. A row `with_passwords` is about servers on which passwords open something
    only. An `optional` row counts only where the policy names it: nobody's server
    is changed because Holdfast has learned something new.
    """

    id: str
    title: str
    names: tuple[str, ...]
    condition: Condition
    severity: Severity
    domain: str
    why: str
    fresh: Disposition = AUTO
    first_sight: Disposition = APPROVAL
    single: tuple[str, ...] = ()
    revert: Revert = Revert.IN_PLACE
    risk: Risk | None = None
    optional: bool = True
    with_passwords: bool = False


ROWS = (
    # -- signing in -----------------------------------------------------------------------------------------------
    Row(
        "scram-only-password-auth",
        "Password authentication accepts SCRAM-SHA-256 only",
        ("azure.accepted_password_auth_method",),
        OneOf(("scram-sha-256",), bad="md5,scram-sha-256"),
        MEDIUM,
        _SIGN_IN,
        "clients may sign in with MD5 password hashes",
        # Roles whose passwords were never hashed anew could not sign in any more.
        revert=Revert.RISKY,
        risk=Risk.MAY_CUT_CLIENTS,
    ),
    Row(
        "password-encryption-scram",
        "New passwords are hashed with SCRAM-SHA-256",
        ("password_encryption",),
        OneOf(("scram-sha-256",), bad="md5"),
        MEDIUM,
        _SIGN_IN,
        "new passwords are stored as MD5 hashes",
        first_sight=AUTO,
    ),
    Row(
        "connection-throttling",
        "Temporary throttling per IP after repeated failed logins is on",
        ("connection_throttle.enable",),
        _ON,
        MEDIUM,
        _SIGN_IN,
        "passwords may be guessed without a brake",
        first_sight=AUTO,
        single=("connection_throttling",),
    ),
    Row(
        "password-policy-credcheck",
        "Password complexity/expiry extension (credcheck) is allow-listed and preloaded where passwords remain in use",
        ("azure.extensions", "shared_preload_libraries"),
        Has(("credcheck",)),
        LOW,
        _SIGN_IN,
        "nothing keeps people from choosing weak passwords",
        fresh=Disposition.NOTIFY,
        revert=Revert.RESTART,
        with_passwords=True,
    ),
    # -- encryption in transit ------------------------------------------------------------------------------------
    Row(
        "tls-required",
        "Encrypted connections are required (TLS enforced)",
        ("require_secure_transport",),
        _ON,
        HIGH,
        _TRANSIT,
        "clients may connect without encryption",
        optional=False,
    ),
    Row(
        "tls-min-version-12",
        "Minimum TLS version is 1.2 or newer",
        ("ssl_min_protocol_version",),
        OneOf(("TLSv1.2", "TLSv1.3"), bad="TLSv1.1"),
        HIGH,
        _TRANSIT,
        "clients may connect with an outdated TLS version",
        optional=False,
    ),
    Row(
        "tls-min-version-13",
        "Minimum TLS version is 1.3 (strict profile)",
        ("ssl_min_protocol_version",),
        OneOf(("TLSv1.3",), bad="TLSv1.2"),
        LOW,
        _TRANSIT,
        "clients may connect with TLS 1.2",
        # Clients that know no TLS 1.3 cannot connect any more.
        revert=Revert.RISKY,
        risk=Risk.MAY_CUT_CLIENTS,
    ),
    Row(
        "tls-max-version-unset",
        "ssl_max_protocol_version does not cap the TLS version",
        ("ssl_max_protocol_version",),
        OneOf(("TLSv1.3", ""), bad="TLSv1.2"),
        LOW,
        _TRANSIT,
        "clients are kept from the newest TLS version",
        first_sight=AUTO,
    ),
    # -- data that leaks ------------------------------------------------------------------------------------------
    Row(
        "azure-storage-extension-network-access",
        "The azure_storage extension may not reach storage accounts",
        ("azure_storage.allow_network_access", "azure_storage.public_account_access"),
        _OFF,
        MEDIUM,
        _LEAKS,
        "whoever may run SQL can copy data to a storage account",
    ),
    Row(
        "log-statement-no-cleartext-passwords",
        "log_statement is none: role passwords would be written in clear text",
        ("log_statement",),
        OneOf(("none",), bad="all"),
        MEDIUM,
        _LEAKS,
        "passwords set with SQL stand in the log in clear text",
    ),
    Row(
        "pgaudit-log-client-off",
        "Audit records are not sent to clients",
        ("pgaudit.log_client",),
        _OFF,
        LOW,
        _LEAKS,
        "clients see what is audited",
        first_sight=AUTO,
    ),
    # -- audit and logs -------------------------------------------------------------------------------------------
    Row(
        "log-connections-on",
        "log_connections is on",
        ("log_connections",),
        # From PostgreSQL 18 on it is a list of what is logged.
        Either((OneOf(("on", "all")), Has(("receipt", "authentication", "authorization"), "all", ("none", "off")))),
        MEDIUM,
        _AUDIT,
        "nobody sees who connects",
        first_sight=AUTO,
        single=("log_connections",),
    ),
    Row(
        "log-disconnections-on",
        "log_disconnections is on",
        ("log_disconnections",),
        _ON,
        MEDIUM,
        _AUDIT,
        "nobody sees how long somebody was connected",
        first_sight=AUTO,
        single=("log_disconnections",),
    ),
    Row(
        "log-checkpoints-on",
        "log_checkpoints is on",
        ("log_checkpoints",),
        _ON,
        LOW,
        _AUDIT,
        "checkpoints and restarts leave no trace",
        first_sight=AUTO,
        single=("log_checkpoints",),
    ),
    Row(
        "log-duration-on",
        "log_duration is on",
        ("log_duration",),
        _ON,
        LOW,
        _AUDIT,
        "nobody sees how long statements take",
        single=("log_duration",),
    ),
    Row(
        "log-retention-days",
        "Server logs are kept for more than 3 days",
        ("logfiles.retention_days",),
        Between(4, 7, 7),
        MEDIUM,
        _AUDIT,
        "logs are gone before anybody looks",
        first_sight=AUTO,
        single=("log_retention_days",),
    ),
    Row(
        "server-logs-download-enabled",
        "Server logs can be downloaded",
        ("logfiles.download_enable",),
        _ON,
        LOW,
        _AUDIT,
        "there are no server logs to look at",
    ),
    Row(
        "log-line-prefix",
        "log_line_prefix carries user and database",
        ("log_line_prefix",),
        # The default of the built-in policy.
        Text(("%u", "%d"), "%t-%c-user=%u,db=%d,app=%a,client=%h"),
        LOW,
        _AUDIT,
        "a line of the log does not say whose it is",
        first_sight=AUTO,
    ),
    Row(
        "pgaudit-loaded",
        "pgaudit is allow-listed and preloaded",
        ("azure.extensions", "shared_preload_libraries"),
        # The built-in policy writes pgaudit alone and so drops every other library.
        Has(("pgaudit",)),
        HIGH,
        _AUDIT,
        "statements are not audited",
        fresh=APPROVAL,
        revert=Revert.RESTART,
        single=("shared_preload_libraries",),
    ),
    Row(
        "pgaudit-log-classes",
        "pgaudit.log records at least role, ddl and misc",
        ("pgaudit.log",),
        Has(("role", "ddl", "misc"), "all"),
        MEDIUM,
        _AUDIT,
        "changes of roles and structure are not audited",
        single=("pgaudit.log",),
    ),
    Row(
        "pgaudit-log-statement",
        "pgaudit.log_statement is on",
        ("pgaudit.log_statement",),
        _ON,
        LOW,
        _AUDIT,
        "audit records lack the statement",
        first_sight=AUTO,
    ),
    Row(
        "pgaudit-log-statement-once",
        "pgaudit.log_statement_once is on",
        ("pgaudit.log_statement_once",),
        _ON,
        LOW,
        _AUDIT,
        "audit records repeat the statement in every line",
    ),
    Row(
        "pgaudit-log-level",
        "pgaudit.log_level is log",
        ("pgaudit.log_level",),
        OneOf(("log",), bad="debug1"),
        LOW,
        _AUDIT,
        "audit records may fall below the level that is kept",
        first_sight=AUTO,
    ),
    Row(
        "query-store-capture",
        "Query Store captures queries",
        ("pg_qs.query_capture_mode",),
        OneOf(("top", "all"), bad="none"),
        LOW,
        _AUDIT,
        "nobody can see which statements ran",
        single=("pg_qs.query_capture_mode",),
    ),
    Row(
        "query-store-wait-sampling",
        "Query Store samples waits",
        ("pgms_wait_sampling.query_capture_mode",),
        OneOf(("all",), bad="none"),
        LOW,
        _AUDIT,
        "nobody can see what statements waited for",
        single=("pgms_wait_sampling.query_capture_mode",),
    ),
    # -- service monitoring, replicas -----------------------------------------------------------------------------
    Row(
        "enhanced-metrics",
        "Enhanced metrics are collected",
        ("metrics.collector_database_activity", "metrics.autovacuum_diagnostics"),
        _ON,
        LOW,
        _SERVICE,
        "metrics by database are missing",
    ),
    Row(
        "wal-level-supports-replicas",
        "The WAL level supports replicas",
        ("wal_level",),
        OneOf(("replica", "logical"), bad="minimal"),
        MEDIUM,
        _REPLICAS,
        "no replica can follow this server",
        fresh=APPROVAL,
        revert=Revert.RESTART,
        single=("azure.replication_support",),
    ),
)


def _detect(row: Row, state: State, _: Parameters) -> Finding:
    names = row.single if state.target.kind is Kind.SINGLE else row.names
    held = [parameter for name in names if (parameter := state.parameters.get(name)) is not None]
    if row.with_passwords and (state.server is None or not state.server.password_auth):
        return NotApplicable("nobody can sign in to this server with a password")
    if not held:
        return NotApplicable(f"this server has no parameter {' or '.join(names)}")
    return tuple(drift for one in held for drift in drifts_of(row.id, one, row.condition, row.why))


def _needs(names: tuple[str, ...], more: tuple[Facet, ...] = ()) -> Needs:
    what = frozenset({"configurations/write"})
    return Needs((*map(parameter, names), *more), what, what)


def _remediator(row: Row) -> Remediator:
    needs = _needs(row.names, (SERVER,) if row.with_passwords else ())
    control = Control(
        id=row.id,
        title=row.title,
        domain=row.domain,
        severity=row.severity,
        facets=needs.facets,
        operations=needs.operations,
        permissions=needs.permissions,
        fresh=row.fresh,
        first_sight=row.first_sight,
        kinds=frozenset({Kind.FLEXIBLE, *([Kind.SINGLE] if row.single else [])}),
        variants={Kind.SINGLE: _needs(row.single)} if row.single else {},
        revert=row.revert,
        risk=row.risk,
        optional=row.optional,
    )
    return Remediator(control, partial(_detect, row))


REMEDIATORS = tuple(map(_remediator, ROWS))
