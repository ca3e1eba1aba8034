"""Labels for roles and claims."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from samsvar.network.rights import Claim, Role
from samsvar.site.shell.labels import LABELS, Label

ROLE_LABELS: dict[Role, Label] = {
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

CLAIM_LABELS: dict[Claim, Label] = {
    Claim.READ_PUBLIC: _("see public content"),
    Claim.OWN_ACCOUNT: _("manage their own account"),
    Claim.SEE_DIRECTORY: _("see the directory"),
    Claim.ASK_QUESTION: _("ask members questions through the secretariat"),
    Claim.CONTRIBUTE: _("contribute practices, requests and offers"),
    Claim.UPLOAD_REPORTS: _("upload reports as drafts"),
    Claim.PUBLISH_REPORTS: _("publish, correct and withdraw reports"),
    Claim.PROPOSE_CORRECTIONS: _("propose corrections to labels of findings"),
    Claim.REVIEW_FINDINGS: _("review findings"),
    Claim.MANAGE_COUNTRY: _("manage a country’s measures"),
    Claim.CLEAR_REPORT: _("clear a report back"),
    Claim.SUBMIT_REPORT: _("submit a report back"),
    Claim.REVIEW_PRACTICES: _("review practices of other organisations"),
    Claim.PUBLISH_PRACTICES: _("publish practices"),
    Claim.RUN_HELPDESK: _("run the helpdesk for requests and introductions"),
    Claim.OFFER_EVIDENCE: _("offer evidence for an organisation"),
    Claim.PLAN_MEETINGS: _("plan meetings"),
    Claim.MANAGE_MEETING: _("manage a meeting"),
    Claim.MANAGE_FUNDING: _("manage funding information"),
    Claim.SEE_SHARES: _("see each group’s share of the membership"),
    Claim.OPEN_STAFF_SESSION: _("start a staff session"),
    Claim.MANAGE_PEOPLE: _("manage members and their details"),
    Claim.ANSWER_QUESTIONS: _("forward or decline questions addressed to members"),
    Claim.INVITE: _("invite people"),
    Claim.EXPORT_PEOPLE: _("export lists of people"),
    Claim.MANAGE_NETWORKS: _("set up networks"),
    Claim.ERASE_PEOPLE: _("delete people’s personal data"),
    Claim.GIVE_ROLES: _("assign roles"),
    Claim.RUN_RETENTION: _("delete data past its retention period"),
    Claim.READ_AUDIT_LOG: _("read the audit log"),
    Claim.TRACE_BREACH: _("find out who accessed someone’s data"),
    Claim.READ_PROCESSING: _("read the record of processing"),
}

LABELS.update(Role=ROLE_LABELS, Claim=CLAIM_LABELS)
