"""The data plane of key vaults: `https://NAME.vault.azure.net/keys/…`, served on the emulator's own address, too."""
