"""The CloudFormation templates, read.

Invariant: every template of the folder is here, whatever it is called.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml

AWS = Path(__file__).resolve().parents[2] / "deploy" / "aws"
FILES = sorted((AWS / "templates").glob("*.yaml"))


class Tagged(yaml.SafeLoader):
    """Reads CloudFormation's short forms (`!Ref`, `!Sub`, ...) as `{"Ref": ...}`."""


def tagged(loader: yaml.SafeLoader, suffix: str, node: yaml.Node) -> dict[str, Any]:
    if isinstance(node, yaml.ScalarNode):
        return {suffix: loader.construct_scalar(node)}
    if isinstance(node, yaml.SequenceNode):
        return {suffix: loader.construct_sequence(node, deep=True)}
    assert isinstance(node, yaml.MappingNode)
    return {suffix: loader.construct_mapping(node, deep=True)}


Tagged.add_multi_constructor("!", tagged)
TEMPLATES: dict[str, dict[str, Any]] = {
    path.stem: yaml.load(path.read_text(), Loader=Tagged)  # noqa: S506 - a SafeLoader with more tags
    for path in FILES
}


def resources(kind: str) -> Iterator[dict[str, Any]]:
    """Yield the properties of every resource of this type, in every template."""
    for template in TEMPLATES.values():
        for resource in template["Resources"].values():
            if resource["Type"] == kind:
                yield resource["Properties"]
