from django.apps import AppConfig


class MonitoringConfig(AppConfig):
    name = "samsvar.site.monitoring"
    label = "samsvar_monitoring"
    verbose_name = "Monitoring"
