from django.apps import AppConfig


class MonitoringConfig(AppConfig):
    name = "samsvar.site.monitoring"
    label = "samsvar_monitoring"
    verbose_name = "Monitoring"

    def ready(self) -> None:
        from samsvar.site.monitoring.finding_links import LinkSource
        from samsvar.site.monitoring.models import CorrectionProposal, LabelRemark
        from samsvar.site.shell import hooks

        # those that are decided are about the text that people saw then
        for model in (CorrectionProposal, LabelRemark):
            rows = model.objects.filter(status=model.Status.OPEN)
            hooks.register("finding_links", LinkSource(None, rows.all, "finding_id", report_column="report_id"))
