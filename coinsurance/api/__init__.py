"""JSON routes of the pools under /api/v1: form in, one call, answer out."""

from litestar import Router

from coinsurance.api.claim_cover import BackstopRoutes, ClaimWhatIfRoutes, CoverRoutes
from coinsurance.api.claims import (
    ClaimDecisionRoutes,
    ClaimMoneyRoutes,
    ClaimRoutes,
    LargeLossRoutes,
)
from coinsurance.api.consents import ConsentRoutes
from coinsurance.api.placements import FileRoutes, PlacementRoutes, PlacementWhatIfRoutes
from coinsurance.api.pool_what_if import PoolFigureRoutes, PoolWhatIfRoutes
from coinsurance.api.pool_years import MemberRoutes, PoolYearRoutes
from coinsurance.api.pools import AgreementRoutes, PoolRoutes
from coinsurance.api.premiums import PremiumBalanceRoutes, PremiumRoutes
from coinsurance.api.reconciliation import (
    BordereauRoutes,
    CertificateRoutes,
    EvidenceRoutes,
    ReconciliationRoutes,
    ThreeWayRoutes,
)
from coinsurance.api.results import ExperienceRoutes, ResultRoutes
from coinsurance.api.risk_imports import RiskImportRoutes
from coinsurance.api.risks import LineRoutes, RiskRoutes
from coinsurance.api.settlements import (
    BankFileRoutes,
    ObligationRoutes,
    RunRoutes,
    SettlementWhatIfRoutes,
)
from coinsurance.api.shares import ShareRoutes
from coinsurance.api.statements import (
    DisputeRoutes,
    StatementPeriodRoutes,
    StatementRoutes,
    StatementWhatIfRoutes,
)
from coinsurance.api.what_if import PremiumWhatIfRoutes
from coinsurance.api.zones import ZoneRoutes

ROUTES: list[type | Router] = [
    PoolRoutes,
    AgreementRoutes,
    PoolYearRoutes,
    MemberRoutes,
    ShareRoutes,
    ConsentRoutes,
    PoolWhatIfRoutes,
    PoolFigureRoutes,
    PremiumWhatIfRoutes,
    ZoneRoutes,
    RiskRoutes,
    LineRoutes,
    RiskImportRoutes,
    FileRoutes,
    PlacementRoutes,
    PlacementWhatIfRoutes,
    PremiumRoutes,
    PremiumBalanceRoutes,
    ClaimRoutes,
    ClaimDecisionRoutes,
    ClaimMoneyRoutes,
    LargeLossRoutes,
    CoverRoutes,
    BackstopRoutes,
    ClaimWhatIfRoutes,
    StatementPeriodRoutes,
    StatementRoutes,
    DisputeRoutes,
    StatementWhatIfRoutes,
    RunRoutes,
    BankFileRoutes,
    ObligationRoutes,
    SettlementWhatIfRoutes,
    ReconciliationRoutes,
    BordereauRoutes,
    CertificateRoutes,
    EvidenceRoutes,
    ThreeWayRoutes,
    ResultRoutes,
    ExperienceRoutes,
]
