"""The books of the executable year made by another way: day by day, in fractions.

Nothing of the program's rules is used, so that a fault in them cannot hide in the expected books:
premium lies on days, every day has its shares, a member's entitlement is the sum of its days.
"""

from __future__ import annotations

import copy
from collections import defaultdict
from dataclasses import dataclass, field
from datetime import date, timedelta
from fractions import Fraction
from typing import Any

import chinese_calendar

Row = tuple[str, ...]
WHOLE = 10**8
RATES = {"lead_fee": Fraction(1, 100), "tax": Fraction(18, 100), "admin_fee": Fraction(2, 1000)}
REMITTANCE_WORKING_DAYS = 15


def rounded(value: Fraction) -> int:
    """To the nearest; a half away from zero."""
    sign = -1 if value < 0 else 1
    return sign * int(abs(value) + Fraction(1, 2))


def divided(total: int, weights: list[Fraction]) -> list[int]:
    """Largest remainder, ties by place."""
    if total < 0:
        return [-part for part in divided(-total, weights)]
    exact = [total * weight / sum(weights) for weight in weights]
    parts = [int(value) for value in exact]
    places = sorted(range(len(parts)), key=lambda n: (-(exact[n] - parts[n]), n))
    for place in places[: total - sum(parts)]:
        parts[place] += 1
    return parts


def due(day: date) -> str:
    """Fifteen working days after a day."""
    left = REMITTANCE_WORKING_DAYS
    while left:
        day += timedelta(days=1)
        left -= chinese_calendar.is_workday(day)
    return day.isoformat()


@dataclass
class Policy:
    """A placement: premium on every day of every section, shares of every day."""

    key: str
    days: list[date]
    premium: dict[str, dict[date, Fraction]]
    shares: dict[str, list[tuple[date, list[int]]]]
    due_fen: int
    paid: dict[str, int] = field(default_factory=dict)
    moves: list[dict[str, Any]] = field(default_factory=list)
    endorsements: list[Any] = field(default_factory=list)
    waiting: list[tuple[str, date, list[int]]] = field(default_factory=list)


