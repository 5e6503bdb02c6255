"""Evidence from the database: planted doubles are found, what does not count is left out."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from catalogue.policies.records import number_key
from catalogue.rules.checks import CheckParameters, check_lines
from catalogue.rules.checks.facts import LineEvidence
from catalogue.subsidies import evidence, evidence_sql
from catalogue.subsidies.evidence import LineSpec, collect, collect_by_application, collect_specs
from service.kernel.calendar import now
from service.kernel.db import sql, sql_value
from tests.catalogue.planted import Planted, insert, plant
from tests.factories import World

INVOICE = "24422000000012345678"
OUTSIDE = {"check.sum_far_above_contract", "check.premium_not_full"}


@pytest.fixture
async def planted(world: World) -> Planted:
    """A product in the library on the first day of cover and two firms."""
    return await plant(world)


async def findings(application: int) -> dict[str, list[str]]:
    """The codes of each line of an application, without what the planting leaves open."""
    lines = (await collect_by_application([application]))[application]
    found = check_lines(list(lines.values()), CheckParameters())
    return {key: [f.code[6:] for f in fs if f.code not in OUTSIDE] for key, fs in found.items()}


async def only(application: int) -> LineEvidence:
    """The evidence of the one line of an application."""
    (line,) = (await collect([application])).values()
    return line


async def test_clean_line_carries_its_facts_and_nothing_else(planted: Planted) -> None:
    thing = await planted.thing(serials=("ETCH-1",))
    await planted.contract(thing, "HT-1", "91310000MA1FL00002")
    policy = await planted.policy(thing=thing)
    await planted.receipt(policy, invoice_number=INVOICE)
    scheme = await planted.scheme("set", "first_set")
    application = await planted.application(scheme, policy, account_number="4200 1")
    assert await findings(application) == {"1": []}
    line = await only(application)
    assert (line.applied_on, line.scheme.instrument, line.kind) == (
        date(2027, 3, 20),
        "premium_subsidy",
        "first_set",
    )
    assert line.policy.standing_start == line.policy.standing_now == "in_library"
    assert line.policy.main_clause.startswith("(示例科技财险)")
    assert line.policy.receipts[0].payer_root == planted.world.usccs["enterprise"]
    assert line.object is not None and line.object.serials == ("ETCH-1",)
    assert [c.number for c in line.contracts] == ["HT-1"]
    assert line.matches == ()
    assert line.frequency is not None and line.frequency.policies_count == 1


async def test_double_invoice_of_two_firms_is_found_from_both_sides(planted: Planted) -> None:
    scheme = await planted.scheme("set", "first_set")
    mine, theirs = await planted.policy(), await planted.policy("b")
    await planted.receipt(mine, invoice_number=INVOICE)
    await planted.receipt(
        theirs,
        invoice_number="２４４２-2000 0000 1234 5678",
        payer_name="示例他企业有限公司",
        payer_uscc=planted.world.usccs["b"],
    )
    first = await planted.application(scheme, mine)
    second = await planted.application(scheme, theirs, firm="b")
    assert await findings(first) == {"1": ["duplicate_invoice"]}
    assert await findings(second) == {"1": ["duplicate_invoice"]}
    (match,) = (await only(first)).matches
    assert (match.kind, match.key, match.firm.uscc, match.applied) == (
        "invoice",
        INVOICE,
        planted.world.usccs["b"],
        True,
    )
    assert match.record()["day"] == date(2027, 3, 20)


@pytest.mark.parametrize(
    ("changes", "seen"),
    [
        ({}, True),
        ({"status": "returned"}, True),
        ({"status": "recovered"}, True),
        ({"status": "refused"}, False),
        ({"status": "withdrawn"}, False),
        ({"status": "draft", "submitted_at": None}, False),
        ({"lines": {"status": "refused"}}, False),
    ],
)
async def test_what_counts_as_another_application(
    planted: Planted, changes: dict[str, Any], seen: bool
) -> None:
    scheme = await planted.scheme("set", "first_set")
    policy = await planted.policy()
    await planted.receipt(policy)
    await planted.application(scheme, policy, **changes)
    again = await planted.application(scheme, policy, status="draft", submitted_at=None)
    assert await findings(again) == {"1": ["duplicate_policy"] if seen else []}


async def test_same_policy_across_schemes_follows_the_groups(planted: Planted) -> None:
    policy = await planted.policy()
    await planted.receipt(policy)
    first = await planted.application(await planted.scheme("one", "set"), policy)
    await planted.application(await planted.scheme("two", "set"), policy)
    await planted.application(await planted.scheme("three", "other"), policy)
    direct = await planted.scheme("four", "", "premium_direct_pay")
    await planted.application(direct, policy, lines={"assessed_fen": 500_000})
    line = await only(first)
    schemes = {m.scheme.code: m.scheme.instrument for m in line.matches if m.kind == "policy"}
    assert schemes == {
        "two": "premium_subsidy",
        "three": "premium_subsidy",
        "four": "premium_direct_pay",
    }
    assert await findings(first) == {"1": ["duplicate_policy", "insurer_paid_twice"]}


async def test_contract_serial_and_item_are_found_across_firms(planted: Planted) -> None:
    edition = await insert(
        "catalogue_edition",
        code="T-2024",
        title="示例",
        subject_kind="first_set",
        valid_from=date(2024, 1, 1),
        source="示例",
    )
    item = await insert("catalogue_item", edition=edition, number="3.1", name="示例")
    scheme = await planted.scheme("set", "first_set")
    applications = []
    for firm, number, serial in (("a", "ht 2026/7", "sn-0001"), ("b", "HT-2026-7", "ＳＮ 0001")):
        thing = await planted.thing(firm, serials=(serial,), catalogue_item=item)
        await planted.contract(thing, number, "91310000MA1FL00002")
        policy = await planted.policy(firm, thing=thing)
        name = "示例光谷芯片科技有限公司" if firm == "a" else "示例他企业有限公司"
        uscc = planted.world.usccs["enterprise" if firm == "a" else "b"]
        await planted.receipt(policy, payer_name=name, payer_uscc=uscc)
        applications.append(await planted.application(scheme, policy, firm=firm))
    for application in applications:
        assert await findings(application) == {"1": ["duplicate_contract", "duplicate_unit"]}
    line = await only(applications[0])
    assert {m.item for m in line.matches} == {"T-2024/3.1"}


async def test_software_by_name_version_and_copyright(planted: Planted) -> None:
    scheme = await planted.scheme("soft", "soft")
    for name, version, right in (
        ("示例 设计软件", "v1.0", "2026SR1"),
        ("示例设计软件", "V1.0", "2026sr1"),
        ("示例设计软件", "V2.0", "2026SR2"),
    ):
        thing = await planted.thing(
            kind="first_version", name=name, software_version=version, copyright_number=right
        )
        policy = await planted.policy(thing=thing)
        await planted.receipt(policy)
        last = await planted.application(scheme, policy)
        assert await findings(last) == {
            "1": ["duplicate_software", "duplicate_copyright"] if right == "2026sr1" else []
        }


async def test_payer_account_and_branch(planted: Planted) -> None:
    scheme = await planted.scheme("set", "first_set")
    broker = {"payer_name": "示例经纪有限公司", "payer_uscc": "91420100MA4K99990X"}
    applications = []
    for firm in ("a", "b", "branch"):
        policy = await planted.policy(firm)
        await planted.receipt(policy, **broker)
        applications.append(
            await planted.application(scheme, policy, firm=firm, account_number="4200-0000 1111")
        )
    first = ["premium_paid_by_another", "payer_of_many"]
    found = await findings(applications[0])
    assert found == {"1": ["account_shared", *first]}
    others = {m.firm.name for m in (await only(applications[0])).matches if m.kind == "payer"}
    assert others == {"示例他企业有限公司", "示例光谷芯片科技分公司"}


async def test_one_bank_account_behind_several_names(planted: Planted) -> None:
    scheme = await planted.scheme("set", "first_set")
    applications = []
    for firm, name, account in (
        ("a", "示例光谷芯片科技有限公司", "4200 0000 7777 0001"),
        ("b", "示例他企业有限公司", "4200-0000-7777-0001"),
        ("b", "示例他企业有限公司", "4200000088880002"),
    ):
        policy = await planted.policy(firm)
        uscc = {"a": planted.world.usccs["enterprise"], "b": planted.world.usccs["b"]}[firm]
        await planted.receipt(policy, payer_name=name, payer_uscc=uscc, payer_account=account)
        applications.append(await planted.application(scheme, policy, firm=firm))
    assert [await findings(a) for a in applications] == [
        {"1": ["payer_of_many"]},
        {"1": ["payer_of_many"]},
        {"1": []},
    ]
    match = next(m for m in (await only(applications[0])).matches if m.kind == "payer_account")
    assert (match.key, match.firm.name) == ("账号 ****0001", "示例他企业有限公司")


async def test_returned_premium_claims_and_bans(planted: Planted) -> None:
    scheme = await planted.scheme("set", "first_set")
    policy = await planted.policy()
    await planted.receipt(policy)
    common = {"recorded_at": now(), "recorded_by": planted.user}
    await insert(
        "endorsement",
        policy=policy,
        number=1,
        kind="return_premium",
        effective_on=date(2027, 4, 1),
        premium_change_fen=-500_000,
        sum_change_fen=0,
        old_end_on=date(2027, 11, 30),
        reason="示例",
        **common,
    )
    await insert(
        "policy_loss",
        policy=policy,
        reference="C1",
        loss_on=date(2026, 12, 5),
        paid_on=date(2027, 1, 15),
        paid_fen=1_900_000,
        payee_name="示例",
        **common,
    )
    paid = await planted.application(
        scheme,
        policy,
        status="paid",
        lines={
            "status": "paid",
            "assessed_fen": 9,
            "approved_fen": 9,
            "paid_fen": 9,
        },
    )
    line_id = await sql_value("SELECT id FROM application_line WHERE application = $1", paid)
    recovery = await insert(
        "recovery",
        number="RC-1",
        application_line=line_id,
        cause="refund",
        amount_fen=1,
        received_fen=0,
        status="open",
        opened_at=now(),
        opened_by=planted.user,
    )
    await insert(
        "ban",
        organisation=planted.firms["branch"],
        recovery=recovery,
        from_on=date(2027, 1, 1),
        to_on=date(2029, 12, 31),
        clause="三年",
    )
    assert await findings(paid) == {"1": ["related_ban", "premium_reduced", "claim_like_refund"]}


async def test_cover_before_and_policy_at_another_insurer(planted: Planted) -> None:
    scheme = await planted.scheme("set", "first_set")
    thing = await planted.thing()
    before = {"start_on": date(2025, 11, 1), "end_on": date(2026, 10, 31)}
    await planted.policy(thing=thing, current_end_on=date(2026, 11, 29), **before)
    policy = await planted.policy(thing=thing, number="SAME-1")
    await planted.receipt(policy)
    await planted.policy("b", number="SAME-1", insurer="other_insurer")
    application = await planted.application(scheme, policy)
    assert await findings(application) == {"1": ["duplicate_policy_number", "cover_gap"]}


async def test_material_whose_buyer_claims_for_a_set(planted: Planted) -> None:
    scheme = await planted.scheme("set", "first_set")
    material = await planted.thing(kind="first_batch", name="示例靶材")
    await planted.contract(material, "HT-9", planted.world.usccs["b"])
    policy = await planted.policy(thing=material)
    await planted.receipt(policy)
    application = await planted.application(scheme, policy)
    assert await findings(application) == {"1": []}
    equipment = await planted.policy("b", thing=await planted.thing("b"))
    await planted.application(scheme, equipment, firm="b")
    assert await findings(application) == {"1": ["material_in_set"]}


async def test_what_if_needs_no_stored_line(planted: Planted) -> None:
    scheme = await planted.scheme("set", "first_set")
    policy = await planted.policy()
    await planted.receipt(policy)
    await planted.application(scheme, policy)
    spec = LineSpec("7", scheme, planted.firms["a"], policy, date(2027, 3, 21))
    (line,) = await collect_specs([spec])
    assert (line.key, [m.kind for m in line.matches]) == ("7", ["policy"])
    assert await collect_specs([]) == []
    with pytest.raises(LookupError):
        await collect_specs([LineSpec("1", scheme, planted.firms["a"], 0, date(2027, 1, 1))])


async def test_many_lines_take_five_statements(
    planted: Planted, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One invoice on 120 policies: matches stay bounded for each line, statements stay five."""
    scheme = await planted.scheme("set", "first_set")
    applications = []
    for _ in range(120):
        policy = await planted.policy()
        await planted.receipt(policy, invoice_number="无")
        applications.append(await planted.application(scheme, policy))
    seen: list[str] = []

    async def counted(query: str, *args: Any) -> Any:
        seen.append(query)
        return await sql(query, *args)

    monkeypatch.setattr(evidence, "sql", counted)
    lines = await collect(applications)
    assert (len(lines), len(seen)) == (120, 5)
    most = max(len(line.matches) for line in lines.values())
    assert 20 <= most <= evidence_sql.KEY_MATCHES_MAX


