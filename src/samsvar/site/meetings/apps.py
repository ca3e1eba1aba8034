from django.apps import AppConfig


class MeetingsConfig(AppConfig):
    name = "samsvar.site.meetings"
    label = "samsvar_meetings"
    verbose_name = "Meetings"
