"""Sort keys of Chinese names: the readings that a table of single characters gets wrong."""

from __future__ import annotations

import pytest

from service.kernel.names import SORT_KEY_MAX, sort_key


@pytest.mark.parametrize(
    ("name", "key"),
    [
        ("重庆银行", "chong2 qing4 yin2 hang2"),
        ("长江财险", "chang2 jiang1 cai2 xian3"),
        ("长飞光纤", "chang2 fei1 guang1 xian1"),
        ("中国人民财产保险", "zhong1 guo2 ren2 min2 cai2 chan3 bao3 xian3"),
        ("首台（套）设备调试", "shou3 tai2 （ tao4 ） she4 bei4 tiao2 shi4"),
        ("Alpha 保险", "alpha  bao3 xian3"),
    ],
)
def test_reading(name: str, key: str) -> None:
    assert sort_key(name) == key


def test_long_name_is_cut() -> None:
    assert len(sort_key("研" * 500)) == SORT_KEY_MAX
