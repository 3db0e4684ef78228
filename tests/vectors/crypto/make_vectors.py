#!/usr/bin/env python3
"""Writes the JSON files beside this script.

AES-256-GCM, HMAC and HKDF are computed by PyCryptodome, which shares no code with the OpenSSL that
the engine uses. Argon2id is computed by argon2-cffi (the reference implementation, from which
libsodium's descends) and must agree with the separate implementation in the OpenSSL 3.2 or later
that comes with cryptography. The inputs depend on labels alone: a second run writes the same bytes.

    pip install pycryptodome==4.4.0 argon2-cffi==25.1.0 cryptography==50.0.2
"""

import hashlib
import json
import pathlib

from argon2.low_level import Type, hash_secret_raw
from Crypto.Cipher import AES
from Crypto.Hash import HMAC, SHA256
from Crypto.Protocol.KDF import HKDF
from cryptography.hazmat.primitives.kdf.argon2 import Argon2id

HERE = pathlib.Path(__file__).parent


def fixed(label, size):
    """`size` bytes that depend on the label alone."""
    return hashlib.shake_256(label.encode()).digest(size)


def write(name, tests):
    for number, test in enumerate(tests, 1):
        test["tcId"] = number
    lines = ",\n".join(json.dumps(test, ensure_ascii=True) for test in tests)
    (HERE / name).write_text('{"tests": [\n' + lines + "\n]}\n")


def gcm_seal(key, iv, aad, msg):
    cipher = AES.new(key, AES.MODE_GCM, nonce=iv)
    cipher.update(aad)
    return cipher.encrypt_and_digest(msg)


def gcm_case(comment, key, iv, aad, msg, ct, tag, result):
    values = {"key": key, "iv": iv, "aad": aad, "msg": msg, "ct": ct, "tag": tag}
    return {"comment": comment, "result": result, **{k: v.hex() for k, v in values.items()}}


