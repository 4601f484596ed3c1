"""Scopes, environments and exemptions as they are written, and what cannot be."""

from datetime import UTC, datetime, timedelta

import pytest

from shared.errors import BadPolicy
from shared.policy import Mode
from shared.policy_file import check_moment, require_current
from shared.scope import Place
from tests.builders import CATALOGUE, SUBSCRIPTION, a_target
from tests.policy.files import errors_of, loaded

TLS = CATALOGUE["tls-required"].control
SUB = f"/subscriptions/{SUBSCRIPTION}"
GROUP = f"{SUB}/resourceGroups/rg-payments"
SERVER = f"{GROUP}/providers/Microsoft.DBforPostgreSQL/flexibleServers/pg-payments"


def scope(match: str, says: str = "mode: enforce", name: str = "a") -> str:
    return f"- {{name: {name}, match: {match}, {says}}}\n"


@pytest.mark.parametrize(
    ("match", "kept"),
    [
        ("{management_group: Corp}", "/providers/microsoft.management/managementgroups/corp"),
        (
            "{management_group: /providers/Microsoft.Management/managementGroups/Corp}",
            "/providers/microsoft.management/managementgroups/corp",
        ),
        (f"{{subscription: {SUBSCRIPTION}}}", SUB),
        (f"{{subscription: {SUB}/}}", SUB),
        (f"{{resource_group: {GROUP}}}", GROUP.lower()),
        (f"{{server: {SERVER}}}", SERVER.lower()),
    ],
)
def test_a_scope_is_an_id_of_its_kind(match: str, kept: str) -> None:
    assert loaded(f"scopes:\n{scope(match)}").scopes[0].scope == kept


@pytest.mark.parametrize(
    ("match", "said"),
    [
        ("{}", "found nothing; right is exactly one of management_group, subscription, resource_group, server, "),
        ("{management_group: a, environment: b}", "found environment and management_group; right is exactly one of"),
        ("{management_group: 'a b'}", "found 'a b'; right is the id of a management group: its name, not its title"),
        (f"{{management_group: {SUB}}}", "right is the id of a management group"),
        ("{subscription: production}", "found 'production'; right is the id of a subscription, a GUID"),
        (f"{{subscription: {GROUP}}}", "right is the id of a subscription, a GUID"),
        ("{resource_group: rg-payments}", "found 'rg-payments'; right is the ARM id of a resource group: /subscr"),
        (f"{{server: {GROUP}}}", "right is the ARM id of a server: /subscriptions/GUID/resourceGroups/NAME/providers/"),
        ("{tags: {}}", "found a mapping; right is at least one tag: {env: production}, or {env: [production, prod]}"),
        ("{tags: {env: []}}", "found a list; right is at least one"),
        ("{tags: {env: 1}}", "found 1; text is right: put it in quotes"),
        ("{tags: {env: a, Env: b}}", "the tags 'env' and 'Env' are one to Azure; write it once"),
        ("{environment: production}", "unknown environment 'production'; there is none"),
        ("{enviroment: production}", "unknown key 'enviroment'; did you mean 'environment'?"),
    ],
)
def test_what_matches_nothing_is_refused(match: str, said: str) -> None:
    assert any(said in line for line in errors_of(f"scopes:\n{scope(match)}"))


def test_an_environment_is_a_name_for_tags() -> None:
    policy = loaded(
        "environments: {production: {tags: {Env: [prod, p]}}}\nscopes:\n" + scope("{environment: production}")
    )
    assert policy.rule(TLS, Place(a_target(), {"env": "p"})).fresh is Mode.ENFORCE
    assert policy.rule(TLS, Place(a_target(), {"env": "P"})).fresh is Mode.AUDIT
    assert policy.tag_names == {"env"}


def test_the_line_that_decided_is_remembered() -> None:
    policy = loaded(f"scopes:\n{scope(f'{{subscription: {SUBSCRIPTION}}}')}mode: notify")
    rule = policy.rule(TLS, Place(a_target()))
    assert (rule.where, [said.where for said in rule.traces["mode"].overridden]) == ("p.yaml:2", ["p.yaml:3"])


def test_the_lines_of_a_scope_s_controls_are_remembered() -> None:
    policy = loaded(
        """
        scopes:
          - name: a
            match: {tags: {env: a}}
            controls:
              firewall-public-ip-range-size:
                mode: off
                parameters:
                  maximum: 3
                delay: {hours: 1}
        """
    )
    rule = policy.rule(CATALOGUE["firewall-public-ip-range-size"].control, Place(a_target(), {"env": "a"}))
    where = {key: trace.where for key, trace in rule.traces.items()}
    lines = {"mode": "p.yaml:7", "first_sight": "p.yaml:7", "delay": "p.yaml:10", "parameters.maximum": "p.yaml:9"}
    assert where == lines


