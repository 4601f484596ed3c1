"""Server parameters that must hold a value: one row of `ROWS` for each control.

Why      Each row says it: what is not logged cannot be investigated, what is not encrypted can be read.
Fix      Write the last good value, else the row's value. A list keeps what is in it and gets what is missing.
Refuses  A parameter that this version of the server lacks is not applicable; one that waits for a restart is not
         fixed, and Holdfast restarts no server unasked. A Citus cluster does not say what waits for a restart: there a
         value that is stored counts.
Undo     Write the value as it was. Azure lets nobody do away with a single server's minimum TLS version once it is set.
"""

from dataclasses import dataclass, field
from functools import partial

from shared.condition import Between, Condition, Either, Has, OneOf, Text
from shared.control import (
    Control,
    Disposition,
    Drift,
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
from shared.state import COORDINATOR, SERVER, WORKERS, Facet, Setting, SettingKind, State, parameter
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
class Own:
    """A property of the server itself, where a kind of server has that in the parameter's place."""

    name: str
    condition: Condition


@dataclass(frozen=True, slots=True)
class Row:
    """The parameters `names` must each meet `condition`. On single servers they are called `single`, or are a property;
    on Citus clusters `citus`, each of them for the coordinator and for the workers (empty: none). `fixed` are the kinds
    on which the platform holds the control by itself.

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
    single: tuple[str, ...] | Own = ()
    citus: tuple[str, ...] = ()
    fixed: frozenset[Kind] = field(default_factory=frozenset)
    revert: Revert = Revert.IN_PLACE
    risk: Risk | None = None
    optional: bool = True
    with_passwords: bool = False

    @property
    def kinds(self) -> frozenset[Kind]:
        """The kinds of server it speaks about."""
        there = {Kind.FLEXIBLE: self.names, Kind.SINGLE: self.single, Kind.CITUS: self.citus}
        return self.fixed | {kind for kind, names in there.items() if names}

    def parameters(self, kind: Kind) -> tuple[str, ...]:
        """The parameters on this kind of server."""
        match kind:
            case Kind.FLEXIBLE:
                return self.names
            case Kind.SINGLE:
                return () if isinstance(self.single, Own) else self.single
            case Kind.CITUS:
                return tuple(f"{role}/{name}" for name in self.citus for role in (COORDINATOR, WORKERS))


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
        # Azure signs nobody in to a cluster with MD5.
        fixed=frozenset({Kind.CITUS}),
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
        "Encrypted connections are required (SSL/TLS enforced)",
        ("require_secure_transport",),
        _ON,
        HIGH,
        _TRANSIT,
        "clients may connect without encryption",
        optional=False,
        single=Own("tls.enforcement", OneOf(("Enabled",), bad="Disabled")),
        # A cluster takes encrypted connections only.
        fixed=frozenset({Kind.CITUS}),
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
        single=Own("tls.minimumVersion", OneOf(("TLS1_2",), bad="TLSEnforcementDisabled")),
        citus=("ssl_min_protocol_version",),
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
        "azure_storage extension may not reach storage accounts",
        ("azure_storage.allow_network_access", "azure_storage.public_account_access"),
        _OFF,
        MEDIUM,
        _LEAKS,
        "whoever may run SQL can copy data to a storage account",
    ),
    Row(
        "log-statement-no-cleartext-passwords",
        "log_statement is not ddl/all (role passwords would be written in clear text)",
        ("log_statement",),
        OneOf(("none",), bad="all"),
        MEDIUM,
        _LEAKS,
        "passwords set with SQL stand in the log in clear text",
    ),
    Row(
        "pgaudit-log-client-off",
        "pgaudit.log_client stays off (audit records are not sent to clients)",
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
        citus=("log_connections",),
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
        citus=("log_disconnections",),
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
        citus=("log_checkpoints",),
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
        "Server-side log retention is above 3 days (7 in the strict profile)",
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
        "logfiles.download_enable is on (where short-term server logs are used)",
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
        "pgaudit is allow-listed, preloaded and created",
        ("azure.extensions", "shared_preload_libraries"),
        # The built-in policy writes pgaudit alone and so drops every other library.
        Has(("pgaudit",)),
        HIGH,
        _AUDIT,
        "statements are not audited",
        fresh=APPROVAL,
        revert=Revert.RESTART,
        single=("shared_preload_libraries",),
        citus=("shared_preload_libraries",),
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
        citus=("pgaudit.log",),
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
        "Query Store wait sampling is on",
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
        "Enhanced metrics collection is on",
        ("metrics.collector_database_activity", "metrics.autovacuum_diagnostics"),
        _ON,
        LOW,
        _SERVICE,
        "metrics by database are missing",
    ),
    Row(
        "wal-level-supports-replicas",
        "WAL level supports replicas (Replica or Logical)",
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
    kind = state.target.kind
    if kind in row.fixed:
        return ()
    if kind is Kind.SINGLE and isinstance(row.single, Own):
        return _detect_own(row, row.single, state)
    names = row.parameters(kind)
    held = [parameter for name in names if (parameter := state.parameters.get(name)) is not None]
    if row.with_passwords and (state.server is None or not state.server.password_auth):
        return NotApplicable("nobody can sign in to this server with a password")
    if not held:
        return NotApplicable(f"this server has no parameter {' or '.join(names)}")
    return tuple(drift for one in held for drift in drifts_of(row.id, one, row.condition, row.why))


def _detect_own(row: Row, own: Own, state: State) -> Finding:
    found = state.server.facts.get(own.name) if state.server is not None else None
    if found is None:
        return NotApplicable(f"Azure reports no {own.name} for this server")
    if own.condition.holds(found):
        return ()
    return (Drift(row.id, Setting(SettingKind.PROPERTY, own.name), found, own.condition.mended(found), row.why),)


_SERVER_WRITE = frozenset({"write"})
_HELD_BY_AZURE = Needs((SERVER,), _SERVER_WRITE, frozenset(), Revert.CREATE_TIME)


def _needs(row: Row, kind: Kind) -> Needs:
    if kind in row.fixed:
        return _HELD_BY_AZURE
    facets, write = tuple(map(parameter, row.parameters(kind))), frozenset({"configurations/write"})
    match kind:
        case Kind.FLEXIBLE:
            more: tuple[Facet, ...] = (SERVER,) if row.with_passwords else ()
            return Needs((*facets, *more), write, write)
        case Kind.SINGLE if isinstance(row.single, Own):
            return Needs((SERVER,), _SERVER_WRITE, _SERVER_WRITE)
        case Kind.SINGLE:
            return Needs(facets, write | {"updateconfigurations/action"}, write)
        case Kind.CITUS:
            written = frozenset({"coordinatorConfigurations/write", "nodeConfigurations/write"})
            return Needs(facets, frozenset(map(str.lower, written)), written)


def _remediator(row: Row) -> Remediator:
    needs = _needs(row, Kind.FLEXIBLE)
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
        kinds=row.kinds,
        variants={kind: _needs(row, kind) for kind in row.kinds - {Kind.FLEXIBLE}},
        revert=row.revert,
        risk=row.risk,
        optional=row.optional,
    )
    return Remediator(control, partial(_detect, row))


REMEDIATORS = tuple(map(_remediator, ROWS))
