"""What the app's identity has to be allowed under a policy: each ARM action, and what it is for.

Nothing more than the policy needs: while a control only looks, its fix needs nothing. An action that waits for nobody's
policy (a command of a person) is that person's to have.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass

from shared.arm.metrics import PERMISSION as METRICS
from shared.arm.promotion import promotion_call
from shared.arm.servers import read_permissions
from shared.control import Catalogue, Change, Control, Source
from shared.failover.roles import REPLICATION
from shared.failover.survey import FACETS
from shared.policy import Mode, Policy
from shared.policy_file import playbooks_of
from shared.state import DATABASE_FACETS, Facet, FacetKind
from shared.target import PROVIDER, Kind, Target

_WRITES = frozenset({Mode.APPROVE, Mode.ENFORCE})


@dataclass(frozen=True, slots=True)
class Right:
    """One ARM action, in Azure's spelling; `controls` need it, or the policy does, for `purpose`."""

    action: str
    controls: tuple[str, ...] = ()
    purpose: str = ""

    @property
    def reads(self) -> bool:
        """Whether it changes nothing."""
        return self.action.lower().endswith("/read")


@dataclass(frozen=True, slots=True)
class _Besides:
    """Actions that the policy needs by itself."""

    needed: Callable[[Policy], bool]
    actions: tuple[str, ...]
    purpose: str


_EXEMPTIONS = ("policyExemptions", "policyAssignments", "policySetDefinitions")
_POLLS = ("azureAsyncOperation", "administratorAzureAsyncOperation")
_FOR_THE_POLICY = (
    _Besides(
        lambda policy: policy.needs_management_groups,
        ("Microsoft.Resources/subscriptions/read",),
        "the policy speaks of management groups",
    ),
    _Besides(
        lambda policy: policy.exempting.azure_policy,
        tuple(f"Microsoft.Authorization/{name}/read" for name in _EXEMPTIONS),
        "the policy honours exemptions of Azure Policy",
    ),
)
_ALERTS = "Microsoft.Security/locations/alerts"
_FOR_ALERTS = _Besides(
    lambda policy: any(step.mode in _WRITES for playbook in policy.playbooks for step in playbook.steps),
    (
        "Microsoft.Security/alerts/read",
        *(f"{_ALERTS}/{name}" for name in ("read", "inProgress/action", "resolve/action")),
    ),
    "the status of security alerts is kept in step",
)
_FOR_WRITING = (
    (tuple(f"{PROVIDER}/locations/{poll}/read" for poll in _POLLS), "to follow what Azure works on"),
    (("Microsoft.Insights/eventtypes/values/read",), "to know who really made a change"),
)


def rights_for(
    catalogue: Catalogue, policy: Policy, kinds: Iterable[Kind] = tuple(Kind), *, failover: bool = False
) -> tuple[Right, ...]:
    """Every action that looks and fixes need under this policy on these kinds of server, in order.

    With `failover` also what letting a replica take its primary's place needs.
    """
    wanted = list(kinds)
    found: dict[str, dict[str, None]] = {}
    for needs, action in (*_of_controls(catalogue, policy, wanted), *_of_playbooks(policy, wanted)):
        found.setdefault(action, {})[needs] = None
    rights = {action: Right(action, tuple(controls)) for action, controls in found.items()}
    besides = [(one.actions, one.purpose) for one in (*_FOR_THE_POLICY, _FOR_ALERTS) if one.needed(policy)]
    if failover:
        besides += [(tuple(_of_failover(kind)), "to let a replica take its primary's place") for kind in wanted]
    if any(not right.reads for right in rights.values()):
        besides += _FOR_WRITING
    for actions, purpose in besides:
        for action in actions:
            rights.setdefault(action, Right(action, purpose=purpose))
    return tuple(sorted(rights.values(), key=lambda right: right.action.lower()))


def role_of(rights: Iterable[Right], name: str, scopes: Iterable[str]) -> Mapping[str, object]:
    """The custom role, as `az role definition create` takes it (learn.microsoft.com, "Azure custom roles")."""
    return {
        "Name": name,
        "IsCustom": True,
        "Description": "Looks at Azure Database for PostgreSQL servers and puts their configuration back.",
        "Actions": [right.action for right in rights],
        "NotActions": [],
        "AssignableScopes": list(scopes),
    }


def _of_controls(catalogue: Catalogue, policy: Policy, kinds: Iterable[Kind]) -> Iterator[tuple[str, str]]:
    """Each control that the policy may come to, with every action that it needs."""
    for control in (remediator.control for remediator in catalogue.values()):
        for kind in (kind for kind in kinds if kind in control.kinds and policy.possible(control)):
            yield from ((control.id, action) for action in _actions(control, policy, kind))


def _of_playbooks(policy: Policy, kinds: Iterable[Kind]) -> Iterator[tuple[str, str]]:
    """What answering security alerts needs: the policy's own playbooks, and those that come with Holdfast."""
    from shared.responses import CARDS

    wanted = list(kinds)
    for step in (step for playbook in playbooks_of(policy) for step in playbook.steps):
        card = CARDS[step.response].control
        for kind in (kind for kind in wanted if kind in card.kinds):
            facets = [facet for facet in card.on(kind).facets if facet.kind not in DATABASE_FACETS]
            actions = read_permissions(Target(kind, "subscription", "group", "server"), facets)
            for action in actions | (card.actions(kind) if step.mode in _WRITES else frozenset()):
                yield card.id, action


def _of_failover(kind: Kind) -> frozenset[str]:
    """What looking at a primary and its replicas needs, and the promotion of one."""
    target = Target(kind, "subscription", "group", "server")
    reads = read_permissions(target, FACETS[kind] | {Facet(FacetKind.REPLICAS)})
    promotion = promotion_call(target, Change(REPLICATION, None, None, Source.PERSON), "")
    return reads | {METRICS, f"{PROVIDER}/locations/{_POLLS[0]}/read", promotion.permission}


def _actions(control: Control, policy: Policy, kind: Kind) -> frozenset[str]:
    card = control.on(kind, *policy.told(control))
    reads = read_permissions(Target(kind, "subscription", "group", "server"), card.facets)
    return reads | card.actions(kind) if policy.modes(control) & _WRITES else reads
