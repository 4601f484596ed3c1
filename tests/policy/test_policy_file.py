import re
from datetime import UTC, datetime
from pathlib import Path

import jsonschema
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from remediators import load_all
from shared.control import Severity
from shared.errors import BadPolicy
from shared.journal import NoticeKind
from shared.policy import Mode
from shared.policy_cases import read_cases, run_case
from shared.policy_file import default_policy, load_policy, load_policy_file
from shared.policy_file.schema import policy_schema
from shared.policy_file.sheet import Sheet
from shared.policy_file.wording import nearest
from shared.policy_file.yaml_text import read_yaml
from tests.examples import examples

CATALOGUE = load_all()
ROOT = Path(__file__).parents[2]
DEFAULT = (ROOT / "shared" / "default_policy.yaml").read_text()
PAGE = (ROOT / "docs" / "policy.md").read_text()
SUBSCRIPTION = "/subscriptions/11111111-1111-4111-8111-111111111111"


def errors_of(text: str | bytes) -> list[str]:
    with pytest.raises(BadPolicy) as caught:
        load_policy(text, "p.yaml", CATALOGUE)
    return str(caught.value).splitlines()


def test_the_default_observes_everything_and_changes_nothing() -> None:
    policy = default_policy(CATALOGUE)
    for remediator in CATALOGUE.values():
        rule = policy.general_rule(remediator.control)
        mode = Mode.OFF if remediator.control.optional else Mode.AUDIT
        assert (rule.fresh, rule.first_sight) == (mode, mode)
        assert rule.parameters == remediator.control.parameters()


def test_the_default_names_every_control_once_under_a_comment() -> None:
    lines = DEFAULT.splitlines()
    for control in (name for name, remediator in CATALOGUE.items() if not remediator.control.optional):
        place = lines.index(next(line for line in lines if line.startswith(f"  {control}:")))
        assert lines[place - 1].startswith("  # ")


EXAMPLES = re.findall(r"```yaml\n(.*?)```", PAGE, re.DOTALL)
TEXTS = re.findall(r"```text\n(.*?)```", PAGE, re.DOTALL)
POLICIES = [example for example in EXAMPLES if "cases:" not in example]


def test_the_first_example_of_the_page_says_what_it_seems_to() -> None:
    policy = load_policy(EXAMPLES[0], "example", CATALOGUE)
    assert policy.controls["firewall-no-any-any"].mode is Mode.ENFORCE
    assert policy.routes[1].kinds == (NoticeKind.REMEDIATED, NoticeKind.REMEDIATION_FAILED)
    assert policy.routes[1].scopes == (f"{SUBSCRIPTION}/resourcegroups/rg-payments",)


@pytest.mark.parametrize("example", POLICIES)
def test_every_example_of_the_page_is_a_policy(example: str) -> None:
    assert load_policy(example, "example", CATALOGUE)
    schema = jsonschema.Draft202012Validator(policy_schema(CATALOGUE))
    schema.validate(read_yaml(example, "example").data)


def test_the_cases_of_the_page_end_as_they_say(tmp_path: Path) -> None:
    (example,) = set(EXAMPLES) - set(POLICIES)
    (tmp_path / "cases.yaml").write_text(example)
    enforcing = load_policy("mode: enforce", "policy.yaml", CATALOGUE)
    (case,) = read_cases(tmp_path / "cases.yaml", CATALOGUE).cases
    assert run_case(enforcing, CATALOGUE, case, datetime(2026, 3, 1, tzinfo=UTC)).differences == ()


def test_the_page_names_every_key() -> None:
    assert [key for key in Sheet.model_fields if f"`{key}" not in PAGE] == []


def test_the_errors_of_the_page_are_real() -> None:
    text = "version: 1\nmode: enforced\ncontrols:\n  firewal-no-any-any:\n  tls-required:\n    paramters: {}\n"
    assert [line.replace("p.yaml", "policy.yaml", 1) for line in errors_of(text)] == TEXTS[-1].splitlines()


def test_a_control_without_parameters_has_its_own_defaults() -> None:
    policy = load_policy("controls:\n  firewall-public-ip-range-size:\n", "p.yaml", CATALOGUE)
    control = CATALOGUE["firewall-public-ip-range-size"].control
    assert isinstance(policy.general_rule(control).parameters, control.parameters)


def test_the_severity_of_a_route_is_a_word() -> None:
    text = "routes:\n- {name: a, url_setting: A, minimum_severity: critical, kinds: [Holdfast.Remediated]}"
    (route,) = load_policy(text, "p.yaml", CATALOGUE).routes
    assert (route.minimum_severity, route.kinds) == (Severity.CRITICAL, (NoticeKind.REMEDIATED,))


