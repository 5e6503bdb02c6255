"""What the use cases of applications, review and public notice have to say."""

from __future__ import annotations

from service.kernel.findings import Text, register

register(
    {
        "application.not_writable": Text(
            "申请当前为“{status}”，不能修改",
            "The application is {status}; it cannot be changed",
            "只有草稿和退回补正的申请可以修改；其他情况请先撤回",
            "Only a draft or a returned application can be changed; otherwise withdraw it first",
        ),
        "application.unknown_policy": Text(
            "没有本企业的保单 {policy}",
            "The firm has no policy {policy}",
            "请从“我的保单”中选择",
            "Choose one of the firm's own policies",
        ),
        "application.unknown_enrolment": Text(
            "没有本企业就该保单办理的投保登记“{enrolment}”",
            "The firm has no enrolment “{enrolment}” of this policy",
            "请核对登记编号，或留空",
            "Check the number, or leave it empty",
        ),
        "application.unknown_qualification": Text(
            "没有本企业的资格“{qualification}”",
            "The firm has no qualification “{qualification}”",
            "请核对资格编号，或留空",
            "Check the number, or leave it empty",
        ),
        "application.unknown_document": Text(
            "没有本企业上传的材料 {document}",
            "The firm has not uploaded a document {document}",
            "请先上传材料，再选用",
            "Upload the document first",
        ),
        "application.policy_twice": Text(
            "保单 {policy} 在本申请中出现多次",
            "The policy {policy} stands in the application more than once",
            "同一保单只能列一行",
            "List each policy once",
        ),
        "application.account_of_another": Text(
            "收款户名“{account}”不是申请企业“{firm}”",
            "The account holder “{account}” is not the applicant “{firm}”",
            "请填写本企业的对公账户",
            "Give the firm's own account",
            "POLICY §F.3",
        ),
        "application.return_over": Text(
            "补正期限 {day} 已过",
            "The time for correction ended on {day}",
            "本申请已失效，如项目仍开放请重新申请",
            "This application has lapsed; apply again while the scheme is open",
        ),
        "application.not_enrolled": Text(
            "首台（套）、首批次、首版次须先完成投保登记并获认定",
            "A first set, batch or version must be enrolled and recognised first",
            "请先办理投保登记，并在本行选择登记编号",
            "Enrol it first and name the enrolment on this line",
            "DESIGN §4",
        ),
        "application.returned_too_often": Text(
            "已退回补正 {count} 次，规则最多 {most} 次",
            "It was returned {count} times; the rule allows {most}",
            "请作出受理、通过或不予补贴的决定",
            "Decide: accept, pass or refuse",
        ),
        "review.warning_open": Text(
            "第 {line} 行的提示“{warning}”没有处理意见：{text_zh}",
            "The warning “{warning}” on line {line} has no note: {text_en}",
            "请核实并写明放行理由，或退回、不予补贴",
            "Look into it and write why it may pass, or return or refuse",
            "DESIGN law 7",
        ),
        "review.no_such_warning": Text(
            "第 {line} 行没有提示“{warning}”",
            "Line {line} has no warning “{warning}”",
            "请核对行号与代码",
            "Check line and code",
        ),
        "review.line_unknown": Text(
            "申请中没有第 {line} 行",
            "The application has no line {line}",
            "请核对行号",
            "Check the number of the line",
        ),
        "review.line_not_open": Text(
            "第 {line} 行当前为“{status}”",
            "Line {line} is {status}",
            "只有待审的行可以处理",
            "Only an open line can be decided",
        ),
        "review.approved_before": Text(
            "申请已经批准，没有解除冻结而待批准的行",
            "The application is approved; no line that was frozen waits",
            "请刷新后查看当前状态",
            "Reload to see where it stands",
        ),
        "review.no_line_left": Text(
            "没有可批准的行",
            "No line is left to approve",
            "请核对各行状态",
            "Look at the status of the lines",
        ),
        "review.line_frozen": Text(
            "第 {line} 行有未办结的异议，已冻结",
            "Line {line} is frozen by an open objection",
            "请先处理异议，或批准无异议的行",
            "Decide the objection first, or approve the uncontested lines",
        ),
        "review.less_than_noticed": Text(
            "第 {line} 行公示 {noticed_fen}，现只能批准 {left_fen}",
            "Line {line} was announced with {noticed_fen}; only {left_fen} can be approved now",
            "额度或上限已被其他申请占用；如同意按较低金额批准，请确认",
            "Another approval has used the limit; confirm to approve the lower amount",
            "DESIGN law 13",
        ),
        "review.budget_short": Text(
            "预算余额 {free_fen}，不足以批准 {wanted_fen}",
            "The budget has {free_fen} left, not enough for {wanted_fen}",
            "请等待追加预算，或减少批准的行",
            "Wait for more budget, or approve fewer lines",
            "DESIGN law 13",
        ),
        "review.payment_under_way": Text(
            "已有拨付在途，不能撤销批准",
            "A payment is under way; the approval cannot be revoked",
            "请等待银行结果；已拨付的按追回办理",
            "Wait for the bank; what was paid is recovered",
        ),
        "notice.none": Text(
            "申请尚未公示",
            "The application is not under public notice yet",
            "请先发布公示",
            "Publish the notice first",
        ),
        "notice.not_over": Text(
            "公示至 {day} 止，尚未结束",
            "The notice runs until {day}",
            "公示期满的次日起方可办理",
            "Come back on the day after",
            "POLICY §F.1",
        ),
        "notice.over": Text(
            "公示已于 {day} 结束",
            "The notice ended on {day}",
            "公示期内方可提出异议；期后可向管委会举报",
            "Objections are taken while the notice runs; afterwards write to the committee",
        ),
        "notice.begins_before_today": Text(
            "公示开始日早于今天（{today}）",
            "The notice would begin before today ({today})",
            "请改为今天或之后",
            "Take today or later",
        ),
        "notice.not_ready": Text(
            "申请“{number}”不在待公示状态",
            "The application “{number}” does not wait for a notice",
            "只有复审通过且未公示的申请可以公示",
            "Only applications past the second review without a notice can be announced",
        ),
        "notice.nothing_to_announce": Text(
            "本项目没有待公示的申请",
            "No application of this scheme waits for a notice",
            "请先完成复审",
            "Finish the second review first",
        ),
        "notice.closed": Text(
            "公示已办结",
            "The notice is closed already",
            "无需再次办结",
            "There is nothing to do",
        ),
        "objection.line_not_announced": Text(
            "公示“{notice}”中没有申请 {application} 的第 {line} 行",
            "The notice “{notice}” has no line {line} of application {application}",
            "请按公示页面填写申请编号与行号",
            "Copy application and line from the notice",
        ),
        "objection.decided": Text(
            "异议已办结（{status}）",
            "The objection is decided ({status})",
            "不能再次决定",
            "It cannot be decided again",
        ),
        "objection.not_admitted": Text(
            "异议尚未登记",
            "The objection has not been admitted yet",
            "请先由经办登记异议",
            "Have an officer admit it first",
        ),
    }
)
