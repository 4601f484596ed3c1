"""The Entra token that a database takes for a password.

Source: learn.microsoft.com, "Use Microsoft Entra ID for authentication with Azure Database for PostgreSQL": the token
for the resource https://ossrdbms-aad.database.windows.net is the password, the role's name is the user.
"""

from typing import TYPE_CHECKING

from azure.core.exceptions import AzureError, ClientAuthenticationError

from shared.errors import Forbidden, Unreachable

if TYPE_CHECKING:
    from azure.core.credentials_async import AsyncTokenCredential


async def token_for(credential: "AsyncTokenCredential", audience: str) -> str:
    """The token. Raises Forbidden where the identity gets none, Unreachable where nobody answers."""
    scope = f"{audience.rstrip('/')}/.default"
    try:
        return (await credential.get_token(scope)).token
    except ClientAuthenticationError as error:
        raise Forbidden(f"no token for {scope}: the identity did not get one", "", scope) from error
    except AzureError as error:
        raise Unreachable(f"no token for {scope}: nobody answered", 5) from error
