"""Pages from which registration is run: invitations, delegations, registrations, quotas, questions, tables."""

from __future__ import annotations

import csv
import io
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from samsvar.errors import SamsvarError
from samsvar.interchange import tables
from samsvar.meetings.registration import Standing
from samsvar.network.rights import Claim
from samsvar.site.meetings import models
from samsvar.site.meetings.actions import registration as actions
from samsvar.site.meetings.actions import registration_delegations as delegations
from samsvar.site.meetings.actions import registration_invitations as invitations
from samsvar.site.meetings.actions import registration_organising as organising
from samsvar.site.meetings.actions import registration_protection as protection
from samsvar.site.meetings.actions import registration_questions as asking
from samsvar.site.meetings.actions.meeting import change as change_meeting
from samsvar.site.meetings.forms.registration import (
    LETTERS_IN,
    CorrectForm,
    DecisionForm,
    DelegationForm,
    GroupTableForm,
    HideForm,
    InviteForm,
    ListForm,
    MoveForm,
    OpeningForm,
    QuestionForm,
    QuotaForm,
    categories,
    groups,
)
from samsvar.site.meetings.queries import registration as queries
from samsvar.site.meetings.views import account_of, managed_or_404, or_404, site_of, status_of, tell_trouble, tried
from samsvar.site.network.forms.directory import initial_organisation
from samsvar.site.shell.cache import PERSONAL
from samsvar.site.shell.doors import door as opens
from samsvar.site.shell.downloads import table_file
from samsvar.site.shell.limits import too_many

page_with_form = require_http_methods(["GET", "HEAD", "POST"])
FILTERS = ("standing", "country", "group", "category", "delegation", "answers", "photographs")
LARGEST_TABLE = 2 * 1024 * 1024  # bytes; five hundred rows are far below


@opens(Claim.MANAGE_MEETING)
@page_with_form
def open_registration(request: HttpRequest, slug: str) -> HttpResponse:
    """Who may ask for a place and from when until when, whether each is decided on, until when answers change."""
    meeting = managed_or_404(request, slug)
    form = OpeningForm(request.POST or None, meeting=meeting)
    refusal = None
    if request.method == "POST" and form.is_valid():
        _done, refusal = tried(change_meeting, by=account_of(request), meeting=meeting, said=form.cleaned_data)
        if refusal is None:
            messages.success(request, _("Stored. Pages and letters say it from now on."))
            return redirect("meetings:open-registration", slug)
    context = {
        "meeting": meeting, "form": form, "refusal": refusal, "opening": queries.opening_of(meeting),
        "counts_places": meeting.quotas.exists(),
    }  # fmt: skip
    return render(request, "meetings/registration_opening.html", context, status=status_of(form, refusal))


@opens(Claim.MANAGE_MEETING)
@page_with_form
def manage_invitations(request: HttpRequest, slug: str) -> HttpResponse:
    meeting = managed_or_404(request, slug)
    form = InviteForm(request.POST or None, meeting=meeting, initial={"language": (meeting.languages or ["en"])[0]})
    refusal = None
    if request.method == "POST" and form.is_valid():
        told, by, site = form.cleaned_data, account_of(request), site_of(request)

        def send() -> tuple[int, int]:
            sent = known = 0
            addresses = invitations.addresses_in(told["addresses"])
            if addresses:
                one = invitations.invite(
                    meeting=meeting, addresses=addresses, by=by, site=site, expires_at=told["until"],
                    language=told["language"], category=told["category"], group=told["group"], state=told["country"],
                )  # fmt: skip
                sent, known = one.sent, one.known
            if told.get("members"):
                two = invitations.invite_members(
                    meeting=meeting, by=by, site=site, expires_at=told["until"], language=told["language"]
                )
                sent, known = sent + two.sent, known + two.known
            return sent, known

        done, refusal = tried(send)
        if done is not None:
            said = ngettext("%(n)s invitation is on its way.", "%(n)s invitations are on their way.", done[0])
            more = ngettext("%(n)s address had one already.", "%(n)s addresses had one already.", done[1])
            told_so = said % {"n": done[0]} + (" " + more % {"n": done[1]} if done[1] else "")
            messages.success(request, told_so)
            return redirect("meetings:manage-invitations", slug)
    pages = queries.invitations_page(meeting, request.GET.get("page"))
    context = {
        "meeting": meeting, "form": form, "refusal": refusal, "pages": pages,
        "letters": queries.letters_before(
            meeting, "meetings/invitation", [code for code, _name in LETTERS_IN], request.get_host()
        ),
    }  # fmt: skip
    return render(request, "meetings/registration_invitations.html", context, status=status_of(form, refusal))


