"""Azure's built-in roles, as far as they matter here; the ids are Azure's own."""

from emulator.fleet import Role

_KEYS = "Microsoft.KeyVault/vaults/keys"
_POLICIES = "Microsoft.KeyVault/vaults/keyrotationpolicies/*"
BUILT_IN = {
    "8e3af657-a8ff-443c-a75c-2fe8c4bcb635": Role(name="Owner", actions=("*",)),
    "b24988ac-6180-42a0-ab88-20f7382dd24c": Role(
        name="Contributor",
        actions=("*",),
        not_actions=(
            "Microsoft.Authorization/*/Delete",
            "Microsoft.Authorization/*/Write",
            "Microsoft.Authorization/elevateAccess/Action",
        ),
    ),
    "acdd72a7-3385-48ef-bd42-f606fba81ae7": Role(name="Reader", actions=("*/read",)),
    "18d7d88d-d35e-4fb5-a5c3-7773c20a72d9": Role(
        name="User Access Administrator", actions=("*/read", "Microsoft.Authorization/*")
    ),
    "d5a91429-5739-47e2-a06b-3470a27159e7": Role(
        name="EventGrid Data Sender", data_actions=("Microsoft.EventGrid/events/send/action",)
    ),
    "00482a5a-887f-4fb3-b363-3b7fe8e74483": Role(
        name="Key Vault Administrator", actions=("*/read",), data_actions=("Microsoft.KeyVault/vaults/*",)
    ),
    "14b46e9e-c2b7-41b4-b07b-48a6ebf60603": Role(
        name="Key Vault Crypto Officer",
        actions=("*/read",),
        data_actions=(f"{_KEYS}/*", "Microsoft.KeyVault/vaults/keyrotationpolicies/*"),
    ),
    "21090545-7ca7-4776-b22c-e363652d74d2": Role(
        name="Key Vault Reader", actions=("*/read",), data_actions=("Microsoft.KeyVault/vaults/*/read",)
    ),
    "e147488a-f6f5-4113-8e2d-b22465e65bf6": Role(
        name="Key Vault Crypto Service Encryption User",
        actions=("Microsoft.EventGrid/eventSubscriptions/read",),
        data_actions=(f"{_KEYS}/read", f"{_KEYS}/wrap/action", f"{_KEYS}/unwrap/action"),
    ),
}
