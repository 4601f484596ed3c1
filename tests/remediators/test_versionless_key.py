"""cmk-versionless-key-uri: the address of the key names no version; everything else stays as it is."""

import pytest

from shared.control import LastGood, NotApplicable
from shared.encryption import ENCRYPTION
from shared.plan import make_plan
from tests.good import KEY
from tests.remediators.encrypted import encrypted, judge, members

JUDGE = judge("cmk-versionless-key-uri")


@pytest.mark.parametrize("uri", [KEY, f"{KEY}/"])
def test_an_address_without_a_version_is_good(uri: str) -> None:
    assert JUDGE.find(encrypted(primaryKeyURI=uri)) == ()


def test_the_version_goes_and_all_members_are_written() -> None:
    state = encrypted(primaryKeyURI=f"{KEY}/0123456789abcdef0123456789abcdef")
    (change,) = make_plan(state, [JUDGE], LastGood()).changes
    assert (change.setting, change.after) == (ENCRYPTION, members())


@pytest.mark.parametrize("uri", ["", "https://kv.vault.azure.net/secrets/a", "kv/keys/a"])
def test_an_address_that_names_no_key_needs_a_person(uri: str) -> None:
    plan = make_plan(encrypted(primaryKeyURI=uri), [JUDGE], LastGood())
    assert plan.changes == ()
    assert plan.refusals[ENCRYPTION].startswith("say which key encrypts the server")


def test_a_server_with_the_key_of_microsoft_is_not_judged() -> None:
    assert isinstance(JUDGE.find(encrypted(type="SystemManaged")), NotApplicable)
