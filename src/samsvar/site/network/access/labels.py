"""What the site calls roles, claims and verbs of the trail, in the reader's language."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from samsvar.network.rights import Claim, Role
from samsvar.site.shell.labels import Label

ROLES: dict[Role, Label] = {
    Role.READER: _("reader"),
    Role.CONTRIBUTOR: _("contributor"),
    Role.EDITOR: _("editor"),
    Role.REVIEWER: _("reviewer"),
    Role.SECRETARIAT: _("secretariat"),
    Role.NATIONAL_DESK: _("national desk"),
    Role.ORGANISER: _("organiser"),
    Role.AUDITOR: _("auditor"),
    Role.ADMINISTRATOR: _("administrator"),
}

CLAIMS: dict[Claim, Label] = {
    Claim.READ_PUBLIC: _("read what is public"),
    Claim.OWN_ACCOUNT: _("own account"),
    Claim.SEE_DIRECTORY: _("see the directory"),
    Claim.ASK: _("ask members through the secretariat"),
    Claim.CONTRIBUTE: _("contribute practices, requests and offers"),
    Claim.UPLOAD_REPORTS: _("bring in reports"),
    Claim.JUDGE_FINDINGS: _("judge findings"),
    Claim.MANAGE_COUNTRY: _("keep the measures of a country"),
    Claim.MANAGE_MEETING: _("run a meeting"),
    Claim.MANAGE_FUNDING: _("keep the facts about money"),
    Claim.SEE_SHARES: _("see the share of each group"),
    Claim.OPEN_STAFF_SESSION: _("open a staff session"),
    Claim.MANAGE_PEOPLE: _("keep members and their details"),
    Claim.ANSWER_ASKS: _("forward or decline questions to members"),
    Claim.INVITE: _("invite people"),
    Claim.EXPORT_PEOPLE: _("take out lists of people"),
    Claim.MANAGE_NETWORKS: _("set up networks"),
    Claim.ERASE_PEOPLE: _("erase people"),
    Claim.GIVE_ROLES: _("give roles"),
    Claim.RUN_RETENTION: _("remove what is no longer kept"),
    Claim.READ_AUDIT_LOG: _("read the trail"),
    Claim.TRACE_BREACH: _("find out who saw somebody’s details"),
    Claim.READ_PROCESSING: _("read the record of processing"),
}
