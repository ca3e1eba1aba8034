"""URLs of people and profiles."""

from __future__ import annotations

from django.urls import URLPattern, path

from samsvar.site.network.directory.views import people, profile

urlpatterns: list[URLPattern] = [
    path("people/", people.directory, name="directory"),
    path("people/<slug:public_id>/", people.person, name="person"),
    path("people/<slug:public_id>/photograph/", people.photograph, name="photograph"),
    path("profile/", profile.edit_profile, name="profile"),
    path("profile/photograph/", profile.set_photograph, name="set-photograph"),
    path("profile/photograph/remove/", profile.remove_photograph, name="remove-photograph"),
    path("profile/protection/end/", profile.end_protection, name="end-protection"),
    path("profile/as/<slug:seen_as>/", profile.preview_profile, name="profile-preview"),
    path("consents/", profile.own_consents, name="consents"),
    path("consents/<slug:purpose>/give/", profile.give_consent, name="give-consent"),
    path("consents/<slug:purpose>/withdraw/", profile.withdraw_consent, name="withdraw-consent"),
]
