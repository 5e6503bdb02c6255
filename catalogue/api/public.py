"""What everybody may read: product types, the shelf, one product of the shelf."""

from __future__ import annotations

from typing import Annotated, Any

from litestar import Controller, Response, get
from litestar.openapi.datastructures import ResponseSpec
from litestar.params import Parameter
from litestar.types import Receive, Scope, Send

from catalogue.products import records, shelf, types
from catalogue.products.shelf import ShelfQuery
from catalogue.rules.nouns import RiskKind, Stage
from catalogue.shapes import ProductPage, ProductRecord, TypeShape
from service.auth import anyone

JSON = "application/json"
Q = Annotated[
    str | None, Parameter(description="Words that must all occur; two-character words hit.")
]
Cursor = Annotated[str | None, Parameter(description="`next` of the page before, unchanged.")]
Limit = Annotated[int | None, Parameter(description="Rows a page, 1 to 200; 20 unless told.")]


class BuiltJson(Response[bytes]):
    """JSON that the database has built already: sent as it is, without the work on headers and
    content that the framework's responses do for every request."""

    def __init__(self, body: bytes) -> None:
        self.body = body

    def to_asgi_response(self, *_: Any, **__: Any) -> Any:
        length = str(len(self.body)).encode()
        headers = [(b"content-type", JSON.encode()), (b"content-length", length)]

        async def answer(_scope: Scope, _receive: Receive, send: Send) -> None:
            await send({"type": "http.response.start", "status": 200, "headers": headers})
            await send({"type": "http.response.body", "body": self.body, "more_body": False})

        return answer


def as_json(body: bytes) -> BuiltJson:
    """The answer of a route whose JSON is built already."""
    return BuiltJson(body)


class PublicRoutes(Controller):
    """Product types and the shelf (产品货架), without log-in."""

    tags = ["shelf"]
    opt = anyone()

    @get("/product-types", summary="Product types (产品类型)", operation_id="listProductTypes")
    async def list_types(
        self, q: Q = None, stage: Stage | None = None, risk_kind: RiskKind | None = None
    ) -> list[TypeShape]:
        return [TypeShape(**row) for row in await types.list_types(q, stage, risk_kind)]

    @get("/product-types/{code:str}", summary="One product type", operation_id="getProductType")
    async def one_type(self, code: str) -> TypeShape:
        return TypeShape(**await types.one_type(code))

    @get(
        "/shelf",
        summary="Products in the library now (在库产品)",
        operation_id="listShelf",
        responses={200: ResponseSpec(ProductPage, description="A page of the shelf, by name")},
    )
    async def list_shelf(
        self,
        q: Q = None,
        stage: str | None = None,
        industry: str | None = None,
        risk_kind: str | None = None,
        insurer: Annotated[str | None, Parameter(description="USCC of the insurer")] = None,
        type: Annotated[str | None, Parameter(description="Code of the product type")] = None,
        district: str | None = None,
        cursor: Cursor = None,
        limit: Limit = None,
    ) -> Any:
        query = ShelfQuery(
            q, stage, industry, risk_kind, insurer, type, district, None, cursor, limit
        )
        return as_json(await shelf.shelf_page(query))

    @get(
        "/shelf/{number:str}",
        summary="One product of the shelf",
        operation_id="getShelfProduct",
        responses={200: ResponseSpec(ProductRecord, description="The version in the library")},
    )
    async def one_product(self, number: str) -> Any:
        return as_json(await records.public_record(number))
