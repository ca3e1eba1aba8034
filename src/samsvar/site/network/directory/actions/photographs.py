"""Actions on a person's photograph. Uploading strips its metadata, and removing it deletes the file."""

from __future__ import annotations

from functools import partial

from django.core.exceptions import PermissionDenied
from django.db import transaction

from samsvar.network.consent import Visibility
from samsvar.network.people import Field
from samsvar.site.network import models
from samsvar.site.network.access.permissions import can_manage_person
from samsvar.site.network.directory.actions.consent import is_own_person, record_about_person
from samsvar.site.shell.uploads import Readable, clean_image, delete_private_file, store_private_file


def set_photograph(*, person: models.Person, upload: Readable | bytes, by: models.Account | None) -> models.Photograph:
    """Replace the user's own photograph, keeping its visibility. Raises `UploadRejected`."""
    if not is_own_person(by, person):
        raise PermissionDenied
    picture = clean_image(upload)
    hash_ = store_private_file(picture.content)
    with transaction.atomic():
        previous = person.details.filter(field=Field.PHOTOGRAPH).first()
        visibility = previous.visibility if previous else Visibility.SECRETARIAT
        _remove_photographs(person, keep_hash=hash_)
        models.Detail.objects.get_or_create(
            person=person, field=Field.PHOTOGRAPH, value=hash_, defaults={"visibility": visibility}
        )
        photograph, _created = models.Photograph.objects.get_or_create(
            person=person,
            content_hash=hash_,
            defaults={"format": picture.format, "width": picture.width, "height": picture.height},
        )
        record_about_person(person, "set a photograph", by=by)
    return photograph


def remove_photograph(*, person: models.Person, by: models.Account | None, reason: str = "") -> None:
    """Delete a person's photograph with its file. Only the person or their secretariat may do this."""
    if not is_own_person(by, person) and not (by and can_manage_person(by, person)):
        raise PermissionDenied
    with transaction.atomic():
        if _remove_photographs(person):
            record_about_person(person, "removed a photograph", by=by, reason=reason)


def _remove_photographs(person: models.Person, *, keep_hash: str = "") -> bool:
    """Delete a person's photographs except the one with `keep_hash`, and return whether any were deleted.

    The files are deleted when the transaction is committed.
    """
    photographs = person.photographs.exclude(content_hash=keep_hash)
    hashes = set(photographs.values_list("content_hash", flat=True))
    photographs.delete()
    person.details.filter(field=Field.PHOTOGRAPH).exclude(value=keep_hash).delete()
    for hash_ in hashes:
        transaction.on_commit(partial(_delete_unused_file, hash_))
    return bool(hashes)


def _delete_unused_file(hash_: str) -> None:
    # Two people may have uploaded the same picture.
    if not models.Photograph.objects.filter(content_hash=hash_).exists():
        delete_private_file(hash_)
