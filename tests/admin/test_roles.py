"""What each role may do on each page: every page is in the table, and every way to it is tried.

Invariant: a page that is new and stands in no row is a failure.
"""

import pytest
from django.contrib import admin
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Group, Permission
from django.core.management import CommandError, call_command
from django.db.models import Model
from django.test import Client

from ai.models import AICall, AISpending, Document, PlanJob, ProviderSwitch
from mealplans.models import Food, MealPlan, MealPlanVersion, Recipe
from progress.models import ProgressLog
from tests import factories
from tests.admin.pages import MAKERS, address, filled_in
from users import roles
from users.models import Erasure, Event, Export, HealthView, Letter, Session, User
from workers.models import DeadJob
from workouts.models import Exercise, PerformedSet, WorkoutPlan, WorkoutPlanVersion

VERBS = ("view", "add", "change", "delete")
# What support, coach and admin may do: the verbs' first letters, and names of actions.
TABLE: dict[type[Model], tuple[str, str, str]] = {
    Group: ("", "", "v"),
    User: ("v", "v", "vacd sign_out forget_second_factor invite delete_selected"),
    LogEntry: ("", "", "v"),
    Session: ("v", "v", "v"),
    Event: ("v", "v", "v"),
    Letter: ("v", "v", "v"),
    Export: ("v", "v", "v"),
    Erasure: ("v", "v", "v"),
    HealthView: ("", "", "v"),
    Food: ("v", "vac retire bring_back", "vac retire bring_back"),
    Recipe: ("v", "vac retire bring_back", "vac retire bring_back"),
    Exercise: ("v", "vac retire bring_back", "vac retire bring_back"),
    MealPlan: ("", "vc", "vc"),
    MealPlanVersion: ("", "v bring_back", "v bring_back"),
    WorkoutPlan: ("", "vc", "vc"),
    WorkoutPlanVersion: ("", "v", "v"),
    PerformedSet: ("", "v", "v"),
    ProgressLog: ("", "v", "v"),
    PlanJob: ("v", "v cancel", "v cancel"),
    DeadJob: ("v", "v ask_again", "v ask_again"),
    AICall: ("v", "v", "v"),
    AISpending: ("", "", "v"),
    ProviderSwitch: ("", "", "vc"),
    Document: ("", "", "v"),
}
SPOKEN_OF = {"body": ("Body", "71.5"), "food": ("Allergies", "celery"), "goal": ("Fitness goal", "Lose Weight")}


def browser_of(role: str) -> Client:
    person = factories.user(is_staff=True)
    person.groups.add(Group.objects.get_or_create(name=role)[0])
    browser = Client(raise_request_exception=False)
    browser.force_login(person)
    return browser


def allowed(text: str) -> tuple[set[str], set[str]]:
    """Return verbs and actions of an entry of the table."""
    letters, *actions = text.split() if text else [""]
    return {verb for verb in VERBS if verb[0] in letters}, set(actions)


def statuses(browser: Client, model: type[Model]) -> dict[str, bool]:
    """Say of each verb whether the page that does it can be had."""
    row = MAKERS[model](1)
    asked = {
        "view": browser.get(address(model, "change", row.pk)),
        "add": browser.get(address(model, "add")),
        "change": browser.post(address(model, "change", row.pk), {}),
        "delete": browser.get(address(model, "delete", row.pk)),
    }
    assert {answer.status_code for answer in asked.values()} <= {200, 302, 403}
    return {verb: answer.status_code != 403 for verb, answer in asked.items()}


def test_every_page_is_in_the_table() -> None:
    assert set(admin.site._registry) == set(TABLE)  # noqa: SLF001 - the only list of pages there is


@pytest.mark.parametrize("role", roles.ROLES)
@pytest.mark.parametrize("model", TABLE, ids=lambda model: model._meta.label_lower)
def test_a_role_does_what_the_table_says_and_nothing_else(db: None, model: type[Model], role: str) -> None:
    verbs, _ = allowed(TABLE[model][roles.ROLES.index(role)])

    found = statuses(browser_of(role), model)

    assert {verb for verb, may in found.items() if may} == verbs


@pytest.mark.parametrize("role", roles.ROLES)
@pytest.mark.parametrize("model", TABLE, ids=lambda model: model._meta.label_lower)
def test_a_role_is_offered_the_actions_of_the_table_and_no_other_is_done(
    db: None, model: type[Model], role: str
) -> None:
    verbs, actions = allowed(TABLE[model][roles.ROLES.index(role)])
    browser = browser_of(role)
    MAKERS[model](1)

    answer = browser.get(address(model, "changelist"))

    assert answer.status_code == (200 if "view" in verbs else 403)
    if "view" in verbs:
        form = answer.context["action_form"]
        assert {name for name, _ in form.fields["action"].choices if name} == actions if form else not actions


def test_an_action_that_is_not_offered_is_not_done_when_it_is_posted(db: None) -> None:
    food, job = Food.objects.all()[0], factories.job(factories.user())
    browser = browser_of(roles.SUPPORT)

    browser.post(address(Food, "changelist"), {"action": "retire", "_selected_action": [food.pk]})
    browser.post(address(PlanJob, "changelist"), {"action": "cancel", "_selected_action": [job.pk]})

    food.refresh_from_db()
    job.refresh_from_db()
    assert (food.retired, job.status) == (False, "queued")


