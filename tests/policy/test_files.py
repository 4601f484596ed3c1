"""A policy in several files: a folder, includes, and what may not stand twice."""

from pathlib import Path

import pytest

from shared.errors import BadPolicy
from shared.policy import Mode
from shared.policy_file import load_policy_texts, policy_texts
from tests.builders import CATALOGUE
from tests.policy.files import errors_in, load, write

ROUTE = "routes: [{{name: {name}, url_setting: A}}]"


def test_all_files_of_a_folder_are_one_policy(tmp_path: Path) -> None:
    write(
        tmp_path,
        base="version: 1\nmode: notify\ncontrols:\n  tls-required: {mode: off}",
        network="version: 1\ncontrols:\n  firewall-no-any-any: {mode: enforce}",
    )
    policy = load(tmp_path)
    assert policy.mode is Mode.NOTIFY
    assert {name: line.mode for name, line in policy.controls.items()} == {
        "tls-required": Mode.OFF,
        "firewall-no-any-any": Mode.ENFORCE,
    }


def test_lists_are_joined_in_the_order_of_the_files_names(tmp_path: Path) -> None:
    write(tmp_path, b=ROUTE.format(name="second"), a=ROUTE.format(name="first"))
    assert [route.name for route in load(tmp_path).routes] == ["first", "second"]


def test_only_yaml_files_that_can_be_seen_are_read(tmp_path: Path) -> None:
    write(tmp_path, policy="mode: enforce")
    (tmp_path / "other.yml").write_text("first_sight: audit")
    (tmp_path / "README.md").write_text("# not yaml: at: all")
    (tmp_path / ".hidden.yaml").write_text("mode: off")
    write(tmp_path, below__ignored="mode: off")
    policy = load(tmp_path)
    assert (policy.mode, policy.first_sight) == (Mode.ENFORCE, Mode.AUDIT)


def test_a_folder_without_files_is_no_policy(tmp_path: Path) -> None:
    with pytest.raises(BadPolicy, match=r"found no \*.yaml file in this folder"):
        load(tmp_path)


@pytest.mark.parametrize(
    ("one", "other", "said"),
    [
        ("mode: audit", "mode: audit", "b.yaml:1:1: found 'mode' a second time; the first is in a.yaml:1"),
        (
            "controls:\n  tls-required: {mode: off}",
            "mode: off\ncontrols:\n  tls-required: {first_sight: off}",
            "b.yaml:3:3: found 'tls-required' a second time; the first is in a.yaml:2",
        ),
        (
            "breaker: {fixes: 3}",
            "breaker: {fixes: 4}",
            "b.yaml:1:11: found 'fixes' a second time; the first is in a.yaml:1",
        ),
        (
            "address_groups: {office: [203.0.113.0/24]}",
            "address_groups: {office: [198.51.100.0/24]}",
            "b.yaml:1:18: found 'office' a second time; the first is in a.yaml:1",
        ),
        ("version: 1", "version: 2", "b.yaml:1:1: found 'version' a second time; the first is in a.yaml:1"),
        ("routes: []", "routes: {}", "b.yaml:1:1: found 'routes' a second time; the first is in a.yaml:1"),
    ],
)
def test_what_stands_once_may_not_stand_in_two_files(tmp_path: Path, one: str, other: str, said: str) -> None:
    assert errors_in(write(tmp_path, a=one, b=other)) == [said]


def test_sections_are_put_together_from_several_files(tmp_path: Path) -> None:
    policy = load(write(tmp_path, a="breaker: {fixes: 5}", b="breaker: {minutes: 7}"))
    assert (policy.breaker.fixes, policy.breaker.minutes) == (5, 7)


def test_an_empty_line_in_one_file_says_nothing(tmp_path: Path) -> None:
    policy = load(
        write(tmp_path, a="controls:\nfirst_sight:", b="controls: {tls-required: {mode: off}}", c="controls:")
    )
    assert policy.controls["tls-required"].mode is Mode.OFF
    assert str(policy.lines["controls", "tls-required", "mode"]) == "b.yaml:1"