@opens(Claim.MANAGE_MEETING)
@require_POST
def invite_again(request: HttpRequest, slug: str, public_id: str) -> HttpResponse:
    row = _invitation(request, slug, public_id)
    return _after(
        request, "meetings:manage-invitations", slug, _("The invitation is on its way once more."),
        invitations.send_again, invitation=row, by=account_of(request), site=site_of(request),
    )  # fmt: skip


@opens(Claim.MANAGE_MEETING)
@require_POST
def withdraw_invitation(request: HttpRequest, slug: str, public_id: str) -> HttpResponse:
    row = _invitation(request, slug, public_id)
    return _after(
        request, "meetings:manage-invitations", slug, _("The invitation is withdrawn."),
        invitations.withdraw_invitation, invitation=row, by=account_of(request),
    )  # fmt: skip


@opens(Claim.MANAGE_MEETING)
@page_with_form
def manage_delegations(request: HttpRequest, slug: str) -> HttpResponse:
    meeting = managed_or_404(request, slug)
    form = DelegationForm(request.POST or None, meeting=meeting)
    refusal = None
    if request.method == "POST" and form.is_valid():
        told = form.cleaned_data
        done, refusal = tried(
            delegations.make_delegation, meeting=meeting, by=account_of(request), site=site_of(request),
            places=told["places"], head_email=told["head_email"], state=told["country"],
            organisation=int(told["organisation"]) if told["organisation"] else None, nominate_until=told["until"],
            language=told["language"], note=told["note"],
        )  # fmt: skip
        if done is not None:
            messages.success(request, _("The delegation is made, and a letter to its head is on its way."))
            return redirect("meetings:manage-delegations", slug)
    context = {"meeting": meeting, "form": form, "refusal": refusal, "delegations": queries.delegations_of(meeting)}
    return render(request, "meetings/registration_delegations.html", context, status=status_of(form, refusal))


@opens(Claim.MANAGE_MEETING)
@require_POST
def write_to_head(request: HttpRequest, slug: str, public_id: str) -> HttpResponse:
    row = or_404(queries.delegation_by(managed_or_404(request, slug), public_id))
    delegations.write_to_head(row, site=site_of(request), by=account_of(request))
    messages.success(request, _("A letter to the head is on its way."))
    return redirect("meetings:manage-delegations", slug)


@opens(Claim.MANAGE_MEETING)
@page_with_form
def change_delegation(request: HttpRequest, slug: str, public_id: str) -> HttpResponse:
    """Places, day, language, and another head where the one before is not it any more."""
    meeting = managed_or_404(request, slug)
    row = or_404(queries.delegation_by(meeting, public_id))
    form = DelegationForm(request.POST or None, meeting=meeting, delegation=row)
    refusal = None
    if request.method == "POST" and form.is_valid():
        told = form.cleaned_data
        done, refusal = tried(
            delegations.change_delegation, delegation=row, by=account_of(request), site=site_of(request),
            places=told["places"], nominate_until=told["until"], head_email=told["head_email"],
            language=told["language"], note=told["note"],
        )  # fmt: skip
        if done is not None:
            said = _("The delegation is changed.")
            if done.public_id != public_id:
                said = _("The delegation is changed, and a letter to its new head is on its way.")
            messages.success(request, said)
            return redirect("meetings:manage-delegations", slug)
    context = {"meeting": meeting, "delegation": row, "form": form, "refusal": refusal}
    return render(request, "meetings/registration_delegation_change.html", context, status=status_of(form, refusal))


