"""ministack with three defects mended, as the application that hypercorn serves.

Invariant: it only makes a nested stack behave as one by itself does there; everything else is ministack's own.

In 1.5.33 a nested stack loses the attributes of a resource that an update leaves alone, so that every `!GetAtt` of it
fails, and it never resolves `{{resolve:...}}`; both work in a stack that is not nested, and in AWS. Of a generated
secret it ignores ExcludePunctuation, so that no URL could be made of it.
"""

import string
from importlib import import_module
from typing import Any

engine: Any = import_module("ministack.services.cloudformation.engine")
provisioners: Any = import_module("ministack.services.cloudformation.provisioners")
stacks: Any = import_module("ministack.services.cloudformation")._stacks  # noqa: SLF001 - there is no public way
provision, update = provisioners._provision_resource, provisioners._update_resource  # noqa: SLF001
secret = provisioners._sm_secret_string  # noqa: SLF001


def resolved(properties: Any) -> Any:
    """Return properties with each `{{resolve:...}}` replaced by what it names."""
    values, _ = engine._resolve_dynamic_references(properties)  # noqa: SLF001
    return values


def provision_resolved(kind: str, logical_id: str, properties: Any, stack: str) -> Any:
    return provision(kind, logical_id, resolved(properties), stack)


def update_keeping_attributes(  # noqa: PLR0917 - ministack's own signature
    kind: str, physical_id: str, old: Any, new: Any, stack: str, logical_id: str | None = None, attributes: Any = None
) -> Any:
    if attributes is None:
        attributes = stacks.get(stack, {}).get("_resources", {}).get(logical_id, {}).get("Attributes")
    return update(kind, physical_id, resolved(old), resolved(new), stack, logical_id, attributes)


def secret_without_punctuation(properties: Any) -> Any:
    wanted = properties.get("GenerateSecretString") or {}
    if wanted.get("ExcludePunctuation"):
        properties = {**properties, "GenerateSecretString": {**wanted, "ExcludeCharacters": string.punctuation}}
    return secret(properties)


provisioners._provision_resource = provision_resolved  # noqa: SLF001
provisioners._update_resource = update_keeping_attributes  # noqa: SLF001
provisioners._sm_secret_string = secret_without_punctuation  # noqa: SLF001
app = import_module("ministack.app").app