def test_errors_in_several_files_are_shown_together_each_in_its_file(tmp_path: Path) -> None:
    write(
        tmp_path,
        a="mode: enforced\nroutes: [{name: a, url_setting: A}]",
        b="routes:\n- {name: b}\n- {name: c, url_setting: C, kind: []}",
    )
    assert errors_in(tmp_path) == [
        "a.yaml:1:7: found 'enforced'; did you mean 'enforce'?",
        "b.yaml:2:3: the key 'url_setting' is missing",
        "b.yaml:3:29: unknown key 'kind'; did you mean 'kinds'?",
    ]


# Includes


def test_a_file_includes_others_below_its_folder(tmp_path: Path) -> None:
    write(
        tmp_path,
        policy="mode: notify\ninclude: [limits.yaml, teams/*.yaml]",
        limits="breaker: {fixes: 9}",
        teams__b="include: [more/c.yaml]\n" + ROUTE.format(name="b"),
        teams__a=ROUTE.format(name="a"),
        teams__more__c=ROUTE.format(name="c"),
    )
    policy = load(tmp_path / "policy.yaml")
    assert [route.name for route in policy.routes] == ["a", "b", "c"]
    assert policy.breaker.fixes == 9


def test_a_file_that_two_others_include_is_read_once(tmp_path: Path) -> None:
    write(tmp_path, a="include: [c.yaml]", b="include: [c.yaml]", c=ROUTE.format(name="once"))
    assert [route.name for route in load(tmp_path).routes] == ["once"]


def test_a_circle_of_includes_is_shown(tmp_path: Path) -> None:
    write(tmp_path, a="include: [b.yaml]", b="mode: off\ninclude: [c.yaml]", c="include: [b.yaml]")
    assert errors_in(tmp_path / "a.yaml") == [
        "c.yaml:1:11: circular include: b.yaml → c.yaml → b.yaml; take one of the lines away"
    ]
    write(tmp_path, a="include: ['*.yaml']", b="", c="")
    assert "a.yaml:1:11: circular include: a.yaml → a.yaml; take one of the lines away" in errors_in(tmp_path)


@pytest.mark.parametrize(
    ("include", "said"),
    [
        ("[../other.yaml]", "1:11: found '../other.yaml'; files outside the policy's own folder are not read"),
        ("[a/../../other.yaml]", "1:11: found 'a/../../other.yaml'; files outside the policy's own folder"),
        ("[/etc/policy.yaml]", "1:11: found '/etc/policy.yaml'; right is a name relative to this file, with `/`"),
        ("['C:/policy.yaml']", "1:11: found 'C:/policy.yaml'; right is a name relative to this file, with `/`"),
        ("['a\\b.yaml']", r"1:11: found 'a\\b.yaml'; right is a name relative to this file, with `/`"),
        ("[gone.yaml]", "1:11: there is no file 'gone.yaml' below the folder of p.yaml"),
        ("[gone/*.yaml]", "1:11: there is no file 'gone/*.yaml' below the folder of p.yaml"),
        ("[passwords.txt]", "1:11: found 'passwords.txt'; right is a .yaml file or a pattern, such as *.yaml"),
        ("['']", "1:11: found ''; right is a .yaml file or a pattern, such as *.yaml"),
        ("[1]", "1:11: found 1; right is the name of a file, such as team.yaml"),
        ("team.yaml", "1:10: a list is right: include: [team.yaml, teams/*.yaml]"),
    ],
)
def test_an_include_that_leads_nowhere_is_refused(tmp_path: Path, include: str, said: str) -> None:
    write(tmp_path, p=f"include: {include}")
    (tmp_path / "passwords.txt").write_text("x")
    (line,) = errors_in(tmp_path / "p.yaml")
    assert line.startswith(f"p.yaml:{said}")


def test_a_link_that_leads_out_of_the_folder_is_not_followed(tmp_path: Path) -> None:
    write(tmp_path, outside="mode: enforce", inside__policy="include: [link.yaml, teams/a.yaml]")
    (tmp_path / "inside" / "link.yaml").symlink_to(tmp_path / "outside.yaml")
    (tmp_path / "inside" / "teams").symlink_to(tmp_path)
    write(tmp_path, a="mode: enforce")
    said = "1:1: cannot be read: it is a link that leads out of the policy's folder"
    assert errors_in(tmp_path / "inside" / "policy.yaml") == [f"link.yaml:{said}", f"teams/a.yaml:{said}"]


