"""What is said about rule files on their way to publication."""

from __future__ import annotations

from service.kernel.findings import Text, register

_LAW_8 = "DESIGN law 8"

register(
    {
        "rules.published": Text(
            "规则 {family} 的版本 {version} 已发布，发布后不再修改",
            "Version {version} of {family} is published and never changes",
            "请使用新的版本号",
            "Take a new version number",
            _LAW_8,
        ),
        "rules.same_day": Text(
            "版本 {version} 也自 {day} 起施行",
            "Version {version} begins on {day} as well",
            "请更改施行日期",
            "Choose another first day",
            _LAW_8,
        ),
        "rules.begins_in_past": Text(
            "自 {day} 起施行，早于今天（{today}）；此前已作出的决定仍按当时的版本，不会改变",
            "It takes effect on {day}, before today ({today}); decisions taken keep their version",
            "如非有意追溯，请把施行日期改为今天以后",
            "Unless that is meant, let it begin after today",
        ),
        "rules.name_form": Text(
            "“{value}”不能用作规则的类别或版本号",
            "“{value}” cannot name a family or version",
            "类别用小写字母、数字与连字符，最多一个斜线，例如 subsidy/eastlake；"
            "版本号用字母、数字、点与连字符；两者合计不超过 59 个字符",
            "Family: lower case letters, digits, hyphens, one slash at most; version: letters,"
            " digits, dots, hyphens; 59 characters together at most",
        ),
        "rules.title_too_long": Text(
            "规则名称有 {actual} 个字，最多 200 个",
            "The title has {actual} characters; at most 200 are allowed",
            "请缩短 rule.title_zh",
            "Shorten rule.title_zh",
        ),
        "rules.draft_exists": Text(
            "规则 {family} 的版本 {version} 已有草案，且与您修改所依据的内容不同",
            "There is a draft of {family} {version} that differs from the one you started from",
            "请打开该草案核对后再修改",
            "Open that draft and change it there",
        ),
        "rules.draft_gone": Text(
            "您修改的草案已不存在：可能已撤回、已发布，或更改了类别与版本号",
            "The draft is gone: withdrawn, published, or its family or version was changed",
            "请核对类别与版本号；要另立版本请新建草案",
            "Check family and version; for another version start a new draft",
        ),
        "rules.draft_changed": Text(
            "草案在您查看之后有修改，本次操作没有执行",
            "The draft was changed after you looked at it; nothing was done",
            "请重新查看草案后再决定",
            "Look at the draft again and decide then",
        ),
        "rules.draft_refused": Text(
            "草案已被退回，修改后才能发布",
            "The draft was sent back; it must be changed before it can be published",
            "请经办人员按退回意见修改草案",
            "Have the preparer change it as the note says",
        ),
    }
)
