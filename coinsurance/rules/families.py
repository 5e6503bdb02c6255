"""The families of rule books of this package, registered when this module is imported."""

from __future__ import annotations

from coinsurance.rules.agreement.book import FAMILY_PREFIX
from coinsurance.rules.agreement.cases import evaluate
from coinsurance.rules.agreement.checks import check_agreement_book
from coinsurance.rules.agreement.words import TITLES
from service.kernel.rulebook import Family, register_family

register_family(Family(FAMILY_PREFIX, "共保体协议", check_agreement_book, evaluate, TITLES))
