"""Numbers by which the field knows its things.

Unified social credit code (统一社会信用代码, GB 32100-2015) with the organisation code inside it
(GB 11714), registration number (注册编号) and file number (备案编号) of a clause, and our own
business numbers. Every reader folds full-width characters and lower case first.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from datetime import date

from service.kernel.findings import Finding, Text, blocker, register, warning

USCC_ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"
_USCC_WEIGHTS = tuple(pow(3, position, 31) for position in range(17))
_ORGANISATION_ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
_ORGANISATION_WEIGHTS = (3, 7, 9, 10, 5, 8, 4, 2)
_USCC_REGISTRARS = "12345679ANY8"
"""First character: who registers (登记管理部门代码)."""
_PROVINCES = frozenset(
    [10, *range(11, 16), *range(21, 24), *range(31, 38), *range(41, 47)]
    + [*range(50, 55), *range(61, 66), 71, 81, 82]
)
"""First two digits of GB/T 2260; 10 stands for the State's own registrar (100000)."""

EARLIEST_FILING_YEAR = 1995
"""The Insurance Law (保险法) took effect in 1995."""

_REGISTRATION = re.compile(r"C([0-9]{6})([0-9]{3})([0-9])([0-9]{8})([0-9]{5})")
_BUSINESS = re.compile(r"([A-Z]{1,4})-([0-9]{4})-([0-9]{6,})")
_PROCEDURES = {"备": "备", "备案": "备", "审": "审", "审批": "审", "注": "注", "注册": "注"}
_FILE_KINDS = {"主": "主", "主险": "主", "附": "附", "附加": "附", "附加险": "附"}
_FILE_NUMBER = re.compile(
    r"\(?(?P<company>[\w·、]{1,30})\)?\((?P<procedure>备案|审批|注册|备|审|注)"
    r"(?:-(?P<class>[\w·、/,&]{1,30}))?\)\[(?P<year>[0-9]{4})年?\]"
    r"\(?(?P<kind>附加险|附加|主险|主|附)\)?第?(?P<serial>[0-9]{1,6})号"
)
_BRACKETS = str.maketrans("【】〔〕〖〗「」—–―‐−－", "[][][][]------")


def fold(text: str) -> str:
    """Return the text in half-width upper case without any white space."""
    return "".join(unicodedata.normalize("NFKC", text).upper().split())


def normalise_uscc(text: str) -> str:
    """Return a credit code as it is stored: half-width, upper case, no spaces or dashes."""
    return fold(text).replace("-", "")


def uscc_check_character(first17: str) -> str:
    """Return the 18th character; raises ValueError for a character outside the alphabet."""
    total = sum(
        USCC_ALPHABET.index(character) * weight
        for character, weight in zip(first17, _USCC_WEIGHTS, strict=True)
    )
    return USCC_ALPHABET[-total % 31]


def organisation_check_character(first8: str) -> str:
    """Return the 9th character of an organisation code (GB 11714); raises ValueError."""
    total = sum(
        _ORGANISATION_ALPHABET.index(character) * weight
        for character, weight in zip(first8, _ORGANISATION_WEIGHTS, strict=True)
    )
    return "0123456789X0"[11 - total % 11]


def check_uscc(text: str, field: str = "uscc") -> list[Finding]:
    """Return what is wrong with a unified social credit code.

    Registrars other than digits are allowed (GB 32100-2015); an unknown registrar or province
    only warns.
    """
    code = normalise_uscc(text)
    if not code:
        return [blocker("uscc.missing", field)]
    if len(code) != 18:
        return [blocker("uscc.length", field, actual=len(code))]
    strange = [c for c in dict.fromkeys(code) if c not in USCC_ALPHABET]
    if strange:
        return [blocker("uscc.alphabet", field, characters=strange)]
    found = []
    if not re.fullmatch("[0-9]{6}", code[2:8]) or code[2:8] == "000000":
        found.append(blocker("uscc.place", field, place=code[2:8]))
    elif int(code[2:4]) not in _PROVINCES:
        found.append(warning("uscc.place_unknown", field, place=code[2:8]))
    if code[0] not in _USCC_REGISTRARS:
        found.append(warning("uscc.registrar_unknown", field, registrar=code[0]))
    if code[16] != organisation_check_character(code[8:16]):
        found.append(blocker("uscc.organisation_code", field, organisation=code[8:17]))
    if code[17] != uscc_check_character(code[:17]):
        found.append(blocker("uscc.check_character", field, value=code))
    return found


