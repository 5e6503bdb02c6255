"""Chinese and English texts of the findings about putting, serving and answering requests."""

from __future__ import annotations

from service.kernel.findings import Text, register

_MEMBERS = ("请核对成员名单", "Check the list of members")
_VOTE = (
    "请先提交表决，并由被征求的成员答复",
    "Put the matter to the vote and let the members answer first",
)

register(
    {
        "consent.already_open": Text(
            "该事项已在征求同意（{number}）",
            "The matter is being asked about already ({number})",
            "请等待答复，或先撤回",
            "Wait for the answers, or withdraw it first",
        ),
        "consent.never_asked": Text(
            "尚未征求成员同意",
            "The members have not been asked",
            *_VOTE,
        ),
        "consent.not_given": Text(
            "征求同意 {number} 目前为“{status_zh}”",
            "The request {number} is {status_en}",
            *_VOTE,
        ),
        "consent.party_not_asked": Text(
            "“{value}”不在被征求之列",
            "“{value}” is not among those asked",
            *_MEMBERS,
        ),
        "consent.served_before": Text(
            "“{name}”已经送达，送达只记录一次",
            "{name} was served already; service is recorded once",
            "请从名单中删除",
            "Take it out of the list",
        ),
        "consent.party_answered": Text(
            "“{name}”已经答复，无需再送达",
            "{name} has answered already and need not be served",
            "请从名单中删除",
            "Take it out of the list",
        ),
        "consent.all_served": Text(
            "全部成员均已送达或答复",
            "Every member was served or has answered",
            "无需再次送达",
            "There is nothing to serve",
        ),
        "consent.served_when": Text(
            "送达时间须在发起（{opened_at}）之后，且不晚于现在",
            "Service lies after the request ({opened_at}) and not in the future",
            "请核对送达时间",
            "Check the moment of service",
        ),
        "consent.moment_without_zone": Text(
            "送达时间没有时区",
            "The moment of service has no time zone",
            "请写成 2025-06-07T09:00:00+08:00",
            "Write 2025-06-07T09:00:00+08:00",
        ),
        "consent.reason_missing": Text(
            "不同意须写明理由",
            "A refusal says why",
            "请填写理由，供发起人修改方案",
            "Write the reason; who asks works from it",
        ),
        "share.both_given": Text(
            "份额以两种方式填写",
            "The share is written in two ways",
            "请只填 share_units 或 share",
            "Give share_units or share, not both",
        ),
    }
)
