"""Damage to the content of files, by bytes and by structure. Everything follows from the random numbers that are handed in."""

from __future__ import annotations

import io
import json
import random
import re
import struct
import zipfile
from typing import Any
from xml.etree import ElementTree as ET

from . import odd


def bytes_of(rng: random.Random, content: bytes) -> bytes:
    """Some bytes flipped, blanked, cut off, repeated or put in."""
    data, kind = bytearray(content), rng.randrange(8)
    size = len(data) or 1
    if kind <= 1:
        early = min(size, rng.choice((64, 400, 4000, size)))
        for _ in range(rng.choice((1, 3, 12, 50))):
            if data:
                data[rng.randrange(min(early, len(data)))] = rng.randrange(256)
    elif kind == 2:
        start = rng.randrange(size)
        data[start : start + 64] = bytes([rng.choice((0, 255))]) * len(data[start : start + 64])
    elif kind == 3:
        del data[rng.randrange(size) :]
    elif kind == 4:
        start, length = rng.randrange(size), rng.choice((1, 16, 500))
        data[start:start] = data[start : start + length]
    elif kind == 5:
        start = rng.randrange(size)
        data[start:start] = rng.choice(
            (rng.randbytes(40), odd.word(rng).encode("utf-8", "replace"), b"\x00", b"\xff\xfe")
        )
    elif kind == 6:
        del data[(start := rng.randrange(size)) : start + rng.choice((1, 4, 100))]
    else:
        start, number = rng.randrange(size), rng.choice((0, 1, 0x7FFFFFFF, 0xFFFFFFFF, 2**63 - 1, 2**64 - 1))
        data[start : start + 8] = struct.pack("<Q", number)
    return bytes(data)


def text_of(rng: random.Random, content: bytes) -> bytes:
    """The bytes of text with one of its words or numbers replaced, or saved in another way."""
    if rng.random() < 0.25:
        return _saved_otherwise(rng, content)
    text = content.decode("utf-8", "replace")
    found = list(re.finditer(r"[\w.+-]+", text))
    for _ in range(rng.choice((1, 1, 3))):
        if found:
            place = rng.choice(found)
            text = text[: place.start()] + odd.word(rng) + text[place.end() :]
            found = list(re.finditer(r"[\w.+-]+", text))
    return text.encode("utf-8", "surrogatepass")


def _saved_otherwise(rng: random.Random, content: bytes) -> bytes:
    text = content.decode("utf-8", "replace")
    return rng.choice(
        (
            b"\xef\xbb\xbf" + content,
            text.encode("utf-16"),
            text.encode("utf-32"),
            text.replace("e", "\u00e9").encode("latin-1", "replace"),
            content.replace(b"\n", b"\r\n"),
            content.replace(b"\n", b"\r"),
            content.replace(b"\n", b""),
            content.replace(b"a", b"\xff"),
            content.replace(b"a", b"\xed\xa0\x80"),  # a surrogate in bytes that are not UTF-8
            content.replace(b" ", b"\x00"),
            content * 2,
            b"\n" * 1000 + content,
            content.replace(b",", b";"),
            b"",
        )
    )


def xml_of(rng: random.Random, content: bytes) -> bytes:
    """An XML file with other elements, attributes, text, declarations, entities or depth."""
    kind = rng.randrange(10)
    body = re.sub(rb"^\s*<\?xml.*?\?>", b"", content, flags=re.DOTALL)
    if kind == 0:
        encoding = rng.choice(odd.ENCODINGS)
        return f'<?xml version="1.0" encoding="{encoding}"?>'.encode() + body
    if kind == 1:
        return _nested(rng, body)
    if kind == 2:
        return _with_entities(rng, body)
    if kind == 3:
        return bytes_of(rng, content) if rng.random() < 0.5 else text_of(rng, content)
    try:
        root = ET.fromstring(body)
    except (ET.ParseError, ValueError):
        return text_of(rng, content)
    for _ in range(rng.choice((1, 1, 2, 5))):
        _change_element(rng, root)
    return ET.tostring(root, encoding="unicode").encode("utf-8", "surrogatepass")


def _nested(rng: random.Random, body: bytes) -> bytes:
    depth = rng.choice((200, 3000, odd.DEEP))
    deep = b"<a>" * depth + b"</a>" * (depth if rng.random() < 0.7 else 0)
    end = body.rfind(b"</")
    return deep if rng.random() < 0.3 or end < 0 else body[:end] + deep + body[end:]