@opens(Claim.MANAGE_MEETING)
@require_POST
def end_naming(request: HttpRequest, slug: str, public_id: str) -> HttpResponse:
    row = or_404(queries.delegation_by(managed_or_404(request, slug), public_id))
    return _after(
        request, "meetings:manage-delegations", slug, _("Nobody more is named. Places that were kept are free."),
        delegations.end_naming, delegation=row, by=account_of(request), site=site_of(request),
    )  # fmt: skip


@opens(Claim.MANAGE_MEETING)
@page_with_form
def manage_registrations(request: HttpRequest, slug: str) -> HttpResponse:
    """The list, narrowed as asked; decisions about those chosen."""
    meeting = managed_or_404(request, slug)
    form = DecisionForm(request.POST or None)
    refusal = None
    wanted = {name: request.GET.get(name, "")[:40] for name in FILTERS}
    if request.method == "POST" and form.is_valid():
        chosen = queries.narrowed(meeting, wanted)
        if "everybody" not in request.POST:  # all of the list, also on other pages of it
            chosen = meeting.registrations.filter(public_id__in=request.POST.getlist("registration"))
        rows = list(chosen.select_related("meeting").order_by("at", "pk"))
        if not rows:
            messages.error(request, _("Choose at least one registration."))
        else:
            _decide(request, rows, form.cleaned_data)
            return redirect(request.get_full_path())
    page = queries.registrations_page(request.user, meeting, wanted, request.GET.get("page"))
    context = {
        "meeting": meeting, "page": page, "form": form, "refusal": refusal, "wanted": wanted,
        "standings": [(one.value, page.counts.get(one.value, 0)) for one in Standing], "groups": groups()[1:],
        "categories": categories(), "delegations": queries.delegations_of(meeting),
        "countries": sorted({one.quota.key for one in page.quotas if one.quota.kind == "country"}),
        "quota_form": QuotaForm(meeting=meeting, auto_id="quota_%s"),
    }  # fmt: skip
    return render(request, "meetings/registration_list.html", context, status=status_of(form, refusal))


@opens(Claim.MANAGE_MEETING)
@page_with_form
def manage_registration(request: HttpRequest, slug: str, public_id: str) -> HttpResponse:
    """One registration: its answers, and under what it is counted."""
    meeting = managed_or_404(request, slug)
    row = or_404(queries.registration_by(meeting, public_id))
    initial = {"category": row.category, "group": row.group, "country": row.state_id or ""}
    do = request.POST.get("do", "")
    hides, corrects = do == "hide", do == "correct"
    hide = HideForm(request.POST if hides else None, auto_id="hide_%s")
    form = MoveForm(None if do else request.POST or None, meeting=meeting, initial=initial)
    writes = queries.writes_own_name(row.person) and row.person is not None and not row.person.at_risk
    if row.person is not None and row.person.at_risk:
        del form.fields["country"]  # is told to nobody, and stays what it is
    refusal = None
    if hides and hide.is_valid():
        done, refusal = tried(
            protection.hide_somebody, registration=row, by=account_of(request), site=site_of(request),
            **hide.cleaned_data,
        )  # fmt: skip
        if done is not None:
            messages.success(request, _("This person is hidden from now on, everywhere on this site."))
            return redirect("meetings:manage-registration", slug, public_id)
    line = queries.registration_line(request.user, row)
    known = {"name": line.view.name, "title": line.view.title} if line.view is not None else {}
    if line.view is not None and line.view.organisation is not None:
        known |= initial_organisation(line.view.organisation.value)
    correct = CorrectForm(
        request.POST if corrects else None, country=row.state_id or "", initial=known, auto_id="correct_%s"
    )
    if corrects and writes and correct.is_valid():
        done, refusal = tried(
            actions.correct_name, registration=row, by=account_of(request), site=site_of(request),
            **correct.said(),
        )  # fmt: skip
        if refusal is None:
            messages.success(request, _("It is written so from now on. Letters that were issued stay as they are."))
            return redirect("meetings:manage-registration", slug, public_id)
    elif request.method == "POST" and form.is_valid():
        told = form.cleaned_data
        done, refusal = tried(
            actions.move, registration=row, by=account_of(request), category=told["category"], group=told["group"],
            state=told.get("country", row.state_id or ""), site=site_of(request),
        )  # fmt: skip
        if done is not None:
            messages.success(request, _("The registration is counted there now."))
            return redirect("meetings:manage-registration", slug, public_id)
    context = {
        "meeting": meeting, "line": line, "row": row, "form": form, "refusal": refusal, "hide": hide,
        "correct": correct if writes and not Standing(row.standing).is_over else None,
        "answers": queries.answers_of(row, request.LANGUAGE_CODE),
        "decision": DecisionForm(standing=row.standing, auto_id="decide_%s"),
        "is_over": Standing(row.standing).is_over,
    }  # fmt: skip
    wrong = hide if hides else correct if corrects else form
    return render(request, "meetings/registration_one.html", context, status=status_of(wrong, refusal))


