"""URLs of rooms, and of what is published from them."""

from __future__ import annotations

from django.urls import URLPattern, path

from samsvar.site.implementation.rooms import views

urlpatterns: list[URLPattern] = [
    path("comments/<slug:public_id>/", views.published_comment, name="published-comment"),
    path("rooms/", views.rooms, name="rooms"),
    path("rooms/new/", views.new_room, name="new-room"),
    path("rooms/<slug:public_id>/", views.room, name="room"),
    path("rooms/<slug:public_id>/outline/", views.add_outline, name="room-outline"),
    path("rooms/<slug:public_id>/sections/<int:pk>/", views.section, name="room-section"),
    path("rooms/<slug:public_id>/sections/<int:pk>/delete/", views.delete_section, name="delete-room-section"),
    path("rooms/<slug:public_id>/members/", views.let_in, name="room-members"),
    path("rooms/<slug:public_id>/members/<int:pk>/remove/", views.remove_member, name="remove-room-member"),
    path("rooms/<slug:public_id>/comment.docx", views.export_room, {"form": "docx"}, name="room-docx"),
    path("rooms/<slug:public_id>/comment.md", views.export_room, {"form": "md"}, name="room-markdown"),
    path("rooms/<slug:public_id>/publish/", views.publish_room, name="publish-room"),
    path("rooms/<slug:public_id>/withdraw/", views.withdraw_publication, name="withdraw-comment"),
    path("rooms/<slug:public_id>/delete/", views.delete_room, name="delete-room"),
]
