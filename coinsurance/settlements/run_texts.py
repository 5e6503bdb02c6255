"""Texts of the findings about runs, payments and bank files."""

from __future__ import annotations

from service.kernel.findings import Text, register

register(
    {
        "settlement.nothing_due": Text(
            "至 {until} 没有到期未付的事项",
            "Nothing is due and unpaid by {until}",
            "请核对截止日期；已在其他批次中的事项不再重复列入",
            "Check the day; what another run pays is not taken twice",
        ),
        "settlement.not_payable": Text(
            "{numbers} 现在不能支付：不属本年度、已付、有争议或已在其他批次中",
            "{numbers} cannot be paid now: of another year, paid, disputed or in another run",
            "请去掉这些编号",
            "Leave these out",
        ),
        "settlement.moved": Text(
            "{numbers} 在编制后已付款或提出争议，批次不再成立",
            "{numbers} were paid or disputed since the run was prepared",
            "请撤销本批次并重新编制",
            "Cancel this run and prepare another",
        ),
        "settlement.set_off_done": Text(
            "批次 {number} 已有债务抵销，不能撤销",
            "Debts were set off already in the run {number}",
            "未付的指令可登记为失败，相应事项回到未付",
            "Book unpaid instructions as failed; their debts are open again",
        ),
        "settlement.not_instructed": Text(
            "付款指令 {reference} 当前不能登记结果（批次{run_zh}，指令{status_zh}）",
            "The instruction {reference} takes no result now (run {run_en}, itself {status_en})",
            "批次复核后、指令付清或失败前可登记",
            "A result is taken after the run is agreed and before the instruction is done",
        ),
        "settlement.more_than_instructed": Text(
            "到账 {amount_fen} 超过指令未付的 {left_fen}",
            "{amount_fen} is more than the {left_fen} left of the instruction",
            "请按流水文件导入，超额部分自动列为差异",
            "Take in the bank file; the excess becomes a break",
        ),
        "bank.columns": Text(
            "银行文件缺少列：{columns}",
            "The bank file lacks columns: {columns}",
            "须有银行流水号、附言、金额(元)、入账日期；付款户名、收款户名、结果、失败原因可选",
            "Bank reference, remark, amount and value date are needed",
        ),
        "bank.cell": Text(
            "单元格 {field} 的内容“{value}”无法识别",
            "The cell {field} cannot be read: {value}",
            "金额填大于零的元，日期填 年-月-日，结果填“成功”或“失败”",
            "Amount in yuan above zero, day as year-month-day, result 成功 or 失败",
        ),
        "bank.no_rows": Text(
            "银行文件没有流水",
            "The bank file has no rows",
            "请核对文件",
            "Check the file",
        ),
        "bank.file_twice": Text(
            "该文件已导入，编号 {number}",
            "This file was taken in before as {number}",
            "同一文件只导入一次；如有新流水，请导出新的文件",
            "A file is taken in once; ask the bank for a new one",
            "POOLS complaint 19",
        ),
        "bank.value_in_future": Text(
            "入账日期 {value} 晚于今天",
            "The value date {value} is after today",
            "请核对文件日期",
            "Check the dates of the file",
        ),
        "bank.nothing_left": Text(
            "该笔流水没有可分配的金额（已入账 {booked_fen}，共 {amount_fen}）",
            "Nothing of the row is left ({booked_fen} of {amount_fen} booked)",
            "请核对流水",
            "Check the row",
        ),
        "bank.other_year": Text(
            "指令 {reference} 不属本业务年度",
            "The instruction {reference} belongs to another pool year",
            "各年度账目互不混用",
            "Books of years never mix",
            "DESIGN law 4",
        ),
    }
)
