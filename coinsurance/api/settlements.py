"""Settlement runs, bank files, obligations, ageing, interest, calculators of settlement."""

from __future__ import annotations

from datetime import date
from typing import Annotated

from litestar import Controller, Response, get, post
from litestar.datastructures import UploadFile
from litestar.enums import RequestEncodingType
from litestar.params import Body
from pydantic import BaseModel, ConfigDict, Field

from catalogue.api.public import Cursor, Limit
from catalogue.imports import sheets
from coinsurance.reconciliation_shapes import (
    AgeingTable,
    BankFileItem,
    BankFileShape,
    InterestAnswer,
    InterestCharge,
    NettingAnswer,
    ObligationPage,
    ObligationShape,
    RemindedShape,
)
from coinsurance.settlement_forms import (
    AssignmentForm,
    InterestChargeForm,
    InterestForm,
    NettingForm,
    NoteForm,
    ObligationPaymentForm,
    PaymentForm,
    ReminderForm,
    RunForm,
)
from coinsurance.settlement_shapes import RunPage, RunShape
from coinsurance.settlements import (
    ageing,
    bank_files,
    interest,
    obligation_views,
    obligations,
    paying,
    run_views,
    runs,
    what_if,
)
from service.auth import COMMITTEE, INSURER, Actor, Role, allow

MEMBERS = allow(*INSURER)
MANAGERS = allow(Role.INSURER_MANAGER)
READERS = allow(*INSURER, *COMMITTEE, Role.AUDITOR)
CSV = "text/csv; charset=utf-8"
FILE_MAX = sheets.SIZE_MAX_BYTES + 1_048_576


class BankUpload(BaseModel):
    """A bank file (CSV or Excel) of one pool year."""

    model_config = ConfigDict(arbitrary_types_allowed=True, extra="forbid")

    file: UploadFile
    pool_year: str = Field(min_length=1, max_length=40)


class RunRoutes(Controller):
    """Settlement runs: what is due is paid gross, or netted where the agreement says so."""

    path = "/settlement-runs"
    tags = ["settlement"]
    opt = MEMBERS

    @get("/", summary="Runs of a pool year", operation_id="listRuns", opt=READERS)
    async def list_runs(
        self,
        actor: Actor,
        pool_year: str,
        status: str | None = None,
        cursor: Cursor = None,
        limit: Limit = None,
    ) -> RunPage:
        return await run_views.page(actor, pool_year, status=status, cursor=cursor, limit=limit)

    @post("/", summary="Prepare a run", operation_id="prepareRun")
    async def prepare(self, data: RunForm, actor: Actor) -> RunShape:
        return await run_views.record(actor, await runs.prepare(actor, data))

    @get("/{number:str}", summary="One run with its proof", operation_id="getRun", opt=READERS)
    async def one(self, number: str, actor: Actor) -> RunShape:
        return await run_views.record(actor, number)

    @post("/{number:str}/approval", summary="Agree", operation_id="agreeRun", opt=MANAGERS)
    async def agree(self, number: str, actor: Actor) -> RunShape:
        await runs.agree(actor, number)
        return await run_views.record(actor, number)

    @post(
        "/{number:str}/bank-file",
        summary="The payment file for the bank",
        operation_id="makeBankFile",
        media_type=CSV,
    )
    async def bank_file(self, number: str, actor: Actor) -> Response[bytes]:
        content = await runs.bank_file(actor, number)
        headers = {"Content-Disposition": f'attachment; filename="{number}.csv"'}
        return Response(content, media_type=CSV, headers=headers)

    @post(
        "/{number:str}/instructions/{instruction:int}/result",
        summary="What the bank did, entered by hand",
        operation_id="enterResult",
    )
    async def result(
        self, number: str, instruction: int, data: PaymentForm, actor: Actor
    ) -> RunShape:
        await paying.result(actor, number, instruction, data)
        return await run_views.record(actor, number)

    @post("/{number:str}/cancellation", summary="Give up a run", operation_id="cancelRun")
    async def cancel(self, number: str, data: NoteForm, actor: Actor) -> RunShape:
        await runs.cancel(actor, number, data.note)
        return await run_views.record(actor, number)