@opens(Claim.MANAGE_MEETING)
@page_with_form
def export_registrations(request: HttpRequest, slug: str) -> HttpResponse:
    """The list as a file; whether people at risk are in it is asked first, and how many, not who."""
    meeting = managed_or_404(request, slug)
    form = ListForm(request.POST if request.method == "POST" else None)
    refusal = None
    if request.method == "POST" and form.is_valid():
        if stopped := too_many(request, "export"):
            return stopped
        rows, refusal = tried(
            organising.export_registrations, meeting=meeting, by=account_of(request), site=site_of(request),
            **form.cleaned_data,
        )  # fmt: skip
        if rows is not None:
            return table_file(rows, organising.LIST_COLUMNS, "csv", f"{slug}-registrations", cache=PERSONAL)
    context = {"meeting": meeting, "form": form, "refusal": refusal, "at_risk": queries.at_risk_in(meeting)}
    return render(request, "meetings/registration_take_out.html", context, status=status_of(form, refusal))


@opens(Claim.MANAGE_MEETING)
@require_POST
def set_quota(request: HttpRequest, slug: str) -> HttpResponse:
    meeting = managed_or_404(request, slug)
    form = QuotaForm(request.POST, meeting=meeting)
    if not form.is_valid():
        messages.error(request, _("Choose for what the places are, and write how many."))
        return redirect("meetings:manage-registrations", slug)
    kind, key = form.key()
    return _after(
        request, "meetings:manage-registrations", slug, _("The quota is set."), organising.set_quota,
        meeting=meeting, by=account_of(request), kind=kind, key=key, places=form.cleaned_data["places"],
        site=site_of(request),
    )  # fmt: skip


@opens(Claim.MANAGE_MEETING)
@require_POST
def remove_quota(request: HttpRequest, slug: str) -> HttpResponse:
    meeting = managed_or_404(request, slug)
    kind, _colon, key = request.POST.get("what", "").partition(":")
    quota = meeting.quotas.select_related("meeting").filter(kind=kind, key=key).first()
    if quota is None:
        messages.error(request, _("There is no such quota any more."))
    else:
        organising.remove_quota(quota=quota, by=account_of(request), site=site_of(request))
        messages.success(request, _("The quota is removed."))
    return redirect("meetings:manage-registrations", slug)


