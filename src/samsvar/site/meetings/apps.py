from django.apps import AppConfig


class MeetingsConfig(AppConfig):
    name = "samsvar.site.meetings"
    label = "samsvar_meetings"
    verbose_name = "Meetings"

    def ready(self) -> None:
        from django.utils.translation import gettext_lazy as _

        from samsvar.site.meetings.attendance import emails as attendance_emails
        from samsvar.site.meetings.contributions import emails as contributions_emails
        from samsvar.site.meetings.contributions import queries as contributions
        from samsvar.site.meetings.organising import emails as organising_emails
        from samsvar.site.meetings.outcomes import emails as outcomes_emails
        from samsvar.site.meetings.outcomes.queries import commitments
        from samsvar.site.meetings.registration import emails as registration_emails
        from samsvar.site.meetings.search_provider import found_beside
        from samsvar.site.network.emails import email_templates
        from samsvar.site.search.queries import find_beside
        from samsvar.site.shell import page_panels

        for module in (
            attendance_emails, contributions_emails, organising_emails, outcomes_emails, registration_emails,
        ):  # fmt: skip
            email_templates.add(module.LETTERS)
        find_beside(_("Meetings"), found_beside)
        page_panels.register("finding", commitments.about_finding)
        page_panels.register("country", commitments.by_state)
        page_panels.register("article", commitments.under_article)
        page_panels.register("account", contributions.reviews_of)
