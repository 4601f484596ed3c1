"""The handful of message classes the worker library asks its host for.

In Azure they are protobuf messages; the library only calls their constructors and reads back three
of them, so plain objects with the same names serve (source of azure-functions-runtime 1.3.0:
handle_event.py, loader.py, functions.py).
"""

from types import SimpleNamespace


class Message(SimpleNamespace):
    """Any message: keyword arguments become attributes."""


class StatusResult(Message):
    """Whether a request went well."""

    Failure = 0
    Success = 1


class BindingInfo(Message):
    """A binding; the numbers are those of the enums in FunctionRpc.proto."""

    undefined = 0
    out = 1
    inout = 2


PROTOS = SimpleNamespace(
    BindingInfo=BindingInfo,
    FunctionMetadataResponse=Message,
    RpcException=Message,
    RpcFunctionMetadata=Message,
    RpcRetryOptions=Message,
    StatusResult=StatusResult,
    WorkerInitResponse=Message,
    WorkerMetadata=Message,
)