@opens(Claim.MANAGE_MEETING)
@page_with_form
def manage_questions(request: HttpRequest, slug: str) -> HttpResponse:
    """The meeting's own questions, each with what it is for and the day its answers go."""
    meeting = managed_or_404(request, slug)
    form = QuestionForm(request.POST or None, meeting=meeting)
    if request.method == "POST" and form.is_valid():
        asking.add_question(meeting=meeting, by=account_of(request), **form.columns())
        messages.success(request, _("The question is asked from now on."))
        return redirect("meetings:manage-questions", slug)
    context = {
        "meeting": meeting, "form": form, "questions": queries.asked_by(meeting), "refusal": None,
        "open": len(queries.still_to_answer(meeting)),
    }  # fmt: skip
    return render(request, "meetings/registration_questions.html", context, status=status_of(form, None))


@opens(Claim.MANAGE_MEETING)
@require_POST
def remind_of_questions(request: HttpRequest, slug: str) -> HttpResponse:
    meeting = managed_or_404(request, slug)
    sent, refusal = tried(asking.remind_of_questions, meeting=meeting, by=account_of(request), site=site_of(request))
    if refusal is not None:
        tell_trouble(request, refusal)
    elif sent:
        said = ngettext("%(n)s letter is on its way.", "%(n)s letters are on their way.", sent)
        messages.success(request, said % {"n": sent})
    else:
        messages.success(request, _("Everybody who has an address was reminded within the last day."))
    return redirect("meetings:manage-questions", slug)


@opens(Claim.MANAGE_MEETING)
@page_with_form
def change_question(request: HttpRequest, slug: str, public_id: str) -> HttpResponse:
    """Other words, other choices, an earlier day; what was promised to those who have answered holds."""
    meeting = managed_or_404(request, slug)
    question = _question(meeting, public_id)
    values = list(question.answers.values_list("value", flat=True))
    form = QuestionForm(
        request.POST or None, meeting=meeting, question=question, answers=len(values),
        chosen=asking.times_chosen(values),
    )  # fmt: skip
    refusal = None
    if request.method == "POST" and form.is_valid():
        _done, refusal = tried(
            asking.change_question, question=question, by=account_of(request),
            anew=bool(form.cleaned_data.get("anew")), **form.columns(),
        )  # fmt: skip
        if refusal is None:
            messages.success(request, _("The question is changed."))
            return redirect(_place_of(question))
    context = {"meeting": meeting, "question": question, "form": form, "refusal": refusal}
    return render(request, "meetings/registration_question.html", context, status=status_of(form, refusal))


@opens(Claim.MANAGE_MEETING)
@require_POST
def move_question(request: HttpRequest, slug: str, public_id: str) -> HttpResponse:
    """One place up, or with `way` down one place down; the page comes back where the question stands now."""
    question = _question(managed_or_404(request, slug), public_id)
    asking.move_question(question=question, by=account_of(request), up=request.POST.get("way") != "down")
    return redirect(_place_of(question))


@opens(Claim.MANAGE_MEETING)
@require_POST
def remove_question(request: HttpRequest, slug: str, public_id: str) -> HttpResponse:
    question = _question(managed_or_404(request, slug), public_id)
    asking.remove_question(question=question, by=account_of(request))
    messages.success(request, _("The question and its answers are gone."))
    return redirect("meetings:manage-questions", slug)


@opens(Claim.MANAGE_MEETING)
@require_safe
def registration_summary(request: HttpRequest, slug: str) -> HttpResponse:
    """For the caterer, the interpreters, the hall: how many of each answer, and nobody's name."""
    meeting = managed_or_404(request, slug)
    context = {"meeting": meeting, "sums": queries.summary(meeting, request.LANGUAGE_CODE), "refusal": None}
    return render(request, "meetings/registration_summary.html", context)


