"""Which paragraphs of ISO 27001:2022 and PCI DSS 4.0 Prowler hangs on its checks, for the checks that controls name.

Source: the compliance mappings that Prowler 5.46.0 publishes for Azure. It numbers its PCI entries below the standard's
own paragraphs (10.2.1.1.7); the paragraph is what stands here (10.2.1.1). What it claims is its own judgement.
"""

from collections.abc import Mapping

ISO, PCI = "iso27001", "pci"
MAPPED: Mapping[str, Mapping[str, str]] = {
    "defender_additional_email_configured_with_a_security_contact": {ISO: "A.5.5", PCI: "A1.2.3"},
    "defender_ensure_defender_for_os_relational_databases_is_on": {
        ISO: "A.5.16 A.5.19 A.5.21 A.5.22 A.5.25 A.5.28 A.5.29 A.8.7 A.8.9"
    },
    "defender_ensure_notify_alerts_severity_is_high": {ISO: "A.5.16 A.5.22"},
    "iam_custom_role_has_permissions_to_administer_resource_locks": {ISO: "A.5.16 A.5.22"},
    "keyvault_key_expiration_set_in_non_rbac": {
        PCI: "3.5.1.1 3.5.1.3 3.6.1 3.6.1.2 3.6.1.3 3.6.1.4 3.7.1 3.7.2 3.7.4 3.7.5 3.7.6 3.7.7 4.2.1.1"
    },
    "keyvault_key_rotation_enabled": {PCI: "3.7.4 3.7.5 8.2.2 8.3.5 8.3.7 8.3.9 8.3.10.1 8.6.3"},
    "keyvault_logging_enabled": {ISO: "A.8.15", PCI: "3.5.1 8.3.2 10.3.2 10.3.3 10.3.4 A1.2.1"},
    "keyvault_private_endpoints": {PCI: "1.2.8 1.3.1 1.3.2 1.4.2 1.5.1 A1.1.3"},
    "keyvault_rbac_enabled": {
        PCI: (
            "3.5.1.1 3.5.1.3 3.6.1 3.6.1.2 3.6.1.3 3.6.1.4 3.7.1 3.7.2 3.7.4 3.7.6 3.7.7 4.2.1.1 7.2.1 "
            "7.2.2 7.2.3 7.2.5 7.3.1 7.3.2 7.3.3 8.2.7 8.2.8 8.3.4"
        )
    },
    "monitor_alert_create_update_nsg": {
        ISO: "A.5.7 A.8.16",
        PCI: "10.2.1.1 10.4.2 10.4.3 10.6.3 10.7.1 10.7.2 11.5.2 11.6.1 12.10.5 A3.3.1 A3.5.1",
    },
    "monitor_alert_delete_nsg": {ISO: "A.5.7 A.8.16"},
    "monitor_diagnostic_setting_with_appropriate_categories": {
        ISO: "A.5.16 A.5.22",
        PCI: (
            "5.3.4 10.2.1 10.2.1.1 10.2.1.2 10.2.1.3 10.2.1.4 10.2.1.5 10.2.1.6 10.2.1.7 10.2.2 10.3.1 "
            "10.3.2 10.3.3 10.3.4 10.4.1 10.4.1.1 10.4.2 10.5.1 10.6.3 10.7.1 10.7.2 11.5.2 11.6.1 "
            "12.10.5 A1.2.1 A3.3.1 A3.5.1"
        ),
    },
    "monitor_diagnostic_settings_exists": {ISO: "A.5.16 A.5.22"},
    "network_subnet_nsg_associated": {ISO: "A.8.20 A.8.22"},
    "postgresql_flexible_server_allow_access_services_disabled": {ISO: "A.8.3"},
    "postgresql_flexible_server_geo_redundant_backup_enabled": {ISO: "A.8.13 A.8.14"},
    "postgresql_flexible_server_high_availability_enabled": {ISO: "A.8.14"},
    "postgresql_flexible_server_log_checkpoints_on": {ISO: "A.8.15"},
    "postgresql_flexible_server_log_connections_on": {ISO: "A.8.15"},
    "postgresql_flexible_server_log_disconnections_on": {ISO: "A.8.15"},
    "postgresql_flexible_server_log_retention_days_greater_3": {ISO: "A.8.15"},
}
