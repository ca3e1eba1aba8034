"""URLs of questions to members."""

from __future__ import annotations

from django.urls import URLPattern, path

from samsvar.site.network.messages import views

urlpatterns: list[URLPattern] = [
    path("people/<slug:public_id>/ask/", views.ask, name="ask"),
    path("questions/", views.my_asks, name="my-asks"),
    path("questions/none/", views.take_no_questions, name="take-no-questions"),
    path("questions/waiting/", views.asks_to_decide, name="asks-to-decide"),
    path("questions/waiting/<slug:public_id>/", views.ask_to_decide, name="ask-to-decide"),
    path("questions/waiting/<slug:public_id>/forward/", views.forward, name="forward-ask"),
    path("questions/waiting/<slug:public_id>/decline/", views.decline, name="decline-ask"),
    path("questions/waiting/<slug:public_id>/ask-back/", views.ask_back, name="ask-back"),
    path("questions/<slug:public_id>/", views.exchange, name="my-ask"),
    path("questions/<slug:public_id>/decline/", views.decline_to_answer, name="decline-to-answer"),
    path("questions/<slug:public_id>/end/", views.close, name="close-ask"),
]
