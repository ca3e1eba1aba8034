from django.apps import AppConfig


class NetworkConfig(AppConfig):
    name = "samsvar.site.network"
    label = "samsvar_network"
    verbose_name = "Network"
