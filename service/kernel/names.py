"""Names of persons, firms and products as lists sort them.

Pinyin is made by a library with its table of single characters only: its table of 47,000 phrases
costs 43 MB of memory (`service/__init__.py` switches it off). The readings that matter in names of
firms, places and insurance are given here instead.
"""

from __future__ import annotations

from pypinyin import Style, lazy_pinyin, load_phrases_dict

SORT_KEY_MAX = 400

_READINGS = """
重庆=chóng-qìng 重新=chóng-xīn 重复=chóng-fù 重组=chóng-zǔ 重置=chóng-zhì 重建=chóng-jiàn
银行=yín-háng 行业=háng-yè 行情=háng-qíng 央行=yāng-háng 商行=shāng-háng 分行=fēn-háng
长江=cháng-jiāng 长安=cháng-ān 长春=cháng-chūn 长沙=cháng-shā 长城=cháng-chéng 长期=cháng-qī
长三角=cháng-sān-jiǎo 长飞=cháng-fēi 长虹=cháng-hóng 长航=cháng-háng 长生=cháng-shēng
长丰=cháng-fēng 长乐=cháng-lè 长治=cháng-zhì 特长=tè-cháng 延长=yán-cháng 长征=cháng-zhēng
厦门=xià-mén 朝阳=cháo-yáng 六安=lù-ān 会计=kuài-jì 音乐=yīn-yuè 乐器=yuè-qì
成都=chéng-dū 首都=shǒu-dū 都市=dū-shì 都邦=dū-bāng 武都=wǔ-dū 新都=xīn-dū
调试=tiáo-shì 调整=tiáo-zhěng 调节=tiáo-jié 空调=kōng-tiáo 协调=xié-tiáo 调解=tiáo-jiě
传感=chuán-gǎn 自传=zì-zhuàn 单一=dān-yī 单县=shàn-xiàn 参与=cān-yù 参数=cān-shù 人参=rén-shēn
"""
load_phrases_dict(
    {
        word: [[syllable] for syllable in reading.split("-")]
        for word, reading in (item.split("=") for item in _READINGS.split())
    }
)


def sort_key(text: str) -> str:
    """Pinyin of a name with tones, so that lists sort the same on every server (no ICU needed)."""
    return " ".join(lazy_pinyin(text.lower(), style=Style.TONE3))[:SORT_KEY_MAX]
