"""GET /metadata/endpoints: what `az cloud register --endpoint-resource-manager` reads to learn a cloud's addresses.

The sign-in address is the emulator's own, so that nothing leaves the machine; nobody signs in there, because
tokens come from the managed identity endpoint.
"""

from aiohttp import web

from emulator.body import Body


async def endpoints(request: web.Request) -> web.Response:
    """Answer with one cloud; needs no token."""
    base = f"{request.scheme}://{request.host}"
    body: Body = {
        "name": "local",
        "portal": "https://portal.azure.com",
        "resourceManager": base,
        "authentication": {
            "loginEndpoint": f"{base}/",
            "audiences": ["https://management.core.windows.net/", "https://management.azure.com/"],
            "tenant": "common",
            "identityProvider": "AAD",
        },
        "graph": "https://graph.windows.net/",
        "graphAudience": "https://graph.windows.net/",
        "microsoftGraphResourceId": "https://graph.microsoft.com/",
        "batch": "https://batch.core.windows.net/",
        "gallery": "https://gallery.azure.com/",
        "sqlManagement": "https://management.core.windows.net:8443/",
        "suffixes": {
            "keyVaultDns": "vault.azure.net",
            "postgresqlServerEndpoint": "postgres.database.azure.com",
            "sqlServerHostname": "database.windows.net",
            "storage": "core.windows.net",
        },
    }
    return web.json_response(body)
