"""Which paragraphs of which standard, and which checks of other tools, ask for the same as a control.

Sources: the published mappings of each standard and tool: CIS Microsoft Azure Foundations (through Prowler, Steampipe
and Azure Policy), Microsoft cloud security benchmark (through Azure Policy), ISO 27001 and PCI DSS (through Prowler, by
`shared.prowler`: a control without a Prowler check claims none), and each tool's own list of checks. `verified` says
how well condition and fix were checked against Microsoft's documents and definitions, `doubts` what could not be;
nothing was tried on Azure itself. A control that does not stand here is verified, and in nobody else's list.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from shared.control import Control
from shared.prowler import ISO, MAPPED, PCI


@dataclass(frozen=True, slots=True)
class Provenance:
    """`frameworks`: ids by framework or tool. `verified`: verified, partial or unverified."""

    frameworks: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    verified: str = "verified"
    doubts: tuple[str, ...] = ()


STANDARDS: Mapping[str, Provenance] = {
    "service-compliance-attestation": Provenance(
        verified="partial", doubts=("current certification scope per deployment model",)
    ),
    "deployment-region-allowed": Provenance({"azure-policy": ("e56962a6-4747-49cd-b67b-bf8b01975c4c",)}),
    "entra-auth-enabled": Provenance(
        {
            "prowler": ("postgresql_flexible_server_entra_id_authentication_enabled",),
            "azure-policy": ("b4dec045-250a-48c2-b5cc-e0c4eec8b5b4", "ce39a96d-bf09-4b60-8c32-e85d52abea0f"),
            "psrule": ("AZR-000389",),
            "mcsb": ("IM-1",),
        },
        verified="partial",
        doubts=("citus PATCH of authConfig through the preview API",),
    ),
    "entra-admin-provisioned": Provenance(
        {
            "prowler": ("postgresql_flexible_server_entra_id_authentication_enabled",),
            "azure-policy": ("b4dec045-250a-48c2-b5cc-e0c4eec8b5b4", "ce39a96d-bf09-4b60-8c32-e85d52abea0f"),
            "psrule": ("AZR-000389",),
            "mcsb": ("IM-1",),
        }
    ),
    "entra-only-auth": Provenance(
        {
            "azure-policy": ("fa498b91-8a7e-4710-9578-da944c68d1fe", "e27a6dfc-883f-4f9e-97cc-a819fe702400"),
            "mcsb": ("IM-1",),
        },
        verified="partial",
        doubts=("restart on passwordAuth change", "citus PATCH of authConfig"),
    ),
    "connection-throttling": Provenance(
        {
            "prowler": ("postgresql_flexible_server_connection_throttling_on",),
            "cis-1.1": ("4.17",),
            "cis-1.3": ("4.3.6",),
            "cis-1.4": ("4.3.5",),
            "cis-1.5": ("4.3.5",),
            "cis-2.0": ("4.3.5",),
            "cis-2.1": ("4.3.5",),
            "cis-3.0": ("5.2.3",),
            "azure-policy": ("5345bb39-67dc-4960-a1bf-427e16b9a0bd", "dacf07fa-0eea-4486-80bc-b93fae88ac40"),
            "checkov": ("CKV_AZURE_32",),
            "trivy": ("AZU-0021",),
            "kics": ("a6d774b6-d9ea-4bf4-8433-217bf15d2fb8", "2b3c671f-1b76-4741-8789-ed1fe0785dc4"),
            "steampipe": (
                "postgres_db_server_connection_throttling_on",
                "postgres_flexible_server_connection_throttling_on",
            ),
            "azts": ("Azure_DBforPostgreSQL_AuthN_Enable_Connection_Throttling",),
            "defender-cspm": ("connection throttling should be on",),
        },
        verified="partial",
        doubts=("last PostgreSQL major version that exposes the parameter",),
    ),
    "password-policy-credcheck": Provenance(
        verified="unverified", doubts=("availability of credcheck per server version and its parameters",)
    ),
    "local-admin-password-change": Provenance(
        verified="partial", doubts=("visibility of the password change in the Activity Log record",)
    ),
    "conditional-access-policy": Provenance(
        verified="partial", doubts=("application id to include", "Graph permissions", "MCSB IM-7 mapping")
    ),
    "workload-managed-identity": Provenance(verified="partial", doubts=("MCSB IM-3 mapping",)),
    "entra-admin-allowlist": Provenance(
        verified="partial",
        doubts=("fate of the database role when the administrator resource is deleted", "PA-1 mapping"),
    ),
    "db-roles-least-privilege": Provenance(verified="partial"),
    "pg-control-plane-rbac-allowlist": Provenance(
        {
            "prowler": ("iam_role_user_access_admin_restricted", "iam_subscription_roles_owner_custom_not_created"),
            "azure-policy": ("a451c1ef-c6ca-483d-87ed-f49761e3ffb5", "4f11b553-d42e-4e3a-89be-32ca364cad4c"),
            "azure-landing-zones": ("custom role OssDb-Owners",),
            "cis-5.0": ("5.27",),
            "cis-6.0": ("5.7",),
        },
        verified="partial",
        doubts=("MCSB PA-1/PA-7 mapping",),
    ),
    "pipeline-only-changes": Provenance(
        verified="partial", doubts=("serverGroupsv2 operation names are not in the published operation list",)
    ),
    "pim-eligible-not-permanent": Provenance(
        verified="partial",
        doubts=("exact behaviour of requestType AdminAssign for every tenant configuration", "MCSB PA-2 mapping"),
    ),
    "access-recertification": Provenance(
        verified="unverified", doubts=("Graph permissions and payloads", "MCSB PA-4 mapping")
    ),
    "resource-lock-present": Provenance(
        {
            "cis-2.0": ("10.1",),
            "cis-2.1": ("10.1",),
            "cis-3.0": ("10.1",),
            "cis-4.0": ("7.2",),
            "cis-5.0": ("6.2",),
            "cis-6.0": ("6.2",),
        },
        verified="partial",
        doubts=("whether CanNotDelete on a server blocks DELETE of its children (documented in general only)",),
    ),
    "lock-administrator-custom-role": Provenance(
        {
            "prowler": ("iam_custom_role_has_permissions_to_administer_resource_locks",),
            "cis-2.0": ("1.24",),
            "cis-2.1": ("1.23",),
            "cis-3.0": ("2.24",),
            "cis-4.0": ("6.24",),
            "cis-5.0": ("5.24",),
            "cis-6.0": ("5.5",),
        }
    ),
    "tls-required": Provenance(
        {
            "prowler": ("postgresql_flexible_server_enforce_ssl_enabled",),
            "cis-1.1": ("4.13",),
            "cis-1.3": ("4.3.1",),
            "cis-1.4": ("4.3.1",),
            "cis-1.5": ("4.3.1",),
            "cis-2.0": ("4.3.1",),
            "cis-2.1": ("4.3.1",),
            "cis-3.0": ("5.2.1",),
            "azure-policy": ("d158790f-bfb0-486c-8631-2dc6b4e8e6af", "c29c38cb-74a7-4505-9a06-e588ab86620a"),
            "azure-landing-zones": (
                "Deny-PostgreSql-http",
                "Deploy-PostgreSQL-sslEnforcement",
                "Enforce-EncryptTransit_20241211",
            ),
            "checkov": ("CKV_AZURE_29",),
            "trivy": ("AZU-0020",),
            "kics": ("bf500309-da53-4dd3-bcf7-95f7974545a5", "0437633b-daa6-4bbc-8526-c0d2443b946e"),
            "psrule": ("AZR-000147",),
            "steampipe": ("postgres_sql_ssl_enabled", "postgres_sql_flexible_server_ssl_enabled"),
            "azts": ("Azure_DBforPostgreSQL_AuthZ_Enable_SSL_Connection",),
            "defender-cspm": ("require_secure_transport on",),
            "mcsb": ("DP-3",),
        }
    ),
    "tls-min-version-12": Provenance(
        {
            "azure-policy": ("a43d5475-c569-45ce-a268-28fa79f4e87a",),
            "azure-landing-zones": ("Deny-PostgreSql-http", "Deploy-PostgreSQL-sslEnforcement"),
            "checkov": ("CKV_AZURE_147",),
            "trivy": ("AZU-0026",),
            "psrule": ("AZR-000148",),
            "steampipe": ("postgres_db_server_latest_tls_version",),
            "azts": (
                "Azure_DBforPostgreSQL_DP_Use_Secure_TLS_Version",
                "Azure_DBForPostgreSQLFlexibleServer_DP_Use_Secure_TLS_Version",
            ),
            "mcsb": ("DP-3",),
        }
    ),
    "tls-max-version-unset": Provenance(verified="partial", doubts=("resetting to empty through the API",)),
    "policy-guardrails-assigned": Provenance(
        {
            "azure-landing-zones": (
                "Enforce-EncryptTransit_20241211",
                "Enforce-Guardrails-PostgreSQL",
                "Enforce-Encryption-CMK_20250218",
                "Deny-PublicPaaSEndpoints",
            )
        }
    ),
    "cmk-encryption-type": Provenance(
        {
            "azure-policy": ("12c74c95-0efd-48da-b8d9-2a7d68470c92", "18adea5e-f416-4d0f-8aa8-d24321e3e274"),
            "azure-landing-zones": ("Enforce-Encryption-CMK_20250218", "Deploy-PostgreSQLCMKEffect"),
            "checkov": ("CKV2_AZURE_17",),
            "steampipe": ("postgres_sql_server_encrypted_at_rest_using_cmk",),
            "mcsb": ("DP-5",),
        }
    ),
    "infrastructure-double-encryption": Provenance(
        {
            "cis-1.4": ("4.3.8",),
            "cis-1.5": ("4.3.8",),
            "cis-2.0": ("4.3.8",),
            "cis-2.1": ("4.3.8",),
            "cis-3.0": ("5.2.8",),
            "azure-policy": ("24fba194-95d6-48c0-aea7-f65bf859c598",),
            "checkov": ("CKV_AZURE_130",),
            "kics": ("6425c98b-ca4e-41fe-896a-c78772c131f8",),
            "steampipe": ("postgresql_server_infrastructure_encryption_enabled",),
            "mcsb": ("DP-4",),
        }
    ),
    "geo-backup-cmk": Provenance(
        verified="partial", doubts=("whether geoBackupKeyURI can be added later to a server created without it",)
    ),
    "confidential-compute-sku": Provenance(
        verified="partial", doubts=("scaling between confidential and ordinary SKUs",)
    ),
    "keyvault-purge-protection": Provenance(
        {
            "prowler": ("keyvault_recoverable",),
            "cis-2.0": ("8.5",),
            "cis-2.1": ("8.5",),
            "cis-3.0": ("3.3.5",),
            "cis-4.0": ("9.3.5",),
            "azure-policy": ("0b60c0b2-2dc2-4e1c-b5c9-abbed971de53", "c39ba22d-4428-4149-b981-70acb31fc383"),
            "kics": ("7c25f361-7c66-44bf-9b69-022acd5eb4bd",),
        },
        verified="partial",
        doubts=("MCSB DP-8 mapping",),
    ),
    "keyvault-soft-delete-90d": Provenance(
        {
            "prowler": ("keyvault_recoverable",),
            "cis-2.0": ("8.5",),
            "cis-2.1": ("8.5",),
            "cis-3.0": ("3.3.5",),
            "cis-4.0": ("9.3.5",),
            "azure-policy": ("1e66c121-a66a-4b1f-9b83-0fd99bf0fc2d",),
            "kics": ("7c25f361-7c66-44bf-9b69-022acd5eb4bd",),
        },
        verified="partial",
        doubts=("changing softDeleteRetentionInDays on an existing vault",),
    ),
    "cmk-key-type-and-size": Provenance(
        {"azure-policy": ("75c4f823-d65c-4f29-a733-01d0077fdbcb", "82067dbb-e53b-4e06-b631-546d197452d9")},
        verified="partial",
        doubts=("data-plane api-version 7.4 call bodies",),
    ),
    "cmk-key-hsm-backed": Provenance({"azure-policy": ("587c79fe-dd04-4a5e-9d0b-f89598c7261b",)}),
    "cmk-key-enabled-not-expired": Provenance(
        {
            "prowler": ("keyvault_rbac_key_expiration_set", "keyvault_key_expiration_set_in_non_rbac"),
            "cis-2.0": ("8.1", "8.2"),
            "cis-2.1": ("8.1", "8.2"),
            "cis-3.0": ("3.3.1", "3.3.2"),
            "cis-4.0": ("9.3.1", "9.3.2"),
            "cis-5.0": ("8.3.1", "8.3.2"),
            "cis-6.0": ("8.3.1", "8.3.2"),
            "azure-policy": (
                "152b15f7-8e1f-4c1f-ab71-8c010ba5dbc0",
                "5ff38825-c5d8-47c5-b70e-069a21955146",
                "c26e4b24-cf98-4c67-b48b-5a25c4c69eb9",
            ),
        },
        verified="partial",
        doubts=("data-plane call body", "MCSB DP-6 mapping"),
    ),
    "cmk-key-rotation-policy": Provenance(
        {
            "prowler": ("keyvault_key_rotation_enabled",),
            "cis-2.0": ("8.8",),
            "cis-2.1": ("8.8",),
            "cis-3.0": ("3.3.8",),
            "cis-4.0": ("9.3.9",),
            "cis-5.0": ("8.3.9",),
            "cis-6.0": ("8.3.9",),
            "azure-policy": ("d8cf8476-a2ec-4916-896e-992351803c44",),
        },
        verified="partial",
        doubts=("data-plane api-version 7.4 body", "MCSB DP-6 mapping"),
    ),
    "cmk-identity-assigned": Provenance(verified="partial", doubts=("merge semantics of identity in PATCH",)),
    "hyok-posture": Provenance(
        verified="partial", doubts=("current Microsoft position on external key management for PostgreSQL",)
    ),
    "public-network-access-disabled": Provenance(
        {
            "azure-policy": ("5e1de0e3-42cb-4ebc-a86d-61d0c619ca48", "b52376f7-9612-48a1-81cd-1ffe4b61032c"),
            "azure-landing-zones": ("Deny-PublicPaaSEndpoints",),
            "checkov": ("CKV_AZURE_68",),
            "trivy": ("AZU-0022",),
            "steampipe": ("postgresql_server_public_network_access_disabled",),
            "defender-cspm": ("public IP access disabled",),
            "mcsb": ("NS-2",),
        }
    ),
    "private-endpoint-approved": Provenance(
        {
            "azure-policy": ("5375a5bb-22c6-46d7-8a43-83417cfb4460", "0564d078-92f5-4f97-8398-b9f58a51f70b"),
            "checkov": ("CKV2_AZURE_42", "CKV2_AZURE_57"),
            "steampipe": ("postgres_server_private_link_used",),
            "defender-cspm": ("private endpoint",),
            "mcsb": ("NS-2",),
        }
    ),
    "vnet-network-mode": Provenance({"mcsb": ("NS-1",)}, verified="partial", doubts=("migrateNetwork reversibility",)),
    "private-dns-zone": Provenance({"azure-landing-zones": ("Audit-PrivateLinkDnsZones",)}),
    "firewall-no-azure-services": Provenance(
        {
            "prowler": ("postgresql_flexible_server_allow_access_services_disabled",),
            "cis-1.3": ("4.3.8",),
            "cis-1.4": ("4.3.7",),
            "cis-1.5": ("4.3.7",),
            "cis-2.0": ("4.3.7",),
            "cis-2.1": ("4.3.7",),
            "cis-3.0": ("5.2.5",),
            "checkov": ("CKV2_AZURE_26", "CKV2_AZURE_6"),
            "trivy": ("AZU-0029",),
            "psrule": ("AZR-000150",),
            "steampipe": (
                "postgres_db_server_allow_access_to_azure_services_disabled",
                "postgres_flexible_server_allow_access_to_azure_services_disabled",
            ),
            "cloud-custodian": ("azure.postgresql-server filter firewall-bypass",),
            "azts": ("Azure_DBforPostgreSQL_AuthZ_Firewall_Deny_AzureServices_Access",),
            "defender-cspm": ("allow access to Azure services disabled",),
        }
    ),
    "firewall-no-any-any": Provenance(
        {
            "checkov": ("CKV_AZURE_11", "CKV2_AZURE_26"),
            "trivy": ("AZU-0029",),
            "cloud-custodian": ("azure.postgresql-server filter firewall-rules",),
            "azts": ("Azure_DBforPostgreSQL_NetSec_Dont_Allow_Universal_IP_Range",),
        }
    ),
    "firewall-rule-allowlist": Provenance(
        {
            "cloud-custodian": ("azure.postgresql-server filter firewall-rules",),
            "trivy": ("AZU-0029",),
            "checkov": ("CKV2_AZURE_26",),
        }
    ),
    "firewall-rule-count": Provenance({"psrule": ("AZR-000149",)}),
    "firewall-public-ip-range-size": Provenance(
        {"psrule": ("AZR-000151",), "cloud-custodian": ("azure.postgresql-server filter firewall-rules",)}
    ),
    "no-vnet-service-endpoint-rules": Provenance({"azure-policy": ("3c14b034-bcb6-4905-94e7-5b8e98a47b65",)}),
    "private-endpoint-nsg-policies": Provenance(
        {
            "prowler": ("network_subnet_nsg_associated",),
            "azure-policy": ("e71308d3-144b-4262-b144-efdc3cc90517",),
            "mcsb": ("NS-1",),
        }
    ),
    "nsg-deny-internet-to-postgres": Provenance(
        {"trivy": ("AZU-0074",), "prowler": ("monitor_alert_create_update_nsg", "monitor_alert_delete_nsg")}
    ),
    "log-connections-on": Provenance(
        {
            "prowler": ("postgresql_flexible_server_log_connections_on",),
            "cis-1.1": ("4.14",),
            "cis-1.3": ("4.3.4",),
            "cis-1.4": ("4.3.3",),
            "cis-1.5": ("4.3.3",),
            "cis-2.0": ("4.3.3",),
            "cis-2.1": ("4.3.3",),
            "cis-3.0": ("5.2.6",),
            "azure-policy": ("086709ac-11b5-478d-a893-9567a16d2ae3", "eb6f77b9-bd53-4e35-a23d-7f65d5f0e442"),
            "checkov": ("CKV_AZURE_31",),
            "trivy": ("AZU-0019",),
            "kics": ("e69bda39-e1e2-47ca-b9ee-b6531b23aedd", "c640d783-10c5-4071-b6c1-23507300d333"),
            "steampipe": ("postgres_db_server_log_connections_on",),
            "azts": ("Azure_DBforPostgreSQL_Audit_Enable_Logging_On_Server",),
            "cloud-custodian": ("azure.postgresql-server filter configuration-parameter / server-configurations",),
        },
        verified="partial",
        doubts=("modifiable on citus",),
    ),
    "log-disconnections-on": Provenance(
        {
            "prowler": ("postgresql_flexible_server_log_disconnections_on",),
            "cis-1.1": ("4.15",),
            "cis-1.3": ("4.3.5",),
            "cis-1.4": ("4.3.4",),
            "cis-1.5": ("4.3.4",),
            "cis-2.0": ("4.3.4",),
            "cis-2.1": ("4.3.4",),
            "cis-3.0": ("5.2.7",),
            "azure-policy": ("1d14b021-1bae-4f93-b36b-69695e14984a", "eb6f77b9-bd53-4e35-a23d-7f65d5f0e446"),
            "kics": ("07f7134f-9f37-476e-8664-670c218e4702",),
            "steampipe": ("postgres_db_server_log_disconnections_on",),
            "azts": ("Azure_DBforPostgreSQL_Audit_Enable_Logging_On_Server",),
            "cloud-custodian": ("azure.postgresql-server filter configuration-parameter / server-configurations",),
        },
        verified="partial",
    ),
    "log-checkpoints-on": Provenance(
        {
            "prowler": ("postgresql_flexible_server_log_checkpoints_on",),
            "cis-1.1": ("4.12",),
            "cis-1.3": ("4.3.3",),
            "cis-1.4": ("4.3.2",),
            "cis-1.5": ("4.3.2",),
            "cis-2.0": ("4.3.2",),
            "cis-2.1": ("4.3.2",),
            "cis-3.0": ("5.2.2",),
            "azure-policy": ("70be9e12-c935-49ac-9bd8-fd64b85c1f87", "eb6f77b9-bd53-4e35-a23d-7f65d5f0e43d"),
            "checkov": ("CKV_AZURE_30",),
            "trivy": ("AZU-0024",),
            "kics": ("f9112910-c7bb-4864-9f5e-2059ba413bb7", "3790d386-be81-4dcf-9850-eaa7df6c10d9"),
            "steampipe": ("postgres_db_server_log_checkpoints_on", "postgres_flexible_server_log_checkpoints_on"),
            "azts": ("Azure_DBforPostgreSQL_Audit_Enable_Logging_On_Server",),
        },
        verified="partial",
    ),
    "log-duration-on": Provenance(
        {
            "azure-policy": ("eb6f77b9-bd53-4e35-a23d-7f65d5f0e8f3",),
            "kics": ("16e0879a-c4ae-4ff8-a67d-a2eed5d67b8f",),
            "steampipe": ("postgres_db_server_log_duration_on",),
            "azts": ("Azure_DBforPostgreSQL_Audit_Enable_Logging_On_Server",),
        }
    ),
    "log-retention-days": Provenance(
        {
            "prowler": ("postgresql_flexible_server_log_retention_days_greater_3",),
            "cis-1.3": ("4.3.7",),
            "cis-1.4": ("4.3.6",),
            "cis-1.5": ("4.3.6",),
            "cis-2.0": ("4.3.6",),
            "cis-2.1": ("4.3.6",),
            "cis-3.0": ("5.2.4",),
            "azure-policy": ("f5ed3f7a-cf5d-4ee6-9ede-b5d5192ccf81",),
            "checkov": ("CKV_AZURE_146",),
            "steampipe": ("postgres_db_server_log_retention_days_3", "postgres_flexible_server_log_retention_days_3"),
            "defender-cspm": ("logfiles.retention_days > 3",),
        }
    ),
    "log-line-prefix": Provenance({"azure-policy": ("3bf854e8-b34a-47fe-9f81-bc558c82b3bd",)}),
    "pgaudit-loaded": Provenance(
        {"azure-policy": ("dd626066-39f5-4f72-aba8-06a99fabf278", "4eb5e667-e871-4292-9c5d-8bbb94e0c908")}
    ),
    "pgaudit-log-classes": Provenance(
        {
            "azure-policy": ("eadbb524-8644-4a87-8af6-549e1d125982", "4eb5e667-e871-4292-9c5d-8bbb94e0c908"),
            "defender-cspm": ("pgaudit.log includes role,ddl,misc",),
        },
        verified="partial",
    ),
    "pgaudit-log-statement": Provenance({"defender-cspm": ("pgaudit.log_statement on",)}),
    "pgaudit-log-statement-once": Provenance({"defender-cspm": ("pgaudit.log_statement_once on",)}),
    "pgaudit-log-level": Provenance({"defender-cspm": ("pgaudit.log_level = log",)}),
    "server-parameter-baseline": Provenance(
        {
            "azure-policy": ("a8f89ff4-3d6e-4d7b-8c5a-2e9b1f4c8d3a", "a7d3e5b1-8c4f-4a2b-9d6e-1f3c5a8b2e7d"),
            "cloud-custodian": ("azure.postgresql-server filter server-configurations / configuration-parameter",),
        }
    ),
    "diagnostic-settings-logs": Provenance(
        {
            "prowler": ("monitor_diagnostic_settings_exists", "monitor_diagnostic_setting_with_appropriate_categories"),
            "azure-policy": (
                "78ed47da-513e-41e9-a088-e829b373281d",
                "cdd1dbc6-0004-4fcd-afd7-b67550de37ff",
                "5fbd326d-328c-414e-a922-2d6963998962",
                "bd0079c6-6f2d-42f4-9cee-e23930968f10",
                "499b7900-f44e-40ea-b8d3-2f3cf75f2ca4",
                "bbdbb83b-cbfe-49f7-b7d1-1126630a68b7",
                "3d7d0cc7-bd72-4f41-bf55-0be57faa3883",
                "69d4fcec-8426-426a-ad48-439fd3b14e9e",
                "84509667-1a94-4255-9e5f-b479075c1069",
                "e1598217-5ff1-4978-b51d-f0238e100019",
                "a972fe34-7882-4476-87cf-eb9631785fb5",
            ),
            "azts": (
                "Azure_DBforPostgreSQL_Audit_Enable_Diagnostics_Log",
                "Azure_DBForPostgreSQLFlexibleServer_Enable_Diagnostic_Settings",
            ),
        },
        verified="partial",
        doubts=("MCSB LT-4 mapping",),
    ),
    "diagnostic-settings-destination": Provenance(
        {
            "azure-policy": (
                "5fbd326d-328c-414e-a922-2d6963998962",
                "bd0079c6-6f2d-42f4-9cee-e23930968f10",
                "499b7900-f44e-40ea-b8d3-2f3cf75f2ca4",
            )
        }
    ),
    "diagnostic-settings-metrics": Provenance({"azure-policy": ("78ed47da-513e-41e9-a088-e829b373281d",)}),
    "log-analytics-table-rbac": Provenance(verified="partial", doubts=("PATCH merge semantics of workspace features",)),
    "log-analytics-retention-365": Provenance(
        {"azts": ("Azure_DBforPostgreSQL_Audit_Enable_Diagnostics_Log",)},
        verified="partial",
        doubts=("MCSB LT-6 mapping", "data deletion delay after a retention decrease"),
    ),
    "metric-alerts-present": Provenance(verified="partial"),
    "defender-plan-oss-databases": Provenance(
        {
            "prowler": ("defender_ensure_defender_for_os_relational_databases_is_on",),
            "cis-1.5": ("2.1.6",),
            "cis-2.0": ("2.1.6",),
            "cis-2.1": ("2.1.5",),
            "cis-3.0": ("3.1.7.2",),
            "cis-4.0": ("9.1.7.2",),
            "cis-5.0": ("8.1.7.2",),
            "cis-6.0": ("8.1.7.2",),
            "azure-policy": ("0a9fbe0d-c5c4-4da8-87d8-f4fd77338835", "44433aa3-7ec2-4002-93ea-65c65ff0310a"),
            "steampipe": ("securitycenter_azure_defender_on_for_opensource_relational_db",),
            "mcsb": ("DP-2", "LT-1", "LT-2", "IR-3", "IR-5"),
        },
        verified="partial",
        doubts=("coverage of citus and elastic clusters by the plan",),
    ),
    "advanced-threat-protection-server": Provenance(
        {
            "azure-policy": (
                "2a6ae02f-7590-40d7-88ba-b18e205a32fd",
                "db048e65-913c-49f9-bb5f-1084184671d3",
                "d38668f5-d155-42c7-ab3d-9b57b50f8fbf",
            ),
            "azure-landing-zones": ("Enforce-Guardrails-PostgreSQL",),
            "checkov": ("CKV_AZURE_128",),
            "kics": ("c407c3cf-c409-4b29-b590-db5f4138d332",),
            "psrule": ("AZR-000327",),
            "cloud-custodian": ("azure.postgresql-server filter security-alert-policies",),
            "azts": ("Azure_DBforPostgreSQL_Audit_Enable_ATP",),
            "mcsb": ("LT-1", "LT-2", "IR-3", "IR-5"),
        }
    ),
    "atp-email-notifications": Provenance(
        {
            "azts": ("Azure_DBforPostgreSQL_Audit_Enable_ATP",),
            "cloud-custodian": ("azure.postgresql-server filter security-alert-policies",),
        }
    ),
    "atp-disabled-alerts-empty": Provenance(
        {"cloud-custodian": ("azure.postgresql-server filter security-alert-policies",)}
    ),
    "defender-security-contact": Provenance(
        {
            "prowler": (
                "defender_additional_email_configured_with_a_security_contact",
                "defender_ensure_notify_alerts_severity_is_high",
                "defender_ensure_notify_emails_to_owners",
            ),
            "cis-2.0": ("2.1.18",),
            "cis-2.1": ("2.1.17",),
            "cis-3.0": ("3.1.12",),
            "cis-4.0": ("9.1.12",),
            "cis-5.0": ("8.1.12",),
            "cis-6.0": ("8.1.12",),
            "azure-policy": (
                "4f4f78b8-e367-4b10-a341-d9a4ad5cf1c7",
                "6e2593d9-add6-4083-9c9b-4b7d2188c899",
                "0b15565f-aa9e-48ba-8619-45960f2c314d",
            ),
        },
        verified="partial",
        doubts=("securityContacts operation names in the published list", "MCSB IR-2 mapping"),
    ),
    "defender-alert-suppression": Provenance(verified="partial"),
    "activity-log-alert-postgres-ops": Provenance(
        {
            "prowler": ("monitor_alert_create_update_nsg", "monitor_alert_delete_nsg"),
            "cis-2.0": ("5.2.7", "5.2.8"),
            "cis-2.1": ("5.2.7", "5.2.8"),
            "cis-3.0": ("6.2.7", "6.2.8"),
            "cis-4.0": ("7.1.2.7", "7.1.2.8"),
            "cis-5.0": ("6.1.2.7", "6.1.2.8"),
            "cis-6.0": ("6.1.2.7", "6.1.2.8"),
            "azure-policy": ("b954148f-4c11-4c38-8221-be76711e194a",),
        }
    ),
    "activity-log-exported": Provenance(
        {
            "prowler": ("monitor_diagnostic_settings_exists", "monitor_diagnostic_setting_with_appropriate_categories"),
            "cis-2.0": ("5.1.1", "5.1.2"),
            "cis-2.1": ("5.1.1", "5.1.2"),
            "cis-3.0": ("6.1.1", "6.1.2"),
            "cis-4.0": ("7.1.1.1", "7.1.1.2"),
            "cis-5.0": ("6.1.1.1", "6.1.1.2"),
            "cis-6.0": ("6.1.1.1", "6.1.1.2"),
            "azure-policy": ("2465583e-4e78-4c15-b6be-a36cbc7c8b0f",),
        }
    ),
    "backup-geo-redundant": Provenance(
        {
            "prowler": ("postgresql_flexible_server_geo_redundant_backup_enabled",),
            "azure-policy": ("48af4db5-9b8b-401c-8e74-076be876a430", "cee2f9fd-3968-44be-a863-bd62c9884423"),
            "checkov": ("CKV_AZURE_102", "CKV_AZURE_136"),
            "kics": ("8b042c30-e441-453f-b162-7696982ebc58",),
            "psrule": ("AZR-000326",),
            "steampipe": ("postgres_db_server_geo_redundant_backup_enabled",),
            "defender-cspm": ("geo-redundant backup",),
            "aprl": ("31f4ac4b-29cb-4588-8de2-d8fe6f13ceb3",),
            "mcsb": ("BR-1", "BR-2"),
        }
    ),
    "backup-retention-days": Provenance(
        {"mcsb": ("BR-1",)}, verified="partial", doubts=("loss of restore points after a decrease",)
    ),
    "long-term-retention-backup": Provenance(
        verified="partial", doubts=("support per deployment model at the time of use",)
    ),
    "backup-vault-immutability-soft-delete": Provenance(
        {"azure-policy": ("2514263b-bc0d-4b06-ac3e-f262c0979018", "9798d31d-6028-4dee-8643-46102185c016")},
        verified="partial",
    ),
    "read-replica-present": Provenance({"aprl": ("2ab85a67-26be-4ed2-a0bb-101b2513ec63",)}),
    "replica-config-parity": Provenance(verified="partial"),
    "high-availability-enabled": Provenance(
        {
            "prowler": ("postgresql_flexible_server_high_availability_enabled",),
            "azure-policy": ("493c215d-2553-4976-bc81-57d2c04fc8c1",),
            "psrule": ("AZR-000434",),
            "aprl": ("ca87914f-aac4-4783-ab67-82a6f936f194",),
        }
    ),
    "server-running-state": Provenance(
        verified="partial", doubts=("which writes are refused while stopped", "exact state strings on citus")
    ),
    "storage-auto-grow": Provenance({"aprl": ("6293a3cc-6b4a-4c0f-9ea7-b8ae8d7dd3d5",)}),
    "postgres-version-supported": Provenance(
        verified="partial", doubts=("citus/single version end dates", "MCSB PV-6 mapping")
    ),
    "retired-deployment-model": Provenance(
        {"azure-policy": ("6c112d4e-5bc7-47ae-a041-ea2d9dccd749",)},
        verified="partial",
        doubts=("exact retirement day", "retirement statement for Azure Cosmos DB for PostgreSQL"),
    ),
    "maintenance-window-custom": Provenance({"aprl": ("b2bad57d-7e03-4c0f-9024-597c9eb295bb",)}, verified="partial"),
    "os-patching-platform-managed": Provenance(verified="partial"),
    "server-name-convention": Provenance({"psrule": ("AZR-000152",)}),
    "customer-lockbox-enabled": Provenance(
        {"mcsb": ("PA-8",)},
        verified="partial",
        doubts=(
            "API to read the tenant switch (a 2018-02-28-preview resource provider type exists)",
            "operation names behind the Activity Log actions",
            "coverage of flexible and citus",
        ),
    ),
    "csp-and-foreign-principal-access": Provenance(
        {"azure-policy": ("76bed37b-484f-430f-a009-fd7592dff818", "7a8a51a3-ad87-4def-96f3-65a1839242b6")},
        verified="partial",
        doubts=("ManagedServices operation names in the published list",),
    ),
    "keyvault-network-trusted-services": Provenance(
        {
            "prowler": ("keyvault_private_endpoints", "keyvault_access_only_through_private_endpoints"),
            "azure-policy": ("55615ac9-af46-4a59-874e-391cc3dfb490", "a6abeaec-4d90-4a02-805f-6b26c4d3fbe9"),
        }
    ),
    "keyvault-delete-lock": Provenance(
        {
            "cis-2.0": ("10.1",),
            "cis-2.1": ("10.1",),
            "cis-3.0": ("10.1",),
            "cis-4.0": ("7.2",),
            "cis-5.0": ("6.2",),
            "cis-6.0": ("6.2",),
        }
    ),
    "keyvault-audit-logs": Provenance(
        {"prowler": ("keyvault_logging_enabled",), "azure-policy": ("cf820ca0-f99e-4f3e-84fb-66e913812d21",)},
        verified="partial",
        doubts=("MCSB LT-3 mapping",),
    ),
    "keyvault-rbac-model": Provenance(
        {
            "prowler": ("keyvault_rbac_enabled",),
            "cis-2.0": ("8.6",),
            "cis-2.1": ("8.6",),
            "cis-3.0": ("3.3.6",),
            "cis-4.0": ("9.3.6",),
            "cis-5.0": ("8.3.6",),
            "cis-6.0": ("8.3.6",),
        }
    ),
    "log-analytics-network-isolation": Provenance(
        {"azure-policy": ("6c53d030-cc64-46f0-906d-2bc061cd1334", "e15effd4-2278-4c65-a0da-4d6f6d1890e2")}
    ),
}


def provenance(name: str) -> Provenance:
    """What is known about a control, held or not, by its id."""
    return STANDARDS.get(name, Provenance())


def asked_by(name: str) -> dict[str, tuple[str, ...]]:
    """The ids of standards and tools that ask for the same as a control, by framework; those through Prowler, too."""
    held = dict(provenance(name).frameworks)
    for framework in (ISO, PCI):
        found = {
            one: "" for check in held.get("prowler", ()) for one in MAPPED.get(check, {}).get(framework, "").split()
        }
        if found:
            held[framework] = tuple(found)
    return held


def frameworks(control: Control) -> dict[str, tuple[str, ...]]:
    """The ids of standards and tools that ask for the same, by framework."""
    return {**asked_by(control.id), **control.frameworks}
