"""Who sits at the terminal, from the claims of their token."""

import pytest

from cli.whoami import actor_of
from shared.errors import Refused

_OID = "3F0C8F5A-7B1E-4A52-9D15-52F1F7A2C901"
_APP = "04b07795-8ddb-461a-bbee-02f9e1bf7b46"


def test_a_person_is_named_as_they_sign_in() -> None:
    claims = {"oid": _OID, "appid": _APP, "upn": "ada@contoso.example", "name": "Ada", "ipaddr": "198.51.100.7"}
    actor = actor_of(claims)
    assert (actor.name, actor.kind, actor.ip) == ("ada@contoso.example", "user", "198.51.100.7")
    assert actor.object_id == _OID.lower()


def test_the_program_that_a_person_uses_is_not_the_person() -> None:
    assert actor_of({"oid": _OID, "appid": _APP, "unique_name": "ada@contoso.example"}).app_id == ""


def test_an_application_is_named_by_its_id() -> None:
    actor = actor_of({"oid": _OID, "appid": _APP.upper(), "idtyp": "app"})
    assert (actor.name, actor.app_id, actor.kind) == (_APP, _APP, "application")


def test_groups_count_by_their_ids() -> None:
    assert actor_of({"oid": _OID, "upn": "ada", "groups": [_OID, "a name", 7]}).groups == (_OID.lower(),)
    assert actor_of({"oid": _OID, "upn": "ada", "groups": "many"}).groups == ()


@pytest.mark.parametrize("claims", [{}, {"upn": "ada"}, {"oid": 7, "appid": None}])
def test_a_token_without_an_id_names_nobody(claims: dict[str, object]) -> None:
    with pytest.raises(Refused, match="names nobody"):
        actor_of(claims)
