"""The policy in a container of the app's storage account: one blob, or all below a name.

It changes without a deployment: whoever may write the blob decides what Holdfast may do, so the container belongs to
the owners of the policy alone. (learn.microsoft.com, "List Blobs": a listing carries each blob's ETag.)
"""

import hashlib
from datetime import timedelta

from azure.core.exceptions import ResourceNotFoundError

from shared.errors import BadPolicy, StoreUnavailable
from shared.policy_keeper import Fetched
from shared.store.azure_clients import AzureSettings, answering, blob_service

_SUFFIXES = (".yaml", ".yml")
_MOST_BYTES = 5_000_000
_MOST_BLOBS = 200


class PolicyBlobs:
    """`Source` of a policy at `container/path`; the path is a blob's name, or a folder's."""

    # A look is a request.
    stale_after = timedelta(seconds=15)

    def __init__(self, settings: AzureSettings, container: str, path: str) -> None:
        self._service = blob_service(settings)
        self._container = self._service.get_container_client(container)
        self._where = f"{container}/{path}"
        self._path = path.strip("/")

    @answering()
    async def fetch(self, known: str) -> Fetched | None:
        """The blobs, when one of their ETags has changed. Raises BadPolicy, StoreUnavailable."""
        found = await self._listed()
        if not found:
            raise BadPolicy(f"blob:{self._where}: there is no such blob, and none below it that ends in .yaml")
        if _tag(found) == known:
            return None
        folder = self._path.rpartition("/")[0] if self._path in found else self._path
        texts = {name.removeprefix(f"{folder}/" if folder else ""): await self._text(name) for name in sorted(found)}
        if await self._listed() != found:
            # Half of an older version and half of a newer one is no version.
            raise StoreUnavailable(f"blob:{self._where} is being written right now; it is read again in a while")
        return Fetched(_tag(found), texts)

    async def close(self) -> None:
        """Close all connections."""
        await self._service.close()

    async def _listed(self) -> dict[str, str]:
        """The blobs of the policy with their ETags."""
        found: dict[str, str] = {}
        try:
            async for blob in self._container.list_blobs(name_starts_with=self._path):
                inside = blob.name == self._path or blob.name.startswith(f"{self._path}/" if self._path else "")
                if inside and blob.name.endswith(_SUFFIXES):
                    if blob.size > _MOST_BYTES or len(found) >= _MOST_BLOBS:
                        raise BadPolicy(f"blob:{self._where}: {blob.name} is too large, or there are too many blobs")
                    found[blob.name] = str(blob.etag)
        except ResourceNotFoundError as error:
            raise BadPolicy(f"blob:{self._where}: there is no such container") from error
        return found

    async def _text(self, name: str) -> bytes:
        download = await self._container.download_blob(name)
        return await download.readall()


def _tag(found: dict[str, str]) -> str:
    return hashlib.sha256(repr(sorted(found.items())).encode()).hexdigest()
