"""URLs of asks: the desk's pages of a state, and the page of a link."""

from __future__ import annotations

from django.urls import URLPattern, path

from samsvar.site.implementation.asks.views import desk, link

urlpatterns: list[URLPattern] = [
    path("requests/<slug:code>/", desk.ask_list, name="asks"),
    path("requests/<slug:code>/new/", desk.new_ask, name="new-ask"),
    path("requests/<slug:code>/send/", desk.send_drafts, name="send-asks"),
    path("requests/<slug:code>/<slug:public_id>/", desk.ask_details, name="ask"),
    path("requests/<slug:code>/<slug:public_id>/edit/", desk.edit_ask, name="edit-ask"),
    path("requests/<slug:code>/<slug:public_id>/delete/", desk.delete_ask, name="delete-ask"),
    path("requests/<slug:code>/<slug:public_id>/send-again/", desk.send_again, name="send-ask-again"),
    path("requests/<slug:code>/<slug:public_id>/send-back/", desk.send_back, name="send-ask-back"),
    path("requests/<slug:code>/<slug:public_id>/accept/", desk.accept, name="accept-ask"),
    path("requests/<slug:code>/<slug:public_id>/lapse/", desk.lapse, name="lapse-ask"),
    path("requests/<slug:code>/<slug:public_id>/withdraw/", desk.withdraw, name="withdraw-ask"),
    path("requests/<slug:code>/<slug:public_id>/official/", desk.change_official, name="change-ask-official"),
    path("requests/<slug:code>/<slug:public_id>/browser/", desk.allow_another_browser, name="release-ask-browser"),
    path("requests/<slug:code>/<slug:public_id>/enter/", desk.enter_answers, name="enter-ask-answers"),
    path("requests/<slug:code>/<slug:public_id>/use/<int:question>/", desk.use_answer, name="use-ask-answer"),
    path("requests/<slug:code>/<slug:public_id>/file.<slug:file_format>", desk.ask_file, name="ask-file"),
    path("answer/<str:token>/", link.answer, name="ask-link"),
    path("answer/<str:token>/upload/", link.upload, name="ask-link-upload"),
    path("answer/<str:token>/file.<slug:file_format>", link.ask_file, name="ask-link-file"),
]
