"""One policy, invoice, contract, unit or software behind two applications (重复申报)."""

from __future__ import annotations

from catalogue.rules.checks.facts import LineEvidence, Match, match_key
from catalogue.rules.checks.looking import Examined
from catalogue.rules.subsidy.nouns import Instrument
from service.kernel.findings import Finding

ANY_GROUP = "any"


def _excludes(one: Examined, other: Match) -> bool:
    """Whether the money of the other application and this one may not be had together."""
    mine, excluded = one.line.scheme, one.parameters.exclusive_with
    return (
        other.scheme.code == mine.code
        or (bool(mine.group) and other.scheme.group == mine.group)
        or bool({other.scheme.group, other.scheme.code, ANY_GROUP} & excluded)
    )


def _of_another(one: Examined, other: Match) -> bool:
    return not other.firm.same_person(one.line.firm)


def check_duplicate_policy(one: Examined) -> list[Finding]:
    """The policy is in another application, beyond what the rules on exclusivity allow."""
    same = [m for m in one.matches("policy") if _excludes(one, m)]
    return one.alike("check.duplicate_policy", "policy", same, blocks=True)


def check_duplicate_policy_number(one: Examined) -> list[Finding]:
    """Another insurer has recorded the same policy number; a co-insurer may have entered it too."""
    same = one.matches("number", applied=False)
    blocks = any(m.applied for m in same)
    return one.alike("check.duplicate_policy_number", "policy", same, blocks=blocks)


def check_duplicate_invoice(one: Examined) -> list[Finding]:
    """The premium invoice also stands on another policy.

    An invoice has one seller and one buyer: a 20-digit number on policies of two firms or two
    insurers cannot be. A short number is unique with its code only, and one invoice may cover
    several policies of one firm: both are pointed out.
    """
    same = one.matches("invoice", applied=False)
    length = one.parameters.invoice_unique_length.value
    blocks = any(
        len(match_key(m.key)) >= length
        and (_of_another(one, m) or not m.insurer.same_person(one.line.policy.insurer))
        for m in same
    )
    return one.alike("check.duplicate_invoice", "policy.invoice", same, blocks=blocks)


def check_duplicate_contract(one: Examined) -> list[Finding]:
    """The contract number with the same buyer stands behind another object somebody applied for."""
    buyers = {c.buyer.uscc for c in one.line.contracts}
    own = one.line.object.number if one.line.object else ""
    same = [m for m in one.matches("contract") if buyers & set(m.buyers) and m.object_number != own]
    blocks = any(_of_another(one, m) for m in same)
    return one.alike("check.duplicate_contract", "object.contract", same, blocks=blocks)


def _units(one: Examined) -> list[Match]:
    own = one.line.object.number if one.line.object else ""
    return [m for m in one.matches("serial") if m.object_number != own]


def _same_unit(one: Examined, other: Match) -> bool:
    """Item, user and serial number are the same: one machine."""
    thing = one.line.object
    buyers = {c.buyer.uscc for c in one.line.contracts}
    return bool(thing and thing.item and thing.item == other.item and buyers & set(other.buyers))


def check_duplicate_unit(one: Examined) -> list[Finding]:
    """Catalogue item, user and serial number stand behind another application."""
    same = [m for m in _units(one) if _same_unit(one, m)]
    return one.alike("check.duplicate_unit", "object.units", same, blocks=True)


def check_duplicate_serial(one: Examined) -> list[Finding]:
    """The serial number is on another object: of the same firm it is the same unit; of another
    firm only a number long enough to be telling, or with the same item or user, is pointed out."""
    thing = one.line.object
    buyers = {c.buyer.uscc for c in one.line.contracts}
    length = one.parameters.serial_telling_length.value
    same = [
        m
        for m in _units(one)
        if not _same_unit(one, m)
        and (
            not _of_another(one, m)
            or len(match_key(m.key)) >= length
            or bool(buyers & set(m.buyers))
            or bool(thing and thing.item and thing.item == m.item)
        )
    ]
    blocks = any(not _of_another(one, m) for m in same)
    return one.alike("check.duplicate_serial", "object.units", same, blocks=blocks)


def check_duplicate_software(one: Examined) -> list[Finding]:
    """Software of the same name and version is another object; of the same firm it is the same."""
    own = one.line.object.number if one.line.object else ""
    same = [m for m in one.matches("software") if m.object_number != own]
    blocks = any(not _of_another(one, m) for m in same)
    return one.alike("check.duplicate_software", "object.version", same, blocks=blocks)


