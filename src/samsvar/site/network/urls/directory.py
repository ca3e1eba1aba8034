"""Addresses of: networks, organisations, members, the directory, one's own entry."""

from __future__ import annotations

from django.urls import URLPattern, URLResolver, path

from samsvar.site.network.views import entry, members, networks, organisations, people

urlpatterns: list[URLPattern | URLResolver] = [
    path("people/", people.directory, name="directory"),
    path("people/<slug:public_id>/", people.person, name="person"),
    path("people/<slug:public_id>/photograph/", people.photograph, name="photograph"),
    path("people/<slug:public_id>/manage/", members.manage_person, name="manage-person"),
    path("people/<slug:public_id>/manage/risk/", members.set_risk, name="set-risk"),
    path("people/<slug:public_id>/manage/ground/", members.record_basis, name="record-basis"),
    path("people/<slug:public_id>/manage/ground/<int:basis>/end/", members.end_basis, name="end-basis"),
    path(
        "people/<slug:public_id>/manage/photograph/remove/", members.remove_photograph_of, name="remove-photograph-of"
    ),
    path("people/<slug:public_id>/manage/appoint/<slug:slug>/", members.appoint, name="appoint"),
    path("entry/", entry.entry, name="entry"),
    path("entry/photograph/", entry.set_photograph, name="set-photograph"),
    path("entry/photograph/remove/", entry.remove_photograph, name="remove-photograph"),
    path("entry/protection/end/", entry.end_protection, name="end-protection"),
    path("entry/as/<slug:seen_as>/", entry.entry_preview, name="entry-preview"),
    path("consents/", entry.own_consents, name="consents"),
    path("consents/<slug:purpose>/give/", entry.give_consent, name="give-consent"),
    path("consents/<slug:purpose>/withdraw/", entry.withdraw_consent, name="withdraw-consent"),
    path("networks/", networks.network_list, name="networks"),
    path("new-network/", networks.network_new, name="new-network"),
    path("networks/<slug:slug>/", networks.network, name="network"),
    path("networks/<slug:slug>/people.json", networks.network_people, {"form": "json"}, name="network-people-json"),
    path("networks/<slug:slug>/people.csv", networks.network_people, {"form": "csv"}, name="network-people-csv"),
    path("networks/<slug:slug>/feed.atom", networks.network_feed, name="network-feed"),
    path("networks/<slug:slug>/edit/", networks.network_edit, name="edit-network"),
    path("networks/<slug:slug>/members/", members.network_members, name="network-members"),
    path("networks/<slug:slug>/members/add/", members.network_add_member, name="add-member"),
    path("networks/<slug:slug>/members/export/", members.network_export, name="export-members"),
    path("networks/<slug:slug>/seats/", networks.network_seats, name="network-seats"),
    path("networks/<slug:slug>/seats/<int:seat>/end/", networks.end_seat, name="end-seat"),
    path("terms/<slug:public_id>/end/", members.end_term, name="end-term"),
    path("organisations/", organisations.organisation_list, name="organisations"),
    path("organisations/<slug:public_id>/", organisations.organisation, name="organisation"),
    path("organisations/<slug:public_id>/edit/", organisations.organisation_edit, name="edit-organisation"),
]