@pytest.mark.parametrize(("role", "sees"), [(roles.SUPPORT, False), (roles.COACH, True), (roles.ADMIN, True)])
def test_what_people_say_of_their_body_is_shown_to_those_who_plan_for_them(db: None, role: str, sees: bool) -> None:  # noqa: FBT001
    person = factories.user(weight=71.5, allergies=["celery"], fitness_goal="lose_weight", name="Visible")

    page = browser_of(role).get(address(User, "change", person.pk)).content.decode()

    assert "Visible" in page
    assert {name: (label in page, value in page) for name, (label, value) in SPOKEN_OF.items()} == {
        name: (sees, sees) for name in SPOKEN_OF
    }


@pytest.mark.parametrize(("role", "sees"), [(roles.SUPPORT, False), (roles.COACH, True)])
def test_a_jobs_brief_is_shown_to_those_who_plan(db: None, role: str, sees: bool) -> None:  # noqa: FBT001
    job = factories.job(factories.user(), overrides={"notes": "my-sore-knee"}, explanation={"why": "my-sore-knee"})

    page = browser_of(role).get(address(PlanJob, "change", job.pk)).content.decode()

    assert ("my-sore-knee" in page) is sees
    assert str(job.start_date.year) in page


@pytest.mark.parametrize(
    "question",
    [
        "weight__gt=50",
        "allergies__contains=celery",
        "fitness_goal=lose_weight",
        "conditions__len=1",
        "changes_of__age=7",
    ],
)
def test_nobody_learns_from_a_list_what_the_page_would_not_show(db: None, question: str) -> None:
    factories.user(weight=71.5, allergies=["celery"])

    answers = [browser_of(role).get(f"{address(User, 'changelist')}?{question}") for role in roles.ROLES]

    assert [answer.status_code for answer in answers] == [400] * 3


@pytest.mark.parametrize("model", [User, PlanJob, MealPlan, ProgressLog, WorkoutPlan, PerformedSet, Document])
def test_a_list_of_health_data_can_be_asked_for_nothing_but_its_filters(as_staff: Client, model: type[Model]) -> None:
    shown = {"user", "user_id", "id", "email", "name"}
    secret = [field.name for field in model._meta.concrete_fields if field.name not in shown]
    page = admin.site._registry[model]  # noqa: SLF001
    offered = {each if isinstance(each, str) else each[0] for each in (*page.list_filter, page.date_hierarchy) if each}

    answers = {name: as_staff.get(f"{address(model, 'changelist')}?{name}__isnull=1").status_code for name in secret}

    assert {name for name, status in answers.items() if status != 400} <= offered


def test_support_does_not_read_in_the_history_what_the_page_hides(as_staff: Client) -> None:
    person = factories.user(weight=71.5)
    filled_in(as_staff, address(User, "change", person.pk), weight=68.25)
    version = person.changes.latest().pk
    browser = browser_of(roles.SUPPORT)

    answers = [
        browser.get(address(User, "history", person.pk)),
        browser.get(f"{address(User, 'history', person.pk)}{version}/"),
    ]

    assert [answer.status_code for answer in answers] == [403, 403]


@pytest.mark.parametrize("role", [roles.SUPPORT, roles.COACH])
def test_nobody_makes_themselves_more_than_they_are(db: None, role: str) -> None:
    browser = browser_of(role)
    own = User.objects.get(groups__name=role)

    answers = [
        browser.post(address(User, "change", own.pk), {"is_superuser": "on"}),
        browser.post(f"/admin/users/user/{own.pk}/password/", {"password1": "x", "password2": "x"}),
        browser.post(address(Group, "change", own.groups.get().pk), {"name": "admin"}),
    ]

    own.refresh_from_db()
    assert [answer.status_code for answer in answers] == [403] * 3
    assert (own.is_superuser, own.groups.get().name) == (False, role)


def test_what_a_role_may_do_comes_from_the_release_and_not_from_rows(db: None) -> None:
    group = Group.objects.get_or_create(name=roles.SUPPORT)[0]
    group.permissions.add(Permission.objects.get(codename="delete_user"))

    assert browser_of(roles.SUPPORT).get(address(User, "delete", factories.user().pk)).status_code == 403


def test_a_group_that_is_no_role_opens_nothing(db: None) -> None:
    assert browser_of("bystanders").get(address(Food, "changelist")).status_code == 403


def test_a_role_of_somebody_who_is_no_staff_any_more_opens_nothing(db: None) -> None:
    browser = browser_of(roles.ADMIN)
    User.objects.filter(groups__name=roles.ADMIN).update(is_staff=False)

    assert browser.get(address(Food, "changelist")).status_code == 302


def test_the_permissions_of_the_roles_are_of_models_that_there_are() -> None:
    there = roles.permissions_of(roles.ADMIN)

    assert roles.permissions_of(roles.SUPPORT) < roles.permissions_of(roles.COACH) < there
    assert {name for name in there if name.startswith("users.")} >= {"users.view_health", "users.view_healthview"}


def test_a_role_is_given_and_taken_by_a_command(owner: User, capsys: pytest.CaptureFixture[str]) -> None:
    for role in (roles.COACH, roles.SUPPORT):
        call_command("staff_role", owner.email, role)
    owner.refresh_from_db()
    given = owner.is_staff, list(owner.groups.values_list("name", flat=True))

    call_command("staff_role", owner.email, "none")
    owner.refresh_from_db()

    assert given == (True, [roles.SUPPORT])
    assert "by the command" in owner.changes.latest().history_change_reason
    assert (owner.is_staff, owner.groups.count()) == (False, 0)
    with pytest.raises(CommandError):
        call_command("staff_role", "nobody@example.org", roles.COACH)
