"""The claim calculator's money: series of movements, members, positions. Nothing is written."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction

from coinsurance.claim_what_if_forms import ClaimWhatIfForm, MovementForm
from coinsurance.claim_what_if_shapes import MemberAnswer, MovementAnswer, PartAnswer
from coinsurance.rules.claims.nouns import MovementKind, Series, series_of
from service.kernel.errors import Refused
from service.kernel.findings import Finding, blocker
from service.kernel.money import allocate
from service.kernel.shares import check_whole


@dataclass(frozen=True, slots=True)
class Shares:
    """Who carries a section: names in their order, and weights that make the whole."""

    names: tuple[str, ...]
    weights: tuple[int, ...]

    @property
    def whole(self) -> int:
        """The sum of the weights."""
        return sum(self.weights)


def shares_of(form: ClaimWhatIfForm) -> dict[str, Shares]:
    """The shares of every section; `""` is what holds where a section says nothing."""
    names = tuple(member.member for member in form.members)
    found = [
        blocker("claim.member_twice", f"members.{n}.member", value=name)
        for n, name in enumerate(names)
        if name in names[:n]
    ]
    free = any(member.weight is not None for member in form.members)
    common = tuple((m.weight or 0) if free else m.units for m in form.members)
    shares = {"": Shares(names, common)}
    own = bool(form.sections) and all(section.units for section in form.sections)
    if names and not free and not own:
        found += check_whole(common, "members")
    elif free and not sum(common):
        found.append(blocker("money.no_weight", "members"))
    for position, section in enumerate(form.sections):
        if section.units:
            field_name = f"sections.{position}.units"
            found += _strangers(section.units, names, field_name)
            units = tuple(section.units.get(name, 0) for name in names)
            found += check_whole(units, field_name)
            shares[section.code] = Shares(names, units)
    if found:
        raise Refused(found)
    return shares


def _strangers(units: Mapping[str, int], names: Sequence[str], place: str) -> list[Finding]:
    return [
        blocker("claim.unknown_member", place, value=name) for name in units if name not in names
    ]


@dataclass(slots=True)
class _Line:
    """A series of one section: total to date and every member's part to date."""

    shares: Shares
    total_fen: int = 0
    allocated: list[int] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.allocated = [0] * len(self.shares.names)


@dataclass(slots=True)
class Money:
    """Everything that moves in one calculation."""

    form: ClaimWhatIfForm
    shares: dict[str, Shares]
    payable: dict[str, int]
    lines: dict[tuple[str, Series], _Line] = field(default_factory=dict)
    written: list[tuple[MovementKind, str, tuple[int, ...]]] = field(default_factory=list)
    answers: list[MovementAnswer] = field(default_factory=list)

    @property
    def handler(self) -> str:
        """Who pays and collects: as named, else the first member."""
        return self.form.handler or self.form.members[0].member

    def line(self, section: str, series: Series) -> _Line:
        """The series of a section, opened when it is first needed."""
        key = (section, series)
        if key not in self.lines:
            shares = self.shares.get(section, self.shares[""])
            if series is Series.EXPENSE and self.form.expense_sharing == "handler_bears":
                alone = tuple(int(name == self.handler) for name in shares.names)
                shares = Shares(shares.names, alone)
            self.lines[key] = _Line(shares)
        return self.lines[key]

    def total(self, series: Series, section: str | None = None) -> int:
        """What a series came to, of one section or of all."""
        return sum(
            line.total_fen
            for (code, kind), line in self.lines.items()
            if kind is series and section in (None, code)
        )


def run(form: ClaimWhatIfForm, payable: Mapping[str, int], asked: bool) -> Money:
    """Carry the movements out in order; `asked`: payments are bounded by what is payable."""
    money = Money(form, shares_of(form), dict(payable))
    if not form.members:
        return money
    names = money.shares[""].names
    if money.handler not in names:
        raise Refused([blocker("claim.unknown_member", "handler", value=money.handler)])
    movements = form.movements or [
        MovementForm(kind="payment", amount_fen=fen, section=code)
        for code, fen in payable.items()
        if fen
    ]
    for position, movement in enumerate(movements):
        if movement.kind == "reversal":
            _reverse(money, movement, position)
        else:
            _move(money, movement, position, asked)
    return money


def _section(money: Money, movement: MovementForm, position: int) -> str:
    codes = list(money.payable) or [section.code for section in money.form.sections] or [""]
    if movement.section in codes:
        return movement.section
    hurt = [code for code in codes if money.payable.get(code)] or codes
    if not movement.section and len(hurt) == 1:
        return hurt[0]
    raise Refused(
        [
            blocker(
                "claim.unknown_section",
                f"movements.{position}.section",
                section=movement.section,
                choices=codes,
            )
        ]
    )


