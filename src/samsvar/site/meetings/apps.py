from django.apps import AppConfig


class MeetingsConfig(AppConfig):
    name = "samsvar.site.meetings"
    label = "samsvar_meetings"
    verbose_name = "Meetings"

    def ready(self) -> None:
        from django.utils.translation import gettext_lazy as _

        from samsvar.site.meetings import (
            letters_day,
            letters_everybody,
            letters_said,
            words_contributions,
            words_registration,
        )
        from samsvar.site.meetings.finding import found_beside
        from samsvar.site.meetings.queries import contributions, promised
        from samsvar.site.network import letters
        from samsvar.site.search.queries import find_beside
        from samsvar.site.shell import beside

        for words in (letters_day, letters_everybody, letters_said, words_contributions, words_registration):
            letters.add(words.LETTERS)
        find_beside(_("Meetings"), found_beside)
        beside.register("finding", promised.about_finding)
        beside.register("country", promised.by_state)
        beside.register("article", promised.under_article)
        beside.register("account", contributions.reviews_of)
