"""URLs of asks: the desk's pages of a state, and the page of a link."""

from __future__ import annotations

from django.urls import URLPattern, path

from samsvar.site.implementation.asks.views import desk, link

ASKS = "countries/<slug:code>/requests/"
ASK = f"{ASKS}<slug:public_id>/"

urlpatterns: list[URLPattern] = [
    path(ASKS, desk.ask_list, name="asks"),
    path(f"{ASKS}new/", desk.new_ask, name="new-ask"),
    path(f"{ASKS}send/", desk.send_drafts, name="send-asks"),
    path(ASK, desk.ask_details, name="ask"),
    path(f"{ASK}edit/", desk.edit_ask, name="edit-ask"),
    path(f"{ASK}delete/", desk.delete_ask, name="delete-ask"),
    path(f"{ASK}send-again/", desk.send_again, name="send-ask-again"),
    path(f"{ASK}send-back/", desk.send_back, name="send-ask-back"),
    path(f"{ASK}accept/", desk.accept, name="accept-ask"),
    path(f"{ASK}remind/", desk.remind, name="remind-of-ask"),
    path(f"{ASK}lapse/", desk.lapse, name="lapse-ask"),
    path(f"{ASK}withdraw/", desk.withdraw, name="withdraw-ask"),
    path(f"{ASK}due/", desk.change_due_day, name="change-ask-due-day"),
    path(f"{ASK}official/", desk.change_official, name="change-ask-official"),
    path(f"{ASK}browser/", desk.allow_another_browser, name="release-ask-browser"),
    path(f"{ASK}enter/", desk.enter_answers, name="enter-ask-answers"),
    path(f"{ASK}use/<int:question>/", desk.use_answer, name="use-ask-answer"),
    path(f"{ASK}file.<slug:form>", desk.ask_file, name="ask-file"),
    path("answer/emails/<str:token>/end/", link.end_emails, name="end-ask-emails"),
    path("answer/<str:token>/", link.answer, name="ask-link"),
    path("answer/<str:token>/upload/", link.upload, name="ask-link-upload"),
    path("answer/<str:token>/file.<slug:form>", link.ask_file, name="ask-link-file"),
]
