#!/usr/bin/env python3
"""Opens golden files by following docs/format.md only: a second implementation of the reading side. Exit code 77 if `cryptography` is missing."""

import hashlib
import hmac
import struct
import sys
from pathlib import Path

try:
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM
except ImportError:
    print("the Python package `cryptography` is not installed: nothing was checked")
    sys.exit(77)

FOLDER = Path(__file__).parent
REPOSITORY = bytes([0x11]) * 16
SEGMENT = 65536


def hkdf_extract(salt: bytes, secret: bytes) -> bytes:
    return hmac.new(salt, secret, hashlib.sha256).digest()


def hkdf_expand(key: bytes, info: bytes, size: int) -> bytes:
    out, block, counter = b"", b"", 1
    while len(out) < size:
        block = hmac.new(key, block + info + bytes([counter]), hashlib.sha256).digest()
        out += block
        counter += 1
    return out[:size]


def open_sealed(data: bytes, key: bytes, kind: int, name: str, epoch: int) -> tuple:
    """The codec and what follows the plaintext's header."""
    header, salt, commitment, body = data[:12], data[12:36], data[36:68], data[68:]
    assert header == b"MKR1" + bytes([1, 1, kind, 0]) + struct.pack("<I", epoch)
    info = b"mikura/v1/seal\0" + header + REPOSITORY + struct.pack("<H", len(name)) + name.encode() + salt
    okm = hkdf_expand(key, info, 76)
    content_key, base, expected = okm[:32], int.from_bytes(okm[32:44], "big"), okm[44:]
    assert hmac.compare_digest(expected, commitment)
    plain, count = b"", 0
    while True:
        piece, body = body[:SEGMENT + 16], body[SEGMENT + 16:]
        nonce = base ^ (2 * count + (0 if body else 1))
        plain += AESGCM(content_key).decrypt(nonce.to_bytes(12, "big"), piece, b"")
        count += 1
        if not body:
            break
    codec, size = plain[0], struct.unpack("<Q", plain[1:9])[0]
    return codec, size, plain[9:]


def check_blob() -> None:
    codec, size, rest = open_sealed((FOLDER / "sealed-blob.bin").read_bytes(), bytes([0x55]) * 32, 4, "objects/ab/abcd", 1)
    assert codec == 0 and rest[:size] == b"Hello, storehouse." and not any(rest[size:])
    codec, size, rest = open_sealed((FOLDER / "sealed-blob-zstd.bin").read_bytes(), bytes([0x55]) * 32, 4, "objects/ab/abcd", 1)
    assert codec == 1 and size == 100_000 and rest[:4] == bytes.fromhex("28b52ffd")


def check_slot() -> None:
    slot, name = (FOLDER / "slot-key.bin").read_bytes(), "keys/user-01020304"
    assert hashlib.sha256(slot[:-32]).digest() == slot[-32:]
    assert slot[:6] == b"MKSL" + bytes([1, 1])
    bound = slot[:6] + bytes([len(name)]) + name.encode()
    prk = hkdf_extract(REPOSITORY, bytes([0x66]) * 32)
    assert hkdf_expand(prk, b"mikura/v1/key-check\0" + bound, 16) == slot[6:22]
    wrapping = hkdf_expand(prk, b"mikura/v1/kek\0" + bound, 32)
    codec, size, keyring = open_sealed(slot[22:-32], wrapping, 1, name, 0)
    assert codec == 0
    keyring = keyring[:size]
    assert keyring[:5] == b"MKKR" + bytes([1])
    assert keyring[9:41] == hashlib.sha256((FOLDER / "repository.bin").read_bytes()).digest()
    name_key = keyring[49:81]
    content = hashlib.sha256(b"hello").digest()
    object_id = hmac.new(name_key, content, hashlib.sha256).hexdigest()
    plain_id = content.hex()
    names = (FOLDER / "object-names.txt").read_text()
    assert names == f"objects/{object_id[:2]}/{object_id}\nobjects/{plain_id[:2]}/{plain_id}\n"


if __name__ == "__main__":
    check_blob()
    check_slot()
    print("the golden files open as docs/format.md says")
