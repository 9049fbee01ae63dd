"""The socket's document: valid, complete, and made of what the code declares."""

import json
import re
from pathlib import Path
from typing import Any

import jsonschema  # type: ignore[import-untyped]
import pytest

from tests.conftest import Api
from tests.contracts import declared, packages
from tests.contracts.packages import CHECKS
from users import consumers, feed
from workers.management.contracts import node

DOCUMENT: dict[str, Any] = feed.document()
SCHEMAS: dict[str, Any] = DOCUMENT["components"]["schemas"]
MESSAGES: dict[str, Any] = DOCUMENT["components"]["messages"]
PARSE = """
import fs from "node:fs";
import parser from "@asyncapi/parser";
const { document, diagnostics } = await new parser.Parser().parse(fs.readFileSync(process.argv[1], "utf8"));
const bad = diagnostics.filter((one) => one.severity < 2).map((one) => `${one.path.join(".")}: ${one.message}`);
console.log(JSON.stringify({ valid: document !== undefined, bad }));
"""


def parsed(document: dict[str, Any], folder: Path) -> dict[str, Any]:
    """Return what AsyncAPI's own parser says of a document."""
    packages.installed(CHECKS)
    path = folder / "asyncapi.json"
    path.write_text(json.dumps(document))
    said = node.run("node", "--input-type=module", "--eval", PARSE, str(path), folder=CHECKS)
    return dict(json.loads(said))


def test_asyncapis_own_parser_takes_the_document(tmp_path: Path) -> None:
    assert parsed(DOCUMENT, tmp_path) == {"valid": True, "bad": []}


def test_asyncapis_own_parser_refuses_a_broken_one(tmp_path: Path) -> None:
    operations = {**DOCUMENT["operations"], "tell": {**DOCUMENT["operations"]["tell"], "action": "shout"}}

    assert parsed({**DOCUMENT, "operations": operations}, tmp_path)["bad"] != []


def test_the_document_is_served_to_everybody(anonymous: Api) -> None:
    answer = anonymous.get("/asyncapi.json")

    assert answer.status_code == 200
    assert answer.json() == DOCUMENT


def test_every_event_that_the_source_declares_is_described() -> None:
    described = {schema["properties"]["type"].get("const") for name, schema in SCHEMAS.items() if name in MESSAGES}

    assert declared.events() - described == set()


@pytest.mark.parametrize("name", MESSAGES)
def test_a_message_has_an_example_that_fits_its_schema(name: str) -> None:
    schema = {**SCHEMAS[name], "components": DOCUMENT["components"]}
    examples = [example["payload"] for example in MESSAGES[name]["examples"]]

    assert examples
    for example in examples:
        jsonschema.validate(example, schema, format_checker=jsonschema.FormatChecker())


@pytest.mark.parametrize("name", [kind.__name__ for kind in feed.kinds()])
def test_what_an_event_does_not_declare_is_not_in_its_schema(name: str) -> None:
    schema = {**SCHEMAS[name], "components": DOCUMENT["components"]}
    event = MESSAGES[name]["examples"][0]["payload"]

    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate({**event, "data": {**event["data"], "more": 1}}, schema)


def test_every_frame_of_the_server_is_one_of_the_messages_that_it_may_send() -> None:
    sent = {one["$ref"].rsplit("/", 1)[1] for one in SCHEMAS["ServerMessage"]["oneOf"]}

    assert set(MESSAGES) - sent == {"Ping"}


def test_every_close_code_of_the_consumer_is_explained() -> None:
    closes = re.findall(r"self\.close\((\w+)\)", Path(consumers.__file__).read_text())

    assert closes
    assert set(DOCUMENT["channels"]["events"]["x-close-codes"]) == {str(getattr(consumers, name)) for name in closes}


def test_the_query_is_what_the_consumer_reads() -> None:
    query = DOCUMENT["channels"]["events"]["bindings"]["ws"]["query"]["properties"]

    assert set(query) == {"ticket", "after"}
