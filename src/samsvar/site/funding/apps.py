from django.apps import AppConfig


class FundingConfig(AppConfig):
    name = "samsvar.site.funding"
    label = "samsvar_funding"
    verbose_name = "Funding"

    def ready(self) -> None:
        from samsvar.site.funding import queries
        from samsvar.site.shell import beside

        queries.register_links()
        beside.register("finding", queries.behind_finding)
        beside.register("report", queries.behind_report)
        beside.register("meeting", queries.behind_meeting)
        beside.register("network", queries.behind_network)
