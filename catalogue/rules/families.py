"""The families of rule books of this package, registered when this module is imported."""

from __future__ import annotations

from catalogue.rules import filing
from catalogue.rules.filing import check_filing_book
from catalogue.rules.subsidy import FAMILY_PREFIX, book, check_subsidy_book, procedure_book
from catalogue.rules.subsidy.procedure_book import check_procedure_book
from service.kernel.rulebook import Family, register_family

for _family in (
    Family(filing.FAMILY, "产品库报送与统计", check_filing_book, filing.evaluate),
    Family(FAMILY_PREFIX, "补贴规则", check_subsidy_book, book.evaluate),
    Family(procedure_book.PREFIX, "办理程序", check_procedure_book, procedure_book.evaluate),
):
    register_family(_family)
