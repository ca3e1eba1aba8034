from django.apps import AppConfig


class ThesaurusConfig(AppConfig):
    name = "samsvar.site.thesaurus"
    label = "samsvar_thesaurus"
    verbose_name = "Thesaurus"
