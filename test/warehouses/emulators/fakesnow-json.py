"""Starts fakesnow so that Snowflake's Node driver can talk to it: `python fakesnow-json.py PORT`.

fakesnow answers a SELECT with Arrow, which the Node driver cannot read, and leaves out the session's output formats, which
that driver asks the server for. This wrapper turns each answer into the JSON rowset that Snowflake gives to drivers that ask
for JSON. Rows beyond the first thousand are offered as chunks behind addresses of their own, as Snowflake does.
ALTER SESSION is remembered instead of run. A bound NULL stays NULL, a bound float is a float.
"""

from __future__ import annotations

import base64
import datetime
import importlib
import json
import re
import secrets
import sys

import pyarrow as pa
import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

# By its path: the package has a function of the same name.
server = importlib.import_module("fakesnow.server")

CHUNK_ROWS = 1000
VERSION = "1"

formats: dict[str, dict[str, str]] = {}
chunks: dict[str, list] = {}


def json_text(value, logical: str):
    """One cell as Snowflake's JSON rowset has it."""
    if value is None or (isinstance(value, dict) and value["epoch"] is None):
        return None
    if logical == "BOOLEAN":
        return "1" if value else "0"
    if logical == "BINARY":
        return value.hex().upper()
    if logical == "DATE":
        return str((value - datetime.date(1970, 1, 1)).days)
    if logical == "TIME":
        return f"{value // 10**9}.{value % 10**9:09d}"
    if logical.startswith("TIMESTAMP"):
        total = value["epoch"] * 10**9 + value["fraction"]
        sign, total = ("-", -total) if total < 0 else ("", total)
        text = f"{sign}{total // 10**9}.{total % 10**9:09d}"
        return f"{text} 1440" if logical == "TIMESTAMP_TZ" else text
    if logical == "REAL":
        return "NaN" if value != value else repr(value)
    return str(value)


def rowset(encoded: str):
    """The rows of an Arrow stream of fakesnow as lists of text."""
    if encoded == "":
        return []
    with pa.ipc.open_stream(base64.b64decode(encoded)) as reader:
        table = reader.read_all()
    columns = []
    for field, column in zip(table.schema, table.columns, strict=True):
        logical = (field.metadata or {})[b"logicalType"].decode()
        columns.append([json_text(value, logical) for value in column.to_pylist()])
    return [list(row) for row in zip(*columns, strict=True)]


async def query(request: Request) -> Response:
    token = request.headers.get("Authorization", "")
    sent = json.loads(await request.body())
    settings = re.match(r"\s*ALTER\s+SESSION\s+SET\s+(.*)", sent.get("sqlText", ""), re.IGNORECASE | re.DOTALL)
    if settings:
        for name, text, word in re.findall(r"(\w+)\s*=\s*(?:'((?:[^']|'')*)'|(\w+))", settings[1]):
            formats.setdefault(token, {})[name.upper()] = text.replace("''", "'") or word
        request._body = json.dumps({**sent, "sqlText": "SELECT 'Statement executed successfully.' AS status"}).encode()
    answer = await server.query_request(request)
    body = json.loads(answer.body)
    if answer.status_code == 500:
        # The driver would ask again for half a minute, as if the service were ill.
        return JSONResponse({**body, "data": {"errorCode": body["code"], "sqlState": "XX000"}})
    data = body.get("data")
    if not body.get("success") or data is None or "rowtype" not in data:
        return answer
    if data["queryResultFormat"] == "arrow":
        rows = rowset(data.pop("rowsetBase64"))
        data["queryResultFormat"] = "json"
        data["rowset"] = rows[:CHUNK_ROWS]
        data["total"] = data["returned"] = len(rows)
        data["chunks"] = [
            offered(request, rows[start : start + CHUNK_ROWS]) for start in range(CHUNK_ROWS, len(rows), CHUNK_ROWS)
        ]
        data["chunkHeaders"] = {}
    else:
        data["returned"] = data["total"]
    data["version"] = VERSION
    data["parameters"] = [{"name": k, "value": v} for k, v in formats.get(token, {}).items()]
    return JSONResponse(body)


def offered(request: Request, rows: list) -> dict:
    name = secrets.token_hex(8)
    chunks[name] = rows
    text = json.dumps(rows)
    return {
        "url": f"http://{request.url.netloc}/chunks/{name}",
        "rowCount": len(rows),
        "uncompressedSize": len(text),
        "compressedSize": len(text),
    }


async def chunk(request: Request) -> Response:
    """A chunk is the rows without the outer brackets."""
    rows = chunks.pop(request.path_params["name"])
    return Response(json.dumps(rows)[1:-1], media_type="binary/octet-stream")


connect = server.FakeSnow.connect


def connect_with_functions(self, *args, **kwargs):
    """The function that fakesnow lacks, under the name that its SQL translator makes of it; its value is the one Snowflake documents."""
    connection = connect(self, *args, **kwargs)
    connection._duck_conn.execute(
        "CREATE TEMP MACRO IF NOT EXISTS m_d5_number_lower64(x) AS ('0x' || substr(md5(x), 17))::UBIGINT::DECIMAL(20,0)"
    )
    return connection


server.FakeSnow.connect = connect_with_functions
from_binding = server.from_binding


def from_any_binding(binding):
    if binding["value"] is None:
        return None
    return float(binding["value"]) if binding["type"] == "REAL" else from_binding(binding)


server.from_binding = from_any_binding

routes = [r for r in server.routes if r.path != "/queries/v1/query-request"]
routes += [Route("/queries/v1/query-request", query, methods=["POST"]), Route("/chunks/{name}", chunk, methods=["GET"])]

if __name__ == "__main__":
    uvicorn.run(Starlette(routes=routes), host="127.0.0.1", port=int(sys.argv[1]), log_level="warning")