def check_duplicate_copyright(one: Examined) -> list[Finding]:
    """The software copyright number stands behind another object: a number names one version."""
    own = one.line.object.number if one.line.object else ""
    same = [m for m in one.matches("copyright") if m.object_number != own]
    return one.alike("check.duplicate_copyright", "object.copyright_number", same, blocks=True)


def check_object_cover_overlaps(one: Examined) -> list[Finding]:
    """The same object is covered by another policy for some of the same days, both claimed."""
    mine = one.line.policy
    same = [
        m
        for m in one.matches("object")
        if m.start_on and m.end_on and m.start_on <= mine.end_on and mine.start_on <= m.end_on
    ]
    return one.alike("check.object_cover_overlaps", "policy", same, blocks=False)


def check_insurer_paid_twice(one: Examined) -> list[Finding]:
    """Public money goes to the insurer and to the firm for one premium.

    Blocks when the public money makes the premium whole or the firm bore nothing itself.
    """
    line, policy = one.line, one.line.policy
    direct = [
        m
        for m in one.matches("policy")
        if Instrument.PREMIUM_DIRECT_PAY in (m.scheme.instrument, line.scheme.instrument)
    ]
    public = [r for r in policy.receipts if r.source not in ("own", line.scheme.code)]
    received_fen = sum(r.amount_fen for r in public)
    if not direct and received_fen <= 0:
        return []
    own_fen = sum(r.amount_fen for r in policy.receipts if r.source == "own")
    asked_fen = sum(m.applied_fen for m in direct)
    public_fen = max(received_fen, asked_fen) + line.applied_fen
    to_firm = line.scheme.instrument != Instrument.PREMIUM_DIRECT_PAY
    records = [m.record() for m in direct] + [
        {
            "kind": "receipt",
            "number": policy.number,
            "day": r.received_on,
            "amount_fen": r.amount_fen,
            "scheme": r.source,
            "party": r.payer_name,
        }
        for r in public
    ]
    return one.says(
        "check.insurer_paid_twice",
        "policy.premium",
        records,
        blocks=public_fen > policy.premium_fen or (to_firm and own_fen <= 0),
        public_fen=public_fen,
        premium_fen=policy.premium_fen,
        own_fen=own_fen,
    )


def siblings(line: LineEvidence, others: list[LineEvidence]) -> tuple[Match, ...]:
    """Return what a line shares with the other lines of its application, kind by kind."""
    found: list[Match] = []
    mine = keys(line)
    for other in others:
        theirs = keys(other)
        for kind, written in mine.items():
            shared = set(written) & set(theirs.get(kind, {}))
            found += [_sibling(kind, written[key], other) for key in sorted(shared)]
    return tuple(found)


def keys(line: LineEvidence) -> dict[str, dict[str, str]]:
    """Return what identifies a line: kind → folded key → as written."""
    policy, thing = line.policy, line.object
    found = {
        "policy": {match_key(policy.number) + "|" + policy.insurer.uscc: policy.number},
        "invoice": _folded([r.invoice_number for r in policy.receipts]),
    }
    if thing is not None:
        found["object"] = _folded([thing.number])
        found["contract"] = _folded([c.number for c in line.contracts])
        found["serial"] = _folded(list(thing.serials))
        found["copyright"] = _folded([thing.copyright_number])
        if thing.software_version:
            key = match_key(thing.name) + "|" + match_key(thing.software_version)
            found["software"] = {key: f"{thing.name} {thing.software_version}"}
    return found


def _folded(texts: list[str]) -> dict[str, str]:
    return {key: text for text in texts if (key := match_key(text))}


def _sibling(kind: str, key: str, other: LineEvidence) -> Match:
    policy, thing = other.policy, other.object
    return Match(
        kind=kind,
        key=key,
        policy=policy.number,
        firm=other.firm,
        insurer=policy.insurer,
        status=policy.status,
        start_on=policy.start_on,
        end_on=policy.end_on,
        premium_fen=policy.premium_fen,
        object_number=thing.number if thing else "",
        item=thing.item if thing else "",
        buyers=tuple(c.buyer.uscc for c in other.contracts),
        application=other.application or "-",
        line=int(other.key) if other.key.isdigit() else 0,
        line_status=other.line_status,
        applied_on=other.applied_on,
        applied_fen=other.applied_fen,
        scheme=other.scheme,
    )


DOUBLES = (
    check_duplicate_policy,
    check_duplicate_policy_number,
    check_duplicate_invoice,
    check_duplicate_contract,
    check_duplicate_unit,
    check_duplicate_serial,
    check_duplicate_software,
    check_duplicate_copyright,
    check_object_cover_overlaps,
    check_insurer_paid_twice,
)