class BankFileRoutes(Controller):
    """Bank files, each taken in once."""

    path = "/bank-files"
    tags = ["settlement"]
    opt = MEMBERS

    @get("/", summary="Bank files of a pool year", operation_id="listBankFiles", opt=READERS)
    async def list_files(self, actor: Actor, pool_year: str) -> list[BankFileItem]:
        return await bank_files.files(actor, pool_year)

    @post(
        "/",
        summary="Take in a bank file, all or nothing",
        operation_id="takeBankFile",
        request_max_body_size=FILE_MAX,
    )
    async def take_in(
        self,
        data: Annotated[BankUpload, Body(media_type=RequestEncodingType.MULTI_PART)],
        actor: Actor,
    ) -> BankFileShape:
        content = await data.file.read()
        name = data.file.filename
        number = await bank_files.take_in(actor, data.pool_year, name, content)
        return await bank_files.record(actor, number)

    @get("/{number:str}", summary="One bank file", operation_id="getBankFile", opt=READERS)
    async def one(self, number: str, actor: Actor) -> BankFileShape:
        return await bank_files.record(actor, number)

    @post(
        "/{number:str}/rows/{row:int}/assignment",
        summary="Give unbooked money to an instruction",
        operation_id="assignBankRow",
    )
    async def assign(
        self, number: str, row: int, data: AssignmentForm, actor: Actor
    ) -> BankFileShape:
        await bank_files.assign(actor, number, row, data)
        return await bank_files.record(actor, number)


class ObligationRoutes(Controller):
    """What members owe each other."""

    tags = ["settlement"]
    opt = MEMBERS

    @get(
        "/pool-years/{number:str}/obligations",
        summary="Obligations of a pool year",
        operation_id="listObligations",
        opt=READERS,
    )
    async def list_obligations(
        self,
        number: str,
        actor: Actor,
        kind: str | None = None,
        status: str | None = None,
        member: str | None = None,
        cursor: Cursor = None,
        limit: Limit = None,
    ) -> ObligationPage:
        return await obligation_views.page(
            actor, number, kind=kind, status=status, member=member, cursor=cursor, limit=limit
        )

    @get(
        "/pool-years/{number:str}/ageing",
        summary="Ageing on a day",
        operation_id="getAgeing",
        opt=READERS,
    )
    async def age(self, number: str, actor: Actor, on: date | None = None) -> AgeingTable:
        return await ageing.ageing(actor, number, on)

    @post("/reminders", summary="Remind of what is overdue", operation_id="remind")
    async def remind(self, data: ReminderForm, actor: Actor) -> RemindedShape:
        return await ageing.remind(actor, data.pool_year)

    @get(
        "/obligations/{number:str}",
        summary="One obligation",
        operation_id="getObligation",
        opt=READERS,
    )
    async def one(self, number: str, actor: Actor) -> ObligationShape:
        return await obligation_views.record(actor, number)

    @post(
        "/obligations/{number:str}/payments",
        summary="Paid outside a run",
        operation_id="payObligation",
    )
    async def pay(self, number: str, data: ObligationPaymentForm, actor: Actor) -> ObligationShape:
        await obligations.pay(actor, number, data)
        return await obligation_views.record(actor, number)

    @get(
        "/obligations/{number:str}/interest",
        summary="Interest as of a day",
        operation_id="getInterest",
        opt=READERS,
    )
    async def interest_so_far(
        self, number: str, actor: Actor, until_on: date | None = None
    ) -> InterestAnswer:
        return await interest.so_far(actor, number, until_on)

    @post(
        "/obligations/{number:str}/interest",
        summary="Charge interest up to a day",
        operation_id="chargeInterest",
    )
    async def charge(self, number: str, data: InterestChargeForm, actor: Actor) -> InterestCharge:
        return await interest.charge(actor, number, data.until_on)


class SettlementWhatIfRoutes(Controller):
    """Nothing is stored; the same rules as for real runs."""

    path = "/what-if"
    tags = ["what-if"]
    opt = READERS

    @post("/netting", summary="Net any debts", operation_id="whatIfNetting", status_code=200)
    async def netting(self, data: NettingForm) -> NettingAnswer:
        return what_if.netting(data)

    @post("/interest", summary="Interest", operation_id="whatIfInterest", status_code=200)
    async def interest(self, data: InterestForm) -> InterestAnswer:
        return interest.what_if(data)
