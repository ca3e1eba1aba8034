"""A person's photograph: drawn anew without metadata when it comes in, and its bytes gone when it is removed."""

from __future__ import annotations

from functools import partial

from django.core.exceptions import PermissionDenied
from django.db import transaction

from samsvar.network.consent import Visibility
from samsvar.network.people import Field
from samsvar.site.audit.actions import record
from samsvar.site.network import models
from samsvar.site.network.access.permissions import can_manage
from samsvar.site.network.directory.actions.consent import is_own
from samsvar.site.shell.uploads import Readable, clean_picture, remove_private, store_private


def set_photograph(*, person: models.Person, upload: Readable | bytes, by: models.Account | None) -> models.Photograph:
    """Put one's own picture in the place of the one before; who saw that one sees this one. Raises `UploadRefused`."""
    if not is_own(by, person):
        raise PermissionDenied
    picture = clean_picture(upload)
    hash_ = store_private(picture.content)
    with transaction.atomic():
        before = person.details.filter(field=Field.PHOTOGRAPH).first()
        visibility = before.visibility if before else Visibility.SECRETARIAT
        _remove(person, but=hash_)
        models.Detail.objects.get_or_create(
            person=person, field=Field.PHOTOGRAPH, value=hash_, defaults={"visibility": visibility}
        )
        photograph, _made = models.Photograph.objects.get_or_create(
            person=person,
            content_hash=hash_,
            defaults={"format": picture.format, "width": picture.width, "height": picture.height},
        )
        subject = f"person {person.public_id}"
        record(by=by, verb="set a photograph", subject=subject, person=person.public_id)
    return photograph


def remove_photograph(*, person: models.Person, by: models.Account | None, why: str = "") -> None:
    """Take a picture away, rows and bytes. By the person, or by the secretariat."""
    if not is_own(by, person) and not (by and can_manage(by, person)):
        raise PermissionDenied
    with transaction.atomic():
        if _remove(person):
            subject = f"person {person.public_id}"
            record(by=by, verb="removed a photograph", subject=subject, person=person.public_id, why=why)


def _remove(person: models.Person, *, but: str = "") -> bool:
    """Delete the rows of other pictures than this one, and their bytes once that is certain."""
    rows = person.photographs.exclude(content_hash=but)
    hashes = set(rows.values_list("content_hash", flat=True))
    rows.delete()
    person.details.filter(field=Field.PHOTOGRAPH).exclude(value=but).delete()
    for hash_ in hashes:
        transaction.on_commit(partial(_forget, hash_))
    return bool(hashes)


def _forget(hash_: str) -> None:
    if not models.Photograph.objects.filter(content_hash=hash_).exists():  # two people may have sent the same picture
        remove_private(hash_)
