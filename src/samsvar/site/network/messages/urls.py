"""URLs of questions to members."""

from __future__ import annotations

from django.urls import URLPattern, path

from samsvar.site.network.messages import views

urlpatterns: list[URLPattern] = [
    path("people/<slug:public_id>/ask/", views.ask_member, name="ask-member"),
    path("questions/", views.my_questions, name="my-questions"),
    path("questions/stop/", views.stop_receiving_questions, name="stop-questions"),
    path("questions/pending/", views.pending_questions, name="pending-questions"),
    path("questions/pending/<slug:public_id>/", views.pending_question, name="pending-question"),
    path("questions/pending/<slug:public_id>/forward/", views.forward_question, name="forward-question"),
    path("questions/pending/<slug:public_id>/decline/", views.decline_question, name="decline-question"),
    path("questions/pending/<slug:public_id>/ask-sender/", views.ask_sender, name="ask-sender"),
    path("questions/<slug:public_id>/", views.conversation, name="my-question"),
    path("questions/<slug:public_id>/decline/", views.decline_to_answer, name="decline-to-answer"),
    path("questions/<slug:public_id>/end/", views.close_question, name="close-question"),
]