def _with_entities(rng: random.Random, body: bytes) -> bytes:
    body = re.sub(rb"<!DOCTYPE[^>]*>", b"", body)
    levels = "".join(f'<!ENTITY e{n} "{f"&e{n - 1};" * 10}">' for n in range(1, rng.choice((3, 9))))
    inside = rng.choice(
        (f'<!ENTITY e0 "x">{levels}', '<!ENTITY e0 SYSTEM "file:///etc/hostname">', '<!ENTITY e0 SYSTEM "http://127.0.0.1:9/x">',
         '<!ENTITY % p SYSTEM "file:///etc/hostname"> %p;', '<!ENTITY e0 "<b>x</b>">')
    )  # fmt: skip
    last = b"e8" if "e8" in inside else b"e2" if "e2" in inside else b"e0"
    found = re.search(rb"<([A-Za-z][\w-]*)", body)
    name = found.group(1) if found else b"x"
    used = re.sub(rb">([^<>]{1,40})</", b">&" + last + b";</", body, count=1)
    if used == body:
        used = re.sub(rb'="[^"]*"', b'="&' + last + b';"', body, count=1)
    return b"<!DOCTYPE " + name + b" [" + inside.encode() + b"]>" + used


def _change_element(rng: random.Random, root: ET.Element) -> None:
    elements = list(root.iter())
    element, kind = rng.choice(elements), rng.randrange(9)
    parent = next((p for p in elements if element in list(p)), None)
    clean = _xml_word(rng)
    if kind <= 2 and element.attrib:
        element.set(rng.choice(sorted(element.attrib)), clean)
    elif kind == 3 and element.attrib:
        del element.attrib[rng.choice(sorted(element.attrib))]
    elif kind <= 5:
        element.text = clean
    elif kind == 6 and parent is not None:
        parent.remove(element)
    elif kind == 7 and parent is not None:
        parent.extend([element] * rng.choice((1, 3, 1000)))
    else:
        element.insert(0, ET.Element(rng.choice(("x", element.tag))))


def _xml_word(rng: random.Random) -> str:
    return "".join(c for c in odd.word(rng) if c >= " " or c in "\n\t")


def json_of(rng: random.Random, content: bytes) -> bytes:
    """A JSON file with other values and members, or text that is no longer JSON."""
    kind = rng.randrange(10)
    if kind == 0:
        return bytes_of(rng, content)
    if kind == 1:
        return _saved_otherwise(rng, content)
    if kind == 2:
        depth = rng.choice((900, 5000, odd.DEEP))
        left, right = rng.choice(((b"[", b"]"), (b'{"classes":', b"}"), (b'{"a":', b"}")))
        return left * depth + b"1" + right * (depth if rng.random() < 0.7 else 0)
    if kind == 3:
        numbers = list(re.finditer(rb"(?<![\w.\"])-?\d+(\.\d+)?(?![\w.\"])", content))
        new = rng.choice(
            (b"1e999", b"-1e999", b"NaN", b"Infinity", b"9" * 400, b"9" * 5000, b"-0", b"1.5", b"0x1", b"1e5", b"00")
        )
        if numbers:
            place = rng.choice(numbers)
            return content[: place.start()] + new + content[place.end() :]
    try:
        data = json.loads(content)
    except (ValueError, RecursionError):  # damaged before, perhaps to levels without end
        return text_of(rng, content)
    for _ in range(rng.choice((1, 1, 2, 4))):
        data = _change_value(rng, data)
    return _dumps(data)


def _dumps(data: Any) -> bytes:
    return json.dumps(data).encode()


def _change_value(rng: random.Random, data: Any) -> Any:
    """The same JSON value with something in it replaced, removed, added or repeated."""
    places = list(_places(data))
    if not places or rng.random() < 0.03:
        return odd.json_value(rng)
    owner, key = rng.choice(places)
    kind = rng.randrange(8)
    if kind <= 4:
        owner[key] = odd.json_value(rng)
    elif kind == 5:
        del owner[key]
    elif kind == 6 and isinstance(owner, list):
        owner.extend([owner[key]] * rng.choice((1, 3, 100)))
    elif isinstance(owner, dict):
        owner[rng.choice(("x", "", odd.word(rng)))] = odd.json_value(rng)
    else:
        owner.insert(0, odd.json_value(rng))
    return data


