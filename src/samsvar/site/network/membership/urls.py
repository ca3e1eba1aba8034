"""URLs of networks, organisations and members."""

from __future__ import annotations

from django.urls import URLPattern, path

from samsvar.site.network.membership.views import members, networks, organisations

urlpatterns: list[URLPattern] = [
    path("people/<slug:public_id>/manage/", members.manage_person, name="manage-person"),
    path("people/<slug:public_id>/manage/risk/", members.set_risk_status, name="set-risk"),
    path("people/<slug:public_id>/manage/legal-basis/", members.record_basis, name="record-basis"),
    path("people/<slug:public_id>/manage/legal-basis/<int:basis>/end/", members.end_basis, name="end-basis"),
    path("people/<slug:public_id>/manage/photograph/remove/", members.remove_photograph, name="remove-photograph-of"),
    path("people/<slug:public_id>/manage/appoint/<slug:slug>/", members.appoint, name="appoint"),
    path("networks/", networks.network_list, name="networks"),
    path("new-network/", networks.create_network, name="new-network"),
    path("networks/<slug:slug>/", networks.network_detail, name="network"),
    path("networks/<slug:slug>/people.json", networks.network_people, {"form": "json"}, name="network-people-json"),
    path("networks/<slug:slug>/people.csv", networks.network_people, {"form": "csv"}, name="network-people-csv"),
    path("networks/<slug:slug>/feed.atom", networks.network_feed, name="network-feed"),
    path("networks/<slug:slug>/edit/", networks.edit_network, name="edit-network"),
    path("networks/<slug:slug>/members/", members.network_members, name="network-members"),
    path("networks/<slug:slug>/members/add/", members.add_member, name="add-member"),
    path("networks/<slug:slug>/members/export/", members.export_members, name="export-members"),
    path("networks/<slug:slug>/seats/", networks.network_seats, name="network-seats"),
    path("networks/<slug:slug>/seats/<int:seat>/end/", networks.end_seat, name="end-seat"),
    path("terms/<slug:public_id>/end/", members.end_term, name="end-term"),
    path("organisations/", organisations.organisation_list, name="organisations"),
    path("organisations/<slug:public_id>/", organisations.organisation_detail, name="organisation"),
    path("organisations/<slug:public_id>/edit/", organisations.edit_organisation, name="edit-organisation"),
]
