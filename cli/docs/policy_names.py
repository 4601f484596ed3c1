"""What the built-in definitions of Azure Policy are called whose ids controls carry."""

from collections.abc import Mapping

POLICY_NAMES: Mapping[str, str] = {
    "0564d078-92f5-4f97-8398-b9f58a51f70b": "Private endpoint should be enabled for PostgreSQL servers",
    "086709ac-11b5-478d-a893-9567a16d2ae3": "Log connections should be enabled for PostgreSQL flexible servers",
    "0a9fbe0d-c5c4-4da8-87d8-f4fd77338835": "Azure Defender for open-source relational databases should be enabled",
    "0b15565f-aa9e-48ba-8619-45960f2c314d": (
        "Email notification to subscription owner for high severity alerts should be enabled"
    ),
    "0b60c0b2-2dc2-4e1c-b5c9-abbed971de53": "Key vaults should have deletion protection enabled",
    "12c74c95-0efd-48da-b8d9-2a7d68470c92": (
        "PostgreSQL flexible servers should use customer-managed keys to encrypt data at rest"
    ),
    "152b15f7-8e1f-4c1f-ab71-8c010ba5dbc0": "Key Vault keys should have an expiration date",
    "18adea5e-f416-4d0f-8aa8-d24321e3e274": (
        "PostgreSQL servers should use customer-managed keys to encrypt data at rest"
    ),
    "1d14b021-1bae-4f93-b36b-69695e14984a": "Disconnections should be logged for PostgreSQL flexible servers",
    "1e66c121-a66a-4b1f-9b83-0fd99bf0fc2d": "Key vaults should have soft delete enabled",
    "2465583e-4e78-4c15-b6be-a36cbc7c8b0f": (
        "Configure Azure Activity logs to stream to specified Log Analytics workspace"
    ),
    "24fba194-95d6-48c0-aea7-f65bf859c598": (
        "Infrastructure encryption should be enabled for Azure Database for PostgreSQL servers"
    ),
    "2514263b-bc0d-4b06-ac3e-f262c0979018": "[Preview]: Immutability must be enabled for backup vaults",
    "2a6ae02f-7590-40d7-88ba-b18e205a32fd": (
        "Configure Advanced Threat Protection to be enabled on Azure database for PostgreSQL flexible servers"
    ),
    "3bf854e8-b34a-47fe-9f81-bc558c82b3bd": (
        "Configure log_line_prefix with key identifiers for PostgreSQL flexible servers"
    ),
    "3c14b034-bcb6-4905-94e7-5b8e98a47b65": "PostgreSQL server should use a virtual network service endpoint",
    "3d7d0cc7-bd72-4f41-bf55-0be57faa3883": (
        "Enable logging by category group for microsoft.dbforpostgresql/servers to Event Hub"
    ),
    "44433aa3-7ec2-4002-93ea-65c65ff0310a": (
        "Configure Azure Defender for open-source relational databases to be enabled"
    ),
    "48af4db5-9b8b-401c-8e74-076be876a430": "Geo-redundant backup should be enabled for Azure Database for PostgreSQL",
    "493c215d-2553-4976-bc81-57d2c04fc8c1": (
        "[Preview]: Azure Database for PostgreSQL Flexible Server should be Zone Resilient"
    ),
    "499b7900-f44e-40ea-b8d3-2f3cf75f2ca4": (
        "Enable logging by category group for microsoft.dbforpostgresql/flexibleservers to Storage"
    ),
    "4eb5e667-e871-4292-9c5d-8bbb94e0c908": "Auditing with PgAudit should be enabled for PostgreSQL flexible servers",
    "4f11b553-d42e-4e3a-89be-32ca364cad4c": "A maximum of 3 owners should be designated for your subscription",
    "4f4f78b8-e367-4b10-a341-d9a4ad5cf1c7": "Subscriptions should have a contact email address for security issues",
    "5345bb39-67dc-4960-a1bf-427e16b9a0bd": "Connection throttling should be enabled for PostgreSQL database servers",
    "5375a5bb-22c6-46d7-8a43-83417cfb4460": "Private endpoint should be enabled for PostgreSQL flexible servers",
    "55615ac9-af46-4a59-874e-391cc3dfb490": (
        "Azure Key Vault should have firewall enabled or public network access disabled"
    ),
    "587c79fe-dd04-4a5e-9d0b-f89598c7261b": "Keys should be backed by a hardware security module (HSM)",
    "5e1de0e3-42cb-4ebc-a86d-61d0c619ca48": "Public network access should be disabled for PostgreSQL flexible servers",
    "5fbd326d-328c-414e-a922-2d6963998962": (
        "Enable logging by category group for microsoft.dbforpostgresql/flexibleservers to Log Analytics"
    ),
    "5ff38825-c5d8-47c5-b70e-069a21955146": "Keys should have more than the specified number of days before expiration",
    "69d4fcec-8426-426a-ad48-439fd3b14e9e": (
        "Enable logging by category group for microsoft.dbforpostgresql/servers to Storage"
    ),
    "6c112d4e-5bc7-47ae-a041-ea2d9dccd749": "Not allowed resource types",
    "6c53d030-cc64-46f0-906d-2bc061cd1334": (
        "Log Analytics workspaces should block log ingestion and querying from public networks"
    ),
    "6e2593d9-add6-4083-9c9b-4b7d2188c899": "Email notification for high severity alerts should be enabled",
    "70be9e12-c935-49ac-9bd8-fd64b85c1f87": "Log checkpoints should be enabled for PostgreSQL flexible servers",
    "75c4f823-d65c-4f29-a733-01d0077fdbcb": "Keys should be the specified cryptographic type RSA or EC",
    "76bed37b-484f-430f-a009-fd7592dff818": "Audit delegation of scopes to a managing tenant",
    "78ed47da-513e-41e9-a088-e829b373281d": (
        "Deploy Diagnostic Settings for PostgreSQL flexible servers to Log Analytics workspace"
    ),
    "7a8a51a3-ad87-4def-96f3-65a1839242b6": "Allow managing tenant ids to onboard through Azure Lighthouse",
    "82067dbb-e53b-4e06-b631-546d197452d9": "Keys using RSA cryptography should have a specified minimum key size",
    "84509667-1a94-4255-9e5f-b479075c1069": (
        "Enable logging by category group for microsoft.dbforpostgresql/servergroupsv2 to Log Analytics"
    ),
    "9798d31d-6028-4dee-8643-46102185c016": "[Preview]: Soft delete should be enabled for Backup Vaults",
    "a43d5475-c569-45ce-a268-28fa79f4e87a": "PostgreSQL flexible servers should be running TLS version 1.2 or newer",
    "a451c1ef-c6ca-483d-87ed-f49761e3ffb5": "Audit usage of custom RBAC roles",
    "a6abeaec-4d90-4a02-805f-6b26c4d3fbe9": "Azure Key Vaults should use private link",
    "a7d3e5b1-8c4f-4a2b-9d6e-1f3c5a8b2e7d": "Configure PostgreSQL flexible server configuration to specified value",
    "a8f89ff4-3d6e-4d7b-8c5a-2e9b1f4c8d3a": "Configure PostgreSQL flexible server to enable specified configuration",
    "a972fe34-7882-4476-87cf-eb9631785fb5": (
        "Enable logging by category group for microsoft.dbforpostgresql/servergroupsv2 to Storage"
    ),
    "b4dec045-250a-48c2-b5cc-e0c4eec8b5b4": (
        "A Microsoft Entra administrator should be provisioned for PostgreSQL servers"
    ),
    "b52376f7-9612-48a1-81cd-1ffe4b61032c": "Public network access should be disabled for PostgreSQL servers",
    "b954148f-4c11-4c38-8221-be76711e194a": "An activity log alert should exist for specific Administrative operations",
    "bbdbb83b-cbfe-49f7-b7d1-1126630a68b7": (
        "Enable logging by category group for microsoft.dbforpostgresql/servers to Log Analytics"
    ),
    "bd0079c6-6f2d-42f4-9cee-e23930968f10": (
        "Enable logging by category group for microsoft.dbforpostgresql/flexibleservers to Event Hub"
    ),
    "c26e4b24-cf98-4c67-b48b-5a25c4c69eb9": "Keys should not be active for longer than the specified number of days",
    "c29c38cb-74a7-4505-9a06-e588ab86620a": "Enforce SSL connection should be enabled for PostgreSQL flexible servers",
    "c39ba22d-4428-4149-b981-70acb31fc383": "Azure Key Vault Managed HSM should have purge protection enabled",
    "cdd1dbc6-0004-4fcd-afd7-b67550de37ff": (
        "Enable logging by category group for PostgreSQL flexible server "
        "(microsoft.dbforpostgresql/flexibleservers) to Log Analytics"
    ),
    "ce39a96d-bf09-4b60-8c32-e85d52abea0f": (
        "A Microsoft Entra administrator should be provisioned for PostgreSQL flexible servers"
    ),
    "cee2f9fd-3968-44be-a863-bd62c9884423": (
        "Geo-redundant backup should be enabled for Azure Database for PostgreSQL flexible servers"
    ),
    "cf820ca0-f99e-4f3e-84fb-66e913812d21": "Resource logs in Key Vault should be enabled",
    "d158790f-bfb0-486c-8631-2dc6b4e8e6af": "Enforce SSL connection should be enabled for PostgreSQL database servers",
    "d38668f5-d155-42c7-ab3d-9b57b50f8fbf": (
        "Azure Defender for SQL should be enabled for unprotected PostgreSQL flexible servers"
    ),
    "d8cf8476-a2ec-4916-896e-992351803c44": (
        "Keys should have a rotation policy ensuring that their rotation is "
        "scheduled within the specified number of days after creation."
    ),
    "dacf07fa-0eea-4486-80bc-b93fae88ac40": (
        "[Deprecated]: Connection throttling should be enabled for PostgreSQL flexible servers"
    ),
    "db048e65-913c-49f9-bb5f-1084184671d3": (
        "Configure Advanced Threat Protection to be enabled on Azure database for PostgreSQL servers"
    ),
    "dd626066-39f5-4f72-aba8-06a99fabf278": (
        "Configure shared_preload_libraries to include pgaudit for PostgreSQL flexible servers"
    ),
    "e1598217-5ff1-4978-b51d-f0238e100019": (
        "Enable logging by category group for microsoft.dbforpostgresql/servergroupsv2 to Event Hub"
    ),
    "e15effd4-2278-4c65-a0da-4d6f6d1890e2": (
        "Log Analytics Workspaces should block non-Azure Active Directory based ingestion."
    ),
    "e27a6dfc-883f-4f9e-97cc-a819fe702400": (
        "[Deprecated]: Azure PostgreSQL flexible server should have Azure Active Directory Only Authentication enabled"
    ),
    "e56962a6-4747-49cd-b67b-bf8b01975c4c": "Allowed locations",
    "e71308d3-144b-4262-b144-efdc3cc90517": "Subnets should be associated with a Network Security Group",
    "eadbb524-8644-4a87-8af6-549e1d125982": (
        "Configure pgaudit.log to include role, ddl, and misc for PostgreSQL flexible servers"
    ),
    "eb6f77b9-bd53-4e35-a23d-7f65d5f0e43d": "Log checkpoints should be enabled for PostgreSQL database servers",
    "eb6f77b9-bd53-4e35-a23d-7f65d5f0e442": "Log connections should be enabled for PostgreSQL database servers",
    "eb6f77b9-bd53-4e35-a23d-7f65d5f0e446": "Disconnections should be logged for PostgreSQL database servers.",
    "eb6f77b9-bd53-4e35-a23d-7f65d5f0e8f3": "Log duration should be enabled for PostgreSQL database servers",
    "f5ed3f7a-cf5d-4ee6-9ede-b5d5192ccf81": (
        "Configure logfiles.retention_days to at least 7 days for PostgreSQL flexible servers"
    ),
    "fa498b91-8a7e-4710-9578-da944c68d1fe": (
        "[Preview]: Azure PostgreSQL flexible server should have Microsoft Entra Only Authentication enabled"
    ),
}
