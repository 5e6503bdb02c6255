"""A policy as an insurer's file holds it: one row under the headers of the import template."""

from __future__ import annotations

import csv
import io

from catalogue.policy_forms import PolicyForm, ReceiptForm
from service.kernel.money import format_ppm, format_yuan


def as_csv(policy: PolicyForm, receipt: ReceiptForm) -> bytes:
    """The file of one policy with one receipt."""
    row = {
        "保单号": policy.number,
        "产品编号": policy.product,
        "被保险人统一社会信用代码": policy.insured_uscc,
        "起保日期": policy.start_on.isoformat(),
        "终止日期": policy.end_on.isoformat(),
        "保险金额(元)": format_yuan(policy.sum_insured_fen),
        "责任限额(元)": format_yuan(policy.limit_fen),
        "费率(%)": format_ppm(policy.rate_ppm),
        "保险费(元)": format_yuan(policy.premium_fen),
        "收款日期": receipt.received_on.isoformat(),
        "收款金额(元)": format_yuan(receipt.amount_fen),
        "付款人": receipt.payer_name,
        "付款人统一社会信用代码": receipt.payer_uscc,
        "付款账号": receipt.payer_account,
        "发票号码": receipt.invoice_number,
        "银行流水号": receipt.bank_reference,
    }
    stream = io.StringIO()
    writer = csv.DictWriter(stream, list(row))
    writer.writeheader()
    writer.writerow(row)
    return stream.getvalue().encode("utf-8-sig")
