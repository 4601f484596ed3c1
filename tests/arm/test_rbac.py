"""Azure asks for the very action that a write names: with it the write is done, without it nothing is."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from azure.identity.aio import ManagedIdentityCredential

from emulator.app import Emulator
from emulator.fleet import DEFAULT_FLEET, Fleet
from emulator.settings import Settings
from shared.arm.azure import AzureArm
from shared.arm.client import ArmClient
from shared.arm.servers import needed_permission
from shared.control import Change, Source
from shared.errors import Forbidden
from shared.responses import CARDS
from shared.state import Setting, SettingKind, administrator_value, rule_value
from shared.target import Target
from tests.arm.conftest import ARCHIVE, LEDGER, PARTNERS
from tests.arm.test_around import WRITTEN
from tests.arm.test_neighbours import WRITES
from tests.builders import CATALOGUE, an_admin

CORRELATION = "00000000-0000-4000-8000-000000000003"
ROLE = "Holdfast Remediator"
RULE = rule_value("198.51.100.7", "198.51.100.7")


def write(target: Target, setting: Setting, value: object) -> tuple[Target, Change]:
    return target, Change(setting, None, value, Source.POLICY)  # type: ignore[arg-type]


EVERY = [
    write(PARTNERS, Setting(SettingKind.FIREWALL_RULE, "one"), RULE),
    write(PARTNERS, Setting(SettingKind.FIREWALL_RULE, "office-zurich"), None),
    write(PARTNERS, Setting(SettingKind.PARAMETER, "log_connections"), "on"),
    write(PARTNERS, Setting(SettingKind.PROPERTY, "backup.retentionDays"), "20"),
    write(PARTNERS, Setting(SettingKind.ADMINISTRATOR, an_admin().object_id), administrator_value(an_admin())),
    write(PARTNERS, Setting(SettingKind.TAG, "owner"), "payments"),
    *((ARCHIVE, Change(one.setting, None, one.value, Source.POLICY)) for one in WRITTEN),
    *((LEDGER, change) for change in WRITES),
]
EACH = pytest.mark.parametrize(
    ("target", "change"),
    EVERY,
    ids=[f"{number}-{change.setting.kind.value}" for number, (_, change) in enumerate(EVERY)],
)


@asynccontextmanager
async def azure_without(action: str, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[AzureArm]:
    """Azure as Holdfast sees it with a role that lacks the action."""
    fleet = Fleet.load(DEFAULT_FLEET)
    (role,) = [one for one in fleet.roles if one.name == ROLE]
    left = tuple(one for one in role.actions if one.lower() != action.lower())
    roles = tuple(one.model_copy(update={"actions": left}) if one is role else one for one in fleet.roles)
    async with Emulator(fleet.model_copy(update={"roles": roles}), Settings()).running() as address:
        for name, value in address.environment().items():
            monkeypatch.setenv(name, value)
        client = ArmClient(address.arm, "https://management.azure.com", ManagedIdentityCredential(), address.tls())
        arm = AzureArm(client)
        yield arm
        await arm.close()


def test_the_role_of_the_emulated_bank_holds_what_every_control_declares() -> None:
    (role,) = [one for one in Fleet.load(DEFAULT_FLEET).roles if one.name == ROLE]
    declared = {
        action.lower()
        for one in (*CATALOGUE.values(), *CARDS.values())
        for kind in one.control.kinds
        for action in one.control.on(kind).actions(kind)
    }
    assert declared - {action.lower() for action in role.actions} == set()


@EACH
async def test_with_the_action_it_is_done(target: Target, change: Change, monkeypatch: pytest.MonkeyPatch) -> None:
    async with azure_without("nothing", monkeypatch) as arm:
        await arm.write(target, (change,), CORRELATION)


@EACH
async def test_without_the_action_it_is_refused_and_the_action_named(
    target: Target, change: Change, monkeypatch: pytest.MonkeyPatch
) -> None:
    action = needed_permission(target.kind, change.setting, deletes=change.after is None)
    async with azure_without(action, monkeypatch) as arm:
        with pytest.raises(Forbidden) as caught:
            await arm.write(target, (change,), CORRELATION)
    assert caught.value.permission.lower() == action.lower()
