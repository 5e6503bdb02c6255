"""Chinese and English texts of the findings about zones and capacity."""

from __future__ import annotations

from service.kernel.findings import Text, register

_LESS = (
    "请减少份额，或由该成员提高承保能力后再办理",
    "Take a smaller line, or let the member commit more capacity first",
)

register(
    {
        "capacity.risk": Text(
            "{member}的每一危险单位承保能力为 {capacity_fen}，本笔需 {wanted_fen}",
            "{member} carries at most {capacity_fen} of one risk; this one takes {wanted_fen}",
            *_LESS,
            "POOLS invariant 3",
        ),
        "capacity.event": Text(
            "{member}在累积区“{zone}”的每次事故承保能力为 {capacity_fen}，"
            "各共保体合计尚余 {left_fen}，本笔需 {wanted_fen}",
            "{member} carries at most {capacity_fen} at one event in zone “{zone}”; over all pools"
            " {left_fen} are left and this risk takes {wanted_fen}",
            *_LESS,
            "POOLS invariant 3",
        ),
        "capacity.aggregate": Text(
            "{member}本年度累计承保能力为 {capacity_fen}，尚余 {left_fen}，本笔需 {wanted_fen}",
            "{member} has {left_fen} left of {capacity_fen} for the year; this takes {wanted_fen}",
            *_LESS,
            "POOLS invariant 3",
        ),
        "capacity.unknown_member": Text(
            "没有给出“{member}”的承保能力",
            "The capacity of “{member}” is not given",
            "请补充该成员的承保能力",
            "Give its capacity",
        ),
        "capacity.zone_below_inner": Text(
            "累积区“{outer}”的可能损失比例 {outer_ppm} 低于其内部“{inner}”的 {inner_ppm}",
            "Zone “{outer}” is set at {outer_ppm}, below “{inner}” inside it at {inner_ppm}",
            "外层累积区的可能损失比例不得低于其内部任一累积区",
            "An outer zone holds at least what any zone inside it holds",
        ),
        "zone.park_has_parent": Text(
            "园区是最外层累积区，不能再隶属于其他累积区",
            "A park is the outermost zone and lies in no other",
            "请去掉上级累积区",
            "Leave the parent out",
        ),
        "zone.parent_missing": Text(
            "{kind_zh}须说明所在的上级累积区",
            "A zone of the kind {kind_en} lies in another one: name it",
            "请填写上级累积区编码",
            "Give the code of the zone around it",
        ),
        "zone.parent_not_outer": Text(
            "{kind_zh}不能位于{parent_zh}之内",
            "A {kind_en} cannot lie in a {parent_en}",
            "层级由外到内为园区、楼栋、洁净室、工艺",
            "From the outside in: park, building, cleanroom, process",
        ),
    }
)
