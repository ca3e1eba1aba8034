"""Addresses of: networks, organisations, members, the directory, one's own entry."""

from __future__ import annotations

from django.urls import URLPattern, URLResolver, path

from samsvar.site.network.views import directory as views

urlpatterns: list[URLPattern | URLResolver] = [
    path("people/", views.directory, name="directory"),
    path("people/<slug:public_id>/", views.person, name="person"),
    path("people/<slug:public_id>/photograph/", views.photograph, name="photograph"),
    path("people/<slug:public_id>/manage/", views.manage_person, name="manage-person"),
    path("people/<slug:public_id>/manage/risk/", views.set_risk, name="set-risk"),
    path("people/<slug:public_id>/manage/ground/", views.record_basis, name="record-basis"),
    path("people/<slug:public_id>/manage/ground/<int:basis>/end/", views.end_basis, name="end-basis"),
    path("people/<slug:public_id>/manage/photograph/remove/", views.remove_photograph_of, name="remove-photograph-of"),
    path("people/<slug:public_id>/manage/appoint/<slug:slug>/", views.appoint, name="appoint"),
    path("entry/", views.entry, name="entry"),
    path("entry/photograph/", views.set_photograph, name="set-photograph"),
    path("entry/photograph/remove/", views.remove_photograph, name="remove-photograph"),
    path("entry/as/<slug:seen_as>/", views.entry_preview, name="entry-preview"),
    path("consents/", views.own_consents, name="consents"),
    path("consents/<slug:purpose>/give/", views.give_consent, name="give-consent"),
    path("consents/<slug:purpose>/withdraw/", views.withdraw_consent, name="withdraw-consent"),
    path("networks/", views.network_list, name="networks"),
    path("new-network/", views.network_new, name="new-network"),
    path("networks/<slug:slug>/", views.network, name="network"),
    path("networks/<slug:slug>/people.json", views.network_people, {"form": "json"}, name="network-people-json"),
    path("networks/<slug:slug>/people.csv", views.network_people, {"form": "csv"}, name="network-people-csv"),
    path("networks/<slug:slug>/feed.atom", views.network_feed, name="network-feed"),
    path("networks/<slug:slug>/edit/", views.network_edit, name="edit-network"),
    path("networks/<slug:slug>/members/", views.network_members, name="network-members"),
    path("networks/<slug:slug>/members/add/", views.network_add_member, name="add-member"),
    path("networks/<slug:slug>/members/export/", views.network_export, name="export-members"),
    path("networks/<slug:slug>/seats/", views.network_seats, name="network-seats"),
    path("networks/<slug:slug>/seats/<int:seat>/end/", views.end_seat, name="end-seat"),
    path("terms/<slug:public_id>/end/", views.end_term, name="end-term"),
    path("organisations/", views.organisation_list, name="organisations"),
    path("organisations/<slug:public_id>/", views.organisation, name="organisation"),
    path("organisations/<slug:public_id>/edit/", views.organisation_edit, name="edit-organisation"),
]
