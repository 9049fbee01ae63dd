"""The shape of what is kept in the cache is known to the cache: releases that differ in it read no bytes of each other.

Invariant: whoever changes a schema that an answer to a GET is made of cannot forget to raise `cache_hash.SHAPE`.
"""

import hashlib
import json
from collections.abc import Iterator
from typing import Any

from config import cache_hash
from config.api import api

# One line is replaced whole: the number that `cache_hash.SHAPE` has, and the digest of the schemas that it stands for.
KNOWN = (4, "af7b3483cf9ff284")


def referred(schema: Any, components: dict[str, Any], seen: set[str]) -> Iterator[tuple[str, Any]]:
    """Yield each schema of the document, by its name, that a schema is made of."""
    if isinstance(schema, list):
        for part in schema:
            yield from referred(part, components, seen)
    elif isinstance(schema, dict):
        name = str(schema.get("$ref", "")).rpartition("/")[2]
        if name and name not in seen:
            seen.add(name)
            yield name, components[name]
            yield from referred(components[name], components, seen)
        yield from referred(list(schema.values()), components, seen)


def without_words(schema: Any) -> Any:
    """Return a schema without what is only said of it: a better description changes no byte of an answer."""
    if isinstance(schema, list):
        return [without_words(part) for part in schema]
    if isinstance(schema, dict):
        said = {"description", "example", "examples", "title"}
        return {key: without_words(part) for key, part in schema.items() if key not in said or isinstance(part, dict)}
    return schema


def digest() -> str:
    """Return the digest of all schemas that a GET answers with."""
    document: dict[str, Any] = json.loads(json.dumps(api.get_openapi_schema()))
    answers = [
        methods["get"]["responses"]["200"]["content"] for methods in document["paths"].values() if "get" in methods
    ]
    found = dict(referred(answers, document["components"]["schemas"], set()))
    return hashlib.sha256(json.dumps(without_words(found), sort_keys=True).encode()).hexdigest()[:16]


def test_a_changed_shape_raises_the_number_that_keeps_releases_apart() -> None:
    assert (cache_hash.SHAPE, digest()) == KNOWN, "raise cache_hash.SHAPE, and write both into KNOWN"
