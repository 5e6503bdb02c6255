"""A bundle as one archive and one page to print, with the procedure a stranger follows.

Nothing in it depends on when it is written: the same files give the same bytes.
"""

from __future__ import annotations

import hashlib
import html
import io
import zipfile
from typing import Any

from coinsurance.settlements.evidence.files import Files

_TIME = (1980, 1, 1, 0, 0, 0)
MANIFEST, REGISTRY, README, PAGE = (
    "SHA256SUMS",
    "REGISTRY-SHA256SUMS",
    "README.txt",
    "index.html",
)
PROCEDURE = """\
证据包核对办法 / How to check this bundle

1. 解压后在本目录运行 / Unpack and run here:
     sha256sum -c SHA256SUMS
   每个文件均应显示 OK：文件自打包后未被改动。
   Every file must say OK: nothing was changed since the bundle was made.

2. 再运行 / Then run:
     sha256sum -c REGISTRY-SHA256SUMS
   每个文件均应显示 OK：文件与登记系统当时写下的摘要一致。凭证、日志、计算、结算单、协议和封存链的
   内容就是摘要所依据的原文，不需要本系统的任何程序。
   Every file must say OK: the content is what the registry hashed when it was written.

3. 凭证是否在封存链中 / Whether an entry is in the chain of seals:
     facts/entries.json 给出每张凭证的 id 和 hash。seals/NNNNNN.rows 是该封存所含全部凭证依次排列的
     （8 字节 id + 32 字节摘要）。把 id 写成 16 位十六进制，与 hash 连在一起，应能在下列输出中找到：
     facts/entries.json names id and hash of each entry; written as 16 hex digits and 64, they must
     occur in:
     xxd -p seals/NNNNNN.rows | tr -d '\\n'
   seals/NNNNNN.link 依次为上一封存的摘要（32 字节）、“链:号:时间”、rows 的摘要（32 字节）；
   其 SHA-256 即该封存的摘要。向示范区管委会或审计机构索取其留存的封存摘要，两者应一致。
   The hash of NNNNNN.link is the seal's; compare it with the one the committee or the auditor kept.

4. 整包摘要 / The bundle itself: sha256sum SHA256SUMS 应等于登记系统给出的 manifest_sha256。
   sha256sum SHA256SUMS must be the manifest_sha256 that the registry tells for this bundle.
"""


def finish(files: Files, title: str, heading: list[tuple[str, str]]) -> dict[str, bytes]:
    """All files with page, procedure and both manifests, by path."""
    content = dict(files.content)
    content[README] = PROCEDURE.encode()
    content[PAGE] = page(files, title, heading)
    content[REGISTRY] = _sums(files.registry)
    content[MANIFEST] = _sums(
        {path: hashlib.sha256(data).hexdigest() for path, data in content.items()}
    )
    return content


def _sums(hashes: dict[str, str]) -> bytes:
    return "".join(f"{digest}  {path}\n" for path, digest in sorted(hashes.items())).encode()


def archive(content: dict[str, bytes]) -> bytes:
    """The files as a ZIP archive: fixed times and order, so the same files give the same bytes."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED, compresslevel=6) as target:
        for path in sorted(content):
            info = zipfile.ZipInfo(path, _TIME)
            info.compress_type = zipfile.ZIP_DEFLATED
            info.external_attr = 0o644 << 16
            target.writestr(info, content[path])
    return out.getvalue()


_STYLE = """
body{font:14px/1.6 "Noto Serif CJK SC","Source Han Serif SC",serif;margin:2em auto;max-width:60em;
color:#111}h1{font-size:22px}h2{font-size:16px;margin-top:2em;border-bottom:1px solid #999}
table{border-collapse:collapse;width:100%;font-size:12px}
th,td{border:1px solid #bbb;padding:3px 6px;text-align:left;vertical-align:top;word-break:break-all}
th{background:#f2f2f2}
tr{break-inside:avoid}pre{white-space:pre-wrap;font-size:12px}
@media print{body{margin:0;max-width:none}h2{break-after:avoid}}
"""


def page(files: Files, title: str, heading: list[tuple[str, str]]) -> bytes:
    """One page with everything in it: no link, no script, ready to print."""
    parts = [
        "<!doctype html><html lang=zh-CN><meta charset=utf-8>",
        f"<title>{html.escape(title)}</title><style>{_STYLE}</style><h1>{html.escape(title)}</h1>",
        _table([{"项目": name, "内容": value} for name, value in heading]),
    ]
    for zh, rows in files.tables:
        parts += [f"<h2>{html.escape(zh)}（{len(rows)}）</h2>", _table(rows)]
    registered = [{"文件": path, "摘要": digest} for path, digest in sorted(files.registry.items())]
    parts += ["<h2>登记系统写下的摘要</h2>", _table(registered)]
    parts += ["<h2>核对办法</h2>", f"<pre>{html.escape(PROCEDURE)}</pre></html>\n"]
    return "\n".join(parts).encode()


def _table(rows: list[dict[str, Any]]) -> str:
    if not rows:
        return "<p>无</p>"
    names = list(rows[0])
    head = "".join(f"<th>{html.escape(name)}" for name in names)
    body = "".join(
        "<tr>" + "".join(f"<td>{html.escape(_shown(name, row[name]))}" for name in names)
        for row in rows
    )
    return f"<table><tr>{head}{body}</table>"


def _shown(name: str, value: Any) -> str:
    """A value for a person: fen as yuan, units as percent."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "是" if value else "否"
    if isinstance(value, int) and name.endswith("_fen"):
        sign, size = ("-" if value < 0 else ""), abs(value)
        return f"{sign}{size // 100:,}.{size % 100:02d} 元"
    if isinstance(value, int) and name.endswith("_units"):
        whole, rest = divmod(value, 1_000_000)
        return f"{whole}.{rest:06d}".rstrip("0").rstrip(".") + "%"
    if isinstance(value, list):
        return "、".join(map(str, value))
    return str(value)
