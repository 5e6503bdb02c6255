"""JSON routes of the catalogue under /api/v1: form in, one call, answer out."""

from litestar import Router

from catalogue.api.enrolments import ENROLMENT_ROUTES
from catalogue.api.filing import FilingRoutes
from catalogue.api.imports import IMPORT_ROUTES
from catalogue.api.library import LibraryRoutes
from catalogue.api.money import PaymentRoutes, RecoveryRoutes, SchemeRoutes
from catalogue.api.notices import NoticeRoutes
from catalogue.api.payees import PayeeRoutes
from catalogue.api.policies import PolicyRoutes
from catalogue.api.products import DocumentRoutes, ProductRoutes
from catalogue.api.public import PublicRoutes
from catalogue.api.rules import RuleDraftRoutes
from catalogue.api.subsidies import ApplicationRoutes, ReviewRoutes, WhatIfRoutes

ROUTES: list[type | Router] = [
    PublicRoutes,
    ProductRoutes,
    FilingRoutes,
    LibraryRoutes,
    DocumentRoutes,
    PolicyRoutes,
    SchemeRoutes,
    PaymentRoutes,
    RecoveryRoutes,
    PayeeRoutes,
    *ENROLMENT_ROUTES,
    WhatIfRoutes,
    ApplicationRoutes,
    ReviewRoutes,
    NoticeRoutes,
    RuleDraftRoutes,
    *IMPORT_ROUTES,
]
