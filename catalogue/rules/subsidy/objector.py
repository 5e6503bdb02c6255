"""Who may object to a public notice (异议人): under a real name, and one that can be reached.

Public documents say: by the real name or stamped, written, with evidence; anonymous objections are
not accepted as a rule (POLICY §F.1, S74).
"""

from __future__ import annotations

import re

from service.kernel.findings import Finding, Text, blocker, register

SOURCE = "POLICY §F.1 (S74)"
_NAMELESS = re.compile(
    r"匿名|佚名|无名|不愿?具名|不便透露|保密|某某|热心(?:群众|市民)|知情(?:人|者)|anonymous|nobody",
    re.IGNORECASE,
)
_LETTERS = re.compile(r"[^\W\d_]")
_TELEPHONE = re.compile(r"(?:\d[\s\-－()（）+]*){7,20}")
_MAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]{2,}")


def check_objector(name: str, contact: str) -> list[Finding]:
    """A real name, and a telephone number or mail address to reach the person by."""
    found = []
    if _NAMELESS.search(name) or len(_LETTERS.findall(name)) < 2 or len(set(name)) < 2:
        found.append(blocker("objection.anonymous", "name", SOURCE, name=name))
    if not (_TELEPHONE.search(contact) or _MAIL.search(contact)):
        found.append(blocker("objection.unreachable", "contact", SOURCE))
    return found


register(
    {
        "objection.anonymous": Text(
            "“{name}”不是真实姓名或单位名称，匿名异议不予受理",
            "“{name}” is no real name; anonymous objections are not accepted",
            "请填写真实姓名或单位全称；身份只有处理异议的管委会人员能看到",
            "Give your real name or that of your organisation; only the committee sees it",
        ),
        "objection.unreachable": Text(
            "联系方式中没有电话号码或电子邮箱",
            "The contact holds no telephone number and no mail address",
            "请填写能联系到您的手机、固定电话或电子邮箱",
            "Give a telephone number or a mail address",
        ),
    }
)
