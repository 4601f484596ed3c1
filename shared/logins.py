"""Who is who among the roles inside a server's databases: Azure's own, Holdfast's own, and what each may do. Pure."""

from collections.abc import Iterable, Iterator, Mapping

from shared.state import YES, FacetKind, State, names_in

# learn.microsoft.com, "Create users in Azure Database for PostgreSQL" and "Azure Cosmos DB for PostgreSQL roles".
AZURES_OWN = frozenset(
    {
        "azure_ai_settings_manager",
        "azure_pg_admin",
        "azure_superuser",
        "azuresu",
        "citus",
        "localadmin",
        "replication",
    }
)
_AZURES_PREFIX = "azure"
# PostgreSQL reserves it.
_POSTGRES_PREFIX = "pg_"
ADMINISTRATION = ("azure_pg_admin", "azure_superuser", "azuresu")

type Texts = Mapping[str, str]


def roles(state: State) -> dict[str, Texts] | None:
    """Every role by its name, with what was read of it; None where no roles were read."""
    found = state.children.get(FacetKind.DATABASE_ROLES)
    return None if found is None else {names_in(name)[0]: texts for name, texts in found.items()}


def memberships(state: State) -> list[tuple[str, str]]:
    """Every role with each of its members."""
    found = state.children.get(FacetKind.ROLE_MEMBERSHIPS, {})
    pairs = (names_in(name) for name in found)
    return sorted((role, member) for role, member in pairs)


def is_azures_own(role: str) -> bool:
    """Whether Azure or PostgreSQL made the role, so that nobody's login hangs on it and nobody takes it away."""
    return role in AZURES_OWN or role.startswith(_POSTGRES_PREFIX)


def may_be_azures(role: str) -> bool:
    """Whether its name looks as if Azure had made it: a person finds out, and nothing is written."""
    return role.startswith(_AZURES_PREFIX) and not is_azures_own(role)


def is_own(texts: Texts) -> bool:
    """Whether Holdfast signs in as this role."""
    return texts.get("own") == YES


def own_lineage(state: State) -> frozenset[str]:
    """Holdfast's own roles, and every role that they are members of, by however many steps: its rights hang on them."""
    found = {role for role, texts in (roles(state) or {}).items() if is_own(texts)}
    pairs = memberships(state)
    while more := {role for role, member in pairs if member in found} - found:
        found |= more
    return frozenset(found)


def reach(state: State, guarded: Iterable[str], allowed: frozenset[str]) -> Iterator[tuple[str, str]]:
    """The memberships that let somebody who is not allowed have the rights of a guarded role, each as role and member.

    Who is allowed hands on what it has: its own members are looked at as well.
    """
    pairs = memberships(state)
    holders = set(guarded)
    while more := {member for role, member in pairs if role in holders and member in allowed} - holders:
        holders |= more
    return ((role, member) for role, member in pairs if role in holders and member not in holders | allowed)


def in_entra(state: State, texts: Texts) -> bool | None:
    """Whether the role stands for somebody in Entra; None where nobody says. Without Entra sign-in none does."""
    entra = texts.get("entra", "unknown")
    if entra == "unknown":
        off = state.server is not None and not state.server.entra_auth
        return False if off else None
    return entra != "no"
