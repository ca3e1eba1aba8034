from django.apps import AppConfig


class ExchangeConfig(AppConfig):
    name = "samsvar.site.exchange"
    label = "samsvar_exchange"
    verbose_name = "Exchange of experience"

    def ready(self) -> None:
        from samsvar.site.exchange import labels
        from samsvar.site.shell import hooks

        hooks.register("error_texts", labels.ERROR_TEXTS)
