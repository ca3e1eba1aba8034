from django.apps import AppConfig


class FundingConfig(AppConfig):
    name = "samsvar.site.funding"
    label = "samsvar_funding"
    verbose_name = "Funding"

    def ready(self) -> None:
        from django.utils.translation import gettext_lazy as _

        from samsvar.site.funding import queries, traced
        from samsvar.site.funding.finding import found_beside
        from samsvar.site.search.queries import find_beside
        from samsvar.site.shell import beside

        queries.register_links()
        find_beside(_("Programmes and projects"), found_beside)
        beside.register("finding", queries.behind_finding)
        beside.register("report", queries.behind_report)
        beside.register("meeting", queries.behind_meeting)
        beside.register("network", queries.behind_network)
        beside.register("country", traced.behind_country)
