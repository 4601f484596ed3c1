"""POST /providers/Microsoft.ResourceGraph/resources: runs a query over what the caller may read, page by page."""

import base64
import binascii
import json

from emulator.arm.call import Answer
from emulator.arm.registry import Request, ResourceType
from emulator.body import Body
from emulator.errors import ArmError
from emulator.graph.containers import container_rows
from emulator.graph.kql import Rows, parse
from emulator.graph.lexer import refused

_VERSIONS = ("2019-04-01", "2021-03-01", "2022-10-01", "2024-04-01")
_MOST = 1000  # rows of a page


def _query(request: Request) -> Answer:
    text = request.body.get("query")
    if not isinstance(text, str) or not text.strip():
        raise ArmError(400, "BadRequest", "The query is required.")
    query = parse(text)
    if query.table not in _TABLES:
        raise refused(f"the table {query.table!r}")
    return Answer(200, _page(request, query.run(_TABLES[query.table](request, _subscriptions(request)))))


def _resources(request: Request, wanted: set[str]) -> Rows:
    world, caller = request.world, request.call.caller
    rows = []
    for kind, row_of in world.graph.items():
        for one in world.store.of_type(kind):
            row = row_of(world, one)
            if row["subscriptionId"] in wanted and caller.may(f"{one.type}/read", one.id):
                rows.append(row)
    return rows


def _subscriptions(request: Request) -> set[str]:
    asked = {one.lower() for one in request.body.get("subscriptions") or ()}
    groups = {one.lower() for one in request.body.get("managementGroups") or ()}
    known = [one.id for one in request.world.fleet.subscriptions]
    if asked:
        return {one for one in known if one in asked}
    tree = request.world.tree
    return {
        one for one in known if not groups or groups & {group.name.lower() for group in tree.above_subscription(one)}
    }


def _page(request: Request, rows: Rows) -> Body:
    options = request.body.get("options") or {}
    top = options.get("$top", _MOST)
    if not isinstance(top, int) or not 1 <= top <= _MOST:
        raise ArmError(400, "BadRequest", f"$top is {top!r}, wanted 1 to {_MOST}.")
    skip = _skip(options)
    shown = rows[skip : skip + top]
    more = skip + top < len(rows)
    body: Body = {
        "totalRecords": len(rows),
        "count": len(shown),
        "data": _table(shown) if options.get("resultFormat") == "table" else shown,
        "facets": [],
        "resultTruncated": "true" if more else "false",
    }
    # without the column id there is no way to continue (azure-docs, governance/resource-graph/concepts/work-with-data)
    if more and "id" in rows[0]:
        body["$skipToken"] = base64.b64encode(json.dumps({"skip": skip + top}).encode()).decode()
    return body


def _skip(options: Body) -> int:
    token = options.get("$skipToken")
    if not token:
        return int(options.get("$skip", 0))
    try:
        return int(json.loads(base64.b64decode(token, validate=True))["skip"])
    except (binascii.Error, ValueError, KeyError, TypeError) as error:
        raise ArmError(400, "BadRequest", "The $skipToken is invalid.") from error


def _table(rows: Rows) -> Body:
    names = list(rows[0]) if rows else []
    columns = [
        {"name": name, "type": "object" if name in ("properties", "tags", "sku") else "string"} for name in names
    ]
    return {"columns": columns, "rows": [[row.get(name) for name in names] for row in rows]}


_TABLES = {"resources": _resources, "resourcecontainers": container_rows}
TYPES = (ResourceType("Microsoft.ResourceGraph/resources", _VERSIONS, post=_query, is_open=True),)
