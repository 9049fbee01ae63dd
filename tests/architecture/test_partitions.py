"""What stands between these tables and their partition or distribution by person, as docs/scale.md says."""

from django.apps import apps
from django.conf import settings
from django.db import models

from config.embedded import ROOT

# Tables of a person whose unique rules, other than the primary key, do not name the person: PostgreSQL's partitions and
# Citus' shards want the column that they divide by in every one.
WITHOUT_THE_PERSON = {
    "letters": {("token_hash",)},
}


def of_a_person() -> list[type[models.Model]]:
    """Return the models of our own apps whose rows belong to one person."""
    ours = {name for name in settings.INSTALLED_APPS if (ROOT / name).is_dir()}
    return [
        model
        for model in apps.get_models()
        if model._meta.app_label in ours
        and not model._meta.proxy
        and "historical" not in model._meta.db_table
        and any(field.attname == "user_id" and field.name == "user" for field in model._meta.concrete_fields)
    ]


def unique_rules(model: type[models.Model]) -> set[tuple[str, ...]]:
    """Return the columns of every unique rule but the primary key."""
    rules = {tuple(rule.fields) for rule in model._meta.constraints if isinstance(rule, models.UniqueConstraint)}
    alone = {(field.name,) for field in model._meta.concrete_fields if field.unique and not field.primary_key}
    return rules | alone | {tuple(names) for names in model._meta.unique_together}


def test_every_unique_rule_of_a_persons_table_names_the_person() -> None:
    found = {
        model._meta.db_table: {rule for rule in unique_rules(model) if "user" not in rule} for model in of_a_person()
    }

    assert {table: rules for table, rules in found.items() if rules} == WITHOUT_THE_PERSON


def test_the_tables_of_people_are_known_to_the_page() -> None:
    page = (ROOT / "docs" / "scale.md").read_text()

    assert [
        table for table in sorted(model._meta.db_table for model in of_a_person()) if f"`{table}`" not in page
    ] == []
