from importlib import import_module

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
        from samsvar.site.meetings.meeting.actions.pseudonyms import keep_pseudonyms
        from samsvar.site.meetings.meeting.models import MeetingLink
        from samsvar.site.meetings.organising import emails as organising_emails
        from samsvar.site.meetings.organising.introductions import introduction_panel, meeting_panel
        from samsvar.site.meetings.outcomes import emails as outcomes_emails
        from samsvar.site.meetings.outcomes.models import Outcome
        from samsvar.site.meetings.outcomes.queries import commitments
        from samsvar.site.meetings.registration import emails as registration_emails
        from samsvar.site.meetings.registration.actions.places import leave_country_quotas
        from samsvar.site.meetings.scheduled import run_meeting_tasks
        from samsvar.site.meetings.search_provider import MeetingSource, matching_meetings
        from samsvar.site.monitoring.finding_links import LinkSource
        from samsvar.site.shell import hooks

        for name in ("contributions", "meeting", "outcomes", "programme", "registration"):
            import_module(f"samsvar.site.meetings.{name}.labels")  # importing a module registers its labels
        for module in (
            attendance_emails, contributions_emails, organising_emails, outcomes_emails, registration_emails,
        ):  # fmt: skip
            hooks.register("email_templates", module.EMAIL_TEMPLATES)
        for kind in (MeetingLink.Kind.FINDING, MeetingLink.Kind.REPORT):
            links = MeetingLink.objects.filter(kind=kind)
            hooks.register(f"{kind}_links", LinkSource(_("meetings and sessions"), links.all, "key"))
        hooks.register("finding_links", LinkSource(_("outcomes of meetings"), Outcome.objects.all, "finding"))
        hooks.register("protection_started", keep_pseudonyms)
        hooks.register("protection_started", leave_country_quotas)
        hooks.register("search_items", MeetingSource())
        hooks.register("search_results", (_("Meetings for members"), matching_meetings))
        hooks.register("daily_task", run_meeting_tasks)
        hooks.register("page_panel:finding", commitments.finding_panel)
        hooks.register("page_panel:country", commitments.country_panel)
        hooks.register("page_panel:article", commitments.article_panel)
        hooks.register("page_panel:measure", commitments.measure_panel)
        hooks.register("page_panel:introduction", introduction_panel)
        hooks.register("page_panel:meeting", meeting_panel)
        hooks.register("page_panel:account", contributions.pending_reviews_panel)