def test_an_unknown_control_in_a_scope_is_named_with_the_nearest() -> None:
    (line,) = errors_of(f"scopes:\n{scope('{management_group: a}', 'controls: {tls-requird: {}}')}")
    assert line == "2:54: unknown control 'tls-requird'; did you mean 'tls-required'?"


# Scopes of equal rank


@pytest.mark.parametrize(
    ("one", "other", "key"),
    [
        (scope(f"{{subscription: {SUBSCRIPTION}}}"), scope(f"{{subscription: {SUB}}}", "mode: off", "b"), "mode"),
        (scope("{tags: {a: x}}"), scope("{tags: {b: y}}", "mode: off", "b"), "mode"),
        (scope("{tags: {a: x}}"), scope("{tags: {A: [y, x]}}", "mode: off", "b"), "mode"),
        (
            scope("{tags: {a: x}}", "first_sight: off"),
            scope("{tags: {b: y}}", "first_sight: audit", "b"),
            "first_sight",
        ),
        (
            scope("{tags: {a: x}}", "controls: {tls-required: {delay: {hours: 1}}}"),
            scope("{tags: {b: y}}", "controls: {tls-required: {delay: {hours: 2}}}", "b"),
            "controls.tls-required.delay",
        ),
        (
            scope("{tags: {a: x}}", "controls: {firewall-public-ip-range-size: {parameters: {maximum: 1}}}"),
            scope("{tags: {b: y}}", "controls: {firewall-public-ip-range-size: {parameters: {maximum: 2}}}", "b"),
            "controls.firewall-public-ip-range-size.parameters.maximum",
        ),
    ],
)
def test_scopes_of_equal_rank_may_not_contradict_each_other(one: str, other: str, key: str) -> None:
    (line,) = errors_of(f"scopes:\n{one}{other}")
    place, said = line.split(": ", 1)
    assert place.startswith("3:")
    assert said == (
        f"the scopes 'a' (p.yaml:2) and 'b' have equal rank, can both match a server, and differ in {key}; "
        "narrow one of them, or make it more specific"
    )


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (scope("{tags: {a: x}}"), scope("{tags: {a: [y, z]}}", "mode: off", "b")),
        (scope("{tags: {a: x, b: y}}"), scope("{tags: {a: x}}", "mode: off", "b")),
        (scope("{tags: {a: x}}"), scope("{tags: {b: x}}", "mode: enforce", "b")),
        (scope("{tags: {a: x}}"), scope("{tags: {b: x}}", "first_sight: off", "b")),
        (scope("{management_group: a}"), scope("{management_group: b}", "mode: off", "b")),
        (scope("{tags: {a: x}}"), scope(f"{{server: {SERVER}}}", "mode: off", "b")),
    ],
)
def test_scopes_that_cannot_contradict_each_other_are_fine(one: str, other: str) -> None:
    assert len(loaded(f"scopes:\n{one}{other}").scopes) == 2


def test_scopes_have_names_of_their_own() -> None:
    (line,) = errors_of(f"scopes:\n{scope('{management_group: a}')}{scope('{management_group: b}')}")
    assert line == "3:10: found a second scope 'a'; each needs its own name"


# Exemptions

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


def exemption(**changes: str) -> str:
    keys = {"scope": SUB, "controls": "[tls-required]", "reason": "migration", "owner": "Dana", "expires": "2026-04-01"}
    lines = [f"{key}: {value}" for key, value in (keys | changes).items() if value]
    return "exemptions:\n- " + "\n  ".join(lines)


def test_an_exemption_in_the_file_is_an_exemption() -> None:
    text = exemption(ticket="CHG-1", tags="{Env: dev}")
    (found,) = loaded(text).exemptions
    place = Place(a_target(), {"env": "dev"})
    assert found.holds(place, "tls-required", NOON)
    assert not found.holds(place, "firewall-no-any-any", NOON)
    assert not found.holds(Place(a_target()), "tls-required", NOON)
    assert (found.owner, found.ticket, found.reason, found.source) == ("Dana", "CHG-1", "migration", "p.yaml:2")


@pytest.mark.parametrize(
    ("expires", "moment"),
    [
        ("2026-03-31", datetime(2026, 4, 1, tzinfo=UTC)),
        ("2026-03-31T18:00+02:00", datetime(2026, 3, 31, 16, tzinfo=UTC)),
        ("'2026-03-31 18:00Z'", datetime(2026, 3, 31, 18, tzinfo=UTC)),
    ],
)
def test_a_date_holds_to_its_end_and_a_moment_has_an_offset(expires: str, moment: datetime) -> None:
    assert loaded(exemption(expires=expires)).exemptions[0].expires_at == moment