async def test_indexes_can_be_made_and_serve_the_keys(database: None) -> None:
    for statement in evidence_sql.INDEXES:
        await sql(statement)
        await sql(statement)
    # Over a handful of rows any index is as good, and which one is taken hangs on old statistics.
    await sql("DROP INDEX ix_premium_receipt_invoice")
    await sql("SET LOCAL enable_seqscan = off")
    folded = evidence_sql.key("invoice_number")
    plan = await sql(
        f"EXPLAIN SELECT 1 FROM premium_receipt WHERE {folded} = ANY($1::text[])"
        " AND invoice_number <> ''",
        ["1"],
    )
    assert "ix_receipt_invoice_key" in str(plan)


async def test_keys_fold_alike_in_database_and_rules(database: None) -> None:
    texts = [
        "PYII 2026-4201",
        "ｐｙｉｉ２０２６／４２０１",
        "a_b.c\\d–e—f\u3000g",
        "合同（一）号",
        "",
        "- -",
        "Ⅷ",
    ]
    rows = await sql(
        f"SELECT {evidence_sql.key('t')} AS k FROM unnest($1::text[]) WITH ORDINALITY x(t, n)"
        " ORDER BY n",
        texts,
    )
    assert [row["k"] for row in rows] == [number_key(text) for text in texts]
