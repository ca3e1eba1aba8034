"""Badges and letters in every script, with a code that the site confirms, and no passport data stored."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime, timedelta
from io import BytesIO
from zoneinfo import ZoneInfo

import pypdfium2 as pdfium
import pytest
from django.core.cache import cache
from django.core.exceptions import PermissionDenied
from django.test import Client
from django.urls import reverse
from django.utils import timezone, translation

from samsvar.dates import display_date
from samsvar.meetings.meeting import ProgrammeRole
from samsvar.site.audit.models import AuditEntry
from samsvar.site.convention.models import State
from samsvar.site.meetings import models
from samsvar.site.meetings.attendance.actions.badges import NothingToPrint, render_badges, render_photographer_sheet
from samsvar.site.meetings.attendance.actions.check_in import check_in
from samsvar.site.meetings.attendance.queries.check_in import confirmed_registrations
from samsvar.site.meetings.fonts import unprintable_characters
from samsvar.site.meetings.letters import queries as letter_queries
from samsvar.site.meetings.letters.actions import (
    CertificateTooEarly,
    NotCheckedIn,
    Passport,
    issue_certificates,
    issue_letter,
    revoke_letter,
    set_signatory,
)
from samsvar.site.meetings.pdf import UnprintableCharacters
from samsvar.site.meetings.registration import personal_data as registration_data
from samsvar.site.network.models import Detail, Organisation
from samsvar.territories import territory_name
from tests.factories.meetings import make_meeting, make_organiser, make_registration
from tests.factories.paper import han_variants_of
from tests.factories.people import make_account, sign_in

SITE = "https://samsvar.example/"
NAMES = [
    "Ștefania Brâncuș-Țăranu",
    "Żaneta Łękołodzka",
    "Αλέξανδρος Παπαδόπουλος",
    "Олександра Їжакевич",
    "ნინო ბერიძე",
    "Անի Սարգսյան",
    "ليلى حداد",
    "נועה לוי",
    "王小明",
]


def page_text(pdf: bytes, page: int = 0) -> str:
    """Return the text of a page as it is copied from a PDF reader, on one line."""
    return " ".join(pdfium.PdfDocument(BytesIO(pdf))[page].get_textpage().get_text_range().split())


def letters_only(text: str) -> str:
    """Keep only letters: a line may break within a name, and a hyphen copied at a line end is not a real hyphen."""
    return "".join(one for one in text if one.isalpha())


def is_blank(pdf: bytes, page: int, box: tuple[int, int, int, int]) -> bool:
    picture = pdfium.PdfDocument(BytesIO(pdf))[page].render(scale=2).to_pil().convert("L").crop(box)
    return picture.getextrema() == (255, 255)


@pytest.mark.parametrize("name", NAMES)
def test_the_bundled_fonts_have_every_character_of_a_name(name):
    assert unprintable_characters(name) == ""


@pytest.mark.django_db
def test_badges_in_all_scripts_are_sorted_by_name_and_each_name_can_be_extracted():
    meeting = make_meeting()
    for name in NAMES:
        make_registration(meeting, name)
    pdf = render_badges(
        by=make_organiser(meeting), meeting=meeting, registrations=confirmed_registrations(meeting), language="en"
    )
    pages = [page_text(pdf, page) for page in range(len(pdfium.PdfDocument(BytesIO(pdf))))]
    printed = [next(name for name in NAMES if letters_only(name) in letters_only(page)) for page in pages]
    assert sorted(printed) == sorted(NAMES)
    assert printed[:2] == ["Ștefania Brâncuș-Țăranu", "Żaneta Łękołodzka"]  # Ş sorts with S, Ż with Z
    assert [is_blank(pdf, page, (20, 90, 560, 360)) for page in range(len(pages))] == [False] * len(NAMES)


@pytest.mark.django_db
def test_the_badge_of_a_person_at_risk_has_their_pseudonym_but_no_name_or_country():
    meeting = make_meeting()
    make_registration(meeting, "Hidden Name", at_risk=True, pseudonym="M. Lindgren", state_id=None, photographs=True)
    pdf = render_badges(
        by=make_organiser(meeting), meeting=meeting, registrations=confirmed_registrations(meeting), language="en"
    )
    words = page_text(pdf)
    assert ("M. Lindgren" in words, "Hidden" in words, "no photographs" in words) == (True, False, True)


@pytest.mark.django_db
def test_markup_in_a_name_is_printed_as_text():
    meeting = make_meeting()
    make_registration(meeting, '#read("/etc/passwd") *x*')
    pdf = render_badges(
        by=make_organiser(meeting), meeting=meeting, registrations=confirmed_registrations(meeting), language="en"
    )
    assert '#read("/etc/passwd")*x*' in page_text(pdf).replace(" ", "")


@pytest.mark.django_db
def test_a_badge_that_cannot_be_printed_is_rejected_with_the_name():
    meeting = make_meeting()
    make_registration(meeting, "Ana \ue000")
    make_registration(meeting, "Ion Moreau")
    organiser = make_organiser(meeting)
    with pytest.raises(UnprintableCharacters, match=r"^The site's fonts cannot print Ana � \(U\+E000\)\.$"):
        render_badges(by=organiser, meeting=meeting, registrations=confirmed_registrations(meeting), language="en")
    assert not AuditEntry.objects.filter(verb="printed badges").exists()


@pytest.mark.django_db
def test_a_letter_that_cannot_be_printed_is_rejected_with_the_text_and_not_issued():
    guest = make_registration(make_meeting(title={"en": "Shelters \ue000"}), "Ana Moreau")
    with pytest.raises(UnprintableCharacters, match=r"Shelters � \(U\+E000\)"):
        issue_letter(by=make_account(), registration=guest, kind="confirmation", language="en")
    assert models.IssuedLetter.objects.count() == 0


@pytest.mark.django_db
def test_a_letter_with_a_right_to_left_name_keeps_its_sentences_in_order():
    guest = make_registration(make_meeting(), "ליאה (Lea) כהן")
    letter = issue_letter(by=make_account(), registration=guest, kind="visa", language="en")
    page = pdfium.PdfDocument(BytesIO(letter.pdf))[0].get_textpage()
    whole = page.get_text_range()
    at = [
        page.get_charbox(whole.index(word, whole.index("We confirm")))[0]
        for word in ("that", "כ", "Lea", "ל", "is reg")
    ]
    assert at == sorted(at)  # in order from the left: that | כהן | (Lea) | ליאה | is registered


@pytest.mark.django_db
@pytest.mark.parametrize(("at_risk", "form"), [(False, "jp"), (True, "sc")])
def test_a_name_takes_the_form_of_its_country_unless_the_person_is_at_risk(at_risk, form):
    State.objects.get_or_create(code="JP", defaults={"kind": "other"})
    meeting = make_meeting()
    guest = make_registration(meeting, "林", at_risk=at_risk, pseudonym="林" if at_risk else "", state_id="JP")
    letter = issue_letter(by=make_account(), registration=guest, kind="visa", language="en").pdf
    badges = render_badges(
        by=make_organiser(meeting), meeting=meeting, registrations=confirmed_registrations(meeting), language="en"
    )
    assert [han_variants_of(pdf) for pdf in (letter, badges)] == [{form}, {form}]


@pytest.mark.django_db
def test_a_letter_is_in_its_own_language_tagged_and_titled():
    guest = make_registration(make_meeting(), "Ana Moreau")
    with translation.override("en"):
        letter = issue_letter(by=make_account(), registration=guest, kind="confirmation", language="fr")
    document = pdfium.PdfDocument(BytesIO(letter.pdf))
    assert "Des refuges près de chacun" in page_text(letter.pdf)
    assert (document.is_tagged(), b"/Lang (fr)" in letter.pdf or b"/Lang(fr)" in letter.pdf) == (True, True)
    assert document.get_metadata_dict()["Title"] != ""
    assert f"{SITE}fr/meetings/letters/{letter.letter.code}/" in page_text(letter.pdf).replace(" ", "")


@pytest.mark.django_db
def test_a_passport_number_is_only_in_the_letter_it_was_given_for():
    guest = make_registration(make_meeting(), "Ana Moreau")
    given = Passport("XN-7755331", "XC", date(1980, 2, 3), date(2031, 4, 5))
    letter = issue_letter(by=make_account(), registration=guest, kind="visa", language="en", passport=given)
    assert "XN-7755331" in page_text(letter.pdf)
    stored = list(models.IssuedLetter.objects.values()) + list(AuditEntry.objects.values())
    assert "7755331" not in json.dumps(stored, default=str)


@pytest.mark.django_db
def test_attendance_is_certified_only_after_check_in_and_lists_sessions_held():
    meeting = make_meeting()
    guest = make_registration(meeting, "Ana Moreau")
    organiser = make_organiser(meeting)
    with pytest.raises(NotCheckedIn):
        issue_letter(by=organiser, registration=guest, kind="attendance", language="en")
    session = models.Session.objects.create(
        meeting=meeting, title={"en": "Shelter beds in small towns"}, state=models.Session.State.READY
    )
    models.Appearance.objects.create(session=session, person=guest.person, part=ProgrammeRole.SPEAKER)
    check_in(by=organiser, registration=guest)
    models.CheckIn.objects.update(at=datetime(2026, 9, 15, 22, 30, tzinfo=UTC))  # the 16th in Bucharest
    letter = issue_letter(by=organiser, registration=guest, kind="attendance", language="en")
    words = page_text(letter.pdf)
    assert ("16 September 2026" in words, "Shelter beds in small towns" in words) == (True, True)


@pytest.mark.django_db
def test_no_certificate_is_issued_before_the_last_day_of_the_meeting(client):
    """A check-in in November for a meeting in March once gave a certificate of attendance on that November day."""
    today = timezone.localdate(timezone=ZoneInfo("Europe/Bucharest"))  # the meeting's; in London it may be yesterday
    meeting = make_meeting(begins=today + timedelta(days=9), ends=today + timedelta(days=10))
    guest, organiser = make_registration(meeting, "Ana Moreau"), make_organiser(meeting)
    check_in(by=organiser, registration=guest)
    with pytest.raises(CertificateTooEarly):
        issue_letter(by=organiser, registration=guest, kind="attendance", language="en")
    with pytest.raises(CertificateTooEarly):
        issue_certificates(by=organiser, meeting=meeting)
    page = reverse("meetings:manage-letters", args=[meeting.public_id])
    sign_in(client, organiser)
    assert "Certificates can be created from" in client.get(page).content.decode()
    answer = client.post(
        page, {"registration": guest.public_id, "kind": "attendance", "language": "en", "unsigned": "on"}
    )
    assert (answer.status_code, "The meeting is not over yet." in answer.content.decode()) == (409, True)
    for days, cancelled in ((-1, None), (1, timezone.now())):  # still going on; cancelled before it began
        begins = today + timedelta(days=days)
        models.Meeting.objects.update(begins=begins, ends=begins + timedelta(days=2), cancelled_at=cancelled)
        guest = models.Registration.objects.select_related("meeting", "person").get()
        with pytest.raises(CertificateTooEarly):
            issue_letter(by=organiser, registration=guest, kind="attendance", language="en")
    assert models.IssuedLetter.objects.count() == 0
    models.Meeting.objects.update(begins=today - timedelta(days=1), ends=today, cancelled_at=None)
    guest = models.Registration.objects.select_related("meeting", "person").get()
    letter = issue_letter(by=organiser, registration=guest, kind="attendance", language="en")
    assert f"Days attended: {display_date(today, 'en')}" in page_text(letter.pdf)
    models.CheckIn.objects.update(at=timezone.now() - timedelta(days=30))  # tried out before the meeting
    with pytest.raises(NotCheckedIn):
        issue_letter(by=organiser, registration=guest, kind="attendance", language="en")
    with pytest.raises(NothingToPrint):
        issue_certificates(by=organiser, meeting=guest.meeting)


@pytest.mark.django_db
def test_a_certificate_for_attendance_recorded_after_the_meeting_names_no_day():
    meeting = make_meeting()
    guest, organiser = make_registration(meeting, "Ana Moreau"), make_organiser(meeting)
    check_in(by=organiser, registration=guest)
    models.CheckIn.objects.update(at=datetime(2026, 10, 20, 9, tzinfo=UTC))
    words = page_text(issue_letter(by=organiser, registration=guest, kind="attendance", language="en").pdf)
    assert ("We certify that Ana Moreau" in words, "Days attended" in words, "20 October" in words) == (
        True,
        False,
        False,
    )


@pytest.mark.django_db
def test_letters_without_a_signatory_warn_the_organiser_before_they_are_created(client):
    meeting = make_meeting()
    guest, organiser = make_registration(meeting, "Ana Moreau"), make_organiser(meeting)
    check_in(by=organiser, registration=guest)
    sign_in(client, organiser)
    page = reverse("meetings:manage-letters", args=[meeting.public_id])
    letter = {"registration": guest.public_id, "kind": "visa", "language": "en"}
    warnings = ("Letters have no signatory yet.", "Enter a signatory first, or tick this box.")
    assert warnings[0] in client.get(page).content.decode()
    for data in (letter, {"certificates_language": "en"}):
        answer = client.post(page, data)
        assert (answer.status_code, warnings[1] in answer.content.decode()) == (422, True)
    assert models.IssuedLetter.objects.count() == 0
    for data in (letter, {"certificates_language": "en"}):
        assert client.post(page, data | {"unsigned": "on"})["Content-Type"] == "application/pdf"
    client.post(page, {"signatory": "The Fictional Director", "contact": ""})
    assert warnings[0] not in client.get(page).content.decode()
    assert client.post(page, letter)["Content-Type"] == "application/pdf"


@pytest.mark.django_db
def test_checking_a_letter_shows_its_validity_and_only_yes_or_no_about_a_name(client):
    guest = make_registration(make_meeting(), "Ana Édouard-Moreau")
    letter = issue_letter(by=make_account(), registration=guest, kind="visa", language="en").letter
    address = reverse("meetings:letter", args=[letter.code])
    page = client.get(address).content.decode()
    assert ("issued here and is valid" in page, "Moreau" in page, "Ana" in page) == (True, False, False)
    yes = client.post(address, {"last_name": "edouard-moreau"}).content.decode()
    no = client.post(address, {"last_name": "Ana"}).content.decode()
    assert ("Yes. The letter" in yes, "No. The letter" in no) == (True, True)
    revoke_letter(by=make_account(), letter=letter)
    assert "issued here but has been revoked" in client.get(address).content.decode()
    assert client.get(reverse("meetings:letter", args=["AAAA-AAAA-AAAA"])).status_code == 404


@pytest.mark.django_db
def test_checking_a_letter_confirms_only_the_name_that_is_printed_on_it(client):
    account = make_account()
    guest = make_registration(make_meeting(), "Ana Hidden", at_risk=True, pseudonym="M. Solstad", account=account)
    by_organiser = issue_letter(by=make_account(), registration=guest, kind="invitation", language="en")
    own = issue_letter(by=account, registration=guest, kind="visa", language="en", for_themselves=True)
    assert ("Solstad" in page_text(by_organiser.pdf), "Hidden" in page_text(own.pdf)) == (True, True)
    answers = {
        (letter.letter.kind, name): "Yes. The letter"
        in client.post(reverse("meetings:letter", args=[letter.letter.code]), {"last_name": name}).content.decode()
        for letter in (by_organiser, own)
        for name in ("Solstad", "Hidden")
    }
    assert answers == {
        ("invitation", "Solstad"): True,
        ("invitation", "Hidden"): False,
        ("visa", "Solstad"): False,
        ("visa", "Hidden"): True,
    }
    letter = own.letter  # the name on the paper stays the one that is confirmed
    Detail.objects.filter(person=guest.person, field="name").update(value="Ana Renamed")
    assert [letter_queries.check_letter(letter.code, name).matches for name in ("Renamed", "ana  hidden")] == [
        False,
        True,
    ]


@pytest.mark.django_db
def test_names_cannot_be_guessed_by_the_code_of_a_letter():
    cache.clear()
    guest = make_registration(make_meeting(), "Ana Moreau")
    letters = [issue_letter(by=make_account(), registration=guest, kind="visa").letter for _ in range(4)]

    def statuses(letter: models.IssuedLetter, times: int, network: str) -> list[int]:
        client, address = Client(REMOTE_ADDR=network), reverse("meetings:letter", args=[letter.code])
        return [client.post(address, {"last_name": f"Name {n}"}).status_code for n in range(times)]

    assert statuses(letters[0], 11, "192.0.2.1") == [200] * 10 + [429]
    assert statuses(letters[0], 1, "192.0.2.2") == [429]  # another network has no further guesses at this letter
    # a refused guess counts for neither limit
    assert (statuses(letters[1], 10, "192.0.2.1"), statuses(letters[2], 10, "192.0.2.1")) == ([200] * 10, [200] * 10)
    assert statuses(letters[3], 1, "192.0.2.1") == [429]
    assert Client(REMOTE_ADDR="192.0.2.1").get(reverse("meetings:letter", args=[letters[0].code])).status_code == 200
    assert statuses(letters[3], 1, "192.0.2.3") == [200]
    cache.clear()


@pytest.mark.django_db
def test_the_name_printed_on_a_letter_is_kept_no_longer_than_the_registration():
    guest = make_registration(make_meeting(), "Ana Moreau")
    letter = issue_letter(by=make_account(), registration=guest, kind="visa").letter
    assert letter.printed_name == "Ana Moreau"
    (rule,) = (rule for rule in registration_data.RETENTION_RULES if rule.key == "registrations")
    rule.remove(models.Registration.objects.filter(pk=guest.pk))
    letter.refresh_from_db()
    assert (letter.printed_name, letter_queries.check_letter(letter.code, "Moreau").matches) == ("", False)


@pytest.mark.django_db
def test_a_participant_can_issue_their_own_letter_and_others_find_no_page(client):
    meeting = make_meeting()
    account, other = make_account(), make_account()
    make_registration(meeting, "Ana Moreau", account=account)
    address = reverse("meetings:my-letters", args=[meeting.public_id])
    said = {"kind": "visa", "language": "fr", "passport_number": "XN-1", "nationality": "NO"}
    answer = sign_in(client, account).post(address, said)
    assert (answer.status_code, answer["Content-Type"], answer["Cache-Control"]) == (
        200, "application/pdf", "private, no-store",
    )  # fmt: skip
    words = page_text(answer.content)  # the page is English, the letter entirely French
    assert ("XN-1" in words, "Norvège" in words, "Norway" in words) == (True, True, False)
    assert sign_in(client, other).get(address).status_code == 404


@pytest.mark.django_db
def test_the_organiser_can_print_badges_and_issue_and_revoke_letters(client):
    meeting = make_meeting()
    guest = make_registration(meeting, "Ana Moreau")
    sign_in(client, make_organiser(meeting), staff_session="badges for the meeting")
    badges = client.post(reverse("meetings:badges", args=[meeting.public_id]), {"language": "en"})
    assert "Ana Moreau" in page_text(badges.content)
    address = reverse("meetings:manage-letters", args=[meeting.public_id])
    letter_data = {"registration": guest.public_id, "kind": "confirmation", "language": "en", "unsigned": "on"}
    letter = client.post(address, letter_data)
    assert letter["Content-Type"] == "application/pdf"
    code = models.IssuedLetter.objects.get().code
    client.post(reverse("meetings:revoke-letter", args=[meeting.public_id, code]))
    assert models.IssuedLetter.objects.get().revoked_at is not None
    assert AuditEntry.objects.filter(verb="saw", person=guest.person.public_id).exists()


def page_texts(pdf: bytes) -> list[str]:
    return [page_text(pdf, page) for page in range(len(pdfium.PdfDocument(BytesIO(pdf))))]


@pytest.mark.django_db
def test_each_attendee_gets_a_certificate_of_their_own_in_one_pdf():
    meeting = make_meeting()
    organiser = make_organiser(meeting)
    came = [
        make_registration(meeting, name, language=code)
        for name, code in (("Zoe Fictional", "fr"), ("Ada Fictional", "nb"))
    ]
    make_registration(meeting, "Absent Fictional")
    hidden = make_registration(meeting, "Hidden Fictional", at_risk=True, pseudonym="Fictional Star")
    for one in [*came, hidden]:
        check_in(by=organiser, registration=one)
    count, pdf = issue_certificates(by=organiser, meeting=meeting)
    pages = page_texts(pdf)
    codes = dict(models.IssuedLetter.objects.values_list("registration_id", "code"))
    assert (count, len(pages), len(codes)) == (3, 3, 3)
    printed = [
        (("Ada", came[1]), "bekrefter"),
        (("Fictional Star", hidden), "certify"),
        (("Zoe", came[0]), "certifions"),
    ]
    for page, ((name, registration), word) in zip(pages, printed, strict=True):
        assert (name in page, word in page, codes[registration.pk] in page) == (True, True, True), page
    assert "Hidden" not in " ".join(pages)
    assert AuditEntry.objects.filter(verb="issued a letter").count() == 3


@pytest.mark.django_db
def test_no_certificates_are_issued_if_no_one_attended():
    meeting = make_meeting()
    make_registration(meeting, "Absent Fictional")
    with pytest.raises(NothingToPrint):
        issue_certificates(by=make_organiser(meeting), meeting=meeting)
    assert models.IssuedLetter.objects.count() == 0


@pytest.mark.django_db
def test_a_letter_shows_its_signatory_contact_and_country(client):
    State.objects.get_or_create(code="XB", defaults={"kind": "fictional"})
    meeting = make_meeting(state_id="XB", place="Hall", city="Harbour")
    organiser = make_organiser(meeting)
    guest = make_registration(meeting, "Ada Fictional")
    sign_in(client, organiser)
    page = reverse("meetings:manage-letters", args=[meeting.public_id])
    said = {"signatory": "The Fictional Director, Harbour Office", "contact": "visa@sudmar.example"}
    assert client.post(page, said).status_code == 302
    meeting.refresh_from_db()
    text = page_text(
        issue_letter(by=organiser, registration=confirmed_registrations(meeting).get(pk=guest.pk), kind="visa").pdf
    )
    for part in ("The Fictional Director, Harbour Office", "visa@sudmar.example", "Location: Hall, Harbour, Sudmar"):
        assert part in text, text
    with pytest.raises(PermissionDenied):
        set_signatory(by=make_account(), meeting=meeting, signatory="Somebody", contact="")


@pytest.mark.django_db
def test_the_organiser_can_download_all_certificates_in_one_language(client):
    meeting = make_meeting()
    organiser = make_organiser(meeting)
    check_in(by=organiser, registration=make_registration(meeting, "Ada Fictional", language="nb"))
    sign_in(client, organiser)
    answer = client.post(
        reverse("meetings:manage-letters", args=[meeting.public_id]), {"certificates_language": "fr", "unsigned": "on"}
    )
    assert (answer.status_code, answer["Content-Type"]) == (200, "application/pdf")
    assert "certifions" in page_text(answer.content)


# --- For the photographer ---------------------------------------------------------------------------------------------


def photographer_sheet_text(meeting, language: str = "en") -> str:
    return " ".join(
        page_texts(render_photographer_sheet(by=make_organiser(meeting), meeting=meeting, language=language))
    )


def page_colours(pdf: bytes) -> set[tuple[int, int, int]]:
    picture = pdfium.PdfDocument(BytesIO(pdf))[0].render(scale=1).to_pil().convert("RGB")
    return {colour for count, colour in picture.getcolors(1 << 20) if count > 200}


@pytest.mark.django_db
def test_the_photographer_sheet_lists_refusals_and_missing_answers_and_counts_consents():
    meeting = make_meeting()
    make_registration(meeting, "Nadia Refuses", photographs=False, group="researchers")
    make_registration(meeting, "Ulla Silent", photographs=None)
    for name in ("Yara Agrees", "Yves Agrees"):
        make_registration(meeting, name, photographs=True)
    make_registration(meeting, "Walter Waits", photographs=False, status="waiting")
    sheet = photographer_sheet_text(meeting)
    no, _word, rest = sheet.partition("No answer yet: 1")
    assert "Do not photograph: 1" in no
    assert ("Nadia Refuses" in no, "Researchers" in no or "researchers" in no) == (True, True)
    assert "Ulla Silent" in rest
    assert "May be photographed: 2" in rest
    assert not any(name in sheet for name in ("Yara", "Yves", "Walter"))


@pytest.mark.django_db
def test_people_at_risk_are_listed_as_refusals_by_pseudonym_whatever_their_answer():
    State.objects.get_or_create(code="XC")
    Organisation.objects.create(public_id="harbour-house", name="Harbour house", state_id="XC")
    meeting = make_meeting()
    for number, said in enumerate((True, None, False)):
        guest = make_registration(
            meeting, f"Hidden Name {number}", at_risk=True, pseudonym=f"M. Lindgren {number}", state_id="XC",
            photographs=said,
        )  # fmt: skip
        Detail.objects.create(
            person=guest.person, field="organisation", value="harbour-house", visibility="secretariat"
        )
    sheet = photographer_sheet_text(meeting)
    assert "Do not photograph: 3" in sheet
    assert "No answer yet: 0" in sheet
    assert "May be photographed: 0" in sheet
    assert all(f"M. Lindgren {number}" in sheet for number in range(3))
    assert not any(word in sheet for word in ("Hidden", "Harbour house", territory_name("XC", "en")))
    assert not AuditEntry.objects.filter(saw=True).exists()  # no one's details were accessed


@pytest.mark.django_db
def test_the_sheet_shows_the_colour_of_the_badge():
    meeting = make_meeting()
    make_registration(meeting, "Nadia Refuses", photographs=False, group="researchers")
    organiser = make_organiser(meeting)
    sheet = render_photographer_sheet(by=organiser, meeting=meeting, language="en")
    badge = render_badges(by=organiser, meeting=meeting, registrations=confirmed_registrations(meeting), language="en")
    green = (0x2F, 0x6B, 0x3A)
    assert (green in page_colours(sheet), green in page_colours(badge)) == (True, True)


@pytest.mark.django_db
def test_the_sheet_prints_names_in_every_script_and_logs_each_access():
    meeting = make_meeting()
    for name in NAMES:
        make_registration(meeting, name, photographs=False)
    sheet = letters_only(photographer_sheet_text(meeting))
    # A line is copied in one order, whatever its table cells: compare only the letters of right-to-left names.
    leftwards = {"ليلى حداد", "נועה לוי"}
    assert [name for name in NAMES if name not in leftwards and letters_only(name) not in sheet] == []
    assert [name for name in leftwards if not set(letters_only(name)) <= set(sheet)] == []
    assert AuditEntry.objects.filter(verb="saw", subject=f"photographs {meeting.public_id}").count() == len(NAMES)
    line = AuditEntry.objects.get(verb="printed the photography list")
    assert line.details == {"no": len(NAMES), "unsaid": 0, "yes": 0}


@pytest.mark.django_db
def test_a_long_sheet_repeats_its_headings_on_every_page():
    meeting = make_meeting()
    for number in range(70):
        make_registration(meeting, f"Somebody Number {number:02}", photographs=False)
    pages = page_texts(render_photographer_sheet(by=make_organiser(meeting), meeting=meeting, language="en"))
    assert len(pages) > 1
    assert all("Badge colour" in page for page in pages)
    assert all("Destroy this sheet after the meeting" in page for page in pages)


@pytest.mark.django_db
def test_only_an_organiser_can_print_the_sheet(client):
    meeting = make_meeting()
    address = reverse("meetings:photographs", args=[meeting.public_id])
    assert client.get(address).status_code == 302
    assert sign_in(client, make_account()).get(address).status_code == 403
    assert sign_in(client, make_organiser(make_meeting()), staff_session="w").post(address).status_code == 403
    organiser = sign_in(client, make_organiser(meeting), staff_session="the sheet")
    assert organiser.post(address, {"language": "en"}).status_code == 409  # no one has a place
    make_registration(meeting, "Nadia Refuses", photographs=False)
    page = " ".join(organiser.get(address).content.decode().split())
    assert "<dt>no photographs</dt> <dd>1</dd>" in page
    assert "Nadia" not in page
    answer = organiser.post(address, {"language": "fr"})
    assert (answer["Content-Type"], answer["Cache-Control"]) == ("application/pdf", "private, no-store")
    assert "Nadia Refuses" in page_text(answer.content)
    with pytest.raises(PermissionDenied):
        render_photographer_sheet(by=make_account(), meeting=meeting, language="en")
