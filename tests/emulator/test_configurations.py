"""Server parameters: kinds of values, read-only ones, static ones, ones that a version does not have."""

import pytest

from emulator.resources.parameters import TABLE, Parameter
from tests.emulator.arm_client import OLD, OPEN, ArmClient


async def _set(arm: ArmClient, name: str, value: str, source: str = "user-override") -> int:
    body = {"properties": {"value": value, "source": source}}
    return (await arm.put(f"{OPEN}/configurations/{name}", body)).status


async def _value(arm: ArmClient, name: str) -> str:
    return str((await arm.get(f"{OPEN}/configurations/{name}")).properties["value"])


@pytest.mark.parametrize(
    ("name", "sent", "stored"),
    [
        ("require_secure_transport", "OFF", "off"),
        ("ssl_min_protocol_version", "tlsv1.3", "TLSv1.3"),
        ("shared_preload_libraries", "PgAudit, pg_cron", "pgaudit,pg_cron"),
        ("azure.extensions", "", ""),
        ("log_min_duration_statement", "-1", "-1"),
        ("random_page_cost", "1.5", "1.5"),
        ("log_line_prefix", "%m [%p]", "%m [%p]"),
    ],
)
async def test_good_values_are_taken(dana: ArmClient, name: str, sent: str, stored: str) -> None:
    assert await _set(dana, name, sent) == 202
    assert await _value(dana, name) == stored


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("ssl_min_protocol_version", "TLSv1.1"),
        ("log_statement", "some"),
        ("shared_preload_libraries", "vector"),
        ("logfiles.retention_days", "8"),
        ("work_mem", "much"),
        ("cron.database_name", "no such name"),
    ],
)
async def test_bad_values_are_refused_with_azures_code(dana: ArmClient, name: str, value: str) -> None:
    body = {"properties": {"value": value, "source": "user-override"}}
    answer = await dana.put(f"{OPEN}/configurations/{name}", body)
    assert (answer.status, answer.code) == (400, "ServerParameterToCMSUnAllowedParameterValue")


async def test_read_only_ones_are_refused(dana: ArmClient) -> None:
    assert await _set(dana, "ssl", "off") == 400
    assert (await dana.get(f"{OPEN}/configurations/ssl")).properties["isReadOnly"] is True


async def test_a_static_one_waits_for_a_restart(dana: ArmClient) -> None:
    await _set(dana, "wal_level", "logical")
    path = f"{OPEN}/configurations/wal_level"
    assert (await dana.get(path)).properties["isConfigPendingRestart"] is True
    assert (await dana.send("POST", f"{OPEN}/restart")).status == 202
    assert (await dana.get(path)).properties["isConfigPendingRestart"] is False


async def test_a_dynamic_one_does_not(dana: ArmClient) -> None:
    await _set(dana, "log_duration", "on")
    assert (await dana.get(f"{OPEN}/configurations/log_duration")).properties["isConfigPendingRestart"] is False


async def test_the_source_system_default_resets(dana: ArmClient) -> None:
    await _set(dana, "log_duration", "on")
    await _set(dana, "log_duration", "", source="system-default")
    found = (await dana.get(f"{OPEN}/configurations/log_duration")).properties
    assert (found["value"], found["source"]) == ("off", "system-default")


@pytest.mark.parametrize("name", ["ssl_min_protocol_version", "azure.accepted_password_auth_method", "no_such_thing"])
async def test_what_a_version_or_server_lacks_is_404(dana: ArmClient, name: str) -> None:
    assert (await dana.get(f"{OLD}/configurations/{name}")).code == "ResourceNotFound"
    names = {one["name"] for one in (await dana.get(f"{OLD}/configurations")).body["value"]}
    assert name not in names


def test_the_table_gives_every_version_a_name_once() -> None:
    for version in range(11, 19):
        names = [one.name for one in TABLE if one.exists_in(str(version))]
        assert len(names) == len(set(names)) > 40


@pytest.mark.parametrize("parameter", [one for one in TABLE if not one.read_only], ids=lambda one: one.name)
def test_every_default_is_allowed(parameter: Parameter) -> None:
    assert parameter.read(parameter.default) == parameter.default
