"""The demo's history is plausible: plainly invented, complete, in office hours, played once.

The test that needs an empty database stands first, before the module plays its history.
"""

from __future__ import annotations

from collections import Counter
from datetime import date, datetime

import pytest

from catalogue.products import counting, figures
from catalogue.products.desk import DeskRecord, desk_record
from catalogue.rules.nouns import FilingStatus
from catalogue.rules.subsidy.nouns import EnrolmentStatus, QualificationStatus, SubsidyStatus
from service import demo
from service.auth import Role, check_password
from service.demo import DemoAccount, cases, papers, people, plot, texts
from service.kernel.calendar import SHANGHAI, at_moment, is_working_day
from service.kernel.db import sql, sql_value
from service.kernel.errors import Refused
from service.kernel.numbering import check_uscc


async def test_demo_does_not_touch_a_database_in_use(database: None) -> None:
    await sql(
        "INSERT INTO organisation (uscc, legal_root, kind, name, short_name, sort_key, created_at,"
        " district, licence_number, contact, active, revision)"
        " VALUES ('x', 'x', 'committee', '另一机构', '另一机构', '', now(), '', '', '', true, 1)"
    )
    await sql(
        "INSERT INTO eastlake_user (organisation, login, name, password_hash, roles, active,"
        " revision, created_at) SELECT id, 'officer', '甲', '', '{}', true, 1, now()"
        " FROM organisation"
    )
    with pytest.raises(Refused) as refused:
        await demo.play()
    assert refused.value.findings[0].code == "demo.login_taken"
    assert await sql_value("SELECT count(*) FROM product") == 0


async def test_every_role_has_an_account_that_opens(played: list[DemoAccount]) -> None:
    assert {account.role for account in played} == {role.value for role in Role}
    assert len({account.password for account in played}) == 1
    actor = await check_password(played[0].login, played[0].password, "127.0.0.1")
    assert actor.roles == {played[0].role}


async def test_playing_again_changes_nothing(played: list[DemoAccount]) -> None:
    before = await sql_value("SELECT count(*) FROM journal_event")
    assert await demo.play() == played
    assert await sql_value("SELECT count(*) FROM journal_event") == before


async def test_everybody_is_plainly_invented(played: list[DemoAccount]) -> None:
    rows = await sql("SELECT name, uscc FROM organisation")
    assert len(rows) >= 50
    assert all(row["name"].startswith("示例") for row in rows)
    assert all(check_uscc(row["uscc"]) == [] for row in rows)


async def test_library_has_products_of_many_types_and_empty_cells(
    played: list[DemoAccount],
) -> None:
    count = await figures.count()
    assert 40 <= count.products <= 48
    assert count.types < count.products
    assert set(count.stage) == {"research", "production", "market", "conversion"}
    cells = {(stage, industry) for stage, industry, _ in count.map}
    assert len(cells) < 4 * len(count.industry)


async def test_every_state_of_a_filing_occurs(played: list[DemoAccount]) -> None:
    rows = await sql("SELECT status, count(*) FROM product_version GROUP BY status")
    assert {row["status"] for row in rows} == {status.value for status in FilingStatus}
    rows = await sql("SELECT status FROM product GROUP BY status")
    assert len(rows) == 4


async def test_a_filing_is_overdue_on_the_last_day(played: list[DemoAccount]) -> None:
    with at_moment(datetime(2026, 11, 20, 18, tzinfo=SHANGHAI)):
        record = await _desk_of("科技知识产权侵权责任保险")
        other = await _desk_of("云梦机器人应用责任保险")
    assert (record.clock.term, record.clock.overdue) == ("acceptance", True)
    assert (other.clock.term, other.clock.overdue) == ("acceptance", False)


async def _desk_of(name: str) -> DeskRecord:
    number = await sql_value(
        "SELECT p.number FROM product_version v JOIN product p ON p.id = v.product"
        " WHERE v.name = $1",
        name,
    )
    return await desk_record((await people.actors())["officer"], number)


async def test_wrong_entry_changes_as_of_but_not_as_known_at(played: list[DemoAccount]) -> None:
    day = date(2025, 12, 15)
    now_known = await figures.count(day)
    then_known = await figures.count(day, "2026-01-31")
    assert then_known.products == now_known.products + 1


async def test_history_happens_on_working_days_in_office_hours(
    played: list[DemoAccount],
) -> None:
    rows = await sql("SELECT recorded_at FROM journal_event WHERE via = 'demo'")
    moments = [row["recorded_at"].astimezone(SHANGHAI) for row in rows]
    assert all(is_working_day(moment.date()) for moment in moments)
    assert all(9 <= moment.hour <= 18 for moment in moments)
    ids = await sql("SELECT recorded_at FROM journal_event WHERE via = 'demo' ORDER BY id")
    assert [row["recorded_at"] for row in ids] == sorted(row["recorded_at"] for row in ids)


async def test_near_duplicates_are_in_the_queue(played: list[DemoAccount]) -> None:
    warned = await sql_value(
        "SELECT count(*) FROM journal_event WHERE facts->'warnings' ? 'filing.like_another'"
    )
    assert warned >= 10


def test_texts_cover_every_row_of_the_history() -> None:
    rows = texts.history()
    for row in rows:
        draft = texts.draft_of(row, people.insurer(row.insurer)[1])
        assert draft["rate_min_ppm"] < draft["rate_max_ppm"]
        assert draft["sum_min_fen"] < draft["sum_max_fen"]
    assert len({row.type for row in rows}) >= 40
    assert len({row.name for row in rows}) == len(rows)


