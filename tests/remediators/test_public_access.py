"""public-network-access-disabled: an open public endpoint is a drift, and only there where there is one."""

import pytest

from remediators.public_access import detect
from shared.control import Drift, NotApplicable, Parameters
from shared.state import Setting, SettingKind, State
from shared.target import Kind
from tests.builders import a_server, a_state, a_target

NONE = Parameters()


def test_an_open_endpoint_is_a_drift() -> None:
    assert detect(a_state(server=a_server(public_access=True)), NONE) == (
        Drift(
            "public-network-access-disabled",
            Setting(SettingKind.PUBLIC_ACCESS),
            "Enabled",
            "Disabled",
            "the server can be reached from the internet",
        ),
    )


def test_a_closed_endpoint_is_good() -> None:
    assert detect(a_state(server=a_server(public_access=False)), NONE) == ()


@pytest.mark.parametrize("endpoints", [0, 1])
def test_an_open_endpoint_is_a_drift_whether_there_is_a_private_way_or_not(endpoints: int) -> None:
    state = a_state(server=a_server(public_access=True, approved_endpoints=endpoints))
    assert isinstance(detect(state, NONE), tuple)


@pytest.mark.parametrize("public", [True, False])
def test_a_server_in_a_virtual_network_has_no_public_endpoint(public: bool) -> None:
    finding = detect(a_state(server=a_server(public_access=public, virtual_network=True)), NONE)
    assert finding == NotApplicable("the server is inside a virtual network and has no public endpoint")


@pytest.mark.parametrize("state", [a_state(server=a_server(public_access=None)), State(a_target())])
def test_what_azure_does_not_report_is_not_judged(state: State) -> None:
    assert detect(state, NONE) == NotApplicable("Azure reports no public access setting for this server")


@pytest.mark.parametrize(
    ("coordinator", "workers", "names"),
    [(True, True, ["", "workers"]), (False, True, ["workers"]), (True, False, [""]), (False, False, [])],
)
def test_a_clusters_coordinator_and_workers_are_closed_each_for_itself(
    coordinator: bool, workers: bool, names: list[str]
) -> None:
    server = a_server(public_access=coordinator, worker_access=workers)
    found = detect(a_state(a_target(kind=Kind.CITUS), server=server), NONE)
    assert isinstance(found, tuple)
    assert [drift.setting.name for drift in found] == names
