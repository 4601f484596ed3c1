"""Who is signed in: only what the platform says, only from Entra, and never a crash."""

import base64
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.identity import HEADER, signed_in

OBJECT_ID = "3F0C8F5A-7b1e-4a52-9d15-52f1f7a2c901"
GROUP = "5D0C8F5A-7b1e-4a52-9d15-52f1f7a2c901"
APP_ID = "04b07795-8ddb-461a-bbee-02f9e1bf7b46"
LONG = "http://schemas.microsoft.com/identity/claims/objectidentifier"
UPN = "http://schemas.xmlsoap.org/ws/2005/05/identity/claims/upn"


def header(*claims: tuple[str, Any], **members: Any) -> dict[str, str]:
    listed = [{"typ": kind, "val": value} for kind, value in claims]
    principal = {"auth_typ": "aad", "name_typ": "name", "role_typ": "roles", "claims": listed} | members
    return {HEADER: base64.b64encode(json.dumps(principal).encode()).decode()}


ADA = header((LONG, OBJECT_ID), ("preferred_username", "ada@contoso.example"), ("name", "Ada"))


def test_a_person_is_known_by_object_id_and_named_as_they_sign_in() -> None:
    ada = signed_in(ADA, trusted=True)
    assert ada is not None
    assert (ada.name, ada.object_id, ada.kind) == ("ada@contoso.example", OBJECT_ID.lower(), "user")


def test_nobody_is_believed_where_the_platform_does_not_sign_people_in() -> None:
    assert signed_in(ADA, trusted=False) is None


@pytest.mark.parametrize("provider", ["google", "github", "my-oidc", ""])
def test_only_entra_s_ids_stand_for_the_people_a_policy_names(provider: str) -> None:
    assert signed_in(header((LONG, OBJECT_ID), auth_typ=provider), trusted=True) is None


def test_claims_keep_their_short_names_without_a_token_store() -> None:
    ada = signed_in(header(("oid", OBJECT_ID), (UPN, "ada@contoso.example")), trusted=True)
    assert ada is not None
    assert (ada.object_id, ada.name) == (OBJECT_ID.lower(), "ada@contoso.example")


@pytest.mark.parametrize("object_id", ["", "ada", f"{OBJECT_ID} ", f"x{OBJECT_ID}"])
def test_somebody_without_an_object_id_is_nobody(object_id: str) -> None:
    assert signed_in(header((LONG, object_id), ("name", "Ada")), trusted=True) is None


def test_groups_and_roles_are_what_the_claims_say() -> None:
    ada = signed_in(
        header((LONG, OBJECT_ID), ("groups", GROUP), ("groups", GROUP), ("r", "Approver"), role_typ="r"), trusted=True
    )
    assert ada is not None
    assert ada.groups == (GROUP.lower(), "Approver")


def test_the_program_a_person_uses_is_not_who_they_are() -> None:
    """Everybody who uses the az command line has its application id in their claims."""
    ada = signed_in(header((LONG, OBJECT_ID), ("upn", "ada@contoso.example"), ("appid", APP_ID)), trusted=True)
    assert ada is not None
    assert ada.app_id == ""


def test_an_application_is_known_by_its_application_id() -> None:
    pipeline = signed_in(header((LONG, OBJECT_ID), ("appid", APP_ID.upper())), trusted=True)
    assert pipeline is not None
    assert (pipeline.name, pipeline.app_id, pipeline.kind) == (APP_ID, APP_ID, "application")


def test_a_claim_without_a_value_says_nothing() -> None:
    ada = signed_in(header((LONG, OBJECT_ID), ("groups", None), ("name", "Ada")), trusted=True)
    assert ada is not None
    assert (ada.name, ada.groups) == ("Ada", ())


def test_no_header_is_nobody() -> None:
    assert signed_in({}, trusted=True) is None


@pytest.mark.parametrize(
    "text",
    [
        "%%%",
        "Zm9v",
        base64.b64encode(b'{"auth_typ":"aad"}').decode(),
        base64.b64encode(b"[" * 9000).decode(),
        "é",
        "A" * 70000,
    ],
)
def test_a_header_that_cannot_be_read_is_nobody(text: str) -> None:
    assert signed_in({HEADER: text}, trusted=True) is None


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
)
MEMBERS = st.fixed_dictionaries(
    {"auth_typ": st.just("aad") | JSON, "claims": st.lists(st.fixed_dictionaries({"typ": JSON, "val": JSON})) | JSON},
    optional={"role_typ": JSON},
)


@given(st.text() | st.binary().map(lambda data: base64.b64encode(data).decode()))
def test_any_header_is_somebody_or_nobody_but_never_a_crash(text: str) -> None:
    assert signed_in({HEADER: text}, trusted=True) is None


@given(JSON | MEMBERS)
def test_any_json_is_somebody_or_nobody_but_never_a_crash(principal: object) -> None:
    encoded = base64.b64encode(json.dumps(principal).encode()).decode()
    found = signed_in({HEADER: encoded}, trusted=True)
    assert found is None or found.object_id
