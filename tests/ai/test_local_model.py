"""A real model, asked as the product asks any: small, ignorant of food, and held to the schema.

Invariant: where the variable CI is set a missing model is a failure; elsewhere it is a reason to skip.
"""

import contextlib
import datetime as dt
import os
import signal
import socket
import sys
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError

from ai import prompts, proposals, providers, services
from ai.management.commands import run_local_ai
from ai.models import AICall, JobStatus
from ai.prompts import Brief
from ai.providers import ProviderDown, Question, Reply
from config import embedded_model
from config import providers as provider_settings
from config.embedded_process import Child
from config.embedded_programs import Account, Place
from config.providers import ProviderSettings
from mealplans import catalogue, planner
from mealplans.models import MealPlan
from tests import factories
from users import targets, vocabulary
from users.models import Consent, User

SECONDS = 110.0  # for an answer, on a machine that has other things to do
FEW = 4  # dishes of a slot: a short question is read soon
VEGAN = targets.Person(
    age=34,
    sex="female",
    height=168,
    weight=71.5,
    fitness_goal="lose_weight",
    activity_level="moderate",
    conditions=frozenset(),
    diets=frozenset({"vegan"}),
)
ALLERGIES = [("nuts",), ("peanuts", "soy"), ("gluten",), ("sesame", "mustard"), ("celery", "sulphites")]


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Place:
    """Where the model keeps its log; without the model there is no test."""
    absent = embedded_model.missing(embedded_model.LOCK.read_text())
    if absent:
        reason = f"no {' and no '.join(absent)}: `python3 manage.py up --ai local` installs the local model"
        pytest.fail(reason) if os.environ.get("CI") else pytest.skip(reason)
    folder = tmp_path_factory.mktemp("model")
    return Place(data=folder, copies=folder, account=Account.for_servers())


@pytest.fixture(scope="module")
def model(place: Place) -> Iterator[ProviderSettings]:
    """The running model, as the settings know it."""
    child, base_url = embedded_model.start(place)
    with contextlib.ExitStack() as stack:
        stack.callback(child.stop)
        yield settings_for(base_url)


def settings_for(base_url: str) -> ProviderSettings:
    environment = embedded_model.environment_for(base_url, {})
    (one,) = provider_settings.parse(environment["AI_PROVIDERS"], key=lambda _: "", deadline=SECONDS)
    return replace(one, deadline=SECONDS, max_choices=FEW)


@pytest.fixture
def vegan(owner: User) -> User:
    """A consenting owner who eats no animals, and may not eat nuts."""
    owner.dietary_preferences, owner.allergies, owner.meals_per_day = ["vegan"], ["nuts"], 3
    owner.save()
    version, _ = vocabulary.CONSENTS["ai"]
    Consent.objects.create(user=owner, kind="ai", version=version, given_at=owner.created_at)
    return owner


def brief_for(allergens: Sequence[str]) -> Brief:
    """Return what a day's meals of a vegan with these allergies are chosen from."""
    foods, need = catalogue.current(), targets.targets(VEGAN)
    eater = planner.Eater(targets=need, diets=VEGAN.diets, allergens=frozenset(allergens), meals_per_day=3)
    allowed = planner.candidates(eater, foods, seed=7)
    brief = Brief(
        dates=(factories.MONDAY.isoformat(),),
        slots=eater.slots,
        dishes=prompts.dishes(allowed, foods),
        goal=VEGAN.fitness_goal,
        kcal=need.kcal,
    )
    return prompts.narrowed(brief, FEW)


def question(brief: Brief) -> Question:
    return Question(*prompts.question(brief), prompts.counted(brief))


def ask(model: ProviderSettings, asked: Question, heard: list[int] | None = None) -> Reply:
    lengths: list[int] = [] if heard is None else heard
    return providers.build(model).ask(
        asked, mode=model.schema_mode, seconds=SECONDS, should_stop=lambda: False, heard=lengths.append
    )


