"""Personal data in imports of measures: who imported, undid an import, or chose the columns."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from samsvar.site.implementation import models
from samsvar.site.implementation.measures.personal_data import desk_category

DATA_CATEGORIES = (
    desk_category(
        models.MeasureImport, "measures_imported", _("Imports of measures that the person made"),
        exported="public_id added changed linked at", through="by",
        not_personal="batch state plan regions declined undone_by undone_at",
    ),
    desk_category(
        models.MeasureImport, "imports_undone", _("Imports of measures that the person undid"),
        exported="public_id undone_at", through="undone_by",
        not_personal="batch state plan added changed linked regions declined by at",
    ),
    desk_category(
        models.ColumnMapping, "columns_chosen", _("Columns that the person last chose for a kind of spreadsheet"),
        exported="columns at", through="by",
        not_personal="state headings fixed numbers days",
    ),
)  # fmt: skip
