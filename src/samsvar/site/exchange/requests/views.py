"""Views of requests for help: for those who ask, for members who reply, for the helpdesk, and of offers."""

from __future__ import annotations

from operator import itemgetter
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.forms import Form
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import pgettext
from django.views.decorators.http import require_POST, require_safe

from samsvar.exchange.requests import HelpForm, OfferStatus, RequestAct, RequestStatus
from samsvar.network.rights import Claim
from samsvar.site.exchange.permissions import contributors
from samsvar.site.exchange.requests import actions, forms, queries
from samsvar.site.exchange.requests.models import HelpRequest, Reply
from samsvar.site.exchange.requests.permissions import can_ask_everyone, handled_networks, own_networks
from samsvar.site.network.access.permissions import Account, Network
from samsvar.site.network.labels import language_name
from samsvar.site.network.templatetags.people import concept_label
from samsvar.site.network.view_helpers import current_account, object_or_404
from samsvar.site.shell.filters import build_filter_form
from samsvar.site.shell.form_pages import form_page, form_page_status, page_with_form, post_action, run_action
from samsvar.site.shell.labels import enum_choices
from samsvar.site.shell.view_permissions import requires

# --- The asker --------------------------------------------------------------------------------------------------------


@requires(Claim.CONTRIBUTE)
@page_with_form
def ask(request: HttpRequest, kind: str = "", about: str = "") -> HttpResponse:
    """Ask the network, from a finding, a measure, an article or nothing."""
    subject = object_or_404(queries.find_subject(request.user, kind, about)) if kind else queries.Subject()
    networks, everyone = own_networks(request.user), can_ask_everyone(request.user)
    form = forms.HelpRequestForm(
        request.POST or None,
        networks=networks,
        everyone=everyone,
        contributors=contributors(request.user),
        at_risk=queries.is_at_risk(current_account(request)),
        has_part=subject.finding is not None,
        initial={"articles": ", ".join(subject.articles)},
    )
    finding, measure = (source.public_id if source else "" for source in (subject.finding, subject.measure))
    return form_page(
        request,
        form,
        action=lambda: actions.ask_network(
            by=current_account(request),
            fields=form.request_fields(finding=finding, measure=measure),
            shown=form.shown,
            network=form.chosen_network,
            on_behalf_of=form.cleaned_data["on_behalf_of"],
        ),
        success=_("Your request was sent. We email you when someone replies."),
        redirect_to=lambda saved: redirect("exchange:request", saved.public_id),
        template="exchange/requests/ask.html",
        context=lambda: {"subject": subject, "can_ask": bool(networks or everyone)},
    )


@requires(Claim.OWN_ACCOUNT)
@require_safe
def my_requests(request: HttpRequest) -> HttpResponse:
    context = {"requests": queries.own_requests(request.user), "replies": queries.own_replies(request.user)}
    return render(request, "exchange/requests/own.html", context)


@requires(Claim.OWN_ACCOUNT)
@page_with_form
def request_page(request: HttpRequest, public_id: str) -> HttpResponse:
    """Show a request to its asker or to a member, who can each write below the replies."""
    page = object_or_404(queries.request_page(request.user, public_id))
    if not page.can_reply:
        if request.method == "POST":
            raise PermissionDenied
        return _render_request(request, page)
    form = _reply_form(request, page)
    error = None
    if form.is_bound and form.is_valid():
        _saved, error = run_action(_send_reply, by=current_account(request), page=page, form=form)
        if error is None:
            messages.success(
                request, _("Your message was sent.") if page.is_asker else _("Thank you. Your reply was sent.")
            )
            return redirect("exchange:request", public_id)
    if error is not None:  # then show the current state
        page = object_or_404(queries.request_page(request.user, public_id))
    return _render_request(request, page, reply_form=form, error=error)


def _reply_form(request: HttpRequest, page: queries.RequestPage) -> forms.ReplyForm | forms.WriteBackForm:
    if page.is_asker:
        return forms.WriteBackForm(request.POST or None, request=page.request)
    return forms.ReplyForm(
        request.POST or None,
        request=page.request,
        contributors=contributors(request.user),
        at_risk=queries.is_at_risk(current_account(request)),
    )


