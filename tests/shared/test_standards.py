"""Which standards ask for a control, and what people call them."""

from dataclasses import replace

import pytest

from shared.frameworks import NAMES, framework_keys
from shared.prowler import MAPPED
from shared.standards import STANDARDS, asked_by, frameworks, provenance
from tests.builders import CATALOGUE


def test_every_framework_has_a_name() -> None:
    used = {key for held in STANDARDS.values() for key in held.frameworks}
    assert used | {"iso27001", "pci"} == set(NAMES)


@pytest.mark.parametrize(
    ("word", "keys"),
    [
        ("pci", ("pci",)),
        ("PCI DSS", ("pci",)),
        ("pci-dss-4.0", ("pci",)),
        ("iso", ("iso27001",)),
        ("alz", ("azure-landing-zones",)),
        ("azure", ("azure-policy",)),
        ("cis3", ("cis-3.0",)),
        ("soc2", ()),
        ("", ()),
    ],
)
def test_a_framework_is_known_by_what_people_call_it(word: str, keys: tuple[str, ...]) -> None:
    assert framework_keys(word) == keys


def test_cis_is_every_version_of_it() -> None:
    assert set(framework_keys("cis")) == {key for key in NAMES if key.startswith("cis-")}


def test_every_framework_is_known_by_its_key_and_by_its_name() -> None:
    for key, name in NAMES.items():
        assert framework_keys(key) == framework_keys(name) == (key,)


def test_iso_and_pci_come_through_the_checks_of_prowler() -> None:
    assert asked_by("log-connections-on")["iso27001"] == ("A.8.15",)
    assert "10.3.2" in asked_by("keyvault-audit-logs")["pci"]


def test_without_a_check_of_prowler_none_is_claimed() -> None:
    for name, held in STANDARDS.items():
        if "prowler" not in held.frameworks:
            assert not {"iso27001", "pci"} & set(asked_by(name))


def test_no_paragraph_stands_twice() -> None:
    for name in STANDARDS:
        for ids in asked_by(name).values():
            assert len(ids) == len(set(ids))


def test_only_checks_that_some_control_names_are_mapped() -> None:
    checks = {check for held in STANDARDS.values() for check in held.frameworks.get("prowler", ())}
    assert set(MAPPED) <= checks


def test_a_card_may_add_its_own() -> None:
    card = replace(CATALOGUE["tls-required"].control, frameworks={"ours": ("TLS-1",)})
    assert frameworks(card) == {**asked_by("tls-required"), "ours": ("TLS-1",)}


def test_a_control_in_nobodys_list_is_in_no_framework() -> None:
    assert asked_by("enhanced-metrics") == {}
    assert provenance("enhanced-metrics").verified == "verified"