def make_uscc(prefix8: str, body8: str) -> str:
    """Return a valid code: registrar, kind, place (8), organisation code without its check (8).

    For demo data and tests. Raises ValueError when the parts cannot make a valid code.
    """
    first17 = prefix8 + body8 + organisation_check_character(body8)
    code = first17 + uscc_check_character(first17)
    if any(finding.blocks for finding in check_uscc(code)):
        raise ValueError(f"{prefix8!r} and {body8!r} make no valid credit code")
    return code


def business_number(prefix: str, year: int, serial: int) -> str:
    """Return a number such as ``P-2025-000012``; raises ValueError for parts that do not fit."""
    number = f"{prefix}-{year:04d}-{serial:06d}"
    if serial < 1 or not _BUSINESS.fullmatch(number):
        raise ValueError(f"no business number from {prefix!r}, {year}, {serial}")
    return number


def parse_business_number(text: str) -> tuple[str, int, int] | None:
    """Return prefix, year and serial of a business number, or None."""
    match = _BUSINESS.fullmatch(fold(text))
    return (match[1], int(match[2]), int(match[3])) if match else None


@dataclass(frozen=True, slots=True)
class RegistrationNumber:
    """Parts of a clause's registration number; their meaning is inferred from samples only."""

    text: str
    insurer: str
    class_code: str
    kind: str
    filed_on: date | None
    serial: str


def parse_registration_number(text: str) -> RegistrationNumber | None:
    """Return the parts of a registration number, or None when the shape is wrong."""
    folded = fold(text)
    match = _REGISTRATION.fullmatch(folded)
    if match is None:
        return None
    return RegistrationNumber(
        folded, match[1], match[2], match[3], _compact_date(match[4]), match[5]
    )


def check_registration_number(
    text: str, field: str = "registration_number", latest: date | None = None
) -> list[Finding]:
    """Return what is wrong: the shape blocks, the meaning of parts only warns.

    ``latest`` is the last plausible filing day (the day of the check).
    """
    if not fold(text):
        return [blocker("registration_number.missing", field)]
    number = parse_registration_number(text)
    if number is None:
        return [blocker("registration_number.shape", field, value=text, actual=len(fold(text)))]
    found = []
    if not _plausible(number.filed_on, latest):
        found.append(warning("registration_number.date", field, part=number.text[11:19]))
    if number.kind not in "12":
        found.append(warning("registration_number.kind", field, part=number.kind))
    if not int(number.insurer):
        found.append(warning("registration_number.insurer", field, part=number.insurer))
    return found


@dataclass(frozen=True, slots=True)
class FileNumber:
    """Parts of a clause's file number; ``text`` is the one spelling used for comparison."""

    company: str
    procedure: str
    class_name: str
    year: int
    kind: str
    serial: int

    @property
    def text(self) -> str:
        """Return ``(公司简称)(备-险类)【年】(主)NNN号``."""
        filed = f"{self.procedure}-{self.class_name}" if self.class_name else self.procedure
        return f"({self.company})({filed})【{self.year}】({self.kind}){self.serial:03d}号"


def parse_file_number(text: str) -> FileNumber | None:
    """Return the parts of a file number written with any brackets, or None."""
    match = _FILE_NUMBER.fullmatch(fold(text).translate(_BRACKETS))
    if match is None:
        return None
    return FileNumber(
        match["company"],
        _PROCEDURES[match["procedure"]],
        match["class"] or "",
        int(match["year"]),
        _FILE_KINDS[match["kind"]],
        int(match["serial"]),
    )


def check_file_number(
    text: str, field: str = "file_number", latest: date | None = None
) -> list[Finding]:
    """Return what is wrong: the shape blocks, an implausible year or a missing class warns."""
    if not fold(text):
        return [blocker("file_number.missing", field)]
    number = parse_file_number(text)
    if number is None:
        return [blocker("file_number.shape", field, value=text)]
    found = []
    if number.year < EARLIEST_FILING_YEAR or (latest and number.year > latest.year):
        found.append(warning("file_number.year", field, year=number.year))
    if not number.class_name:
        found.append(warning("file_number.class_missing", field))
    return found


def _compact_date(digits: str) -> date | None:
    try:
        return date(int(digits[:4]), int(digits[4:6]), int(digits[6:]))
    except ValueError:
        return None


def _plausible(day: date | None, latest: date | None) -> bool:
    if day is None or day.year < EARLIEST_FILING_YEAR:
        return False
    return latest is None or day <= latest