@pytest.mark.parametrize(
    "scope",
    ["", "/resourceGroups/rg-data", "/resourceGroups/rg/providers/microsoft.dbforpostgresql/FLEXIBLESERVERS/pg"],
)
def test_a_scope_is_a_subscription_a_group_or_a_server(scope: str) -> None:
    text = f"routes: [{{name: a, url_setting: A, scopes: ['{SUBSCRIPTION}{scope}/']}}]"
    assert load_policy(text, "p.yaml", CATALOGUE).routes[0].scopes == ((SUBSCRIPTION + scope).lower(),)


ONE_ERROR = {
    "": "1:1: the file is empty; right is at least one line `key: value`",
    "# nothing\n": "1:1: the file is empty; right is at least one line `key: value`",
    "- 1": "1:1: found no `key: value` lines; a policy starts with `version: 1`",
    "version: 2": "1:10: found 2; right is 1",
    "version: '1'": "1:10: found '1'; write 1 without quotes",
    "mod: audit": "1:1: unknown key 'mod'; did you mean 'mode'?",
    "mode: audit\nmode: off": "2:1: found the key 'mode' a second time; the first is in line 1",
    "mode:\n\taudit": "2:1: found a tab; indent with spaces",
    "mode: a: b": "1:8: found `: ` where no key can stand; text that contains it needs quotes",
    " mode: audit\nversion: 1": "2:1: found an indentation that fits none of the lines above",
    "mode: audit\n---\nmode: off": "2:1: found a second document; a file holds one",
    "mode: [audit": "1:13: not YAML: while parsing a flow sequence expected ',' or ']', but got '<stream end>'",
    "mode: *gone": "1:7: not YAML: found undefined alias 'gone'",
    "mode: !!python/object x": "1:7: found the tag tag:yaml.org,2002:python/object; no tag is needed",
    "mode: a\x00": "1:8: the character 0x0 is not allowed in YAML",
    "mode: !!set {a}": "1:7: found the tag tag:yaml.org,2002:set; no tag is needed",
    "mode: !!int _": "1:7: found '_', which is no int",
    "# 1.1\n%YAML 1.1\n---\nmode: off": "2:1: found a directive (%); none is needed",
    "mode: !!int x": "1:7: found 'x', which is no int",
    "mode: {a: 1}": "1:7: found a mapping; right is one of off, audit, notify, approve, enforce",
    "mode:": "1:6: found nothing; right is one of off, audit, notify, approve, enforce",
    "controls:\n  firewall-rule-allowlist:\n    parameters:\n"
    "      required_rules: [{name: a, start: 1.1.1.2, end: 1.1.1.1}]": (
        "4:24: the rule a ends (1.1.1.1) before it starts (1.1.1.2)"
    ),
    "1: audit": "1:1: found a key that is not text; write it in quotes",
    "controls: [1]": "1:11: found a list; `key: value` lines are right",
    "controls:\n  tls-required: enforce": "2:17: found 'enforce'; `key: value` lines are right",
    "controls:\n  firewal-no-any-any: {}": (
        "2:3: unknown control 'firewal-no-any-any'; did you mean 'firewall-no-any-any'?"
    ),
    "controls:\n  tls-required:\n    parameters: {x: 1}": "3:18: unknown key 'x'; no key belongs here",
    "controls:\n  firewall-public-ip-range-size:\n    parameters:\n      maxmum: 1": (
        "4:7: unknown key 'maxmum'; did you mean 'maximum'?"
    ),
    "controls:\n  firewall-rule-allowlist:\n    parameters:\n"
    "      approved_rules: [{name: a, start: 1.1.1.1, end: 1.1.1.1, edn: 2}]": (
        "4:64: unknown key 'edn'; did you mean 'end'?"
    ),
    "controls:\n  firewall-rule-allowlist:\n    parameters: {allowed_ranges: 10.0.0.0/8}": (
        "3:34: found '10.0.0.0/8'; a list is right"
    ),
    "controls:\n  entra-auth-enabled:\n    parameters: {tenant_id: 12}": (
        "3:29: found 12; text is right: put it in quotes"
    ),
    "routes:\n- {name: a}": "2:3: the key 'url_setting' is missing",
    "routes:\n- {name: a, url_setting: A}\n- {name: a, url_setting: B}": (
        "3:10: found a second route 'a'; each needs its own name"
    ),
    "routes: [{name: a, url_setting: A, minimum_severity: hgh}]": "1:54: found 'hgh'; did you mean 'high'?",
    "routes: [{name: a, url_setting: A, kinds: [Remediatd]}]": "1:44: found 'Remediatd'; did you mean 'Remediated'?",
    "mode: &a [*a]": "1:7: aliases repeat themselves without end or too often; write the values out",
}


