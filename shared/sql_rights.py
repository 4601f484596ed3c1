"""What a login needs inside PostgreSQL to read and write what stands there: rights in SQL, which no role of ARM gives.

Sources: postgresql.org, the pages of ALTER ROLE, GRANT, REVOKE, ALTER DATABASE and "System Administration Functions".
"""

from collections.abc import Mapping

from shared.state import FacetKind, SettingKind

WRITES: Mapping[SettingKind, str] = {
    SettingKind.DATABASE_ROLE: "SQL: CREATEROLE, from PostgreSQL 16 on with ADMIN OPTION on the role",
    SettingKind.ROLE_MEMBERSHIP: "SQL: ADMIN OPTION on the role, before PostgreSQL 16 CREATEROLE",
    SettingKind.ROLE_OVERRIDE: "SQL: CREATEROLE for a role, ownership for a database",
    SettingKind.SCHEMA_GRANT: "SQL: ownership of the schema, or membership in its owner",
    SettingKind.SESSION: "SQL: membership in pg_signal_backend",
}
READS: Mapping[FacetKind, str] = {
    FacetKind.DATABASE_ROLES: "SQL pg_catalog.pg_roles, pgaadauth_list_principals(false)",
    FacetKind.ROLE_MEMBERSHIPS: "SQL pg_catalog.pg_auth_members",
    FacetKind.ROLE_OVERRIDES: "SQL pg_catalog.pg_db_role_setting",
    FacetKind.SCHEMA_GRANTS: "SQL pg_catalog.pg_namespace, in every database",
    FacetKind.SESSIONS: "SQL pg_catalog.pg_stat_activity",
    FacetKind.DATABASE_FACTS: "SQL pg_catalog.pg_settings, pg_hba_file_rules; pg_extension, in every database",
}