@pytest.mark.django_db
@pytest.mark.parametrize("allergens", ALLERGIES, ids="-".join)
def test_every_answer_is_of_the_schema(model: ProviderSettings, allergens: Sequence[str]) -> None:
    brief, heard = brief_for(allergens), list[int]()

    reply = ask(model, question(brief), heard)

    proposal = proposals.parse(reply.text, brief)
    assert [slot for slot, _ in proposal.dishes[brief.dates[0]]] == list(brief.slots)
    foods = catalogue.current()
    chosen = [planner.traits(foods)[slug] for _, slug in proposal.dishes[brief.dates[0]]]
    assert all(dish.allergens.isdisjoint(allergens) and "vegan" in dish.diets for dish in chosen)
    assert len(heard) > 1
    assert heard[-1] == len(reply.text)
    assert reply.completion_tokens < model.max_tokens


def test_a_job_is_done_with_it(fresh_db: None, model: ProviderSettings, vegan: User, settings: Any) -> None:
    settings.AI_PROVIDERS, settings.AI_DEADLINE = (model,), dt.timedelta(seconds=SECONDS)
    job = factories.job(vegan, days=1)

    services.fulfil(job.pk)

    job.refresh_from_db()
    call = AICall.objects.get(job=job)
    assert (job.status, call.outcome, call.model) == (JobStatus.SUCCEEDED, "ok", embedded_model.MODEL), call.detail
    assert job.source in ({"planner"} if call.kept_ratio == 0 else {"ai", "ai_repaired"})
    assert MealPlan.objects.get(user=vegan).certificate["passed"]
    print(f"kept {call.kept_ratio:.0%} of the model's dishes, {call.latency_ms} ms")  # noqa: T201 - `-rP` shows it


@pytest.mark.django_db
def test_a_question_that_it_cannot_hold_is_refused_at_once(model: ProviderSettings) -> None:
    long = replace(question(brief_for(())), user="rice and beans " * run_local_ai.CONTEXT)

    with pytest.raises(ProviderDown) as refused:
        ask(model, long)

    assert (refused.value.reason, refused.value.detail) == ("unavailable", "status 400")


def test_it_listens_to_this_machine_alone(model: ProviderSettings) -> None:
    port = int(model.base_url.removesuffix("/v1").rpartition(":")[2])

    with socket.socket() as elsewhere:
        elsewhere.bind(("127.0.0.2", port))  # would be taken, did it listen on every address
    with socket.create_connection((run_local_ai.HOST, port), timeout=5) as here:
        here.sendall(b"GET /health HTTP/1.0\r\nOrigin: http://elsewhere.example\r\n\r\n")
        headers = here.makefile().read().partition("\n\n")[0]

    assert "200 OK" in headers
    assert "Allow-Origin: \n" in headers


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_it_in_order(place: Place, number: signal.Signals) -> None:
    child = Child(sys.executable, *embedded_model.SERVE, log=place.data / f"{number.name}.log", cwd=embedded_model.ROOT)
    assert child.becomes(lambda: "http://127.0.0.1:" in child.tail())

    child.process.send_signal(number)

    assert child.process.wait(30) == 0, child.tail()


def test_a_port_that_is_taken_is_named(place: Place) -> None:
    with socket.socket() as taken:
        taken.bind((run_local_ai.HOST, 0))
        taken.listen()
        port = taken.getsockname()[1]

        with pytest.raises(CommandError, match=f"port {port} of 127.0.0.1 cannot be used"):
            run_local_ai.serve(port)


def test_what_is_missing_is_named_with_the_command_that_installs_it(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(sys, "path", [str(tmp_path)])
    monkeypatch.delitem(sys.modules, "xllamacpp", raising=False)

    with pytest.raises(CommandError, match="not installed here") as absent:
        run_local_ai.find()

    assert "manage.py up --ai local" in str(absent.value)
    assert "--no-deps --require-hashes -r config/requirements-ai-local.lock" in str(absent.value)


@pytest.mark.parametrize(("cores", "computing"), [(1, 1), (2, 1), (3, 1), (8, 4), (64, 4)])
def test_it_leaves_half_of_the_cores_alone(cores: int, computing: int) -> None:
    assert run_local_ai.threads(cores) == computing