def flipped(data, bit):
    out = bytearray(data)
    out[bit // 8] ^= 1 << (bit % 8)
    return bytes(out)


def gcm():
    tests = []
    sizes = [0, 1, 2, 7, 8, 15, 16, 17, 31, 32, 33, 47, 48, 49, 63, 64, 65, 95, 96, 97, 127, 128, 129]
    # Implementations change their code path at multiples of 4, 6, 8, 16, 32 and 48 blocks.
    sizes += [191, 192, 193, 255, 256, 257, 287, 288, 289, 511, 512, 513, 767, 768, 769, 1023, 1024, 1025]
    for size in sizes:
        for aad_size in sorted({0, 13, size % 40}):
            label = f"gcm {size} {aad_size}"
            key, iv = fixed(label + " key", 32), fixed(label + " iv", 12)
            aad, msg = fixed(label + " aad", aad_size), fixed(label + " msg", size)
            ct, tag = gcm_seal(key, iv, aad, msg)
            tests.append(gcm_case("sizes", key, iv, aad, msg, ct, tag, "valid"))
    for comment, key, iv in [
        ("key and iv of zeros", bytes(32), bytes(12)),
        ("key and iv of ones", b"\xff" * 32, b"\xff" * 12),
        ("iv of zeros", fixed("special", 32), bytes(12)),
        ("iv of ones", fixed("special", 32), b"\xff" * 12),
    ]:
        for msg in [b"", bytes(16), b"\xff" * 40]:
            ct, tag = gcm_seal(key, iv, b"", msg)
            tests.append(gcm_case(comment, key, iv, b"", msg, ct, tag, "valid"))

    key, iv = fixed("bad key", 32), fixed("bad iv", 12)
    for size in [0, 16, 37]:
        aad, msg = fixed("bad aad", 20), fixed("bad msg", size)
        ct, tag = gcm_seal(key, iv, aad, msg)

        def bad(comment, iv=iv, aad=aad, ct=ct, tag=tag, key=key):
            tests.append(gcm_case(comment, key, iv, aad, msg[: len(ct)], ct, tag, "invalid"))

        for bit in range(128):
            bad(f"bit {bit} of the tag flipped", tag=flipped(tag, bit))
        bad("tag of zeros", tag=bytes(16))
        bad("tag of ones", tag=b"\xff" * 16)
        bad("tag inverted", tag=bytes(b ^ 0xFF for b in tag))
        bad("tag reversed", tag=tag[::-1])
        bad("every low bit of the tag flipped", tag=bytes(b ^ 0x01 for b in tag))
        bad("every high bit of the tag flipped", tag=bytes(b ^ 0x80 for b in tag))
        bad("associated data dropped", aad=b"")
        bad("associated data one byte longer", aad=aad + b"\0")
        bad("associated data with a bit flipped", aad=flipped(aad, 9))
        bad("another iv", iv=flipped(iv, 95))
        bad("another key", key=flipped(key, 255))
        if ct:
            bad("first bit of the ciphertext flipped", ct=flipped(ct, 0))
            bad("last bit of the ciphertext flipped", ct=flipped(ct, len(ct) * 8 - 1))
            bad("ciphertext one byte shorter", ct=ct[:-1])
            bad("ciphertext lost", ct=b"")
            bad("ciphertext replaced by the plaintext", ct=msg)
            bad("ciphertext and associated data exchanged", aad=ct, ct=aad[: len(msg)])
    write("aes_256_gcm.json", tests)


def hmac():
    tests = []
    for key_size in [0, 1, 16, 31, 32, 33, 55, 56, 63, 64, 65, 127, 128, 129, 200]:
        for size in [0, 1, 55, 56, 63, 64, 65, 96, 119, 120, 300]:
            label = f"hmac {key_size} {size}"
            key, msg = fixed(label + " key", key_size), fixed(label + " msg", size)
            tag = HMAC.new(key, msg, SHA256).digest()
            tests.append({"key": key.hex(), "msg": msg.hex(), "tag": tag.hex()})
    write("hmac_sha256.json", tests)


def hkdf():
    tests = []
    for ikm_size in [1, 16, 32, 80]:
        for salt_size in [0, 16, 32, 64, 65]:
            for info_size, size in [(0, 1), (1, 31), (10, 32), (31, 33), (64, 76), (120, 96), (200, 255)]:
                label = f"hkdf {ikm_size} {salt_size} {info_size} {size}"
                ikm, salt = fixed(label + " ikm", ikm_size), fixed(label + " salt", salt_size)
                info = fixed(label + " info", info_size)
                okm = HKDF(ikm, size, salt, SHA256, context=info)
                values = {"ikm": ikm, "salt": salt, "info": info, "okm": okm}
                tests.append({k: v.hex() for k, v in values.items()})
    ikm, info = fixed("hkdf longest", 32), b"longest"
    okm = HKDF(ikm, 255 * 32, b"", SHA256, context=info)
    tests.append({"ikm": ikm.hex(), "salt": "", "info": info.hex(), "okm": okm.hex()})
    write("hkdf_sha256.json", tests)


def argon2id():
    tests = []
    cases = [
        ("correct horse battery staple", 64, 1),
        ("correct horse battery staple", 64, 2),
        ("correct horse battery staple", 80, 1),
        ("", 64, 1),
        ("p", 64, 1),
        ("\u5408\u8a00\u8449 \u00e9 \U0001f511", 64, 1),
        ("x" * 300, 64, 3),
    ]
    for text, mebibytes, passes in cases:
        salt = fixed(f"argon2id {text} {mebibytes} {passes}", 16)
        out = hash_secret_raw(text.encode(), salt, passes, mebibytes * 1024, 1, 32, Type.ID)
        second = Argon2id(
            salt=salt, length=32, iterations=passes, lanes=1, memory_cost=mebibytes * 1024
        ).derive(text.encode())
        if second != out:
            raise SystemExit(f"two implementations disagree about {text!r}")
        tests.append({
            "passphrase": text.encode().hex(), "salt": salt.hex(), "memory_kib": mebibytes * 1024,
            "passes": passes, "key": out.hex(),
        })
    write("argon2id.json", tests)


if __name__ == "__main__":
    gcm()
    hmac()
    hkdf()
    argon2id()