_USCC_REMEDY = (
    "请对照营业执照上的统一社会信用代码重新填写",
    "Copy the code from the business licence",
)
_NUMBER_REMEDY = (
    "请对照保险行业协会产品注册平台上的编号核对",
    "Compare with the number on the registration platform",
)
_GB_32100 = "GB 32100-2015"
_FILING_RULE = "财产保险公司保险条款和保险费率管理办法 (2021)"

register(
    {
        "uscc.missing": Text(
            "统一社会信用代码未填写", "The credit code is missing", *_USCC_REMEDY, _GB_32100
        ),
        "uscc.length": Text(
            "统一社会信用代码应为 18 位，现为 {actual} 位",
            "A unified social credit code has 18 characters; this has {actual}",
            *_USCC_REMEDY,
            _GB_32100,
        ),
        "uscc.alphabet": Text(
            "统一社会信用代码不应含有 {characters}",
            "A unified social credit code never contains {characters}",
            "代码不用字母 I、O、Z、S、V，可能是 1、0、2、5 之误",
            "The letters I, O, Z, S, V are not used; perhaps 1, 0, 2 or 5 was meant",
            _GB_32100,
        ),
        "uscc.place": Text(
            "第 3 至 8 位“{place}”应为行政区划的 6 位数字",
            "Characters 3 to 8 “{place}” must be the six digits of a place",
            *_USCC_REMEDY,
            _GB_32100,
        ),
        "uscc.place_unknown": Text(
            "第 3 至 8 位“{place}”不是已知省份的区划代码",
            "Characters 3 to 8 “{place}” belong to no known province",
            *_USCC_REMEDY,
            "GB/T 2260",
        ),
        "uscc.registrar_unknown": Text(
            "首位“{registrar}”不是已知的登记管理部门",
            "The first character “{registrar}” is no known registrar",
            *_USCC_REMEDY,
            _GB_32100,
        ),
        "uscc.organisation_code": Text(
            "第 9 至 17 位组织机构代码“{organisation}”的校验位不符",
            "The organisation code “{organisation}” inside has a wrong check character",
            *_USCC_REMEDY,
            "GB 11714-1997",
        ),
        "uscc.check_character": Text(
            "统一社会信用代码“{value}”的校验位不符，至少有一位有误",
            "The check character of “{value}” is wrong: at least one character is mistaken",
            *_USCC_REMEDY,
            _GB_32100,
        ),
        "registration_number.missing": Text(
            "注册编号未填写", "The registration number is missing", *_NUMBER_REMEDY, _FILING_RULE
        ),
        "registration_number.shape": Text(
            "注册编号“{value}”应为 C 加 23 位数字，现为 {actual} 位",
            "A registration number is C and 23 digits; “{value}” has {actual} characters",
            "请照抄 24 位编号，例如 C00013330912022010435441",
            "Copy all 24 characters, for example C00013330912022010435441",
            _FILING_RULE,
        ),
        "registration_number.date": Text(
            "注册编号中的日期“{part}”不合常理",
            "The date “{part}” inside the registration number is not plausible",
            *_NUMBER_REMEDY,
        ),
        "registration_number.kind": Text(
            "注册编号中的主附险位“{part}”不是 1 或 2",
            "The digit “{part}” for main clause or rider is neither 1 nor 2",
            *_NUMBER_REMEDY,
        ),
        "registration_number.insurer": Text(
            "注册编号中的公司代码“{part}”不合常理",
            "The insurer “{part}” inside the registration number is not plausible",
            *_NUMBER_REMEDY,
        ),
        "file_number.missing": Text(
            "备案编号未填写", "The file number is missing", *_NUMBER_REMEDY, _FILING_RULE
        ),
        "file_number.shape": Text(
            "备案编号“{value}”的格式不对",
            "The file number “{value}” has the wrong shape",
            "请写成 (公司简称)(备-险类)【年】(主)NNN号，"
            "例如 (国泰产险)(备-责任保险)【2021】(主)053号",
            "Write (company)(备-class)【year】(主)NNN号, for example "
            "(国泰产险)(备-责任保险)【2021】(主)053号",
            _FILING_RULE,
        ),
        "file_number.year": Text(
            "备案编号中的年份 {year} 不合常理",
            "The year {year} inside the file number is not plausible",
            *_NUMBER_REMEDY,
        ),
        "file_number.class_missing": Text(
            "备案编号中没有险类",
            "The file number names no class of insurance",
            *_NUMBER_REMEDY,
        ),
    }
)
