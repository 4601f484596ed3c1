import csv
import io
import json
from pathlib import Path

from tests.builders import a_target
from tests.cli.terminal import Printed, Terminal, a_public_world

POLICY = """
default_playbooks: approve
playbooks:
  - name: payments-only
    match: {types: ["*BruteForce"], tags: {team: payments}}
    responses:
      - {response: respond-tag-server, mode: enforce, for: 2h}
"""


async def typed(*words: str) -> Printed:
    return await Terminal(a_public_world()).types(*words)


def a_policy_file(folder: Path) -> str:
    path = folder / "policy.yaml"
    path.write_text(POLICY)
    return str(path)


async def test_ones_own_playbooks_stand_before_those_that_ship(tmp_path: Path) -> None:
    printed = await typed("playbooks", "list", "--policy", a_policy_file(tmp_path), "--format", "json")
    names = [one["name"] for one in json.loads(printed.text)]
    assert names[:2] == ["payments-only", "brute-force-succeeded"]


async def test_the_list_says_what_is_done_at_most() -> None:
    assert (await typed("playbooks", "list")).lacks("brute-force-succeeded", "8 notify", "Holdfast") == []


async def test_one_playbook_says_which_alerts_what_how_long_and_how_it_is_undone(tmp_path: Path) -> None:
    printed = await typed("playbooks", "show", "payments-only", "--policy", a_policy_file(tmp_path))
    assert printed.lacks("*BruteForce; team=payments", "respond-tag-server", "enforce", "after 2 h", "undo") == []


async def test_what_the_policy_holds_back_is_said(tmp_path: Path) -> None:
    printed = await typed("playbooks", "show", "brute-force", "--policy", a_policy_file(tmp_path))
    assert printed.lacks("approve (of enforce)") == []


async def test_a_spreadsheet_gets_a_row_for_each_response() -> None:
    rows = list(csv.DictReader(io.StringIO((await typed("playbooks", "show", "brute-force", "--format", "csv")).text)))
    assert [row["response"] for row in rows][:2] == ["respond-block-address", "respond-throttle-connections"]


async def test_a_playbook_that_there_is_not_is_told_with_the_nearest() -> None:
    printed = await typed("playbooks", "show", "brute-forc")
    assert (printed.code, printed.lacks("did you mean 'brute-force'?")) == (2, [])


async def test_explain_names_those_that_would_answer_an_alert_on_this_server(tmp_path: Path) -> None:
    explain = ("policy", "explain", a_target().id, "--policy", a_policy_file(tmp_path), "--format", "json")
    here, elsewhere = await typed(*explain, "--tag", "team=payments"), await typed(*explain)
    assert here.json["playbooks"][0]["name"] == "payments-only"
    assert "payments-only" not in [one["name"] for one in elsewhere.json["playbooks"]]
    assert (await typed(*explain[:-2])).lacks("answered by the first that fits", "brute-force") == []
