"""The shape of exemptions in the file. Every one ends."""

import re
from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from typing import Annotated, Self

from pydantic import AfterValidator, BeforeValidator, Field, WithJsonSchema, model_validator

from shared.policy.words import Frozen, ScopeId, TagName, one_case, wanted
from shared.references import Owner

_WANTED = "a date such as 2026-12-31 (to the end of that day, UTC), or a moment with offset: 2026-12-31T18:00+01:00"
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}")
ALL = "all"


def instant(value: object) -> datetime:
    """The moment, which has an offset: local time is nobody's time. Raises ValueError, OverflowError."""
    moment = value if isinstance(value, datetime) else datetime.fromisoformat(str(value))
    if moment.tzinfo is None:
        raise ValueError(f"found {str(value)!r}; right is a moment with offset: 2026-12-31T18:00+01:00")
    return moment.astimezone(UTC)


def _moment(value: object) -> datetime:
    """A date holds to its end."""
    try:
        if isinstance(value, str) and _DATE.fullmatch(value):
            day = date.fromisoformat(value)
            return datetime(day.year, day.month, day.day, tzinfo=UTC) + timedelta(days=1)
        return instant(value)
    except (ValueError, OverflowError) as error:
        raise wanted(_WANTED) from error


Moment = Annotated[datetime, BeforeValidator(_moment), WithJsonSchema({"type": "string", "description": _WANTED})]


def _controls(value: object) -> object:
    if value == ALL:
        return ()
    if value == []:
        raise wanted("at least one control id, or the word all")
    return value


_Controls = Annotated[tuple[str, ...], BeforeValidator(_controls)]
_Said = Annotated[str, Field(min_length=1, max_length=500), AfterValidator(str.strip)]


class ExemptionSheet(Frozen):
    """Controls that may drift on some servers, for a reason, until a day."""

    scope: ScopeId | None = Field(default=None, description="ARM id; servers below it are exempt.")
    tags: Mapping[TagName, str] = Field(default={}, description="Only servers that have these tags with these values.")
    controls: _Controls = Field(description="Control ids, or the word all.")
    reason: _Said = Field(description="Why the drift is borne.")
    owner: Annotated[Owner, Field(min_length=1, max_length=200)] = Field(
        description="Who answers for it: mail address, name, or identity:NAME."
    )
    ticket: Annotated[str, Field(max_length=200)] = Field(default="", description="Where it was agreed.")
    expires: Moment = Field(description="When it ends: a date, or a moment with offset.")

    @model_validator(mode="after")
    def _about_something(self) -> Self:
        one_case(self.tags)
        if not self.scope and not self.tags:
            raise ValueError("an exemption needs a `scope`, or `tags`")
        return self
