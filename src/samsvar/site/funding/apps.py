from django.apps import AppConfig


class FundingConfig(AppConfig):
    name = "samsvar.site.funding"
    label = "samsvar_funding"
    verbose_name = "Funding"

    def ready(self) -> None:
        from django.utils.translation import gettext_lazy as _

        from samsvar.funding.projects import FundingLinkKind
        from samsvar.site.funding import descendants, labels, queries
        from samsvar.site.funding.models import Link
        from samsvar.site.funding.search_provider import search_activities
        from samsvar.site.monitoring.finding_links import LinkSource
        from samsvar.site.shell import hooks

        hooks.register("error_texts", labels.ERROR_TEXTS)
        for kind in (FundingLinkKind.FINDING, FundingLinkKind.REPORT):
            links = Link.objects.filter(kind=kind)
            hooks.register(f"{kind}_links", LinkSource(_("programmes and projects"), links.all, "key"))
        hooks.register("link_target:finding", queries.resolve_findings)
        hooks.register("link_target:measure", queries.resolve_measures)
        hooks.register("link_target:report", queries.resolve_reports)
        hooks.register("link_target:gathering", queries.resolve_gatherings)
        hooks.register("link_target:publication", queries.resolve_publications)
        hooks.register("programmes", queries.programmes_behind)
        hooks.register("search_results", (_("Programmes and projects"), search_activities))
        hooks.register("page_panel:finding", queries.finding_panel)
        hooks.register("page_panel:report", queries.report_panel)
        hooks.register("page_panel:measure", queries.measure_panel)
        hooks.register("page_panel:meeting", queries.meeting_panel)
        hooks.register("page_panel:network", queries.network_panel)
        hooks.register("page_panel:country", descendants.country_panel)