def _send_reply(*, by: Account, page: queries.RequestPage, form: forms.ReplyForm | forms.WriteBackForm) -> Reply:
    if isinstance(form, forms.WriteBackForm):
        return actions.write_back(by=by, request=page.request, fields=form.reply_fields)
    return actions.reply_to_request(
        by=by,
        request=page.request,
        fields=form.reply_fields,
        shown=form.shown,
        on_behalf_of=form.cleaned_data["on_behalf_of"],
    )


def _render_request(
    request: HttpRequest,
    page: queries.RequestPage,
    *,
    reply_form: Form | None = None,
    judgement_form: Form | None = None,
    error: object = None,
) -> HttpResponse:
    """Render a request's page; a form that was sent with errors is shown with them."""
    sent = next((form for form in (judgement_form, reply_form) if form is not None and form.is_bound), None)
    if reply_form is None and page.can_reply:
        reply_form = _reply_form(request, page) if sent is None else forms.WriteBackForm(request=page.request)
    if judgement_form is None and page.is_asker and RequestAct.JUDGE in page.acts:
        judgement_form = forms.JudgementForm.for_request(page.request)
    context = {
        "page": page,
        "help_request": page.request,
        "reply_form": reply_form,
        "judgement_form": judgement_form,
        "error": error,
    }
    return render(request, "exchange/requests/request.html", context, status=form_page_status(sent, error))


def _own_request(request: HttpRequest, public_id: str) -> HelpRequest:
    page = object_or_404(queries.request_page(request.user, public_id))
    if not page.is_asker:
        raise Http404
    return page.request


@requires(Claim.OWN_ACCOUNT)
@require_POST
def judge_request(request: HttpRequest, public_id: str) -> HttpResponse:
    help_request = _own_request(request, public_id)
    form = forms.JudgementForm(request.POST)
    error = None
    if form.is_valid():
        data = form.cleaned_data
        _saved, error = run_action(
            actions.judge_request,
            by=current_account(request),
            request=help_request,
            verdict=RequestStatus(data["verdict"]),
            judgement=data["judgement"],
            counts=data["counts"],
        )
        if error is None:
            messages.success(request, _("Saved. Thank you for telling us."))
            return redirect("exchange:request", public_id)
    page = object_or_404(queries.request_page(request.user, public_id))
    return _render_request(request, page, judgement_form=form, error=error)


@requires(Claim.OWN_ACCOUNT)
@require_POST
def set_counts(request: HttpRequest, public_id: str) -> HttpResponse:
    help_request, counts = _own_request(request, public_id), request.POST.get("counts") == "1"
    success = _("This request counts in the figures.") if counts else _("This request no longer counts in any figure.")
    return post_action(
        request,
        lambda: actions.set_counts(by=current_account(request), request=help_request, counts=counts),
        success=success,
        redirect_to=reverse("exchange:request", args=[public_id]),
    )


@requires(Claim.OWN_ACCOUNT)
@require_POST
def withdraw_request(request: HttpRequest, public_id: str) -> HttpResponse:
    help_request = _own_request(request, public_id)
    return post_action(
        request,
        lambda: actions.withdraw_request(by=current_account(request), request=help_request),
        success=_("Request withdrawn. Other members no longer see it."),
        redirect_to=reverse("exchange:request", args=[public_id]),
    )


@requires(Claim.OWN_ACCOUNT)
@require_POST
def reopen_request(request: HttpRequest, public_id: str) -> HttpResponse:
    help_request = _own_request(request, public_id)
    return post_action(
        request,
        lambda: actions.reopen_request(by=current_account(request), request=help_request),
        success=_("Request reopened."),
        redirect_to=reverse("exchange:request", args=[public_id]),
    )


# --- Members ----------------------------------------------------------------------------------------------------------


