"""What the use cases of objects, enrolment and qualification have to say."""

from __future__ import annotations

from service.kernel.findings import Text, register

register(
    {
        "edition.not_after_the_last": Text(
            "最新版本 {edition} 自 {day} 起有效，新版本须在其后",
            "The last edition {edition} holds from {day}; a new one must start later",
            "请核对生效日期",
            "Check the first day",
        ),
        "edition.twice": Text(
            "目录版本“{edition}”已存在",
            "The edition “{edition}” is there already",
            "已发布的版本不可修改，请使用新的代码",
            "An edition is never changed; take a new code",
        ),
        "edition.item_twice": Text(
            "条目编号“{number}”重复",
            "The row “{number}” occurs twice",
            "请删除重复行",
            "Remove one of the two",
        ),
        "edition.parameter": Text(
            "参数要求无法比较：{detail}",
            "The required parameter cannot be compared: {detail}",
            "≥、≤ 填数值，range 填下限与上限",
            "Give a number for ≥ and ≤, both ends for a range",
        ),
        "object.unknown_item": Text(
            "目录“{edition}”没有条目“{item}”",
            "The edition “{edition}” has no row “{item}”",
            "请从目录中选择",
            "Choose a row of the catalogue",
        ),
        "object.item_other_kind": Text(
            "该条目属于另一类目录",
            "The row belongs to a catalogue of another kind",
            "请选择与标的类别一致的目录",
            "Choose a catalogue of the kind of the object",
        ),
        "object.serial_twice": Text(
            "出厂编号“{serial}”重复",
            "The serial number “{serial}” occurs twice",
            "每台(套)填写一个编号",
            "Give one number for each unit",
        ),
        "object.in_use": Text(
            "标的已用于 {number}（办理中或已认定），不能再修改",
            "The object is used by {number}, under way or recognised, and can no longer change",
            "请先由受理方退回该项，或登记新的标的",
            "Have it returned first, or register a new object",
        ),
        "object.unknown_document": Text(
            "没有编号为 {document} 的本企业材料",
            "Your organisation has no document {document}",
            "请先上传材料",
            "Upload the document first",
        ),
        "contract.number_twice": Text(
            "该标的已登记合同“{number}”",
            "The object already has the contract “{number}”",
            "请修改原合同",
            "Change the one that is there",
        ),
        "contract.agreed": Text(
            "标的已用于 {number}，合同只能补填交付、验收和发票",
            "The object is used by {number}: only delivery, acceptance and invoice may be added",
            "已填写的内容不能更改",
            "What has been given cannot be changed",
        ),
        "enrolment.unknown_policy": Text(
            "没有编号为 {policy} 的本企业保单",
            "Your firm has no policy {policy}",
            "请核对，或请保险机构先登记保单",
            "Check it, or have the insurer record the policy first",
        ),
        "enrolment.unknown_contract": Text(
            "标的没有编号为 {contract} 的合同",
            "The object has no contract {contract}",
            "请先登记销售合同",
            "Record the sales contract first",
        ),
        "enrolment.not_editable": Text(
            "登记已提交，不能修改",
            "The enrolment was submitted and cannot be changed",
            "需要修改时请受理方退回",
            "Have it returned to change it",
        ),
        "enrolment.ball_elsewhere": Text(
            "登记处于“{status}”，目前由另一方办理",
            "The enrolment is with the other side ({status})",
            "保险机构确认前由保险机构退回，确认后由管委会退回",
            "The insurer returns it before its confirmation, the committee after",
        ),
        "enrolment.note_for_warnings": Text(
            "尚有 {count} 项提示，认定须写明意见",
            "There are {count} warnings; recognising needs a note about them",
            "请逐项说明为何仍予认定",
            "Say why it is recognised all the same",
            "issue 3 point 8",
        ),
        "qualification.object_open": Text(
            "该标的已有资格 {number}（办理中或有效）",
            "The object has the qualification {number}, under way or in force",
            "一个标的同时只能有一项资格",
            "An object has one qualification at a time",
        ),
        "qualification.general_object": Text(
            "一般科技保险标的不需要资格",
            "An object of general tech insurance needs no qualification",
            "资格适用于首台(套)、首批次、首版次",
            "Qualifications are for first sets, batches and versions",
        ),
        "qualification.no_item": Text(
            "标的没有今天有效的目录条目",
            "The object names no row of a catalogue that is valid today",
            "请先选择现行目录版本的条目",
            "Choose a row of the present edition first",
            "工信厅原函〔2024〕473号",
        ),
        "qualification.not_live": Text(
            "资格 {number} 在 {day} 不可使用",
            "The qualification {number} cannot be drawn on {day}",
            "请核对资格状态与有效期",
            "Check its status and validity",
        ),
        "qualification.quota_exceeded": Text(
            "需用额度 {wanted_fen}，剩余 {left_fen}",
            "{wanted_fen} wanted, {left_fen} left of the quota",
            "减少金额或申请新的资格",
            "Take less, or ask for another qualification",
        ),
        "qualification.gives_back_too_much": Text(
            "退回额度超过该明细已用的 {drawn_fen}",
            "More is given back than the {drawn_fen} this line drew",
            "请核对金额",
            "Check the amount",
        ),
    }
)
