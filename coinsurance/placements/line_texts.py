"""Chinese and English texts of the findings about writing lines."""

from __future__ import annotations

from service.kernel.findings import Text, register

register(
    {
        "line.share_missing": Text(
            "未填写份额",
            "The share is missing",
            "请填写份额（一亿分之一为单位）或百分比",
            "Give it in units of 10^8 or in percent",
        ),
        "line.share_twice": Text(
            "同一份额既填了单位数又填了百分比",
            "The share is given both in units and in percent",
            "请只填一项",
            "Give one of them",
        ),
        "line.section_differs": Text(
            "份额线不能改到另一分项“{section}”",
            "A line cannot move to another section (“{section}”)",
            "请谢绝原分项，再在另一分项认购",
            "Decline this one and write on the other",
        ),
        "line.evidence_missing": Text(
            "缺少线下份额的书面凭证",
            "The paper that shows the line is missing",
            "请先由本机构上传凭证，再引用其编号",
            "Upload it for your organisation first and use its id",
        ),
        "line.members_only": Text(
            "只有业务年度的成员可以认购",
            "Only members of the pool year write lines",
            "请联系首席共保人",
            "Ask the lead",
        ),
        "line.not_a_member": Text(
            "该机构不是本业务年度的成员",
            "The organisation is no member of the pool year",
            "请核对统一社会信用代码",
            "Check the credit code",
        ),
        "line.written_already": Text(
            "本机构在该分项已有份额线（编号 {line}）",
            "Your organisation has a line on this section already ({line})",
            "请修改该份额线",
            "Change that line",
        ),
        "line.not_in_market": Text(
            "风险 {number} 不在征集份额中",
            "Risk {number} is not in the market",
            "请由出单人发起认购",
            "The issuer opens it for lines",
        ),
        "line.market_closed": Text(
            "认购已于 {day} 截止",
            "Lines were taken until {day}",
            "请由出单人重新征集",
            "The issuer may open it again",
        ),
        "line.does_not_stand": Text(
            "只有已认购且不可削减的份额才需要同意削减",
            "Only a written line to stand needs this consent",
            "请核对分项",
            "Check the section",
        ),
    }
)
