"""The assertions of the Postman collection, as lines of its JavaScript. Pure.

Invariant: a failed assertion names what was expected in words.
"""

import json
from collections.abc import Sequence
from typing import Any

FORMATS = {
    "uuid": r"/^[0-9a-f]{8}-([0-9a-f]{4}-){3}[0-9a-f]{12}$/",
    "date": r"/^\d{4}-\d{2}-\d{2}$/",
    "instant": r"/^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d+)?(Z|\+00:00)$/",
    "token": r"/^[\w-]+\.[\w-]+\.[\w-]+$/",
    "email": r"/^[^@\s]+@[^@\s]+$/",
}
EVERYWHERE = (  # after every request of the collection
    "const headers = pm.response.headers;",
    'pm.test("the answer carries a request id", () => pm.expect(headers.get("X-Request-ID")).to.match(/\\S/));',
    'pm.test("nothing broke", () => pm.expect(pm.response.code).to.be.below(500));',
    "if (pm.response.code >= 400) {",
    '  pm.test("an error is a problem document with a code", () => {',
    '    pm.expect(headers.get("Content-Type")).to.match(/^application\\/problem\\+json/);',
    "    const problem = pm.response.json();",
    "    pm.expect(problem.status).to.equal(pm.response.code);",
    "    pm.expect(problem.code).to.match(/^[a-z][a-z0-9_]*$/);",
    '    pm.expect(problem.type).to.equal("urn:regimen:problem:" + problem.code);',
    '    pm.expect(problem.title).to.be.a("string").that.is.not.empty;',
    "  });",
    "}",
)


def event(listen: str, lines: Sequence[str]) -> dict[str, Any]:
    return {"listen": listen, "script": {"type": "text/javascript", "exec": list(lines)}}


def expected(expect: dict[str, Any], schema: dict[str, Any] | None) -> list[str]:
    """Return the checks of one step: `status`, `code`, `pointers`, `headers`, `values`, `formats`; then `save`."""
    lines = [status(expect["status"])]
    if "code" in expect:
        lines.append(code(expect["code"]))
    if "pointers" in expect:
        lines.append(pointers(expect["pointers"]))
    lines += [_header(name, value) for name, value in expect.get("headers", {}).items()]
    if schema is not None:
        fits = f"pm.response.to.have.jsonSchema({json.dumps(schema)})"
        lines.append(f'pm.test("it fits its schema in the API document", () => {fits});')
    lines += [_value(path, value) for path, value in expect.get("values", {}).items()]
    lines += [_format(path, form) for path, form in expect.get("formats", {}).items()]
    lines += [f"pm.environment.set({json.dumps(to)}, {_at(path)});" for to, path in expect.get("save", {}).items()]
    return lines


def status(number: int) -> str:
    return f'pm.test("it answers {number}", () => pm.response.to.have.status({number}));'


def code(name: str) -> str:
    return f'pm.test("its code is {name}", () => pm.expect(pm.response.json().code).to.equal("{name}"));'


def pointers(named: Sequence[str]) -> str:
    found = "pm.response.json().errors.map((one) => one.pointer)"
    return f'pm.test("it names {", ".join(named)}", () => pm.expect({found}).to.include.members({json.dumps(named)}));'


def documented(statuses: Sequence[int]) -> list[str]:
    return [f'pm.test("the status is documented", () => pm.expect(pm.response.code).to.be.oneOf({list(statuses)}));']


def _header(name: str, pattern: str) -> str:
    return f'pm.test("it has {name}", () => pm.expect(pm.response.headers.get("{name}")).to.match({pattern}));'


def _value(path: str, value: Any) -> str:
    """Compare a part of the answer with JSON, or with a variable of the environment: `{{email}}`."""
    wanted = json.dumps(value)
    if isinstance(value, str) and value.startswith("{{"):
        wanted = f'pm.environment.get("{value.strip("{}")}")'
    return f'pm.test("{path} is as expected", () => pm.expect({_at(path)}).to.deep.equal({wanted}));'


def _format(path: str, form: str) -> str:
    return f'pm.test("{path} is written as {form}", () => pm.expect({_at(path)}).to.match({FORMATS[form]}));'


def _at(path: str) -> str:
    return "pm.response.json()" + "".join(f"[{json.dumps(part)}]" for part in path.split("."))


LOCKED = (
    status(401),
    code("unauthorized"),
    _header("WWW-Authenticate", "/^Bearer/"),
)
REFUSED = (  # an unknown field, half a body, no JSON
    (status(422), code("validation_failed"), pointers(["/no_such_field"])),
    (status(400), code("malformed_json")),
    (status(415), code("unsupported_media_type")),
)