def _places(data: Any) -> list[tuple[Any, Any]]:
    found, left = [], [data]
    while left and len(found) < 20000:
        value = left.pop()
        if isinstance(value, dict | list):
            keys = list(value) if isinstance(value, dict) else list(range(len(value)))
            found += [(value, key) for key in keys]
            left += [value[key] for key in keys]
    return found


def lines_of(rng: random.Random, content: bytes) -> bytes:
    """Lines of JSON, one of them damaged."""
    lines = content.splitlines()
    if not lines or rng.random() < 0.15:
        return bytes_of(rng, content)
    for _ in range(rng.choice((1, 2))):
        place = rng.randrange(len(lines))
        kind = rng.randrange(6)
        if kind <= 3:
            lines[place] = json_of(rng, lines[place])
        elif kind == 4:
            lines.insert(place, lines[rng.randrange(len(lines))])
        elif len(lines) > 1:
            del lines[place]
    return b"\n".join(lines) + rng.choice((b"\n", b"", b"\n\n"))


def safetensors_of(rng: random.Random, content: bytes) -> bytes:
    """A safetensors file with another header, other numbers, or other bytes."""
    kind = rng.randrange(8)
    if kind == 0 or len(content) < 16:
        return bytes_of(rng, content)
    length = struct.unpack("<Q", content[:8])[0]
    try:
        header = json.loads(content[8 : 8 + length])
    except ValueError:
        return bytes_of(rng, content)
    data = bytearray(content[8 + length :])
    names = [name for name in header if name != "__metadata__"]
    if kind <= 2 and names:
        start, end = header[rng.choice(names)]["data_offsets"]
        value = rng.choice((float("nan"), float("inf"), -1e300, 0.0, 1e300, -1.0))
        size = rng.choice((4, 8))
        for _ in range(rng.choice((1, 1000))):
            if end - start >= size:
                place = rng.randrange(start, end - size + 1, size)
                number = value if size == 8 else max(min(value, 3e38), -3e38) if abs(value) < 1e301 else value
                data[place : place + size] = struct.pack("<d" if size == 8 else "<f", number)
    elif kind == 3 and names:
        header[rng.choice((*names, "x"))] = header.pop(rng.choice(names))
    elif kind == 4 and names:
        del header[rng.choice(names)]
    elif kind == 5 and names:
        entry = header[rng.choice(names)]
        entry["shape"] = rng.choice(([], [0], [1], [2**40], [-1], entry["shape"][::-1], entry["shape"] + [1], [10**30]))
    elif kind == 6 and names:
        header[rng.choice(names)]["dtype"] = rng.choice(
            ("F64", "F32", "I64", "I32", "U8", "BOOL", "F16", "BF16", "X", 1)
        )
    elif isinstance(header.get("__metadata__"), dict) and header["__metadata__"]:
        key = rng.choice(sorted(header["__metadata__"]))
        damaged = json_of(rng, header["__metadata__"][key].encode())
        header["__metadata__"][key] = damaged.decode("utf-8", "replace")
    else:
        header = _change_value(rng, header)
    try:
        packed = _dumps(header)
    except (TypeError, ValueError):
        return bytes_of(rng, content)
    return struct.pack("<Q", len(packed)) + packed + bytes(data)


def zip_of(rng: random.Random, content: bytes) -> bytes:
    """A zip archive with members removed, renamed, packed, added or lied about."""
    kind = rng.randrange(8)
    if kind <= 2:
        return bytes_of(rng, content)
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        members = [(info.filename, archive.read(info)) for info in archive.infolist()]
    place = rng.randrange(len(members))
    if kind == 3:
        del members[place]
    elif kind == 4:
        members[place] = (rng.choice(("x", "../x", "/etc/x", "", "data.pkl", odd.word(rng)[:200])), members[place][1])
    elif kind == 5:
        members.append(rng.choice(((members[place][0], b""), ("x/data.pkl", b"\x80\x04."), ("bomb", bytes(1 << 22)))))
    elif kind == 6:
        members[place] = (members[place][0], rng.choice((b"", bytes(1 << 20), members[place][1][:10])))
    packed = zipfile.ZIP_DEFLATED if kind == 7 else zipfile.ZIP_STORED
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", packed) as archive:
        for name, data in members:
            archive.writestr(zipfile.ZipInfo(name.replace("\x00", "_"), (1980, 1, 1, 0, 0, 0)), data, packed)
    return buffer.getvalue()
