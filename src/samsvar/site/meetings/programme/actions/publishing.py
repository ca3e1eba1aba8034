"""Publish a version of the programme and email those whose sessions changed."""

from __future__ import annotations

from urllib.parse import urljoin, urlsplit

from django.db import transaction
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import override

from samsvar.languages import best
from samsvar.meetings.meeting import Access
from samsvar.meetings.registration import Standing
from samsvar.meetings.versions import change_to_json, to_json
from samsvar.network.people import Field
from samsvar.site.audit.actions import record
from samsvar.site.meetings import models
from samsvar.site.meetings.meeting.permissions import User, must_manage
from samsvar.site.meetings.programme.actions.sessions import _of
from samsvar.site.meetings.programme.errors import ConflictsAreLeft, NothingHasChanged
from samsvar.site.meetings.programme.queries import draft as queries
from samsvar.site.meetings.programme.queries import published as queries_published
from samsvar.site.meetings.registration.actions.emails import link_of, own_link
from samsvar.site.network.directory.queries.participants import participants_for
from samsvar.site.network.emails.actions import post_letter, tell

# --- Versions ---------------------------------------------------------------------------------------------------------


def publish(
    *,
    by: User,
    meeting: models.Meeting,
    site: str,
    note: str = "",
    with_conflicts: bool = False,
    tell_them: bool = True,
) -> models.Version:
    """Publish the programme in work without its drafts as the next version, and tell those whom it concerns.

    Raises `ConflictsAreLeft` where something does not fit, unless `with_conflicts`; `NothingHasChanged`.
    `site` is the address of this site ("https://host/"), to which letters lead.
    """
    must_manage(by, meeting)
    with transaction.atomic():
        meeting = models.Meeting.objects.select_for_update().get(pk=meeting.pk)  # two at once would both be number two
        rows = queries.to_publish(queries.sessions_of(meeting))
        conflicts = queries.conflicts_in(meeting, rows)
        if conflicts and not with_conflicts:
            raise ConflictsAreLeft(len(conflicts))
        latest = queries_published.published(meeting)
        changes = queries.changes_since(meeting, latest, rows)
        if latest and not changes and to_json(queries.as_programme(meeting, rows)) == latest.programme:
            raise NothingHasChanged
        people, accounts = queries.people_concerned(meeting, changes)
        keys = queries.keys_of(meeting, rows)
        version = models.Version.objects.create(
            meeting=meeting,
            number=meeting.version + 1,
            note=note.strip(),
            programme=to_json(queries.as_programme(meeting, rows)),
            people={keys[one.pk]: one.person.public_id for row in rows for one in row.appearances.all() if one.person},
            changes=[change_to_json(change) for change in changes],
            released_by=by,
            released_at=timezone.now(),
        )
        meeting.version = version.number
        meeting.save(update_fields=["version"])
        told = _tell(meeting, version, people, accounts, site) if tell_them and latest else 0
        record(
            by=by,
            verb="published a programme",
            subject=_of(meeting),
            details={"version": version.number, "changes": len(changes), "conflicts": len(conflicts), "letters": told},
        )
    return version


def _tell(meeting: models.Meeting, version: models.Version, people: set[int], accounts: set[int], site: str) -> int:
    """A letter to each that something changed which concerns them, and where to read it; nothing of others in it."""
    found = queries.persons(people)
    addresses = participants_for(None, found, subject=_of(meeting), fields=(Field.EMAIL,))
    reached: set[str] = set()
    rows = meeting.registrations.filter(person__in=found).select_related("meeting", "person").order_by("pk")
    links = {one.person_id: one for one in meeting.speaker_links.filter(person__in=found).select_related("meeting")}
    spoken = {key: one.language for key, one in links.items()}
    spoken |= {one.person_id: one.language for one in rows if one.person_id}
    # a meeting that not everybody may know of opens to whoever has no account by the link of their registration alone
    closed = meeting.access != Access.PUBLIC
    own = {one.person_id: one for one in rows if closed and not Standing(one.standing).is_over}

    def words(language: str) -> dict[str, str]:
        title = best(meeting.title, language, (meeting.languages or [""])[0])[1]
        return {"meeting": title, "version": str(version.number)}

    for person in found:
        account = person.account
        if account is not None and account.is_active:
            accounts.add(account.pk)
            continue
        address = addresses[person.pk].email if person.pk in addresses else ""
        if address and address not in reached:
            reached.add(address)
            language = spoken.get(person.pk) or "en"
            with override(language):
                page = urljoin(site, reverse("meetings:versions", args=[meeting.public_id]))
            if person.pk in own:
                page = own_link(own[person.pk], site=site)
            elif closed and person.pk in links:
                page = link_of(links[person.pk], site=site, language=language)
            post_letter(
                to=address,
                kind="meetings/programme_changed",
                context={**words(language), "page_url": page},
                host=urlsplit(site).netloc,
                language=language,
            )
    for account in queries.accounts(accounts):
        if account.email not in reached and tell(
            account=account,
            kind="meetings/programme_changed",
            site=site,
            page="meetings:versions",
            args=[meeting.public_id],
            **words(account.language or "en"),
        ):
            reached.add(account.email)
    models.Appearance.objects.filter(session__meeting=meeting, person__in=found).update(told_at=timezone.now())
    return len(reached)
