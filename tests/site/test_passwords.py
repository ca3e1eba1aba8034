"""Refused passwords: common ones, words about this site, patterns, and passwords that have leaked."""

from __future__ import annotations

import gzip
import hashlib
import random
import time
from pathlib import Path

import hypothesis.strategies as st
import pytest
from django.contrib.auth import password_validation
from django.core.exceptions import ValidationError
from hypothesis import given

from samsvar.site.network import models
from samsvar.site.network.accounts import passwords
from tests.factories.people import make_account

LIST = Path(password_validation.__file__).with_name("common-passwords.txt.gz")
COMMON_PASSWORDS = gzip.decompress(LIST.read_bytes()).decode().split()

GOOD_PASSWORDS = [
    "a long and quiet street",
    "correct horse battery staple",
    "Tre blå hester i regnet",
    "vT9#kq2LmZ8x",
    "le train de nuit était en retard",
    "ploaie peste gara veche",
    "女性に対する暴力のない社会を",
    "🦔🌧️ hedgehog, eleven, slowly",
    "    blanks at both ends    ",
    "x" * 5 + "kWq93!mz" * 16,
]


@pytest.fixture
def password_errors(settings, db):
    settings.SAMSVAR_BREACHED_PASSWORDS = ""
    settings.ALLOWED_HOSTS = ["nettverket.example"]

    def codes(password: str) -> list[str]:
        try:
            password_validation.validate_password(password)
        except ValidationError as refused:
            return sorted(error.code or "" for error in refused.error_list)
        return []

    return codes


@pytest.mark.parametrize("password", GOOD_PASSWORDS)
def test_passwords_may_contain_any_characters(password_errors, password):
    assert password_errors(password) == []


@pytest.mark.parametrize(
    "password",
    [
        "Password2026!!",
        "p4$$w0rd1234",
        "PASSWORDpassword",
        "iloveyou123456",
        "Sunshine-Monkey",
        "12345superman",
        "ｐａｓｓｗｏｒｄ2026",
    ],
)
def test_a_common_password_with_the_usual_additions_is_refused(password_errors, password):
    assert "common" in password_errors(password)


@pytest.mark.parametrize(
    "password",
    ["aaaaaaaaaaaa", "121212121212", "abcabcabcabc", "qwertyuiop12", "1qaz2wsx3edc", "abcdefghijklm", "9876543210987"],
)
def test_a_pattern_is_refused(password_errors, password):
    assert {"pattern", "common"} & set(password_errors(password))


@pytest.mark.parametrize(
    "password",
    ["Samsvar2026!", "IstanbulConvention2011", "grevio-grevio", "synergy network 1", "Nettverket2026", "s4msv4r-4dmin"],
)
def test_a_password_made_of_words_about_this_site_is_refused(password_errors, password):
    assert "place" in password_errors(password)


def test_a_password_made_of_the_name_of_a_network_or_organisation_is_refused(password_errors):
    tried = ["Fjellrev-2026!!", "Nordmark Shelter 7", "fjellrevfjellrev", "refugiul luminita"]
    assert [password_errors(password) for password in tried] == [[]] * 4  # no network or organisation has this name yet
    models.Network.objects.create(slug="fjellrev", name="Fjellrev", fictional=True)
    models.Organisation.objects.create(
        public_id="shelter", name="Shelter of Nordmark", kind="shelter_ngo", fictional=True
    )
    models.Organisation.objects.create(
        public_id="luminita", name="Refugiul “Luminița”", kind="shelter_ngo", fictional=True
    )
    assert [password_errors(password) for password in tried] == [["place"]] * 4
    assert password_errors("a fjellrev walks home over the ice") == []


def test_a_sentence_may_contain_words_about_this_site(password_errors):
    assert password_errors("the women of Oslo never eat herring") == []


