from django.apps import AppConfig


class MeetingsConfig(AppConfig):
    name = "samsvar.site.meetings"
    label = "samsvar_meetings"
    verbose_name = "Meetings"

    def ready(self) -> None:
        from samsvar.site.meetings import letters_day, letters_said, words_contributions, words_registration
        from samsvar.site.network import letters

        letters.add(letters_day.LETTERS)
        letters.add(letters_said.LETTERS)
        letters.add(words_registration.LETTERS)
        letters.add(words_contributions.LETTERS)
