"""The two addresses of a long-running operation."""

from emulator.arm.call import Answer
from emulator.arm.registry import Request, ResourceType
from emulator.resources.flexible import NAMESPACE, VERSIONS


def _status(request: Request) -> Answer:
    return request.world.operations.poll_status(request.call, request.name)


def _result(request: Request) -> Answer:
    return request.world.operations.poll_result(request.call, request.name)


TYPES = (
    ResourceType(f"{NAMESPACE}/locations/azureAsyncOperation", VERSIONS, get=_status),
    ResourceType(f"{NAMESPACE}/locations/operationResults", VERSIONS, get=_result),
)