def test_at_least_3000_common_passwords_of_twelve_characters_are_refused(password_errors):
    """ASVS 5.0, V6.2.4: the 3,000 most common passwords that meet the minimum length."""
    long_ones = [word for word in COMMON_PASSWORDS if len(word) >= 12]
    lengthened = [word + "1234567890"[: max(12 - len(word), 1)] for word in COMMON_PASSWORDS if len(word) >= 6][:3000]
    assert len(long_ones) > 100
    assert len(set(lengthened)) == 3000
    assert [word for word in (*long_ones, *lengthened) if not password_errors(word)] == []


@given(st.text(min_size=12, max_size=200))
def test_the_password_rules_can_check_any_text(password):
    assert passwords.is_common(password) in {True, False}
    assert passwords.is_predictable_pattern(password) in {True, False}
    assert passwords.is_made_of_site_words(password) in {True, False}


def test_very_long_passwords_are_checked_within_a_second(password_errors):
    started = time.process_time()
    assert password_errors("istanbul " * 100_000) == ["pattern"]
    assert password_errors(" ".join(str(number) for number in range(50_000)) + "a quiet street") == []
    assert time.process_time() - started < 1.0


def test_hardly_any_random_password_is_refused(password_errors):
    chance = random.Random(2011)  # the same in every run
    letters = "abcdefghijkmnpqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ23456789"
    drawn = ["".join(chance.choices(letters, k=12)) for _ in range(2000)]
    assert sum(bool(password_errors(password)) for password in drawn) <= 2


def sha1_of(password: str) -> str:
    return hashlib.sha1(password.encode(), usedforsecurity=False).hexdigest().upper()


@given(st.sets(st.text(max_size=8), min_size=1, max_size=60), st.text(max_size=8), st.sampled_from(["\n", "\r\n"]))
def test_a_leaked_password_is_found_if_and_only_if_its_hash_is_in_the_file(tmp_path_factory, known, other, line_end):
    path = tmp_path_factory.mktemp("breached") / "hashes.txt"
    path.write_bytes("".join(f"{one}:{len(one)}{line_end}" for one in sorted(map(sha1_of, known))).encode())
    assert [one for one in known if not passwords.is_in_breach_file(one, path)] == []
    assert passwords.is_in_breach_file(other, path) is (other in known)


def test_a_leaked_password_is_refused_without_network_access(password_errors, settings, tmp_path, network_attempts):
    leaked = "a long and quiet street"
    assert password_errors(leaked) == []
    settings.SAMSVAR_BREACHED_PASSWORDS = str(tmp_path / "hashes.txt")
    (tmp_path / "hashes.txt").write_text(
        "".join(f"{one}:3\n" for one in sorted(map(sha1_of, [leaked, "another", "third"])))
    )
    assert password_errors(leaked) == ["breached"]
    assert password_errors("a short and loud street") == []
    assert network_attempts == []


def test_without_the_file_of_leaked_passwords_every_password_is_refused(password_errors, settings, tmp_path):
    settings.SAMSVAR_BREACHED_PASSWORDS = str(tmp_path / "gone.txt")
    assert password_errors("a long and quiet street") == ["unchecked"]


def test_the_password_validators_are_the_expected_ones(settings):
    assert [one["NAME"].rsplit(".", 1)[1] for one in settings.AUTH_PASSWORD_VALIDATORS] == [
        "UserAttributeSimilarityValidator",
        "LengthValidator",
        "CommonPasswordValidator",
        "SiteWordsPasswordValidator",
        "BreachedPasswordValidator",
    ]


def test_a_short_password_is_refused_and_a_long_one_is_not(password_errors):
    assert "password_too_short" in password_errors("k3#Vq8!zLm2")
    assert password_errors("k3#Vq8!zLm2x") == []


def test_a_password_similar_to_the_email_address_is_refused(password_errors, db):
    account = make_account(email="ragna.fjellrev@nordmark.example")
    with pytest.raises(ValidationError) as refused:
        password_validation.validate_password("ragna.fjellrev", account)
    assert "password_too_similar" in {error.code for error in refused.value.error_list}


def test_every_password_rule_has_a_help_text():
    assert all(text and not text.endswith("..") for text in password_validation.password_validators_help_texts())