def test_a_link_inside_the_folder_is_followed(tmp_path: Path) -> None:
    write(tmp_path, data__policy="mode: enforce")
    (tmp_path / "policy.yaml").symlink_to("data/policy.yaml")
    assert load(tmp_path).mode is Mode.ENFORCE


def test_the_file_that_was_named_may_be_a_link(tmp_path: Path) -> None:
    write(tmp_path, versions__v2="mode: enforce\ninclude: [more.yaml]", versions__more="first_sight: audit")
    (tmp_path / "current.yaml").symlink_to("versions/v2.yaml")
    assert load(tmp_path / "current.yaml").first_sight is Mode.AUDIT


def test_what_is_no_file_is_not_read(tmp_path: Path) -> None:
    (tmp_path / "folder.yaml").mkdir()
    assert errors_in(tmp_path) == ["folder.yaml:1:1: cannot be read: it is no file"]


def test_five_megabytes_are_refused(tmp_path: Path) -> None:
    write(tmp_path, big="#" * 5_000_000)
    assert errors_in(tmp_path / "big.yaml") == ["big.yaml:1:1: the file has 5000000 bytes, at most 1000000 are read"]


def test_many_files_may_not_be_larger_together(tmp_path: Path) -> None:
    write(tmp_path, **dict.fromkeys("abc", f"routes: #{'#' * 399990}\n"))
    said = "c.yaml:1:1: the files up to this one have 1200000 bytes, at most 1000000 are read"
    assert errors_in(tmp_path) == [said]


def test_too_many_files_are_refused(tmp_path: Path) -> None:
    write(tmp_path, **{f"f{number:03}": "routes:" for number in range(201)})
    assert errors_in(tmp_path) == ["f200.yaml:1:1: the policy has more than 200 files"]


def test_a_broken_file_among_good_ones_is_named(tmp_path: Path) -> None:
    write(tmp_path, a="mode: audit", b="mode: [", c="- 1")
    (tmp_path / "d.yaml").write_bytes("# grün".encode("latin-1"))
    assert [line.split(": ")[0] for line in errors_in(tmp_path)] == ["b.yaml:1:8", "c.yaml:1:1", "d.yaml:1:5"]


def test_texts_from_elsewhere_include_each_other() -> None:
    texts = {"policy.yaml": b"include: [teams/*.yaml]", "teams/a.yaml": b"mode: enforce"}
    assert load_policy_texts(texts, CATALOGUE).mode is Mode.ENFORCE


def test_a_line_is_known_by_the_file_s_name_in_the_policy_s_own_folder(tmp_path: Path) -> None:
    write(tmp_path, policy="include: [teams/a.yaml]", teams__a="version: 1\nmode: enforce")
    assert str(load(tmp_path / "policy.yaml").lines[("mode",)]) == "teams/a.yaml:2"


# Texts for whoever keeps the policy


def test_the_texts_of_a_policy_are_those_of_all_its_files(tmp_path: Path) -> None:
    write(tmp_path, policy="include: [teams/*.yaml]", teams__a="mode: enforce", other="mode: off")
    texts = policy_texts(tmp_path / "policy.yaml")
    assert texts == {"policy.yaml": b"include: [teams/*.yaml]", "teams/a.yaml": b"mode: enforce"}
    assert load_policy_texts(texts, CATALOGUE).mode is Mode.ENFORCE


def test_the_texts_of_a_wrong_policy_are_had_and_refused_in_the_same_words(tmp_path: Path) -> None:
    write(tmp_path, policy="mode: enforced\ninclude: [gone.yaml, big.yaml]", big="#" * 5_000_000)
    said = errors_in(tmp_path / "policy.yaml")
    with pytest.raises(BadPolicy) as caught:
        load_policy_texts(policy_texts(tmp_path / "policy.yaml"), CATALOGUE)
    assert str(caught.value).splitlines() == said
    assert len(said) == 3


def test_there_are_no_texts_where_a_part_cannot_be_read(tmp_path: Path) -> None:
    write(tmp_path, policy="include: [teams/*.yaml]")
    (tmp_path / "teams").mkdir()
    (tmp_path / "teams" / "a.yaml").symlink_to("/etc/hostname")
    with pytest.raises(BadPolicy, match=r"teams/a\.yaml:1:1: cannot be read: it is a link"):
        policy_texts(tmp_path / "policy.yaml")
