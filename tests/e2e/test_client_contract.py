# tests/e2e/test_client_contract.py: the clients have what the contract has, and nothing else.
import json
import os
import re
import shutil
import subprocess
import sys

from conftest import PROGRAM, ROOT
from verbs import run

GENERATOR = ROOT / "gateway/clients/generator"
SECONDS = 60
FOR_PROGRAMS = {"application/json", "application/x-ndjson", "text/plain"}


def generate(*arguments, generator=GENERATOR, program=PROGRAM):
    return subprocess.run([sys.executable, "-B", generator, *arguments], env=os.environ | {"KIROKU_PROGRAM": str(program)}, capture_output=True,
                          text=True, timeout=SECONDS, check=False)


def test_clients_are_made_from_todays_contract():
    checked = generate("--check")
    assert checked.returncode == 0, checked.stdout + checked.stderr


def media_of(operation):
    """What it answers if all goes well."""
    return {media for status, response in operation["responses"].items() if status < "300" for media in response.get("content", {})}


def test_each_operation_is_a_method():
    text = (ROOT / "gateway/clients/typescript/src/generated/routes.ts").read_text()
    operations = [one for path in json.loads(run("contract", "openapi")[0])["paths"].values() for one in path.values()]
    missing = {one["operationId"] for one in operations if not re.search(rf"^  {one['operationId']}\(", text, re.M)}
    for_others = {one["operationId"] for one in operations if media_of(one) and not media_of(one) & FOR_PROGRAMS}
    assert missing == for_others | {"openWebSocket"}


def test_another_contract_makes_other_clients(tmp_path):
    """A new route, as somebody will add it, which can be published, too: the check complains, and generating makes a method of it."""
    openapi, asyncapi = (json.loads(run("contract", document)[0]) for document in ("openapi", "asyncapi"))
    openapi["paths"]["/challenges/{id}/stars/{star}"] = {"put": {
        "operationId": "giveStar", "summary": "A star.", "security": [{"accessToken": []}],
        "parameters": [{"name": name, "in": "path", "required": True, "schema": {"type": "string"}} for name in ("id", "star")]
        + [{"name": "from", "in": "query", "required": True, "schema": {"type": "integer"}, "description": "since when"}],
        "requestBody": {"required": True, "content": {"application/json": {"schema": {
            "type": "object", "properties": {"in-words": {"type": ["string", "null"]}, "many": {"type": "array", "items": {"enum": ["a", 1]}}}}}}},
        "responses": {"204": {"description": "given"}}}}
    asyncapi["components"]["schemas"]["ws.give_star.v1"] = {
        "type": "object", "properties": {"type": {"type": "string", "const": "give_star"}, "star": {"type": "object"}}, "required": ["type", "star"]}
    asyncapi["components"]["messages"]["ws.give_star.v1"] = {"name": "ws.give_star.v1", "payload": {"$ref": "#/components/schemas/ws.give_star.v1"}}
    asyncapi["operations"]["hearPublished"]["messages"].append({"$ref": "#/channels/websocket/messages/ws.give_star.v1"})
    program = tmp_path / "kiroku"
    for name, document in (("openapi", openapi), ("asyncapi", asyncapi)):
        (tmp_path / name).write_text(json.dumps(document))
    program.write_text(f'#!/bin/sh\ncat "{tmp_path}/$2"\n')
    program.chmod(0o755)
    copy = tmp_path / "gateway/clients"
    shutil.copytree(GENERATOR.parent, copy, ignore=shutil.ignore_patterns("node_modules", "dist"))
    other = {"generator": copy / "generator", "program": program}
    assert generate("--check", **other).returncode == 1 and "giveStar" not in (copy / "typescript/src/generated/routes.ts").read_text()
    assert generate(**other).returncode == 0 and generate("--check", **other).returncode == 0
    routes = (copy / "typescript/src/generated/routes.ts").read_text()
    assert "giveStar(id: string, star: string, body: GiveStarBody, query: { from: number }, options: Options = {}): Promise<Answer<undefined>>" in routes
    types = (copy / "typescript/src/generated/types.ts").read_text()
    assert '"give_star": undefined;' in types and "star: GiveStarMessageStar;" in types and '"in-words"?: string | null;' in types
    assert "PublishedMessage = GiveStarMessage | RecordProgressMessage" in types and "GatewayCame" not in types
    made = subprocess.run([sys.executable, "-B", "-c", "from kiroku import Kiroku; print(Kiroku.give_star.__annotations__)"],
                          env={"PYTHONPATH": str(copy / "python")}, capture_output=True, text=True, timeout=SECONDS, check=False)
    assert "'from_': 'int'" in made.stdout and "'body': 'GiveStarBody'" in made.stdout, made.stdout + made.stderr