@requires(Claim.SEE_DIRECTORY)
@require_safe
def requests(request: HttpRequest) -> HttpResponse:
    """List the requests of the user's networks that are not over."""
    filters = queries.RequestFilters.from_params(request.GET.dict())
    page = queries.request_list(request.user, filters, request.GET.get("page", ""))
    form = build_filter_form(
        filters.to_dict(), "filter",
        article=(_("Article"), pgettext("articles", "all"), [(number, number) for number in page.articles]),
        concept=(
            _("Topic"), pgettext("topics", "all"),
            sorted(((key, concept_label(key)) for key in page.concepts), key=itemgetter(1)),
        ),
        language=(
            _("Language"), pgettext("languages", "all"),
            sorted(((code, language_name(code)) for code in page.languages), key=itemgetter(1)),
        ),
        help=(_("Form of help"), pgettext("forms of help", "all"), enum_choices(HelpForm)),
        answered=(
            _("Replies"), pgettext("requests for help", "all"),
            [("no", _("without a reply")), ("yes", _("with replies"))],
        ),
    )  # fmt: skip
    return render(request, "exchange/requests/list.html", {"page": page, "filters": form})


# --- The helpdesk -----------------------------------------------------------------------------------------------------


@requires(Claim.RUN_HELPDESK)
@require_safe
def helpdesk(request: HttpRequest) -> HttpResponse:
    """List the requests of the user's helpdesk by age."""
    context = {
        "page": queries.helpdesk(request.user, timezone.now()),
        "networks": handled_networks(request.user),
    }
    return render(request, "exchange/requests/helpdesk.html", context)


@requires(Claim.RUN_HELPDESK)
@page_with_form
def helpdesk_request(request: HttpRequest, public_id: str) -> HttpResponse:
    """Show a request with who asks, and reply to it as the secretariat or for someone."""
    page, asker = object_or_404(queries.helpdesk_page(request.user, public_id))
    form = forms.HelpdeskReplyForm(request.POST or None, request=page.request)
    return form_page(
        request,
        form,
        action=lambda: actions.reply_for(
            by=current_account(request),
            request=page.request,
            fields=form.reply_fields,
            organisation=form.cleaned_data["organisation"],
        ),
        success=_("Reply sent."),
        redirect_to=reverse("exchange:helpdesk-request", args=[public_id]),
        template="exchange/requests/helpdesk_request.html",
        context=lambda: _helpdesk_context(page, asker),
    )


def _helpdesk_context(
    page: queries.RequestPage, asker: queries.Asker, translation_form: Form | None = None
) -> dict[str, Any]:
    return {
        "page": page,
        "asker": asker,
        "help_request": page.request,
        "translation_form": translation_form or forms.TranslationForm.for_request(page.request),
    }


@requires(Claim.RUN_HELPDESK)
@require_POST
def translate_request(request: HttpRequest, public_id: str) -> HttpResponse:
    page, asker = object_or_404(queries.helpdesk_page(request.user, public_id))
    form = forms.TranslationForm(request.POST, auto_id="translation-%s")
    return form_page(
        request,
        form,
        action=lambda: actions.translate_request(
            by=current_account(request), request=page.request, **form.cleaned_data
        ),
        success=_("Draft translation saved."),
        redirect_to=reverse("exchange:helpdesk-request", args=[public_id]),
        template="exchange/requests/helpdesk_request.html",
        context=lambda: {
            **_helpdesk_context(page, asker, form),
            "form": forms.HelpdeskReplyForm(request=page.request),
        },
    )


@requires(Claim.RUN_HELPDESK)
@require_POST
def take_request(request: HttpRequest, public_id: str) -> HttpResponse:
    page, _asker = object_or_404(queries.helpdesk_page(request.user, public_id))
    return post_action(
        request,
        lambda: actions.take_request(by=current_account(request), request=page.request),
        success=_("The request is in hand. The asker sees that someone is working on it."),
        redirect_to=reverse("exchange:helpdesk-request", args=[public_id]),
    )


