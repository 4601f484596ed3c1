"""What of a source is copied: what its own controls do not object to, or its last good value."""

from remediators.copies import ROWS
from shared.control import LastGood
from shared.memory import Copied
from shared.originals import PARITY, asked_for, named, recognised, straight
from shared.state import FIREWALL_RULES, ORIGINAL, SERVER, Facet, FacetKind, Setting, SettingKind, State
from shared.target import Kind
from tests.builders import NOON, a_rule, a_server, a_state, a_target
from tests.remediators.copies import a_one, a_pair
from tests.remediators.judging import judge_of

SOURCE = a_target("pg-source")
RULE = Setting(SettingKind.FIREWALL_RULE, "app")
WIDE = a_rule("app", "0.0.0.0", "255.255.255.255")
OFFICE = a_rule("office", "198.51.100.7")


def source(*rules: object) -> State:
    return a_one("pg-source", firewall_rules=rules)


def straightened(state: State, last_good: LastGood) -> State:
    return straight(state, [judge_of("firewall-no-any-any", state)], last_good)


def test_a_sound_source_is_copied_as_it_is() -> None:
    found = source(a_rule(), OFFICE)
    after = straightened(found, LastGood())
    assert (after.firewall_rules, after.withheld) == (found.firewall_rules, {})


def test_what_has_drifted_is_copied_as_it_was_when_it_was_good() -> None:
    good = LastGood(values=source(a_rule()).settings(), seen=frozenset({FIREWALL_RULES}))
    after = straightened(source(WIDE, OFFICE), good)
    assert (after.firewall_rules, after.withheld) == ((a_rule(), OFFICE), {})


def test_what_was_not_there_when_all_was_well_is_not_copied() -> None:
    after = straightened(source(WIDE, OFFICE), LastGood(seen=frozenset({FIREWALL_RULES})))
    assert (after.firewall_rules, after.withheld) == ((OFFICE,), {})


def test_what_was_never_good_is_withheld_with_the_reason() -> None:
    after = straightened(source(WIDE, OFFICE), LastGood())
    assert after.withheld == {RULE: "there firewall-no-any-any objects to it"}


def test_a_replica_is_recognised_and_forgotten_when_it_is_promoted() -> None:
    replica = a_pair(a_one(), a_one("pg-source"))
    copied = recognised(replica, None, NOON)
    assert copied == Copied(SOURCE.id, NOON, replica=True)
    assert recognised(replica, copied, NOON.replace(year=2027)) == copied
    assert recognised(a_one(), copied, NOON) is None


def test_what_a_restored_server_was_copied_from_is_not_forgotten() -> None:
    copied = Copied(SOURCE.id, NOON)
    assert recognised(a_one(), copied, NOON) is copied
    assert recognised(State(a_target()), copied, NOON) is copied


def test_a_server_that_leads_follows_nobody_whatever_id_it_shows() -> None:
    facts = {"replicationRole": "Primary", "sourceServerResourceId": SOURCE.id}
    assert recognised(a_state(server=a_server(facts=facts)), None, NOON) is None


def test_only_a_copy_that_is_not_yet_mirrored_names_its_source() -> None:
    asked = {SERVER, ORIGINAL}
    assert named(asked, None) == asked
    assert named(asked, Copied(SOURCE.id, NOON, done_at=NOON)) == asked
    assert named(asked, Copied(SOURCE.id, NOON)) == {SERVER, Facet(FacetKind.ORIGINAL, SOURCE.id)}
    assert named({SERVER}, Copied(SOURCE.id, NOON)) == {SERVER}


def test_controls_are_asked_for_by_somebody_only() -> None:
    assert asked_for(Copied(SOURCE.id, NOON)) == ()
    assert asked_for(Copied(SOURCE.id, NOON, by="dana")) != ()
    assert asked_for(Copied(SOURCE.id, NOON, by="dana", done_at=NOON)) == ()


def test_the_two_controls_are_those_of_the_catalogue() -> None:
    assert tuple(row.id for row in ROWS) == PARITY


def test_it_is_told_of_every_kind_of_replica() -> None:
    for kind in Kind:
        replica = a_pair(a_one(kind=kind), a_one("pg-source", kind))
        found = recognised(replica, None, NOON)
        assert found is not None
        assert found.source == a_target("pg-source", kind).id