class Hand:
    """The whole year, in the order of its days."""

    def __init__(self, told: dict[str, Any]) -> None:
        members = sorted(told["member"], key=lambda m: "lead" not in m["roles"])
        self.names = [member["alias"] for member in members]
        capacity = [Fraction(member["capacity_fen"][2]) for member in members]
        self.units = divided(WHOLE, capacity)
        self.lead, self.issuer, self.keeper = (
            next(m["alias"] for m in members if role in m["roles"])
            for role in ("lead", "issuer", "account_keeper")
        )
        self.policies: dict[str, Policy] = {}
        self.debts: dict[str, list[Row]] = defaultdict(list)
        steps = [(row["bound_on"], "bind", row) for row in told["placement"]]
        steps += [(row["on"], row["kind"], row) for row in told["event"]]
        for _, kind, row in sorted(steps, key=lambda step: step[0]):
            getattr(self, kind)(row)

    def bind(self, row: dict[str, Any]) -> None:
        count = (row["end_on"] - row["start_on"]).days + 1
        days = [row["start_on"] + timedelta(days=n) for n in range(count)]
        self.policies[row["key"]] = Policy(
            row["key"],
            days,
            {
                s["code"]: dict.fromkeys(days, Fraction(s["premium_fen"], count))
                for s in row["sections"]
            },
            {s["code"]: [(days[0], self.units)] for s in row["sections"]},
            sum(s["premium_fen"] for s in row["sections"]),
        )

    def receipt(self, row: dict[str, Any]) -> None:
        policy = self.policies[row["placement"]]
        self.adjust(policy)
        self.move(policy, "receipt", row.get("source", "own"), row["amount_fen"], row["on"])

    def reversal(self, row: dict[str, Any]) -> None:
        policy = self.policies[row["placement"]]
        self.mirror(policy, policy.moves[row["movement"] - 1], row["on"])

    def shares(self, row: dict[str, Any]) -> None:
        policy = self.policies[row["placement"]]
        units = [row["units"][name] for name in self.names]
        policy.waiting += [(code, row["valid_from"], units) for code in policy.premium]

    def share_change(self, row: dict[str, Any]) -> None:
        self.adjust(self.policies[row["placement"]])

    def adjust(self, policy: Policy) -> None:
        for code, day, units in policy.waiting:
            policy.shares[code].append((day, units))
            self.move(policy, "share_change", "own", 0, day)
        policy.waiting = []

    def endorse(self, row: dict[str, Any]) -> None:
        policy, form = self.policies[row["placement"]], row["form"]
        before = copy.deepcopy(policy.premium)
        codes = [form["section"]] if form.get("section") else list(policy.premium)
        later = [day for day in policy.days if day >= form["effective_on"]]
        if form["kind"] == "additional_premium":
            change = form["premium_change_fen"]
            for code in codes:
                for day in later:
                    policy.premium[code][day] += Fraction(change, len(later) * len(codes))
        else:
            there = sum(policy.premium[code][day] for code in codes for day in later)
            change = -rounded(there)
            for code in codes:
                for day in later:
                    policy.premium[code][day] *= 1 + Fraction(change) / there
        policy.due_fen += change
        refunds = self.refund(policy, form["effective_on"])
        policy.endorsements.append((before, change, refunds))

    def refund(self, policy: Policy, on: date) -> list[dict[str, Any]]:
        """What was paid above what is due goes back to the sources as they paid."""
        above = sum(policy.paid.values()) - policy.due_fen
        if above <= 0:
            return []
        sources = list(policy.paid)
        parts = divided(above, [Fraction(policy.paid[source]) for source in sources])
        return [
            self.move(policy, "receipt", source, -part, on)
            for source, part in zip(sources, parts, strict=True)
            if part
        ]

    def undo(self, row: dict[str, Any]) -> None:
        policy = self.policies[row["placement"]]
        before, change, refunds = policy.endorsements[row["endorsement"] - 1]
        policy.premium = before
        policy.due_fen -= change
        for move in refunds:
            self.mirror(policy, move, row["effective_on"])

    def entitled(self, policy: Policy) -> list[Fraction]:
        """Every member's sum over the days, at the shares of the day."""
        sums = [Fraction(0)] * len(self.names)
        for code, days in policy.premium.items():
            for day, fen in days.items():
                units = [u for start, u in policy.shares[code] if start <= day][-1]
                sums = [s + fen * u / WHOLE for s, u in zip(sums, units, strict=True)]
        return sums

    def held(self, policy: Policy, component: str) -> list[int]:
        sums = [0] * len(self.names)
        for move in policy.moves:
            own = move[component]
            sums = [s + own.get(name, 0) for s, name in zip(sums, self.names, strict=True)]
        return sums

    def move(self, policy: Policy, kind: str, source: str, fen: int, on: date) -> dict[str, Any]:
        total = sum(policy.paid.values()) + fen
        entitled = self.entitled(policy)
        premium = divided(total, entitled)
        fee = [
            0 if name == self.lead else rounded(p * RATES["lead_fee"])
            for name, p in zip(self.names, premium, strict=True)
        ]
        targets = {
            "premium": premium,
            "lead_fee": fee,
            "lead_fee_tax": [rounded(f * RATES["tax"]) for f in fee],
            "admin_fee": divided(rounded(total * RATES["admin_fee"]), entitled),
        }
        made: dict[str, Any] = {"kind": kind, "source": source, "fen": fen}
        for component, wanted in targets.items():
            before = self.held(policy, component)
            made[component] = {
                name: after - earlier
                for name, after, earlier in zip(self.names, wanted, before, strict=True)
                if component == "premium" or component == "admin_fee" or name != self.lead
            }
        self.keep(policy, made, on, self.owed(made))
        return made

    def mirror(self, policy: Policy, original: dict[str, Any], on: date) -> None:
        made: dict[str, Any] = {
            "kind": "reversal",
            "source": original["source"],
            "fen": -original["fen"],
        }
        for component in ("premium", "lead_fee", "lead_fee_tax", "admin_fee"):
            made[component] = {name: -fen for name, fen in original[component].items()}
        turned = {"premium_remittance": "premium_return", "premium_return": "premium_remittance"}
        owed = [
            (turned.get(kind, kind), creditor, debtor, fen)
            for kind, debtor, creditor, fen in original["owed"]
        ]
        self.keep(policy, made, on, owed)

    def keep(self, policy: Policy, made: dict[str, Any], on: date, owed: list[Any]) -> None:
        made["owed"] = owed
        policy.paid[made["source"]] = policy.paid.get(made["source"], 0) + made["fen"]
        policy.moves.append(made)
        self.debts[policy.key] += [
            (policy.key, kind, debtor, creditor, str(fen), due(on))
            for kind, debtor, creditor, fen in owed
        ]

    def owed(self, made: dict[str, Any]) -> list[Any]:
        """Net remittance: what the issuer passes on, and what it kept for lead and keeper."""
        found, fees, admin = [], 0, 0
        for name in self.names:
            own_fee = made["lead_fee"].get(name, 0) + made["lead_fee_tax"].get(name, 0)
            own_admin = 0 if name == self.keeper else made["admin_fee"][name]
            fees, admin = fees + own_fee, admin + own_admin
            if name != self.issuer:
                net = made["premium"][name] - own_fee - own_admin
                kinds = ("premium_remittance", "premium_return")
                if made["kind"] == "share_change":
                    kinds = ("share_adjustment", "share_adjustment")
                found.append((kinds[0], self.issuer, name, net, kinds[1]))
        found.append(("lead_fee", self.issuer, self.lead, fees, "lead_fee"))
        found.append(("admin_fee", self.issuer, self.keeper, admin, "admin_fee"))
        return [
            (kind, debtor, creditor, fen) if fen > 0 else (other, creditor, debtor, -fen)
            for kind, debtor, creditor, fen, other in found
            if fen
        ]

    def books(self) -> dict[str, set[Row] | list[Row]]:
        """The three files."""
        accounts: dict[str, int] = defaultdict(int)
        parts: set[Row] = set()
        for key, policy in self.policies.items():
            for number, move in enumerate(policy.moves, 1):
                accounts[f"current:{self.issuer}"] += move["fen"]
                for component in ("premium", "lead_fee", "lead_fee_tax", "admin_fee"):
                    for name, fen in move[component].items():
                        parts.add(
                            (
                                key,
                                str(number),
                                move["kind"],
                                move["source"],
                                name,
                                component,
                                str(fen),
                            )
                        )
                        self.post(accounts, component, name, move["source"], fen)
        shown = {code: fen for code, fen in accounts.items() if fen}
        return {
            "parts.csv": parts,
            "accounts.csv": sorted((code, str(fen)) for code, fen in shown.items()),
            "obligations.csv": [row for key in self.policies for row in self.debts[key]],
        }

    def post(
        self, accounts: dict[str, int], component: str, name: str, source: str, fen: int
    ) -> None:
        if component == "premium":
            accounts[f"premium:{name}:{source}"] -= fen
            return
        earner = self.keeper if component == "admin_fee" else self.lead
        accounts[f"{component}_paid:{name}"] += fen
        accounts[f"{component}_earned:{earner}"] -= fen
