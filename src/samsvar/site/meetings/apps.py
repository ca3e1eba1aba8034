from django.apps import AppConfig


class MeetingsConfig(AppConfig):
    name = "samsvar.site.meetings"
    label = "samsvar_meetings"
    verbose_name = "Meetings"

    def ready(self) -> None:
        from samsvar.site.meetings import letters_said
        from samsvar.site.network import letters

        letters.add(letters_said.LETTERS)