@pytest.mark.parametrize("expires", ["2026-03-31T18:00", "soon", "2026-02-30", "20260331", "9999-12-31", "1", "never"])
def test_an_end_that_is_none_is_refused(expires: str) -> None:
    (line,) = errors_of(exemption(expires=expires))
    assert "right is a date such as 2026-12-31 (to the end of that day, UTC), or a moment with offset" in line


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"expires": ""}, "2:3: the key 'expires' is missing"),
        ({"owner": ""}, "2:3: the key 'owner' is missing"),
        ({"reason": ""}, "2:3: the key 'reason' is missing"),
        ({"controls": ""}, "2:3: the key 'controls' is missing"),
        ({"controls": "[]"}, "3:13: found a list; right is at least one control id, or the word all"),
        ({"controls": "[tls-requird]"}, "3:14: unknown control 'tls-requird'; did you mean 'tls-required'?"),
        ({"scope": ""}, "2:3: an exemption needs a `scope`, or `tags`"),
    ],
)
def test_an_exemption_says_what_for_whom_why_and_how_long(changes: dict[str, str], said: str) -> None:
    assert errors_of(exemption(**changes)) == [said]


def test_an_exemption_may_be_from_everything() -> None:
    assert loaded(exemption(controls="all")).exemptions[0].controls == ()


def test_the_same_exemption_twice_is_a_mistake() -> None:
    again = exemption(reason="another").removeprefix("exemptions:\n")
    assert errors_of(f"{exemption()}\n{again}") == [
        "7:3: found the same exemption a second time; the first is in p.yaml:2"
    ]


def test_an_exemption_keeps_its_id_when_it_moves_or_is_explained_better() -> None:
    one, moved = loaded(exemption()), loaded("\n\n" + exemption(reason="better"))
    longer = loaded(exemption(expires="2026-05-01"))
    assert one.exemptions[0].id == moved.exemptions[0].id != longer.exemptions[0].id


@pytest.mark.parametrize(
    ("expires", "said"),
    [
        ("2026-02-28", "the exemption ended at 2026-03-01 00:00 UTC; take it out, or agree on a new end"),
        (
            "2026-03-01T13:00+01:00",
            "the exemption ended at 2026-03-01 12:00 UTC; take it out, or agree on a new end",
        ),
        (
            "2026-06-01",
            "the exemption ends at 2026-06-02 00:00 UTC; exempting.longest_days is 90: 2026-05-30 or earlier",
        ),
    ],
)
def test_a_new_policy_has_no_exemption_that_ended_or_lasts_too_long(expires: str, said: str) -> None:
    (problem,) = check_moment(loaded(exemption(expires=expires)), NOON)
    assert str(problem) == f"p.yaml:6:3: {said}"


def test_a_policy_with_an_exemption_that_ended_is_still_read() -> None:
    policy = loaded(exemption())
    assert not check_moment(policy, NOON)
    assert check_moment(policy, NOON + timedelta(days=60))


def test_a_new_policy_with_such_an_exemption_is_refused_as_a_whole() -> None:
    require_current(loaded(exemption()), NOON)
    with pytest.raises(BadPolicy, match=r"p\.yaml:6:3: the exemption ended at 2026-04-02 00:00 UTC"):
        require_current(loaded(exemption()), NOON + timedelta(days=60))


def test_a_policy_knows_every_tag_and_scope_it_speaks_of() -> None:
    policy = loaded(
        """
        exemptions: [{tags: {Exempt: a}, controls: all, reason: r, owner: o, expires: 2026-04-01}]
        routes: [{name: a, url_setting: A, tags: {Team: a}}]
        trusted:
          - name: a
            ids: [11111111-1111-4111-8111-111111111111]
            ticket_tag: Change
            scopes: [/providers/Microsoft.Management/managementGroups/corp]
        break_glass: {tag: Glass}
        """
    )
    assert policy.tag_names == {"exempt", "team", "change", "glass"}
    assert policy.needs_management_groups


def test_a_route_about_some_management_group_needs_to_know_them() -> None:
    route = "routes: [{name: a, url_setting: A, scopes: [/providers/Microsoft.Management/managementGroups/corp]}]"
    assert loaded(route).needs_management_groups


@pytest.mark.parametrize(
    ("keys", "said"),
    [
        ("to_actor: true, to_owner: true, domains: [a.example]", "goes to the actor and to the owner; make two routes"),
        ("to_actor: true", "the route a needs `domains`: the mail domains it may write to"),
        ("to_owner: true, domains: [contoso]", "found 'contoso'; right is a mail domain such as contoso.com"),
        ("tags: {Env: a, env: b}", "the tags 'Env' and 'env' are one to Azure; write it once"),
    ],
)
def test_a_route_that_would_reach_nobody_is_refused(keys: str, said: str) -> None:
    (line,) = errors_of(f"routes: [{{name: a, url_setting: A, {keys}}}]")
    assert said in line