@opens(Claim.MANAGE_MEETING)
@page_with_form
def register_group(request: HttpRequest, slug: str) -> HttpResponse:
    """Register a group by table: looked at first, then all of it or nothing."""
    meeting = managed_or_404(request, slug)
    form = GroupTableForm(None)
    rows: list[dict[str, str]] = []
    wrong: tuple[organising.Wrong, ...] = ()
    refusal, guessed = None, False
    if request.method == "POST":
        checked = request.POST.get("checked", "")
        try:
            if checked:
                cells = list(csv.reader(io.StringIO(checked)))
                rows = organising.read_group(meeting, cells)
                done = organising.register_group(
                    meeting=meeting, by=account_of(request), rows=rows, site=site_of(request)
                )
                said = (
                    ngettext("%(placed)s person has a place", "%(placed)s people have a place", done.placed),
                    ngettext("%(waiting)s person waits", "%(waiting)s people wait", done.waiting),
                    ngettext("%(known)s was registered already", "%(known)s were registered already", done.known),
                )
                counts = {"placed": done.placed, "waiting": done.waiting, "known": done.known}
                messages.success(request, ", ".join(one % counts for one in said) + ".")
                return redirect("meetings:manage-registrations", slug)
            form = GroupTableForm(request.POST, request.FILES)
            if form.is_valid():
                upload = form.cleaned_data["table"]
                if upload.size > LARGEST_TABLE:
                    form.add_error("table", _("The file is larger than 2 MB."))
                else:
                    content = upload.read()
                    guessed = not tables.is_unicode(content)
                    cells = tables.table_cells(content, encoding=form.cleaned_data["encoding"])
                    rows = organising.read_group(meeting, cells)
        except organising.WrongTable as error:
            wrong, rows = error.wrong, []
        except SamsvarError as error:
            _nothing, refusal = tried(_raise, error=error)
    out = io.StringIO()
    if rows:
        writer = csv.writer(out)
        writer.writerow(organising.COLUMNS)
        writer.writerows([row.get(name, "") for name in organising.COLUMNS] for row in rows)
    context = {
        "meeting": meeting, "form": form, "rows": rows, "wrong": wrong, "refusal": refusal, "checked": out.getvalue(),
        "columns": organising.COLUMNS, "guessed": guessed,
    }  # fmt: skip
    status = 422 if wrong else status_of(form, refusal)
    return render(request, "meetings/registration_group.html", context, status=status)


# --- Steps ------------------------------------------------------------------------------------------------------------


def _raise(error: SamsvarError) -> None:
    raise error


def _invitation(request: HttpRequest, slug: str, public_id: str) -> models.MeetingInvitation:
    meeting = managed_or_404(request, slug)
    return or_404(meeting.invitations.select_related("meeting", "person").filter(public_id=public_id).first())


def _question(meeting: models.Meeting, public_id: str) -> models.Question:
    return or_404(meeting.questions.select_related("meeting").filter(public_id=public_id).first())


def _place_of(question: models.Question) -> str:
    page = reverse("meetings:manage-questions", args=[question.meeting.public_id])
    return f"{page}#question-{question.public_id}"


def _decide(request: HttpRequest, rows: list[models.Registration], told: dict[str, Any]) -> None:
    """Decide about each; those for which it does not follow are named by their number and stay as they are."""
    by, site, done, refused = account_of(request), site_of(request), 0, 0
    for row in rows:
        how: dict[str, Any] = {"registration": row, "by": by, "site": site}
        if told["what"] != "approve":
            how["reason"] = told["reason"].strip()
        action: Any = {
            "approve": actions.approve, "refuse": actions.refuse, "put_back": actions.put_back,
            "withdraw": actions.withdraw,
        }[told["what"]]  # fmt: skip
        _row, refusal = tried(action, **how)
        done, refused = done + (refusal is None), refused + (refusal is not None)
    if done:
        messages.success(request, ngettext("Decided about %(n)s.", "Decided about %(n)s.", done) % {"n": done})
    if refused:
        said = ngettext(
            "%(n)s stands so that this does not follow, and was left as it is.",
            "%(n)s stand so that this does not follow, and were left as they are.",
            refused,
        )
        messages.error(request, said % {"n": refused})


def _after(request: HttpRequest, page: str, slug: str, said: str, action: Any, **how: Any) -> HttpResponse:
    _done, refusal = tried(action, **how)
    if refusal is None:
        messages.success(request, said)
    else:
        tell_trouble(request, refusal)
    return redirect(page, slug)
