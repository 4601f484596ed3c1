"""The key that encrypts a server: told in time, in one sentence, and never written."""

import json
from datetime import timedelta

import pytest

from shared.control import NotApplicable
from shared.state import FacetKind, State
from shared.target import Kind
from tests.builders import NOON
from tests.good_neighbours import KEY
from tests.remediators.judging import drifts_of, finding_of
from tests.remediators.outside import with_around

SOUND = "cmk-key-enabled-not-expired"


def key(kind: Kind = Kind.FLEXIBLE, days: int = 90, **texts: str) -> State:
    named = {name.replace("__", "."): text for name, text in texts.items()}
    expires = str(int((NOON + timedelta(days=days)).timestamp()))
    given = {"kty": "RSA", "keySize": "2048", "attributes.enabled": "true", "attributes.exp": expires}
    return with_around({FacetKind.VAULT_KEYS: {KEY: given | named}}, kind)


def person(control: str, state: State, **parameters: object) -> str:
    (drift,) = drifts_of(control, state, **parameters)
    return drift.person


def test_a_key_that_lasts_is_left_alone() -> None:
    assert drifts_of(SOUND, key(days=31)) == ()


def test_a_key_near_its_end_is_told_with_the_day() -> None:
    assert person(SOUND, key(days=30)) == (
        "roll the key over before 2026-03-31 12:00 UTC: az keyvault key rotate --vault-name kv-payments --name postgres"
        "; the server follows to the new version by itself"
    )


def test_the_owner_says_how_early() -> None:
    assert drifts_of(SOUND, key(days=30), warning_days=7) == ()


def test_a_disabled_key_comes_before_everything_else_that_is_wrong_with_it() -> None:
    state = key(days=-1, attributes__enabled="false")
    assert person(SOUND, state).startswith("enable the key in its vault at once: az keyvault ")


@pytest.mark.parametrize("text", ["", "soon", "9" * 20])
def test_a_key_without_an_end_is_told(text: str) -> None:
    assert "expiry date" in person(SOUND, key(attributes__exp=text))


def test_a_key_that_is_not_valid_yet_is_told() -> None:
    later = str(int((NOON + timedelta(days=1)).timestamp()))
    assert "begin to be valid" in person(SOUND, key(attributes__nbf=later))


def test_when_it_was_read_has_to_be_known() -> None:
    state = with_around({FacetKind.VAULT_KEYS: {KEY: {}}}, at=None)
    assert drifts_of(SOUND, state) == ()


@pytest.mark.parametrize(
    ("kind", "size", "good"),
    [(Kind.FLEXIBLE, "4096", True), (Kind.FLEXIBLE, "1024", False), (Kind.SINGLE, "4096", False)],
)
def test_azure_takes_keys_of_some_sizes_only(kind: Kind, size: str, good: bool) -> None:
    assert (drifts_of("cmk-key-type-and-size", key(kind, keySize=size)) == ()) is good


def test_a_key_in_software_is_told() -> None:
    assert "RSA-HSM" in person("cmk-key-hsm-backed", key())
    assert drifts_of("cmk-key-hsm-backed", key(kty="RSA-HSM")) == ()


@pytest.mark.parametrize("actions", ["", "{", "[1]", '[{"action": {"type": "notify"}}]'])
def test_a_key_that_nobody_rolls_over_is_told(actions: str) -> None:
    assert "rotation policy" in person("cmk-key-rotation-policy", key(rotationPolicy__lifetimeActions=actions))


def test_a_key_that_rolls_over_by_itself_is_left_alone() -> None:
    actions = json.dumps([{"action": {"type": "notify"}}, {"action": {"type": "Rotate"}}])
    assert drifts_of("cmk-key-rotation-policy", key(rotationPolicy__lifetimeActions=actions)) == ()


def test_a_server_without_a_key_of_its_owner_is_not_judged() -> None:
    assert isinstance(finding_of(SOUND, with_around({FacetKind.VAULT_KEYS: {}})), NotApplicable)
