"""URLs of suggested sessions, and of participants who could help each other."""

from __future__ import annotations

from django.urls import URLPattern, path

from samsvar.site.meetings.agenda.views import contacts, sessions

urlpatterns: list[URLPattern] = [
    path("<slug:slug>/manage/programme/suggestions/", sessions.manage_agenda, name="manage-agenda"),
    path(
        "<slug:slug>/manage/programme/suggestions/<int:article>/add/",
        sessions.add_suggested_session,
        name="add-suggested-session",
    ),
    path("<slug:slug>/mine/contacts/", contacts.suggested_contacts, name="suggested-contacts"),
    path("<slug:slug>/mine/contacts/agree/", contacts.agree_to_suggestions, name="agree-to-suggestions"),
    path("<slug:slug>/mine/contacts/ask/", contacts.ask_for_talk, name="ask-for-talk"),
]