@pytest.mark.parametrize("text", ONE_ERROR)
def test_an_error_says_where_what_and_what_is_right(text: str) -> None:
    assert errors_of(text) == [f"p.yaml:{ONE_ERROR[text]}"]


def test_all_errors_are_shown_in_the_order_of_the_file() -> None:
    places = [line.split(":")[1:3] for line in errors_of("version: 3\nmode: x\nroutes: 1\nmodus: 2\ncontrols: {a: 1}")]
    assert places == [["1", "10"], ["2", "7"], ["3", "9"], ["4", "1"], ["5", "12"]]


def test_a_flood_of_errors_is_cut() -> None:
    lines = errors_of("".join(f"key{number}: 1\n" for number in range(80)))
    assert len(lines) == 51
    assert lines[-1] == "and 30 more errors"


@pytest.mark.parametrize(
    "scope", ["/", "/subscriptions/x", f"{SUBSCRIPTION}/resourceGroups", f"{SUBSCRIPTION}/resourceGroups/a/../b", "x"]
)
def test_a_scope_that_azure_would_not_know_is_refused(scope: str) -> None:
    (line,) = errors_of(f"routes: [{{name: a, url_setting: A, scopes: ['{scope}']}}]")
    assert "right is a management group, subscription, resource group or server: /providers/" in line


@pytest.mark.parametrize("key", ["url_setting", "name", "url"])
def test_a_url_in_the_file_is_not_repeated(key: str) -> None:
    text = f"routes:\n- name: a\n  url_setting: A\n  minimum_severity: low\n- {key}: slack://T0KEN/secret"
    assert "T0KEN" not in "".join(errors_of(text))


def test_bytes_that_are_no_utf8_are_named_with_their_place() -> None:
    (line,) = errors_of("mode: audit\n# gr\u00fcn".encode("latin-1"))
    assert line == "p.yaml:2:5: found the byte 0xfc; the file must be UTF-8"


def test_a_byte_order_mark_is_no_fault() -> None:
    assert load_policy("mode: off".encode("utf-8-sig"), "p.yaml", CATALOGUE).mode is Mode.OFF


def test_a_file_beyond_one_megabyte_is_not_read() -> None:
    (line,) = errors_of("#" * 1_000_001)
    assert line == "p.yaml:1:1: the file has 1000001 bytes, at most 1000000 are read"


def test_an_alias_bomb_is_refused() -> None:
    levels = [f"k{n}: &k{n} [{', '.join([f'*k{n - 1}'] * 10)}]" for n in range(1, 8)]
    assert "aliases repeat" in "".join(errors_of("\n".join(["k0: &k0 1", *levels])))


def test_what_nests_without_end_is_refused() -> None:
    assert errors_of("[" * 100_000) == ["p.yaml:1:21: found more than 20 levels; fewer are right"]


def test_a_long_list_of_right_words_is_not_recited() -> None:
    assert nearest("zzz", [f"word-{number}" for number in range(13)]) == "it is none of the 13 known ones"


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    path = tmp_path / "policy.yaml"
    with pytest.raises(BadPolicy, match=re.escape(f"{path}: cannot be read: No such file")):
        load_policy_file(path, CATALOGUE)


@settings(deadline=None)
@given(st.text() | st.binary())
def test_any_input_is_a_policy_or_a_clear_error(text: str | bytes) -> None:
    _load_or_explain(text)


@settings(max_examples=examples(300), deadline=None)
@given(st.data())
def test_any_damage_to_a_policy_is_a_policy_or_a_clear_error(data: st.DataObject) -> None:
    text = re.sub(r"(?m)^ *#.*\n|^\n", "", DEFAULT)
    start = data.draw(st.integers(0, len(text)))
    end = data.draw(st.integers(start, min(len(text), start + 30)))
    piece = data.draw(
        st.text(max_size=8)
        | st.sampled_from(["\t", ": ", "- ", "*a", "&a ", "{", "[", "!!set ", "!!int ", "<<: ", "\n%YAML 1.1\n"])
    )
    _load_or_explain(text[:start] + piece + text[end:])


def _load_or_explain(text: str | bytes) -> None:
    try:
        load_policy(text, "p.yaml", CATALOGUE)
    except BadPolicy as error:
        for line in str(error).splitlines():
            assert re.match(r"p\.yaml:[1-9]\d*:[1-9]\d*: .{5}|and \d+ more", line)


def test_half_a_character_is_refused_and_two_halves_are_one() -> None:
    assert errors_of('contact: "\\ud800"')[0].startswith("p.yaml:1:10: found half a character")
    assert all("half" not in line for line in errors_of('nonsense: "\\ud83d\\ude00"'))
