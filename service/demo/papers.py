"""Small real PDF files for the demo: one page of Chinese text, the same bytes for the same words.

The font is one of the standard CJK fonts that every reader has (STSong-Light), so none is embedded.
"""

from __future__ import annotations

from collections.abc import Iterable

_LINE_CHARACTERS_MAX = 38
_LINES_MAX = 44


def pdf(title: str, paragraphs: Iterable[str]) -> bytes:
    """Return a one-page A4 PDF with a title and wrapped paragraphs."""
    lines = [part for text in paragraphs for part in _wrapped(text)][:_LINES_MAX]
    stream = _page(title, lines)
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R"
        b" /Resources << /Font << /F1 5 0 R >> >> >>",
        b"<< /Length %d >>\nstream\n%s\nendstream" % (len(stream), stream),
        b"<< /Type /Font /Subtype /Type0 /BaseFont /STSong-Light /Encoding /UniGB-UCS2-H"
        b" /DescendantFonts [6 0 R] >>",
        b"<< /Type /Font /Subtype /CIDFontType0 /BaseFont /STSong-Light /CIDSystemInfo"
        b" << /Registry (Adobe) /Ordering (GB1) /Supplement 2 >> /FontDescriptor 7 0 R >>",
        b"<< /Type /FontDescriptor /FontName /STSong-Light /Flags 6 /FontBBox [-25 -254 1000 880]"
        b" /ItalicAngle 0 /Ascent 880 /Descent -120 /CapHeight 880 /StemV 93 >>",
    ]
    return _file(objects)


def _wrapped(text: str) -> list[str]:
    width = _LINE_CHARACTERS_MAX
    return [text[n : n + width] for n in range(0, len(text), width)] or [""]


def _page(title: str, lines: list[str]) -> bytes:
    parts = [b"BT /F1 15 Tf 60 780 Td <%s> Tj" % _hex(title), b"/F1 12 Tf 16 TL 0 -30 Td"]
    parts += [b"<%s> Tj T*" % _hex(line) for line in lines]
    return b"\n".join([*parts, b"ET"])


def _hex(text: str) -> bytes:
    return text.encode("utf-16-be").hex().upper().encode()


def _file(objects: list[bytes]) -> bytes:
    body, offsets = b"%PDF-1.4\n%\xe4\xb8\xad\xe6\x96\x87\n", []
    for number, content in enumerate(objects, 1):
        offsets.append(len(body))
        body += b"%d 0 obj\n%s\nendobj\n" % (number, content)
    table = b"".join(b"%010d 00000 n \n" % offset for offset in offsets)
    return body + (
        b"xref\n0 %d\n0000000000 65535 f \n%strailer\n<< /Size %d /Root 1 0 R >>\n"
        b"startxref\n%d\n%%%%EOF\n" % (len(objects) + 1, table, len(objects) + 1, len(body))
    )