def _move(money: Money, movement: MovementForm, position: int, asked: bool) -> None:
    kind = MovementKind(movement.kind)
    series = series_of(kind)
    section = _section(money, movement, position)
    line = money.line(section, series)
    fen = movement.amount_fen - (movement.cost_fen if series is Series.RECOVERY else 0)
    found = _check(money, series, section, fen, position, asked)
    if found:
        raise Refused(found)
    parts = allocate(line.total_fen + fen, line.shares.weights, line.allocated)
    _write(money, kind, section, line, fen, parts)


def _check(
    money: Money, series: Series, section: str, fen: int, position: int, asked: bool
) -> list[Finding]:
    place = f"movements.{position}.amount_fen"
    paid = money.line(section, Series.PAID).total_fen
    if fen <= 0:
        code = "claim.recovery_eaten" if series is Series.RECOVERY else "claim.amount_zero"
        return [blocker(code, place, gross_fen=fen)]
    if series is Series.PAID and asked and paid + fen > money.payable.get(section, 0):
        agreed = money.payable.get(section, 0)
        return [
            blocker(
                "claim.above_agreed",
                place,
                amount_fen=fen,
                agreed_fen=agreed,
                paid_fen=paid,
                left_fen=agreed - paid,
            )
        ]
    recovered = money.line(section, Series.RECOVERY).total_fen
    if series is Series.RECOVERY and recovered + fen > paid:
        return [
            blocker(
                "claim.recovered_above_paid",
                place,
                net_fen=fen,
                recovered_fen=recovered,
                paid_fen=paid,
            )
        ]
    return []


def _reverse(money: Money, movement: MovementForm, position: int) -> None:
    place = f"movements.{position}.of"
    number = movement.of or 0
    if not 1 <= number <= len(money.written):
        raise Refused([blocker("claim.no_movement", place, number=number)])
    kind, section, parts = money.written[number - 1]
    if not parts:
        raise Refused([blocker("claim.reversed_before", place)])
    line = money.line(section, series_of(kind))
    fen = -sum(parts)
    _write(money, kind, section, line, fen, tuple(-part for part in parts))
    if money.total(Series.PAID, section) < money.total(Series.RECOVERY, section):
        raise Refused(
            [
                blocker(
                    "claim.recovered_above_paid",
                    place,
                    net_fen=0,
                    recovered_fen=money.total(Series.RECOVERY, section),
                    paid_fen=money.total(Series.PAID, section),
                )
            ]
        )
    money.written[number - 1] = (kind, section, ())
    money.written[-1] = (kind, section, ())


def _write(
    money: Money,
    kind: MovementKind,
    section: str,
    line: _Line,
    fen: int,
    parts: tuple[int, ...],
) -> None:
    line.total_fen += fen
    line.allocated = [a + part for a, part in zip(line.allocated, parts, strict=True)]
    money.written.append((kind, section, parts))
    answers = [_part(line, n, part) for n, part in enumerate(parts)]
    sign = -1 if series_of(kind) is Series.RECOVERY else 1
    owed = {
        name: sign * part
        for name, part in zip(line.shares.names, parts, strict=True)
        if part and name != money.handler
    }
    money.answers.append(
        MovementAnswer(len(money.written), kind.value, section, fen, line.total_fen, answers, owed)
    )


def _part(line: _Line, n: int, part: int) -> PartAnswer:
    exact = Fraction(line.total_fen * line.shares.weights[n], line.shares.whole)
    return PartAnswer(
        line.shares.names[n],
        line.shares.weights[n],
        part,
        line.allocated[n],
        str(exact),
        str(exact.numerator),
        str(exact.denominator),
        str(line.allocated[n] - exact),
    )


def members(money: Money) -> list[MemberAnswer]:
    """Every member after all movements, with its position; positions sum to zero."""
    answers = []
    totals = {series: money.total(series) for series in Series}
    cash = totals[Series.PAID] + totals[Series.EXPENSE] - totals[Series.RECOVERY]
    for n, member in enumerate(money.form.members):
        own = {
            series: sum(
                line.allocated[n] for (_, kind), line in money.lines.items() if kind is series
            )
            for series in Series
        }
        net = own[Series.PAID] + own[Series.EXPENSE] - own[Series.RECOVERY]
        position = net - (cash if member.member == money.handler else 0)
        answers.append(
            MemberAnswer(
                member.member,
                money.shares[""].weights[n],
                own[Series.PAID],
                own[Series.EXPENSE],
                own[Series.RECOVERY],
                net,
                position,
            )
        )
    return answers
