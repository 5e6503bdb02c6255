"""Checks of who files and what the product is called."""

from __future__ import annotations

import re
import unicodedata

from catalogue.rules.filing.subject import CLAUSE_RULE, PLAN_ITEM_14, Filing
from catalogue.rules.nouns import Stage
from service.kernel.findings import Finding, blocker, warning
from service.kernel.numbering import check_uscc, fold, normalise_uscc

_BRANCH = re.compile("分公司|支公司|营业部|营销服务部|代表处")
_LICENCE = re.compile("[LPRE][1-4][0-9]{3}[1-5][A-Z]{3}")


def plain(text: str) -> str:
    """Return letters, digits and Chinese characters only, half-width and in lower case."""
    folded = unicodedata.normalize("NFKC", text).casefold()
    return "".join(c for c in folded if c.isalnum())


def check_name(filing: Filing) -> list[Finding]:
    """The product has a name of its own (产品名称)."""
    version = filing.version
    name = plain(version.name)
    if not name:
        return [blocker("filing.name_missing", "name")]
    insurer_names = (version.insurer_name, filing.insurer.name, filing.insurer.short_name)
    for insurer_name in map(plain, insurer_names):
        name = name.removeprefix(insurer_name)
    if name == plain(version.type_name):
        return [warning("filing.name_is_type", "name", name=version.type_name)]
    return []


def check_stages(filing: Filing) -> list[Finding]:
    """The product names its stages (所处环节), among them that of its type."""
    version = filing.version
    if not version.stages:
        return [blocker("filing.stages_missing", "stages", PLAN_ITEM_14)]
    strange = [stage for stage in version.stages if stage not in filing.rules.covered_stages]
    if strange:
        return [blocker("filing.stages_unknown", "stages", PLAN_ITEM_14, stages=strange)]
    if version.type_stage and version.type_stage not in version.stages:
        return [
            warning(
                "filing.stage_of_type",
                "stages",
                type_name=version.type_name,
                stage_zh=Stage.zh_of(version.type_stage),
                stage_en=version.type_stage,
            )
        ]
    return []


def check_industries(filing: Filing) -> list[Finding]:
    """The product names the industries it is made for (适用行业)."""
    if any(name.strip() for name in filing.version.industries):
        return []
    return [blocker("filing.industries_missing", "industries")]


def check_insurer(filing: Filing) -> list[Finding]:
    """An active insurer files (报送机构)."""
    insurer, found = filing.insurer, []
    if insurer.kind != "insurer":
        found.append(blocker("filing.not_an_insurer", "insurer", kind=insurer.kind))
    if not insurer.active:
        found.append(blocker("filing.insurer_inactive", "insurer"))
    return found + check_uscc(insurer.uscc, "insurer.uscc")


def check_head_office(filing: Filing) -> list[Finding]:
    """Branches may not file clauses and rates: the head office (法人总公司) does."""
    insurer = filing.insurer
    name = insurer.name or filing.version.insurer_name
    root = normalise_uscc(insurer.legal_root)
    branch = _BRANCH.search(name)
    if branch is None and root in ("", normalise_uscc(insurer.uscc)):
        return []
    return [blocker("filing.branch_files", "insurer", CLAUSE_RULE, name=name)]


def check_licence(filing: Filing) -> list[Finding]:
    """The licence number (保险许可证号) follows 保监发〔2001〕81号; newer ones may not."""
    number = fold(filing.insurer.licence_number)
    if not number:
        return [warning("filing.licence_missing", "insurer.licence_number")]
    if not _LICENCE.fullmatch(number):
        return [warning("filing.licence_shape", "insurer.licence_number", value=number)]
    return []
