"""The addresses of long-running operations: how one stands, and what came of it."""

from emulator.arm.call import Answer
from emulator.arm.registry import Request, ResourceType
from emulator.resources.around import network
from emulator.resources.flexible.kind import NAMESPACE, VERSIONS

# an operation is asked about with the api-version that started it
_ALL = ("2017-12-01", "2018-06-01", "2020-01-01", "2022-11-08", "2023-03-02-preview", *VERSIONS)
_PREFIXES = ("", "administrator", "privateEndpointConnection", "securityAlertPolicies", "serverKey")


def _status(request: Request) -> Answer:
    return request.world.operations.poll_status(request.call, request.name)


def _result(request: Request) -> Answer:
    return request.world.operations.poll_result(request.call, request.name)


def _words(prefix: str) -> tuple[str, str]:
    if not prefix:
        return "azureAsyncOperation", "operationResults"
    return f"{prefix}AzureAsyncOperation", f"{prefix}OperationResults"


def _types(prefix: str) -> tuple[ResourceType, ResourceType]:
    status, result = (f"{NAMESPACE}/locations/{word}" for word in _words(prefix))
    return ResourceType(status, _ALL, get=_status), ResourceType(result, _ALL, get=_result)


_NETWORK = (
    ResourceType("Microsoft.Network/locations/operations", network.VERSIONS, get=_status),
    ResourceType("Microsoft.Network/locations/operationResults", network.VERSIONS, get=_result),
)
TYPES = (*(one for prefix in _PREFIXES for one in _types(prefix)), *_NETWORK)
