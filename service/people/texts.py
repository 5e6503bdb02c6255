"""What can be wrong with organisations and users, in both languages."""

from __future__ import annotations

from service.kernel.findings import Text, register

register(
    {
        "people.organisation_exists": Text(
            "统一社会信用代码 {uscc} 的机构已存在",
            "The organisation {uscc} is there already",
            "请直接修改该机构的资料",
            "Change that organisation instead",
        ),
        "people.unknown_organisation": Text(
            "没有统一社会信用代码为“{value}”的机构，或您无权管理它",
            "There is no organisation “{value}”, or it is not yours to manage",
            "请核对代码；新机构由管委会管理员登记",
            "Check the code; new organisations are added by the committee's administrator",
        ),
        "people.own_organisation": Text(
            "不能停用自己所在的机构",
            "Your own organisation cannot be switched off",
            "请由其他机构的管理员办理",
            "Let an administrator of another organisation do it",
        ),
        "people.certificate_exists": Text(
            "“{kind}”证书 {number} 已登记",
            "The certificate {number} ({kind}) is on record already",
            "请核对证书编号",
            "Check the number of the certificate",
        ),
        "people.certificate_dates": Text(
            "证书的截止日 {last} 早于起始日 {first}",
            "The certificate ends on {last}, before it begins on {first}",
            "请核对证书上的有效期",
            "Check the validity printed on the certificate",
        ),
        "people.login_shape": Text(
            "用户名“{value}”应为 3 至 60 位小写字母、数字、点、下划线或短横",
            "“{value}” is no user name: 3 to 60 lower-case letters, digits, dots, _ or -",
            "例如 li.ming 或 zhang-wei2",
            "For example li.ming or zhang-wei2",
        ),
        "people.login_taken": Text(
            "用户名“{value}”已被使用",
            "The user name “{value}” is taken",
            "请换一个用户名",
            "Take another user name",
        ),
        "people.no_role": Text(
            "至少要有一个角色",
            "At least one role is needed",
            "可选：{choices}",
            "Choose from: {choices}",
        ),
        "people.role_unfit": Text(
            "角色“{role_zh}”不适用于{kind_zh}",
            "The role {role_en} does not fit an organisation of kind {kind_en}",
            "可选：{choices}",
            "Choose from: {choices}",
        ),
        "people.own_account": Text(
            "不能停用自己、变更自己的角色或重置自己的口令",
            "Nobody may switch off, change the roles of or reset the password of himself",
            "请由另一位管理员办理；改口令请用“修改口令”",
            "Let another administrator do it; change the password as your own",
        ),
        "people.wrong_password": Text(
            "原口令不正确",
            "The old password is wrong",
            "请重新输入；忘记口令请联系管理员重置",
            "Type it again; an administrator can reset a forgotten one",
        ),
    }
)
