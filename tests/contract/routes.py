"""Every route of the application, as the tests of the whole surface walk them."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Any

from litestar import Litestar
from litestar.handlers import HTTPRouteHandler
from litestar.routes import HTTPRoute

from service.app import create_app
from service.auth import Role
from tests.contract.golden import FOLDER, RECORDING

FRAMEWORK = "litestar."


@dataclass(frozen=True, slots=True)
class RouteCase:
    """One method of one path; `path` as OpenAPI writes it, `names` its parameters."""

    method: str
    path: str
    names: tuple[str, ...]
    handler: Any

    @property
    def roles(self) -> Any:
        """What the check of roles reads: `public`, a set of roles, or nothing at all."""
        return self.handler.opt.get("roles")

    @property
    def is_public(self) -> bool:
        return bool(self.roles == "public")

    @property
    def is_api(self) -> bool:
        return self.path == "/api" or self.path.startswith("/api/")

    @property
    def is_ours(self) -> bool:
        """Whether the handler is written in this project and not made by the framework."""
        return not str(self.handler.fn.__module__).startswith(FRAMEWORK)

    @property
    def roles_text(self) -> str:
        return "public" if self.is_public else " ".join(sorted(self.roles or ["(nobody)"]))

    def __str__(self) -> str:
        return f"{self.method} {self.path}"


@cache
def the_app() -> Litestar:
    """One application for collecting; the fixtures run requests against it too."""
    return create_app()


@cache
def all_routes() -> tuple[RouteCase, ...]:
    """Every method of every path except the OPTIONS that the framework adds, sorted."""
    found = []
    for route in the_app().routes:
        assert isinstance(route, HTTPRoute), f"{route.path}: only HTTP routes are known here"
        names = tuple(route.path_parameters)
        for handler in route.route_handlers:
            assert isinstance(handler, HTTPRouteHandler)
            methods = sorted(str(m) for m in handler.http_methods)
            found += [
                RouteCase(method, route.path_format, names, handler)
                for method in methods
                if method != "OPTIONS"
            ]
    return tuple(sorted(found, key=lambda case: (case.path, case.method)))


@cache
def listed_routes() -> tuple[RouteCase, ...]:
    """The routes that stand in the golden map; one that does not fails there, and only there."""
    path = FOLDER / "url_map.txt"
    lines = path.read_text("utf-8").splitlines() if path.exists() and not RECORDING else []
    listed = {" ".join(line.split()[:2]) for line in lines}
    return tuple(case for case in all_routes() if not lines or str(case) in listed)


def guarded() -> list[RouteCase]:
    """Listed routes that need a log-in."""
    return [case for case in listed_routes() if not case.is_public]


PERSON_OF = {
    Role.INSURER_CLERK: "clerk",
    Role.INSURER_MANAGER: "manager",
    Role.ENTERPRISE: "firm",
    Role.COMMITTEE_OFFICER: "officer",
    Role.COMMITTEE_APPROVER: "approver",
    Role.COMMITTEE_ADMIN: "admin",
    Role.AUDITOR: "auditor",
}
"""The person of the test world who holds exactly this role."""
