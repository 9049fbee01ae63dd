"""Another address: confirmed at the new one, told to the old one, and nobody learns who has it already."""

from collections.abc import Callable

from tests import factories
from tests.conftest import Api
from tests.users.smtp_server import Mailbox
from tests.users.test_lifecycle import API, NEW, NEW_ADDRESS, invalid_token, login
from users.models import User

TokenTo = Callable[[str], str]
Post = Callable[[], Mailbox]


def test_an_address_changes_once_the_new_one_is_confirmed_and_the_old_one_is_told(
    as_owner: Api, owner: User, token_to: TokenTo, post: Post
) -> None:
    asked = as_owner.post(f"{API}/email/change", {"email": "Olga@Example.net", "password": factories.PASSWORD})
    token = token_to(NEW_ADDRESS)
    assert (asked.status_code, as_owner.get(f"{API}/profile").json()["email"]) == (202, owner.email)

    answer = Api().post(f"{API}/email/verify/confirm", {"token": token})

    profile = as_owner.get(f"{API}/profile").json()
    assert answer.status_code == 204
    assert (profile["email"], profile["is_email_verified"]) == (NEW_ADDRESS, True)
    assert (login(NEW_ADDRESS, factories.PASSWORD), login(owner.email, factories.PASSWORD)) == (200, 401)
    assert [letter["Subject"] for letter in post().to(owner.email)] == ["Your email address was changed"]
    assert NEW_ADDRESS not in post().to(owner.email)[0].get_content()


def test_an_address_that_somebody_has_is_not_written_to_and_the_answer_is_the_same(
    as_owner: Api, stranger: User, post: Post
) -> None:
    answers = [
        as_owner.post(f"{API}/email/change", {"email": email, "password": factories.PASSWORD})
        for email in (stranger.email, NEW_ADDRESS)
    ]

    assert [(answer.status_code, answer.content) for answer in answers] == [(202, b"")] * 2
    assert [letter["To"] for letter in post().letters] == [NEW_ADDRESS]


def test_an_address_that_got_an_account_in_between_is_a_conflict_and_changes_nothing(
    as_owner: Api, owner: User, token_to: TokenTo
) -> None:
    as_owner.post(f"{API}/email/change", {"email": NEW_ADDRESS, "password": factories.PASSWORD})
    token = token_to(NEW_ADDRESS)
    factories.user(email=NEW_ADDRESS)

    answer = Api().post(f"{API}/email/verify/confirm", {"token": token})

    assert (answer.status_code, answer.json()["code"]) == (409, "email_taken")
    assert as_owner.get(f"{API}/profile").json()["email"] == owner.email


def test_a_reset_letter_to_the_old_address_is_useless_after_the_change(
    as_owner: Api, owner: User, token_to: TokenTo
) -> None:
    as_owner.post(f"{API}/password/reset", {"email": owner.email})
    reset = token_to(owner.email)
    as_owner.post(f"{API}/email/change", {"email": NEW_ADDRESS, "password": factories.PASSWORD})
    Api().post(f"{API}/email/verify/confirm", {"token": token_to(NEW_ADDRESS)})

    assert invalid_token(Api().post(f"{API}/password/reset/confirm", {"token": reset, "password": NEW}))
