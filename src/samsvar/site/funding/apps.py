from django.apps import AppConfig


class FundingConfig(AppConfig):
    name = "samsvar.site.funding"
    label = "samsvar_funding"
    verbose_name = "Funding"

    def ready(self) -> None:
        from django.utils.translation import gettext_lazy as _

        from samsvar.site.funding import descendants, queries
        from samsvar.site.funding.search_provider import found_beside
        from samsvar.site.search.queries import find_beside
        from samsvar.site.shell import page_panels

        queries.register_links()
        find_beside(_("Programmes and projects"), found_beside)
        page_panels.register("finding", queries.behind_finding)
        page_panels.register("report", queries.behind_report)
        page_panels.register("meeting", queries.behind_meeting)
        page_panels.register("network", queries.behind_network)
        page_panels.register("country", descendants.behind_country)
