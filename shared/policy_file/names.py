"""What the policy calls by name: address groups, identities. Groups may hold groups, never themselves."""

from collections.abc import Mapping
from ipaddress import IPv4Network, collapse_addresses
from typing import Annotated, Self

from pydantic import AfterValidator, Field, ValidationError, model_validator

from shared.policy.words import Frozen, Name
from shared.policy_file.document import Document, Path
from shared.policy_file.wording import nearest, note_errors
from shared.references import GROUP, Identity, References, guid, network


def _member(text: str) -> str:
    if not text.startswith(GROUP):
        network(text)
    return text


_DEEPEST = 20
_Member = Annotated[str, AfterValidator(_member)]
_Guid = Annotated[str, AfterValidator(guid)]


class IdentitySheet(Frozen):
    """A person, group or application in Entra."""

    object_id: _Guid | None = Field(default=None, description="Object id; of a service principal, not of its app.")
    app_id: _Guid | None = Field(default=None, description="Application (client) id.")
    mail: Annotated[str, Field(pattern=r"^[^@\s]+@[^@\s]+$", max_length=200)] = Field(
        default="", description="Mail address."
    )

    @model_validator(mode="after")
    def _known_by_something(self) -> Self:
        if not self.object_id and not self.app_id:
            raise ValueError("an identity needs an `object_id` or an `app_id`")
        return self


class Limits(Frozen):
    """What the policy itself may not say."""

    widest_address_group: Annotated[int, Field(ge=1, le=2**32)] = Field(
        default=65_536, description="No address group may hold more addresses in all."
    )


class Names(Frozen):
    """The part of the policy that the rest refers to."""

    address_groups: Mapping[Name, tuple[_Member, ...]] = Field(
        default={}, description="Networks by name; group:NAME stands for all of a group's."
    )
    identities: Mapping[Name, IdentitySheet] = Field(default={}, description="People, groups and applications by name.")
    limits: Limits = Field(default=Limits(), description="What the policy itself may not say.")


def references(document: Document) -> References:
    """What the names in this document stand for; every problem with them is noted."""
    given = {name: document.data[name] for name in Names.model_fields if document.data.get(name) is not None}
    try:
        names = Names.model_validate(given)
    except ValidationError as error:
        note_errors(document, (), Names, error)
        return References(None, None)
    identities = {
        name: Identity(held.object_id or "", held.app_id or "", held.mail) for name, held in names.identities.items()
    }
    groups = _Groups(document, names)
    return References(groups.resolved(), identities, groups.used)


class _Groups:
    """Takes the groups inside groups apart."""

    def __init__(self, document: Document, names: Names) -> None:
        self._document = document
        self._members = names.address_groups
        self._widest = names.limits.widest_address_group
        self._done: dict[str, tuple[IPv4Network, ...]] = {}
        self.used: set[str] = set()

    def resolved(self) -> Mapping[str, tuple[IPv4Network, ...]]:
        """The networks of each group."""
        for name in self._members:
            self._networks(name, ())
        return self._done

    def _networks(self, name: str, above: tuple[str, ...]) -> tuple[IPv4Network, ...]:
        if name in self._done:
            return self._done[name]
        found: list[IPv4Network] = []
        for index, member in enumerate(self._members[name]):
            found += self._of_member(member, (*above, name), index)
        self._done[name] = tuple(collapse_addresses(found))
        addresses = sum(part.num_addresses for part in self._done[name])
        if addresses > self._widest:
            text = (
                f"the address group {name!r} holds {addresses} addresses; limits.widest_address_group is {self._widest}"
            )
            self._document.note(("address_groups", name), text, key=True)
        return self._done[name]

    def _of_member(self, member: str, above: tuple[str, ...], index: int) -> tuple[IPv4Network, ...]:
        if not member.startswith(GROUP):
            return (network(member),)
        self.used.add(member)
        name = member.removeprefix(GROUP)
        path: Path = ("address_groups", above[-1], index)
        if len(above) > _DEEPEST:
            self._document.note(path, f"found groups inside groups, more than {_DEEPEST} deep; name the networks here")
            return ()
        if name in above:
            circle = " → ".join((*above[above.index(name) :], name))
            self._document.note(path, f"the address groups go in a circle: {circle}")
            return ()
        if name not in self._members:
            self._document.note(path, f"unknown address group {name!r}; {nearest(name, self._members)}")
            return ()
        return self._networks(name, above)
