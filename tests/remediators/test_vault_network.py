"""The vault's network: closed to the internet, open to the server."""

from shared.control import LastGood, NotApplicable, Risk
from shared.plan import make_plan
from shared.state import FacetKind, Setting, State
from shared.target import Kind
from tests.builders import CATALOGUE
from tests.good_neighbours import VAULT
from tests.remediators.judging import drifts_of, finding_of, judge_of
from tests.remediators.outside import with_around

ID = "keyvault-network-trusted-services"


def vault(kind: Kind = Kind.FLEXIBLE, **texts: str) -> State:
    named = {name.replace("__", "."): text for name, text in texts.items()}
    return with_around({FacetKind.VAULTS: {VAULT: named}}, kind)


def planned(state: State) -> dict[str, tuple[object, Risk]]:
    changes = make_plan(state, [judge_of(ID, state)], LastGood()).changes
    return {change.setting.neighbour[2]: (change.after, change.risk) for change in changes}


def test_a_server_that_is_shut_out_is_let_in_at_once() -> None:
    state = vault(publicNetworkAccess="Disabled", networkAcls__bypass="None")
    assert planned(state) == {"networkAcls.bypass": ("AzureServices", Risk.SAFE)}


def test_an_open_vault_is_closed_with_care() -> None:
    assert planned(vault(networkAcls__defaultAction="Allow")) == {
        "networkAcls.defaultAction": ("Deny", Risk.MAY_CUT_CLIENTS)
    }


def test_closing_a_vault_never_shuts_the_server_out() -> None:
    state = vault(networkAcls__defaultAction="Allow", networkAcls__bypass="None")
    assert set(planned(state)) == {"networkAcls.defaultAction", "networkAcls.bypass"}


def test_a_vault_that_is_closed_either_way_is_left_alone() -> None:
    assert drifts_of(ID, vault(publicNetworkAccess="disabled")) == ()
    assert drifts_of(ID, vault(networkAcls__defaultAction="Deny", networkAcls__bypass="AzureServices")) == ()


def test_a_cluster_needs_an_open_vault() -> None:
    assert Kind.CITUS not in CATALOGUE[ID].control.kinds


def test_a_server_without_a_key_of_its_owner_is_not_judged() -> None:
    assert isinstance(finding_of(ID, with_around({FacetKind.VAULTS: {}})), NotApplicable)


def test_the_rule_that_closed_it_is_the_setting_that_comes_back() -> None:
    (drift,) = drifts_of(ID, vault(networkAcls__defaultAction="Allow"))
    assert drift.setting == Setting.outside(FacetKind.VAULTS, VAULT, "networkAcls.defaultAction")
