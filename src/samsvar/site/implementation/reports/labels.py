"""Labels of drafts of a report back, and texts of the library's errors about them."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from samsvar.site.shell.labels import LABELS, Label

DRAFT_STATUSES: dict[str, Label] = {
    "open": pgettext_lazy("status of a draft report", "open"),
    "collecting": pgettext_lazy("status of a draft report", "being written"),
    "written": pgettext_lazy("status of a draft report", "written"),
    "cleared": pgettext_lazy("status of a draft report", "cleared"),
    "submitted": pgettext_lazy("status of a draft report", "submitted"),
    "published": pgettext_lazy("status of a draft report", "published"),
}
VARIANTS: dict[str, Label] = {
    "full": _("full: all headings"),
    "short": _("short: only what the form asks for"),
}
VERSION_CAUSES: dict[str, Label] = {
    "start": pgettext_lazy("cause of a version", "created"),
    "edit": pgettext_lazy("cause of a version", "edited here"),
    "records": pgettext_lazy("cause of a version", "newer records taken over"),
    "word": pgettext_lazy("cause of a version", "edited in Word"),
}
NOTE_KINDS: dict[str, Label] = {
    "comment": pgettext_lazy("note from Word", "Comment"),
    "footnote": pgettext_lazy("note from Word", "Footnote"),
    "text_box": pgettext_lazy("note from Word", "Text box"),
    "heading": pgettext_lazy("note from Word", "Heading, quotation or text outside the fields"),
    "table": pgettext_lazy("note from Word", "Table"),
    "picture": pgettext_lazy("note from Word", "Picture that was not taken over"),
}
RECORD_CHANGES: dict[str, Label] = {
    "changed": pgettext_lazy("record", "changed"),
    "withdrawn": pgettext_lazy("record", "withdrawn, or no longer public"),
    "added": pgettext_lazy("record", "added"),
}
RECORD_KINDS: dict[str, Label] = {
    "measure": _("measure"),
    "evidence": pgettext_lazy("a record", "evidence"),
    "figure": pgettext_lazy("a record", "figure"),
}

LABELS.update({
    "DraftStatus": DRAFT_STATUSES,
    "Variant": VARIANTS,
    "VersionCause": VERSION_CAUSES,
    "NoteKind": NOTE_KINDS,
    "RecordChangeKind": RECORD_CHANGES,
    "RecordKind": RECORD_KINDS,
})  # fmt: skip

_UNCHANGED = _("The draft was not changed.")
ERROR_TEXTS = {
    "draft_act_not_possible": (
        _("The status of the draft does not allow this."),
        _("Reload the page: someone may have changed it in the meantime. A submitted draft needs a new version."),
        _("Nothing was changed."),
    ),
    "damaged_draft_file": (
        _("The file is damaged, or is not a Word document."),
        _("Open the file in Word or LibreOffice, save it again as DOCX, and upload the new file."),
        _UNCHANGED,
    ),
    "not_a_draft_file": (
        _("The file is not a draft that was exported here: its bookmarks are missing."),
        _("Export the draft again and copy your text into the new file. Edit it in Word or LibreOffice."),
        _UNCHANGED,
    ),
    "file_of_another_draft": (
        _("The file was exported from another draft, or from another version of this draft."),
        _("Upload the file to the draft that it was exported from."),
        _UNCHANGED,
    ),
    "draft_file_too_large": (
        _("The file is larger than a draft can be."),
        _("Remove its pictures and embedded files, and upload it again."),
        _UNCHANGED,
    ),
}
