"""A load client for posts: keep-alive connections, one POST in flight on each, cheap and equal.

Reads its order as JSON from standard input, prints how many answers came. Any answer but 201 ends
it with an error.
"""

from __future__ import annotations

import json
import random
import selectors
import sys
import time
from typing import Any

from tests.bench.common import ANSWER_SECONDS, _Connection


def receipt(order: dict[str, Any], serial: int) -> tuple[str, dict[str, Any]]:
    """One receipt that was never seen, on a placement by chance."""
    number = f"PL-2026-{random.randint(1, order['placements']):06d}"
    return f"/api/v1/placements/{number}/receipts", {
        "amount_fen": random.randint(*order["amount"]),
        "received_on": "2026-11-20",
        "payer_name": "示例企业",
        "bank_reference": f"P{serial}",
    }


def claim_payment(order: dict[str, Any], serial: int) -> tuple[str, dict[str, Any]]:
    """One payment to a beneficiary that was never paid, on a claim by chance."""
    number = f"CB-2026-{random.randint(1, order['claims']):06d}"
    return f"/api/v1/claims/{number}/payments", {
        "amount_fen": random.randint(*order["amount"]),
        "reference": f"P{serial}",
        "beneficiary_kind": "third_party",
        "beneficiary_name": f"示例企业{serial}",
        "payee_name": f"示例企业{serial}",
        "payee_account": f"6222{serial:012d}",
    }


KINDS = {"receipt": receipt, "claim_payment": claim_payment}


def request(order: dict[str, Any], serial: int) -> bytes:
    """One request of the kind that was ordered; a receipt where the order does not say."""
    path, form = KINDS[order.get("kind", "receipt")](order, serial)
    body = json.dumps(form, ensure_ascii=False).encode()
    head = (
        f"POST {path} HTTP/1.1\r\nHost: localhost\r\n"
        f"Authorization: Bearer {order['token']}\r\nContent-Type: application/json\r\n"
        f"Accept: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body


def drive(order: dict[str, Any]) -> dict[str, float]:
    """Keep so many requests in flight for the time that was ordered."""
    selector = selectors.DefaultSelector()
    serial = order["first"]
    opened = [_Connection("127.0.0.1", order["port"]) for _ in range(order["clients"])]
    started = time.perf_counter()
    until, answers, waiting = started + order["seconds"], 0, len(opened)
    for connection in opened:
        serial += 1
        selector.register(connection.socket, selectors.EVENT_READ, connection)
        connection.ask(request(order, serial))
    while waiting:
        for key, _ in selector.select(ANSWER_SECONDS):
            connection = key.data
            if not connection.answered():
                continue
            if not connection.buffer.startswith(b"HTTP/1.1 201"):
                raise RuntimeError(connection.buffer[:2000].decode("utf-8", "replace"))
            answers += 1
            if time.perf_counter() < until:
                serial += 1
                connection.ask(request(order, serial))
            else:
                waiting -= 1
    seconds = time.perf_counter() - started
    return {"answers": answers, "sent": serial - order["first"], "seconds": seconds}


if __name__ == "__main__":
    json.dump(drive(json.load(sys.stdin)), sys.stdout)
