"""Texts of what the cover of a policy has to say about a loss."""

from __future__ import annotations

from service.kernel.findings import Text, register

register(
    {
        "claim.no_loss": Text(
            "没有填写任何损失",
            "No loss is stated",
            "请至少为一个分项填写损失金额",
            "State the loss of one section at least",
        ),
        "claim.loss_of_layer": Text(
            "“{section}”是分层；同一损失只填一次，不按层填写",
            "“{section}” is a layer; the loss of all layers is stated once",
            "请将分项填为 layers，系统按各层起赔点和限额计算",
            "Name the section `layers`; the layers are worked out from it",
        ),
        "claim.unknown_section": Text(
            "保单没有分项“{section}”",
            "The policy has no section “{section}”",
            "可选：{choices}",
            "Choose one of: {choices}",
        ),
        "claim.not_registered": Text(
            "赔案尚未立案，没有分项可以办理",
            "The claim was never registered, so it has no section",
            "请先立案；已结案的请重开",
            "Register it first; reopen one that was closed",
        ),
        "claim.section_twice": Text(
            "分项“{section}”重复",
            "Section “{section}” is there twice",
            "每个分项只填一行",
            "Give each section once",
        ),
        "claim.salvage_above_loss": Text(
            "残值高于损失金额 {loss_fen}",
            "The salvage is above the loss of {loss_fen}",
            "请核对损失金额与残值",
            "Check the loss and the salvage",
            "保险法第五十九条",
        ),
        "claim.value_without_sum": Text(
            "填写了保险价值而没有保险金额，无法判断是否不足额",
            "A value is stated without a sum insured, so average cannot be judged",
            "请同时填写出险时的保险价值和保险金额",
            "State both the value at the time of loss and the sum insured",
            "保险法第五十五条",
        ),
        "claim.attachment_of_section": Text(
            "分项没有起赔点，只有分层才有",
            "A section has no attachment point; only a layer has",
            "请改为分层，或将起赔点填为 0",
            "Make it a layer, or set the attachment to zero",
        ),
        "claim.layers_overlap": Text(
            "分层“{lower}”与“{upper}”重叠，同一损失会赔两次",
            "Layers “{lower}” and “{upper}” overlap, so a loss would be paid twice",
            "请调整起赔点和限额，使各层首尾相接或留有间隔",
            "Change attachments or limits so that layers do not overlap",
        ),
    }
)
