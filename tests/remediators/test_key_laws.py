"""Several controls want something of one key and its identities: what they want together is one fix, and holds."""

from hypothesis import given
from hypothesis import strategies as st

from shared.control import LastGood
from shared.plan import make_plan, simulate
from shared.state import State
from shared.target import Kind
from tests.builders import a_server, a_state
from tests.good import FACTS, GEO_IDENTITY, GEO_KEY, KEY, KEY_IDENTITY
from tests.remediators.encrypted import judge

JUDGES = (
    judge("cmk-versionless-key-uri"),
    judge("cmk-key-uri-unchanged", approved_keys=[KEY]),
    judge("cmk-copy-key-validation", approved_keys=[KEY]),
    judge("cmk-identity-assigned", approved_identities=[KEY_IDENTITY]),
    judge("geo-backup-cmk", geo_key=GEO_KEY, geo_identity=GEO_IDENTITY),
)
NAMES = ("dataEncryption.", "identity.", "backup.geoRedundant", "replicationRole")
facts = st.fixed_dictionaries(
    {name: st.sampled_from(values) for name, values in FACTS[Kind.FLEXIBLE].items() if name.startswith(NAMES)}
).map(lambda held: {name: text for name, text in held.items() if text is not None})
servers = facts.map(lambda held: a_state(server=a_server(facts={**held, "dataEncryption.type": "AzureKeyVault"})))


@given(good=servers, found=servers)
def test_after_the_fix_nobody_objects_and_its_undo_restores(good: State, found: State) -> None:
    plan = make_plan(found, JUDGES, LastGood(values=good.settings(), seen=good.facets()))
    after = simulate(found, plan.changes)
    touched = {change.setting for change in plan.changes}
    assert not [
        drift for each in JUDGES for drift in each.drifts(after) if drift.setting in touched and not drift.person
    ]
    restored = simulate(after, plan.undo)
    assert [restored.value(setting) for setting in touched] == [found.value(setting) for setting in touched]