@requires(Claim.RUN_HELPDESK)
@require_POST
def end_request(request: HttpRequest, public_id: str) -> HttpResponse:
    page, _asker = object_or_404(queries.helpdesk_page(request.user, public_id))
    return post_action(
        request,
        lambda: actions.end_request(by=current_account(request), request=page.request),
        success=_("Request ended. The asker has been told and can reopen it."),
        redirect_to=reverse("exchange:helpdesk-request", args=[public_id]),
    )


@requires(Claim.RUN_HELPDESK)
@page_with_form
def enter_request(request: HttpRequest, network: str) -> HttpResponse:
    """Enter a request for a member of a network who has told the secretariat what they need."""
    home: Network = object_or_404({home.slug: home for home in handled_networks(request.user)}.get(network))
    members = queries.members_to_enter_for(request.user, home)
    form = forms.EnterRequestForm(request.POST or None, network=home, members=members)

    def enter() -> HelpRequest:
        return actions.enter_request(
            by=current_account(request),
            asker=Account.objects.get(person__public_id=form.cleaned_data["member"]),
            network=home,
            fields=form.request_fields(),
            shown=form.shown,
        )

    return form_page(
        request,
        form,
        action=enter,
        success=_("Request entered. The person has been told."),
        redirect_to=lambda saved: redirect("exchange:helpdesk-request", saved.public_id),
        template="exchange/requests/enter.html",
        context=lambda: {"network": home, "members": members},
    )


# --- Offers -----------------------------------------------------------------------------------------------------------


@requires(Claim.SEE_DIRECTORY)
@require_safe
def offers(request: HttpRequest) -> HttpResponse:
    page = queries.offer_list(request.user, timezone.localdate(), request.GET.get("page", ""))
    return render(request, "exchange/requests/offers.html", {"page": page})


@requires(Claim.SEE_DIRECTORY)
@require_safe
def offer_page(request: HttpRequest, public_id: str) -> HttpResponse:
    view = object_or_404(queries.find_offer(request.user, public_id, timezone.localdate()))
    return render(request, "exchange/requests/offer.html", {"view": view, "offer": view.offer})


@requires(Claim.CONTRIBUTE)
@page_with_form
def add_offer(request: HttpRequest) -> HttpResponse:
    behalf = contributors(request.user)
    form = forms.OfferForm(request.POST or None, contributors=behalf)
    return form_page(
        request,
        form,
        action=lambda: actions.add_offer(
            by=current_account(request), on_behalf_of=form.cleaned_data["on_behalf_of"], fields=form.offer_fields
        ),
        success=_("Offer added. All members can see it."),
        redirect_to=lambda saved: redirect("exchange:offer", saved.public_id),
        template="exchange/requests/offer_form.html",
        context=lambda: {"contributors": behalf},
    )


@requires(Claim.CONTRIBUTE)
@page_with_form
def edit_offer(request: HttpRequest, public_id: str) -> HttpResponse:
    offer = _own_offer(request, public_id).offer
    form = forms.OfferForm(request.POST or None, offer=offer)
    return form_page(
        request,
        form,
        action=lambda: actions.edit_offer(by=current_account(request), offer=offer, fields=form.offer_fields),
        success=_("Changes saved."),
        redirect_to=reverse("exchange:offer", args=[public_id]),
        template="exchange/requests/offer_form.html",
        context=lambda: {"offer": offer, "contributors": [None]},
    )


@requires(Claim.CONTRIBUTE)
@require_POST
def set_offer_status(request: HttpRequest, public_id: str) -> HttpResponse:
    """Pause, resume or end an offer: the posted `status`."""
    offer, status = _own_offer(request, public_id).offer, request.POST.get("status", "")
    if status not in set(OfferStatus):
        raise Http404
    return post_action(
        request,
        lambda: actions.set_offer_status(by=current_account(request), offer=offer, status=OfferStatus(status)),
        success=_("Changes saved."),
        redirect_to=reverse("exchange:offer", args=[public_id]),
    )


def _own_offer(request: HttpRequest, public_id: str) -> queries.OfferView:
    view = object_or_404(queries.find_offer(request.user, public_id, timezone.localdate()))
    return object_or_404(view if view.can_change else None)
