"""A minimal writer of MPQ archives (version 0, uncompressed), to test reading map archives."""

import struct

MASK = 0xFFFFFFFF


def _crypt_table():
    table, seed = {}, 0x00100001
    for i in range(256):
        index = i
        for _ in range(5):
            seed = (seed * 125 + 3) % 0x2AAAAB
            high = (seed & 0xFFFF) << 16
            seed = (seed * 125 + 3) % 0x2AAAAB
            table[index] = high | (seed & 0xFFFF)
            index += 0x100
    return table


TABLE = _crypt_table()


def _hash(text, kind):
    one, two = 0x7FED7FED, 0xEEEEEEEE
    for byte in text.upper().encode():
        one = (TABLE[(kind << 8) + byte] ^ (one + two)) & MASK
        two = (byte + one + two + (two << 5) + 3) & MASK
    return one


def _encrypt(data, key):
    two, out = 0xEEEEEEEE, b""
    for (value,) in struct.iter_unpack("<I", data):
        two = (two + TABLE[0x400 + (key & 0xFF)]) & MASK
        out += struct.pack("<I", value ^ ((key + two) & MASK))
        key = (((~key << 21) + 0x11111111) | (key >> 11)) & MASK
        two = (value + two + (two << 5) + 3) & MASK
    return out


def mpq_bytes(members):
    """Return an archive with these members (name -> bytes), each stored as one plain unit."""
    body, blocks, offset = b"", [], 32
    for data in members.values():
        blocks.append((offset + len(body), len(data), len(data), 0x81000000))
        body += data
    size = 16
    while size < 2 * len(members):
        size *= 2
    slots = [(MASK, MASK, MASK, MASK)] * size
    for k, name in enumerate(members):
        at = _hash(name, 0) % size
        while slots[at][3] != MASK:
            at = (at + 1) % size
        slots[at] = (_hash(name, 1), _hash(name, 2), 0, k)
    hashes = _encrypt(b"".join(struct.pack("<4I", *s) for s in slots), _hash("(hash table)", 3))
    blocks_raw = b"".join(struct.pack("<4I", *b) for b in blocks)
    blocks_enc = _encrypt(blocks_raw, _hash("(block table)", 3))
    at = 32 + len(body)
    total = at + len(hashes) + len(blocks_enc)
    head = struct.pack(
        "<4sIIHHIIII", b"MPQ\x1a", 32, total, 0, 3, at, at + len(hashes), size, len(members)
    )
    return head + body + hashes + blocks_enc