def test_acts_of_a_filing_follow_each_other() -> None:
    for row in texts.history():
        moments = [act.moment for act in plot.acts(row)]
        assert moments == sorted(set(moments)), row.name


def test_one_insurer_files_several_types_and_one_type_has_several_insurers() -> None:
    by_type = Counter(row.type for row in texts.history())
    assert max(by_type.values()) >= 4


def test_paper_is_a_pdf_with_a_right_table() -> None:
    content = papers.pdf("示例条款", ["第一条 保险责任", "本" * 200])
    assert content.startswith(b"%PDF-1.4")
    assert content.rstrip().endswith(b"%%EOF")
    start = int(content.rsplit(b"startxref\n", 1)[1].split()[0])
    assert content[start : start + 4] == b"xref"
    offsets = [int(line[:10]) for line in content[start:].split(b"\n")[3:10]]
    for number, offset in enumerate(offsets, 1):
        assert content[offset:].startswith(b"%d 0 obj" % number)
    assert papers.pdf("示例条款", ["a"]) == papers.pdf("示例条款", ["a"])


async def test_month_ends_grow_towards_the_target(played: list[DemoAccount]) -> None:
    points = await counting.trend([date(2025, 12, 31), date(2026, 6, 30), date(2026, 10, 31)])
    assert points[0][1] < points[1][1] < points[2][1] < 60


async def _states(table: str) -> set[str]:
    return {row["status"] for row in await sql(f"SELECT DISTINCT status FROM {table}")}  # noqa: S608


async def test_every_end_state_of_enrolment_and_subsidy_occurs(played: list[DemoAccount]) -> None:
    assert await _states("application") == {status.value for status in SubsidyStatus}
    assert await _states("enrolment") >= {s.value for s in EnrolmentStatus} - {"insurer_confirmed"}
    assert await _states("qualification") == {status.value for status in QualificationStatus}
    assert await _states("policy") >= {"recorded", "confirmed", "disputed", "cancelled"}
    assert await _states("payment_batch") >= {"sent", "done", "part_failed"}
    assert await _states("recovery") >= {"proposed", "received"}
    kinds = await sql("SELECT DISTINCT kind FROM insured_object")
    assert {row["kind"] for row in kinds} == {"first_set", "first_batch", "first_version"}


async def test_planted_double_claim_shows_on_both_lines(played: list[DemoAccount]) -> None:
    rows = await sql(
        "SELECT a.number FROM application_line l JOIN application a ON a.id = l.application"
        " WHERE l.findings @@ '$.office[*].code == \"check.duplicate_invoice\"'"
    )
    assert len(rows) == 2


async def test_planted_payer_of_two_firms_shows_by_its_account(played: list[DemoAccount]) -> None:
    rows = await sql(
        "SELECT a.number FROM application_line l JOIN application a ON a.id = l.application"
        " WHERE l.findings @@ '$.office[*].code == \"check.payer_of_many\"'"
    )
    assert len(rows) == 2


async def test_one_policy_has_several_insurers_and_one_came_in_a_file(
    played: list[DemoAccount],
) -> None:
    shares = await sql(
        "SELECT policy, array_agg(share_units ORDER BY position) AS units FROM policy_insurer"
        " WHERE policy NOT IN (SELECT policy FROM placement WHERE policy IS NOT NULL)"
        " GROUP BY policy HAVING count(*) > 1"
    )
    assert [row["units"] for row in shares] == [[50_000_000, 30_000_000, 20_000_000]]
    events = await sql("SELECT event FROM journal_event WHERE subject_kind = 'import'")
    assert {row["event"] for row in events} == {"import_policies", "import_editions"}


async def test_a_scheme_has_paid_insurers_and_got_money_back(played: list[DemoAccount]) -> None:
    direct = await sql(
        "SELECT source, count(*) FILTER (WHERE payment_item IS NOT NULL) AS paid,"
        " count(*) FILTER (WHERE amount_fen < 0) AS back FROM premium_receipt"
        " WHERE source <> 'own' GROUP BY source"
    )
    assert [(row["source"], row["paid"], row["back"]) for row in direct] == [
        ("eastlake-direct-2026", 2, 1)
    ]
    assert await _states("payee_account") == {"proposed", "verified"}
    kinds = await sql(
        "SELECT r.status FROM recovery r JOIN payment_item i ON i.application_line ="
        " r.application_line WHERE i.payee_kind = 'insurer'"
    )
    assert [row["status"] for row in kinds] == ["received"]


async def test_objections_carry_their_evidence(played: list[DemoAccount]) -> None:
    objections = await sql_value("SELECT count(*) FROM notice_objection")
    assert await sql_value("SELECT count(*) FROM objection_evidence") == objections > 0


async def test_forty_firms_are_insured(played: list[DemoAccount]) -> None:
    assert await sql_value("SELECT count(DISTINCT insured) FROM policy") >= 40
    assert len(people.ENTERPRISES) == len(set(people.ENTERPRISES)) >= 40


def test_acts_of_a_case_follow_each_other() -> None:
    for case in cases.cases():
        moments = [act.moment for act in cases.acts(case)]
        assert moments == sorted(set(moments)), case
