"""Chinese and English texts of the findings about written and signed lines."""

from __future__ import annotations

from service.kernel.findings import Text, register

register(
    {
        "signing.member_twice": Text(
            "成员“{member}”在同一分项有两条份额线",
            "The member “{member}” has two lines on one section",
            "请合并为一条份额线",
            "Write one line for each member and section",
            "POOLS invariant 4",
        ),
        "line.percent_of_other_whole": Text(
            "百分比以一亿份为整体，与所给整体不一致",
            "A percentage is of 10^8; another whole was given",
            "请改填单位数",
            "Give units instead",
        ),
        "signing.minimum_above_whole": Text(
            "按最低签署份额和不可削减份额合计 {least_units}，已超过 100%",
            "Minimum lines and lines to stand make {least_units}, more than 100%",
            "请减少参与成员，或由份额不可削减的成员同意削减",
            "Take fewer members, or have a line to stand agree to a cut",
        ),
    }
)
