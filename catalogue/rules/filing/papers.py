"""Checks of what enterprises must be told, of the documents and of the contact."""

from __future__ import annotations

import re
import unicodedata

from catalogue.rules.filing.identity import plain
from catalogue.rules.filing.subject import CLAUSE_RULE, Filing
from catalogue.rules.nouns import DocumentKind
from service.kernel.findings import Finding, blocker, warning

_PHONE = re.compile(
    r"(?:\+?86)?(?:1[3-9][0-9]{9}|0[0-9]{9,11}|[48]00[0-9]{7}|95[0-9]{3,6})(?:(?:转|x)[0-9]{1,6})?"
)
_EMAIL = re.compile(r"[^@\s]{1,64}@(?:[A-Za-z0-9-]{1,63}\.)+[A-Za-z]{2,24}")


def check_audience(filing: Filing) -> list[Finding]:
    """A firm can tell whether the product is for it (适用企业) and who may buy (投保条件)."""
    found = []
    if not plain(filing.version.target_enterprises):
        found.append(blocker("filing.target_missing", "target_enterprises"))
    if not plain(filing.version.eligibility):
        found.append(blocker("filing.eligibility_missing", "eligibility"))
    return found


def check_evidence(filing: Filing) -> list[Finding]:
    """The product tells which evidence (投保所需材料) an enterprise must bring."""
    if any(plain(item) for item in filing.version.evidence):
        return []
    return [warning("filing.evidence_missing", "evidence")]


def check_documents(filing: Filing) -> list[Finding]:
    """The documents (材料) that the rule book asks for are attached."""
    there = {document.kind for document in filing.version.documents}
    found: list[Finding] = []
    for kinds, severe in (
        (filing.rules.required_documents, True),
        (filing.rules.wished_documents, False),
    ):
        make = blocker if severe else warning
        for kind in kinds:
            if kind not in there:
                code = "filing.document_missing"
                found.append(
                    make(
                        code,
                        "documents",
                        CLAUSE_RULE,
                        kind_zh=DocumentKind.zh_of(kind),
                        kind_en=kind,
                    )
                )
    return found


def check_contact(filing: Filing) -> list[Finding]:
    """Somebody can be reached: a name and a telephone number or an e-mail address."""
    version, found = filing.version, []
    phone = re.sub(r"[\s()-]", "", unicodedata.normalize("NFKC", version.contact_phone).lower())
    email = unicodedata.normalize("NFKC", version.contact_email).strip()
    if not plain(version.contact_name):
        found.append(blocker("filing.contact_name_missing", "contact_name"))
    if not phone and not email:
        found.append(blocker("filing.contact_missing", "contact_phone"))
    if phone and not _PHONE.fullmatch(phone):
        value = version.contact_phone
        found.append(blocker("filing.contact_phone_shape", "contact_phone", value=value))
    if email and not _EMAIL.fullmatch(email):
        value = version.contact_email
        found.append(blocker("filing.contact_email_shape", "contact_email", value=value))
    return found
