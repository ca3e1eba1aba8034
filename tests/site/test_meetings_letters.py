"""Paper: badges and letters in every script, with a code that the site answers for, and nothing of a passport kept."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime
from io import BytesIO

import pypdfium2 as pdfium
import pytest
from django.core.exceptions import PermissionDenied
from django.urls import reverse
from django.utils import translation

from samsvar.meetings.meeting import Part
from samsvar.site.audit.models import Entry
from samsvar.site.convention.models import State
from samsvar.site.meetings import models
from samsvar.site.meetings.attendance.actions.badges import NobodyToPrint, print_badges, print_for_photographer
from samsvar.site.meetings.attendance.actions.check_in import check_in
from samsvar.site.meetings.attendance.queries.check_in import confirmed
from samsvar.site.meetings.fonts import not_printable
from samsvar.site.meetings.letters.actions import (
    NotThere,
    Passport,
    issue_certificates,
    issue_letter,
    revoke_letter,
    say_who_signs,
)
from samsvar.site.meetings.pdf import CannotPrint
from samsvar.site.network.models import Detail, Organisation
from samsvar.territories import name_of
from tests.factories.meetings import make_guest, make_meeting, organiser_of
from tests.factories.paper import national_forms_of
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


def words_of(pdf: bytes, page: int = 0) -> str:
    """The text of a page as a reader copies it, on one line."""
    return " ".join(pdfium.PdfDocument(BytesIO(pdf))[page].get_textpage().get_text_range().split())


def signs_of(text: str) -> str:
    """Its letters alone: a line may end within a name, and a copied hyphen at an end of line is no hyphen."""
    return "".join(one for one in text if one.isalpha())


def is_blank(pdf: bytes, page: int, box: tuple[int, int, int, int]) -> bool:
    picture = pdfium.PdfDocument(BytesIO(pdf))[page].render(scale=2).to_pil().convert("L").crop(box)
    return picture.getextrema() == (255, 255)


@pytest.mark.parametrize("name", NAMES)
def test_a_font_of_ours_holds_every_sign_of_a_name(name):
    assert not_printable(name) == ""


@pytest.mark.django_db
def test_badges_of_all_scripts_come_in_the_order_of_names_and_each_name_can_be_read_back():
    meeting = make_meeting()
    for name in NAMES:
        make_guest(meeting, name)
    pdf = print_badges(by=organiser_of(meeting), meeting=meeting, registrations=confirmed(meeting), language="en")
    pages = [words_of(pdf, page) for page in range(len(pdfium.PdfDocument(BytesIO(pdf))))]
    printed = [next(name for name in NAMES if signs_of(name) in signs_of(page)) for page in pages]
    assert sorted(printed) == sorted(NAMES)
    assert printed[:2] == ["Ștefania Brâncuș-Țăranu", "Żaneta Łękołodzka"]  # Ş stands with S, Ż with Z
    assert [is_blank(pdf, page, (20, 90, 560, 360)) for page in range(len(pages))] == [False] * len(NAMES)


@pytest.mark.django_db
def test_the_badge_of_somebody_at_risk_has_their_pseudonym_and_neither_country_nor_name():
    meeting = make_meeting()
    make_guest(meeting, "Hidden Name", at_risk=True, pseudonym="M. Lindgren", state_id=None, photographs=True)
    pdf = print_badges(by=organiser_of(meeting), meeting=meeting, registrations=confirmed(meeting), language="en")
    words = words_of(pdf)
    assert ("M. Lindgren" in words, "Hidden" in words, "no photographs" in words) == (True, False, True)


@pytest.mark.django_db
def test_what_somebody_writes_as_their_name_is_printed_and_never_read_as_markup():
    meeting = make_meeting()
    make_guest(meeting, '#read("/etc/passwd") *x*')
    pdf = print_badges(by=organiser_of(meeting), meeting=meeting, registrations=confirmed(meeting), language="en")
    assert '#read("/etc/passwd")*x*' in words_of(pdf).replace(" ", "")


@pytest.mark.django_db
def test_a_badge_that_could_not_be_read_is_refused_with_the_name():
    meeting = make_meeting()
    make_guest(meeting, "Ana \ue000")
    make_guest(meeting, "Ion Moreau")
    organiser = organiser_of(meeting)
    with pytest.raises(CannotPrint, match=r"^This cannot be printed here: Ana � \(U\+E000\)\.$"):
        print_badges(by=organiser, meeting=meeting, registrations=confirmed(meeting), language="en")
    assert not Entry.objects.filter(verb="printed badges").exists()


@pytest.mark.django_db
def test_a_letter_that_could_not_be_read_is_refused_with_the_words_and_is_not_issued():
    guest = make_guest(make_meeting(title={"en": "Shelters \ue000"}), "Ana Moreau")
    with pytest.raises(CannotPrint, match=r"Shelters � \(U\+E000\)"):
        issue_letter(by=make_account(), registration=guest, kind="confirmation", site=SITE, language="en")
    assert models.IssuedLetter.objects.count() == 0


@pytest.mark.django_db
def test_a_letter_to_somebody_named_from_right_to_left_keeps_its_own_sentences_in_order():
    guest = make_guest(make_meeting(), "ליאה (Lea) כהן")
    letter = issue_letter(by=make_account(), registration=guest, kind="visa", site=SITE, language="en")
    page = pdfium.PdfDocument(BytesIO(letter.pdf))[0].get_textpage()
    whole = page.get_text_range()
    at = [
        page.get_charbox(whole.index(word, whole.index("we confirm")))[0]
        for word in ("that", "כ", "Lea", "ל", "is reg")
    ]
    assert at == sorted(at)  # read from the left: that | כהן | (Lea) | ליאה | is registered


@pytest.mark.django_db
@pytest.mark.parametrize(("at_risk", "form"), [(False, "jp"), (True, "sc")])
def test_a_name_takes_the_form_of_its_country_and_that_of_somebody_at_risk_tells_none(at_risk, form):
    State.objects.get_or_create(code="JP", defaults={"kind": "other"})
    meeting = make_meeting()
    guest = make_guest(meeting, "林", at_risk=at_risk, pseudonym="林" if at_risk else "", state_id="JP")
    letter = issue_letter(by=make_account(), registration=guest, kind="visa", site=SITE, language="en").pdf
    badges = print_badges(by=organiser_of(meeting), meeting=meeting, registrations=confirmed(meeting), language="en")
    assert [national_forms_of(pdf) for pdf in (letter, badges)] == [{form}, {form}]


@pytest.mark.django_db
def test_a_letter_is_in_its_own_language_tagged_and_titled():
    guest = make_guest(make_meeting(), "Ana Moreau")
    with translation.override("en"):
        letter = issue_letter(by=make_account(), registration=guest, kind="confirmation", site=SITE, language="fr")
    document = pdfium.PdfDocument(BytesIO(letter.pdf))
    assert "Des refuges près de chacun" in words_of(letter.pdf)
    assert (document.is_tagged(), b"/Lang (fr)" in letter.pdf or b"/Lang(fr)" in letter.pdf) == (True, True)
    assert document.get_metadata_dict()["Title"] != ""
    assert f"{SITE}fr/meetings/letters/{letter.row.code}/" in words_of(letter.pdf).replace(" ", "")


@pytest.mark.django_db
def test_a_passport_is_read_in_the_one_letter_it_was_given_for_and_stands_nowhere_else():
    guest = make_guest(make_meeting(), "Ana Moreau")
    given = Passport("XN-7755331", "XC", date(1980, 2, 3), date(2031, 4, 5))
    letter = issue_letter(by=make_account(), registration=guest, kind="visa", site=SITE, language="en", passport=given)
    assert "XN-7755331" in words_of(letter.pdf)
    stored = list(models.IssuedLetter.objects.values()) + list(Entry.objects.values())
    assert "7755331" not in json.dumps(stored, default=str)


@pytest.mark.django_db
def test_attendance_is_certified_of_whoever_was_checked_in_with_what_they_held():
    meeting = make_meeting()
    guest = make_guest(meeting, "Ana Moreau")
    organiser = organiser_of(meeting)
    with pytest.raises(NotThere):
        issue_letter(by=organiser, registration=guest, kind="attendance", site=SITE, language="en")
    session = models.Session.objects.create(
        meeting=meeting, title={"en": "Shelter beds in small towns"}, state=models.Session.State.READY
    )
    models.Appearance.objects.create(session=session, person=guest.person, part=Part.SPEAKER)
    check_in(by=organiser, registration=guest)
    models.CheckIn.objects.update(at=datetime(2026, 9, 15, 22, 30, tzinfo=UTC))  # the 16th in Bucharest
    letter = issue_letter(by=organiser, registration=guest, kind="attendance", site=SITE, language="en")
    words = words_of(letter.pdf)
    assert ("16 September 2026" in words, "Shelter beds in small towns" in words) == (True, True)


@pytest.mark.django_db
def test_whoever_reads_the_paper_learns_that_it_holds_and_nothing_of_the_person_but_yes_or_no(client):
    guest = make_guest(make_meeting(), "Ana Édouard-Moreau")
    letter = issue_letter(by=make_account(), registration=guest, kind="visa", site=SITE, language="en").row
    address = reverse("meetings:letter", args=[letter.code])
    page = client.get(address).content.decode()
    assert ("issued here and holds" in page, "Moreau" in page, "Ana" in page) == (True, False, False)
    yes = client.post(address, {"last_name": "edouard-moreau"}).content.decode()
    no = client.post(address, {"last_name": "Ana"}).content.decode()
    assert ("Yes: the letter" in yes, "No: the letter" in no) == (True, True)
    revoke_letter(by=make_account(), letter=letter)
    assert "issued here and was revoked" in client.get(address).content.decode()
    assert client.get(reverse("meetings:letter", args=["AAAA-AAAA-AAAA"])).status_code == 404


@pytest.mark.django_db
def test_a_participant_makes_their_own_letter_and_somebody_without_a_place_finds_no_page(client):
    meeting = make_meeting()
    account, other = make_account(), make_account()
    make_guest(meeting, "Ana Moreau", account=account)
    address = reverse("meetings:my-letters", args=[meeting.public_id])
    said = {"kind": "visa", "language": "fr", "passport_number": "XN-1", "nationality": "NO"}
    answer = sign_in(client, account).post(address, said)
    assert (answer.status_code, answer["Content-Type"], answer["Cache-Control"]) == (
        200, "application/pdf", "private, no-store",
    )  # fmt: skip
    words = words_of(answer.content)  # the page is English, the letter French: it says everything in French
    assert ("XN-1" in words, "Norvège" in words, "Norway" in words) == (True, True, False)
    assert sign_in(client, other).get(address).status_code == 404


@pytest.mark.django_db
def test_the_organiser_makes_badges_and_letters_and_revokes_one(client):
    meeting = make_meeting()
    guest = make_guest(meeting, "Ana Moreau")
    sign_in(client, organiser_of(meeting), staff_session="badges for the meeting")
    badges = client.post(reverse("meetings:badges", args=[meeting.public_id]), {"language": "en"})
    assert "Ana Moreau" in words_of(badges.content)
    address = reverse("meetings:manage-letters", args=[meeting.public_id])
    letter = client.post(address, {"registration": guest.public_id, "kind": "confirmation", "language": "en"})
    assert letter["Content-Type"] == "application/pdf"
    code = models.IssuedLetter.objects.get().code
    client.post(reverse("meetings:revoke-letter", args=[meeting.public_id, code]))
    assert models.IssuedLetter.objects.get().revoked_at is not None
    assert Entry.objects.filter(verb="saw", person=guest.person.public_id).exists()


def pages_of(pdf: bytes) -> list[str]:
    return [words_of(pdf, page) for page in range(len(pdfium.PdfDocument(BytesIO(pdf))))]


@pytest.mark.django_db
def test_everybody_who_was_there_gets_a_certificate_of_their_own_in_one_paper():
    meeting = make_meeting()
    organiser = organiser_of(meeting)
    came = [make_guest(meeting, name, language=code) for name, code in (("Zoe Invented", "fr"), ("Ada Invented", "nb"))]
    make_guest(meeting, "Absent Invented")
    hidden = make_guest(meeting, "Hidden Invented", at_risk=True, pseudonym="Invented Star")
    for one in [*came, hidden]:
        check_in(by=organiser, registration=one)
    count, pdf = issue_certificates(by=organiser, meeting=meeting, site=SITE)
    pages = pages_of(pdf)
    codes = dict(models.IssuedLetter.objects.values_list("registration_id", "code"))
    assert (count, len(pages), len(codes)) == (3, 3, 3)
    printed = [
        (("Ada", came[1]), "bekrefter"),
        (("Invented Star", hidden), "certify"),
        (("Zoe", came[0]), "certifions"),
    ]
    for page, ((name, registration), word) in zip(pages, printed, strict=True):
        assert (name in page, word in page, codes[registration.pk] in page) == (True, True, True), page
    assert "Hidden" not in " ".join(pages)
    assert Entry.objects.filter(verb="issued a letter").count() == 3


@pytest.mark.django_db
def test_where_nobody_came_no_certificates_are_made():
    meeting = make_meeting()
    make_guest(meeting, "Absent Invented")
    with pytest.raises(NobodyToPrint):
        issue_certificates(by=organiser_of(meeting), meeting=meeting, site=SITE)
    assert models.IssuedLetter.objects.count() == 0


@pytest.mark.django_db
def test_a_letter_says_who_signs_whom_to_ask_and_in_which_country(client):
    State.objects.get_or_create(code="XB", defaults={"kind": "invented"})
    meeting = make_meeting(state_id="XB", place="Hall", city="Harbour")
    organiser = organiser_of(meeting)
    guest = make_guest(meeting, "Ada Invented")
    sign_in(client, organiser)
    page = reverse("meetings:manage-letters", args=[meeting.public_id])
    said = {"signatory": "The Invented Director, Harbour Office", "contact": "visa@sudmar.example"}
    assert client.post(page, said).status_code == 302
    meeting.refresh_from_db()
    text = words_of(
        issue_letter(by=organiser, registration=confirmed(meeting).get(pk=guest.pk), kind="visa", site=SITE).pdf
    )
    for part in ("The Invented Director, Harbour Office", "visa@sudmar.example", "Place: Hall, Harbour, Sudmar"):
        assert part in text, text
    with pytest.raises(PermissionDenied):
        say_who_signs(by=make_account(), meeting=meeting, signatory="Somebody", contact="")


@pytest.mark.django_db
def test_the_organiser_takes_all_certificates_away_in_one_language(client):
    meeting = make_meeting()
    organiser = organiser_of(meeting)
    check_in(by=organiser, registration=make_guest(meeting, "Ada Invented", language="nb"))
    sign_in(client, organiser)
    answer = client.post(reverse("meetings:manage-letters", args=[meeting.public_id]), {"certificates_language": "fr"})
    assert (answer.status_code, answer["Content-Type"]) == (200, "application/pdf")
    assert "certifions" in words_of(answer.content)


# --- For the photographer ---------------------------------------------------------------------------------------------


def a_sheet(meeting, language: str = "en") -> str:
    return " ".join(pages_of(print_for_photographer(by=organiser_of(meeting), meeting=meeting, language=language)))


def colours_of(pdf: bytes) -> set[tuple[int, int, int]]:
    picture = pdfium.PdfDocument(BytesIO(pdf))[0].render(scale=1).to_pil().convert("RGB")
    return {colour for count, colour in picture.getcolors(1 << 20) if count > 200}


@pytest.mark.django_db
def test_the_photographers_sheet_names_who_said_no_and_who_has_not_said_and_counts_who_said_yes():
    meeting = make_meeting()
    make_guest(meeting, "Nadia Refuses", photographs=False, group="researchers")
    make_guest(meeting, "Ulla Silent", photographs=None)
    for name in ("Yara Agrees", "Yves Agrees"):
        make_guest(meeting, name, photographs=True)
    make_guest(meeting, "Walter Waits", photographs=False, standing="waiting")
    sheet = a_sheet(meeting)
    no, _word, rest = sheet.partition("Not said yet: 1")
    assert "Do not photograph: 1" in no
    assert ("Nadia Refuses" in no, "Researchers" in no or "researchers" in no) == (True, True)
    assert "Ulla Silent" in rest
    assert "May be photographed: 2" in rest
    assert not any(name in sheet for name in ("Yara", "Yves", "Walter"))


@pytest.mark.django_db
def test_people_at_risk_stand_under_no_by_their_pseudonym_alone_whatever_they_said():
    State.objects.get_or_create(code="XC")
    Organisation.objects.create(public_id="harbour-house", name="Harbour house", state_id="XC")
    meeting = make_meeting()
    for number, said in enumerate((True, None, False)):
        guest = make_guest(
            meeting, f"Hidden Name {number}", at_risk=True, pseudonym=f"M. Lindgren {number}", state_id="XC",
            photographs=said,
        )  # fmt: skip
        Detail.objects.create(
            person=guest.person, field="organisation", value="harbour-house", visibility="secretariat"
        )
    sheet = a_sheet(meeting)
    assert "Do not photograph: 3" in sheet
    assert "Not said yet: 0" in sheet
    assert "May be photographed: 0" in sheet
    assert all(f"M. Lindgren {number}" in sheet for number in range(3))
    assert not any(word in sheet for word in ("Hidden", "Harbour house", name_of("XC", "en")))
    assert not Entry.objects.filter(saw=True).exists()  # nobody's details were seen


@pytest.mark.django_db
def test_the_sheet_shows_the_colour_that_the_badge_has():
    meeting = make_meeting()
    make_guest(meeting, "Nadia Refuses", photographs=False, group="researchers")
    organiser = organiser_of(meeting)
    sheet = print_for_photographer(by=organiser, meeting=meeting, language="en")
    badge = print_badges(by=organiser, meeting=meeting, registrations=confirmed(meeting), language="en")
    green = (0x2F, 0x6B, 0x3A)
    assert (green in colours_of(sheet), green in colours_of(badge)) == (True, True)


@pytest.mark.django_db
def test_names_on_the_sheet_are_printed_in_every_script_and_a_looked_at_name_is_written_down():
    meeting = make_meeting()
    for name in NAMES:
        make_guest(meeting, name, photographs=False)
    sheet = signs_of(a_sheet(meeting))
    # a line is copied in one order, whatever cells its words stand in: of right to left the letters alone
    leftwards = {"ليلى حداد", "נועה לוי"}
    assert [name for name in NAMES if name not in leftwards and signs_of(name) not in sheet] == []
    assert [name for name in leftwards if not set(signs_of(name)) <= set(sheet)] == []
    assert Entry.objects.filter(verb="saw", subject=f"photographs {meeting.public_id}").count() == len(NAMES)
    line = Entry.objects.get(verb="printed whom not to photograph")
    assert line.details == {"no": len(NAMES), "unsaid": 0, "yes": 0}


@pytest.mark.django_db
def test_a_sheet_of_a_whole_conference_goes_on_over_pages_with_its_headings():
    meeting = make_meeting()
    for number in range(60):
        make_guest(meeting, f"Somebody Number {number:02}", photographs=False)
    pages = pages_of(print_for_photographer(by=organiser_of(meeting), meeting=meeting, language="en"))
    assert len(pages) > 1
    assert all("Colour of the badge" in page for page in pages)
    assert all("Destroy it when the meeting is over" in page for page in pages)


@pytest.mark.django_db
def test_only_whoever_runs_the_meeting_gets_the_sheet(client):
    meeting = make_meeting()
    address = reverse("meetings:photographs", args=[meeting.public_id])
    assert client.get(address).status_code == 302
    assert sign_in(client, make_account()).get(address).status_code == 403
    assert sign_in(client, organiser_of(make_meeting()), staff_session="w").post(address).status_code == 403
    organiser = sign_in(client, organiser_of(meeting), staff_session="the sheet")
    assert organiser.post(address, {"language": "en"}).status_code == 409  # nobody has a place
    make_guest(meeting, "Nadia Refuses", photographs=False)
    page = " ".join(organiser.get(address).content.decode().split())
    assert "<dt>no photographs</dt> <dd>1</dd>" in page
    assert "Nadia" not in page
    answer = organiser.post(address, {"language": "fr"})
    assert (answer["Content-Type"], answer["Cache-Control"]) == ("application/pdf", "private, no-store")
    assert "Nadia Refuses" in words_of(answer.content)
    with pytest.raises(PermissionDenied):
        print_for_photographer(by=make_account(), meeting=meeting, language="en")
