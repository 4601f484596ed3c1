"""Where, until when and by whom: scopes, exemptions, break glass and delays of a policy that is in force."""

from datetime import UTC, datetime, timedelta

from shared.journal import Stage
from tests.e2e.fleet import Sort
from tests.e2e.record import Record
from tests.e2e.server import ADA, DANA, OPENED, PIPELINE, Server
from tests.e2e.world import World

_TLS = "require_secure_transport"


async def _unencrypted(server: Server, **tags: str) -> Record:
    """What is found when Dana switches encryption off on a server with these tags."""
    if tags:
        await server.tag(ADA, **tags)
        await server.nothing_is_left_to_do()
    await server.set(DANA, _TLS, "off")
    return await server.record(Stage.DETECTED)


def _reason(record: Record) -> str:
    (finding,) = record.report.findings
    return finding.reason


async def test_a_server_under_another_management_group_is_told_of_and_left_alone(careful: World) -> None:
    held, sandbox = await careful.a_server(Sort.PRIVATE), await careful.a_server(Sort.SANDBOX)
    for server in (held, sandbox):
        await server.set(DANA, _TLS, "off")
    await held.record(Stage.PROVEN)
    await sandbox.record(Stage.DETECTED)
    assert (await held.parameter(_TLS), await sandbox.parameter(_TLS)) == ("on", "off")
    assert "drifted, nothing was changed" in sandbox.message.title


async def test_a_server_with_another_tag_is_only_recorded(careful: World) -> None:
    server = await careful.a_server(Sort.PRIVATE)
    record = await _unencrypted(server, care="observed")
    assert [finding.verb for finding in record.report.findings] == ["record"]
    assert (await server.parameter(_TLS), server.messages) == ("off", [])


async def test_an_exemption_of_the_policy_lets_a_drift_stand_and_says_who_answers_for_it(careful: World) -> None:
    server = await careful.a_server(Sort.PRIVATE)
    reason = _reason(await _unencrypted(server, care="exempt"))
    assert reason.startswith("exempt until ")
    assert "(dba@contoso.example, CHG-7): an old client learns TLS" in reason
    assert await server.parameter(_TLS) == "off"
    await server.change(DANA, "PATCH", properties=OPENED)
    await server.record(Stage.PROVEN)
    assert not await server.is_public()


async def test_what_a_trusted_pipeline_changes_in_its_window_is_let_stand_and_the_same_by_a_person_is_not(
    careful: World,
) -> None:
    server, other = await careful.a_server(Sort.PRIVATE), await careful.a_server(Sort.PRIVATE)
    await server.set(PIPELINE, _TLS, "off")
    assert _reason(await server.record(Stage.DETECTED)).startswith("changed by releases, a trusted identity")
    await other.set(DANA, _TLS, "off")
    await other.record(Stage.PROVEN)
    await server.nothing_is_left_to_do()
    assert (await server.parameter(_TLS), await other.parameter(_TLS)) == ("off", "on")
    assert (await server.writes(), server.messages) == ([], [])


async def test_nothing_is_written_while_a_break_glass_tag_stands(careful: World) -> None:
    server = await careful.a_server(Sort.PRIVATE)
    until = datetime.now(UTC) + timedelta(hours=1)
    record = await _unencrypted(server, **{"hold-off-until": until.isoformat(timespec="minutes")})
    assert "a break-glass tag stands on the server" in _reason(record)
    assert await server.parameter(_TLS) == "off"
    await server.tag(ADA)
    await careful.sweep()
    await server.record(Stage.PROVEN)
    assert await server.parameter(_TLS) == "on"


async def test_what_has_time_is_told_reminded_of_and_then_put_back(careful: World) -> None:
    server = await careful.a_server(Sort.PRIVATE)
    record = await _unencrypted(server, care="patient")
    assert "it is put back at" in _reason(record)
    assert await server.parameter(_TLS) == "off"
    await server.record(Stage.PROVEN)
    assert await server.parameter(_TLS) == "on"
    assert ["will be put right later" in one.title for one in server.messages] == [True, True, False]
    assert "a reminder" in server.messages[1].text
