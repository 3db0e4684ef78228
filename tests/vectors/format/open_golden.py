#!/usr/bin/env python3
"""Reads the golden files by following docs/format.md only: a second implementation of the reading side.

Needs the package `cryptography`; for compressed objects `zstandard` or the program `zstd`; for the passphrase slot an Argon2id. What
is missing is left out and said so. Exit code 77 if nothing can be checked.
"""

import hashlib
import hmac
import shutil
import struct
import subprocess
import sys
import uuid
from pathlib import Path

try:
    from cryptography.exceptions import InvalidTag
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM
except ImportError:
    print("NOTHING WAS CHECKED: the Python package `cryptography` is not installed")
    sys.exit(77)

FOLDER = Path(__file__).resolve().parent
# Of engine/format/format_test_values.h; README.md lists them.
REPOSITORY = bytes([0x11]) * 16
EPOCH_KEY = bytes([0x55]) * 32
USER_KEY = bytes([0x66]) * 32
PASSPHRASE = b"correct horse battery"
SLOT = "keys/user-01020304"
BLOB = "objects/ab/abcd"

KEYRING, HEAD, INDEX, BLOB_TYPE, CHUNK_LIST, INDEX_SEGMENT, PACK_DIRECTORY, CATALOG = 1, 2, 3, 4, 5, 7, 8, 9
SEGMENT, TAG, HEADER = 65536, 16, 68

left_out = set()


class Damaged(Exception):
    """A rule of the document does not hold."""


class LeftOut(Exception):
    """Something is missing here to go on."""


def require(condition: bool, rule: str) -> None:
    if not condition:
        raise Damaged(rule)


def sha256(data: bytes) -> bytes:
    return hashlib.sha256(data).digest()


def hmac_sha256(key: bytes, data: bytes) -> bytes:
    return hmac.new(key, data, hashlib.sha256).digest()


def hkdf_expand(key: bytes, info: bytes, size: int) -> bytes:
    out, block = b"", b""
    for counter in range(1, 256):
        if len(out) >= size:
            break
        block = hmac_sha256(key, block + info + bytes([counter]))
        out += block
    return out[:size]


# Primitives


class Reader:
    def __init__(self, data: bytes):
        self.data = data

    def raw(self, size: int) -> bytes:
        require(size <= len(self.data), "it ends too early")
        out, self.data = self.data[:size], self.data[size:]
        return out

    def number(self, code: str) -> int:
        return struct.unpack("<" + code, self.raw(struct.calcsize(code)))[0]

    def u8(self) -> int:
        return self.number("B")

    def varint(self, most: int = 2**64 - 1) -> int:
        value = 0
        for shift in range(0, 70, 7):
            group = self.u8()
            value |= (group & 0x7F) << shift
            if group < 0x80:
                require(group != 0 or shift == 0, "a varint in its shortest form")
                break
        else:
            raise Damaged("a varint of ten bytes at most")
        require(value <= most, "a number within its limit")
        return value

    def any_text(self, most: int) -> bytes:
        return self.raw(self.varint(most))

    def text(self, most: int) -> str:
        return self.any_text(most).decode("utf-8")

    def uuid(self) -> str:
        return str(uuid.UUID(bytes=self.raw(16)))

    def sha(self) -> bytes:
        return self.raw(32)

    def flag(self) -> bool:
        value = self.u8()
        require(value <= 1, "a flag is 0 or 1")
        return value == 1

    def magic(self, magic: bytes, number: int = 1) -> None:
        require(self.raw(4) == magic and self.u8() == number, f"{magic!r} of format {number}")

    def end(self) -> None:
        require(not self.data, "nothing left over")


# Sealed objects


def unpack_zstd(frame: bytes, size: int):
    """The content, or None if there is no zstd here. `frame` may have zeros behind it."""
    try:
        import zstandard

        unpacker = zstandard.ZstdDecompressor().decompressobj()
        content, rest = unpacker.decompress(frame), unpacker.unused_data
        require(not any(rest), "zeros behind the frame")
    except ImportError:
        program = shutil.which("zstd")
        if program is None:
            left_out.add("compressed payloads (neither `zstandard` nor `zstd` is installed)")
            return None
        # The program writes the content and then complains about the zeros.
        content = subprocess.run([program, "-dcq"], input=frame, capture_output=True, check=False).stdout
    require(len(content) == size, "the size that was authenticated")
    return content


def padme(length: int) -> int:
    if length < 2:
        return length
    e = length.bit_length() - 1
    s = e.bit_length()
    step = 1 << max(0, e - s)
    return (length + step - 1) // step * step


def open_sealed(data: bytes, key: bytes, kind: int, name: str, epoch: int):
    """The payload; None if it is compressed and cannot be unpacked here."""
    require(len(data) >= HEADER + TAG + 9, "a header and a body")
    header, salt, commitment, body = data[:12], data[12:36], data[36:HEADER], data[HEADER:]
    require(header == b"MKR1" + bytes([1, 1, kind, 0]) + struct.pack("<I", epoch), "the header that is expected")
    encoded = name.encode()
    info = b"mikura/v1/seal\0" + header + REPOSITORY + struct.pack("<H", len(encoded)) + encoded + salt
    okm = hkdf_expand(key, info, 76)
    require(hmac.compare_digest(okm[44:], commitment), "the commitment")
    cipher, base = AESGCM(okm[:32]), int.from_bytes(okm[32:44], "big")
    plain = b""
    pieces = [body[i : i + SEGMENT + TAG] for i in range(0, len(body), SEGMENT + TAG)]
    for i, piece in enumerate(pieces):
        nonce = base ^ (2 * i + (1 if i == len(pieces) - 1 else 0))
        plain += cipher.decrypt(nonce.to_bytes(12, "big"), piece, None)
    codec, size, rest = plain[0], struct.unpack("<Q", plain[1:9])[0], plain[9:]
    if codec == 0:
        require(len(plain) == padme(9 + size), "padded as a writer must")
        require(not any(rest[size:]), "zeros behind the payload")
        return rest[:size]
    require(codec == 1 and kind != KEYRING and size > 0, "a known codec")
    return unpack_zstd(rest, size)


# Keys


def argon2id(passphrase: bytes, salt: bytes, memory_kib: int, passes: int):
    try:
        from cryptography.hazmat.primitives.kdf.argon2 import Argon2id

        return Argon2id(salt=salt, length=32, iterations=passes, lanes=1, memory_cost=memory_kib).derive(passphrase)
    except Exception:  # too old a package, or an OpenSSL without it
        pass
    try:
        from argon2.low_level import Type, hash_secret_raw

        return hash_secret_raw(passphrase, salt, passes, memory_kib, 1, 32, Type.ID)
    except ImportError:
        left_out.add("the passphrase slot (no Argon2id: `cryptography` 44 or `argon2-cffi`)")
        return None


def open_slot(slot: bytes, name: str, repository: bytes):
    """The keyring, as a dictionary; None if its key cannot be derived here."""
    require(sha256(slot[:-32]) == slot[-32:], "the hash at the end")
    reader = Reader(slot[:-32])
    reader.magic(b"MKSL")
    kind = reader.u8()
    if kind == 1:
        secret = USER_KEY
    else:
        require(kind == 2, "a kind of this version")
        memory_kib, passes, salt = reader.number("I"), reader.number("I"), reader.raw(16)
        require(64 * 1024 <= memory_kib <= 1024 * 1024 and 1 <= passes <= 10, "parameters within limits")
        secret = argon2id(PASSPHRASE, salt, memory_kib, passes)
        if secret is None:
            return None
    before = slot[: len(slot) - 32 - len(reader.data)]
    check = reader.raw(16)
    bound = before + bytes([len(name)]) + name.encode()
    prk = hmac_sha256(REPOSITORY, secret)
    require(hkdf_expand(prk, b"mikura/v1/key-check\0" + bound, 16) == check, "the check value")
    wrapping = hkdf_expand(prk, b"mikura/v1/kek\0" + bound, 32)
    return read_keyring(open_sealed(reader.data, wrapping, KEYRING, name, 0), repository)


def read_keyring(data: bytes, repository: bytes) -> dict:
    reader = Reader(data)
    reader.magic(b"MKKR")
    require(reader.number("I") == 1, "a minimum format of this version")
    require(reader.sha() == sha256(repository), "the hash of the object `repository`")
    reader.number("q")
    keyring = {"name": reader.raw(32), "chunk": reader.raw(32), "current": reader.number("I"), "epochs": {}}
    last = 0
    for _ in range(reader.varint(1024)):
        epoch = reader.number("I")
        require(epoch > last, "ascending epochs")
        keyring["epochs"][epoch] = reader.raw(32)
        last = epoch
    reader.end()
    require(keyring["current"] in keyring["epochs"], "the current epoch")
    return keyring


# What is sealed


def read_repository(data: bytes) -> dict:
    require(sha256(data[:-32]) == data[-32:], "the hash at the end")
    reader = Reader(data[:-32])
    require(reader.raw(18) == b"mikura repository\n" and reader.number("I") == 1, "a repository of format 1")
    out = {"id": reader.raw(16), "naming": reader.u8(), "flags": reader.u8(), "created": reader.number("q")}
    reader.end()
    require(out["naming"] in (1, 2) and out["flags"] < 16, "known scheme and flags")
    return out


def read_records(reader: Reader, most: int) -> list:
    return [(reader.number("Q"), reader.raw(16), reader.sha()) for _ in range(reader.varint(most))]


def chain(before: bytes, records: list) -> bytes:
    for generation, version, index in records:
        before = sha256(b"mikura version log 1\0" + before + struct.pack("<Q", generation) + version + index)
    return before


def consecutive(records: list) -> bool:
    return all(r[0] == records[0][0] + i and r[0] > 0 for i, r in enumerate(records))


def read_head(data: bytes) -> dict:
    reader = Reader(data)
    reader.magic(b"MKHD")
    least = reader.number("I")
    require(least in (1, 2, 3) and reader.raw(16) == REPOSITORY, "a HEAD of this repository and format")
    head = {"epoch": reader.number("I"), "generation": reader.number("Q"), "version": reader.raw(16), "index": reader.sha()}
    reader.raw(16 + 16)
    reader.number("q")
    log_hash, before = reader.sha(), reader.sha()
    head["log"] = read_records(reader, 128)
    older = (reader.uuid(), reader.sha()) if reader.flag() else None
    reader.number("Q")
    reader.u8()
    reader.text(128)
    head["pins"] = [reader.uuid() for _ in range(reader.varint(4096))]
    head["catalogs"] = [reader.text(128) for _ in range(reader.varint(4096))]
    reader.end()
    require(least >= 2 or not head["catalogs"], "format 2 with catalogs")
    head["least"] = least
    require(chain(before, head["log"]) == log_hash and consecutive(head["log"]), "a log that hangs together")
    if head["generation"] == 0:
        require(not head["log"] and not any(head["version"] + head["index"] + log_hash) and older is None, "an empty history")
    else:
        require(head["log"][-1] == (head["generation"], head["version"], head["index"]), "the latest version at the end of the log")
        require((head["log"][0][0] == 1) == (older is None), "older records in a segment")
    return head


def read_log_segment(data: bytes) -> list:
    reader = Reader(data)
    reader.magic(b"MKLG")
    before = reader.sha()
    older = (reader.uuid(), reader.sha()) if reader.flag() else None
    records = read_records(reader, 4096)
    reader.end()
    require(bool(records) and consecutive(records) and (records[0][0] == 1) == (older is None), "a run of records")
    require(older is not None or not any(before), "the hash of nothing at the start")
    return records


def read_index(data: bytes, open_segment=None) -> dict:
    """`open_segment` gives the bytes of a segment, by its SHA-256; None: a version in segments stays without entries."""
    reader = Reader(data)
    require(reader.raw(4) == b"MKIX", "the magic of an index")
    form = reader.u8()
    require(form in (1, 2), "a format of this version")
    require(reader.raw(16) == REPOSITORY, "an index of this repository")
    index = {"version": reader.uuid(), "generation": reader.number("Q")}
    require(uuid.UUID(index["version"]).version == 7, "a UUIDv7")
    index["parents"] = [(reader.uuid(), reader.sha()) for _ in range(reader.varint(2))]
    require((index["generation"] == 1) == (not index["parents"]), "parents, but for the first version")
    index["created"] = reader.number("q")
    reader.raw(16)
    for field, most in (("device", 255), ("author", 255), ("message", 65536), ("program", 64)):
        index[field] = reader.text(most)
    require(reader.number("H") <= 0o777, "permission bits")
    reader.number("q")
    index["entries"], index["segments"] = {}, []
    if form == 1:
        read_entries(reader, index["entries"])
        reader.end()
        return index
    for _ in range(reader.varint(65_536)):
        index["segments"].append((reader.sha(), reader.varint(16_384), reader.varint(1 << 20)))
    reader.end()
    require(bool(index["segments"]) and all(count and size for _, count, size in index["segments"]), "segments that hold something")
    require(sum(count for _, count, _ in index["segments"]) <= 10_000_000, "a number of entries within the limit")
    for segment in index["segments"] if open_segment else []:
        read_segment(open_segment(segment[0]), segment, index["entries"])
    return index


def read_segment(data: bytes, reference: tuple, entries: dict) -> None:
    digest, count, size = reference
    require(sha256(data) == digest and len(data) == size, "the segment that the index names")
    reader, before = Reader(data), len(entries)
    reader.magic(b"MKIS")
    read_entries(reader, entries, 16_384)
    reader.end()
    require(len(entries) - before == count, "the number of entries that the index says")


def read_entries(reader: Reader, entries: dict, most: int = 10_000_000) -> None:
    """Behind those that `entries` holds already. What paths share starts anew."""
    last, previous = next(reversed(entries), ""), b""
    for _ in range(reader.varint(most)):
        previous, entry = read_entry(reader, previous)
        check_path(previous, entries)
        path = previous.decode("utf-8")
        require(path.encode() > last.encode(), "ascending paths")
        entries[path], last = entry, path


def read_entry(reader: Reader, previous: bytes) -> tuple:
    shared = reader.varint(len(previous))
    path = previous[:shared] + reader.any_text(4096)
    common = 0
    while common < min(len(path), len(previous)) and path[common] == previous[common]:
        common += 1
    require(common == shared and path > previous, "ascending paths in their shortest form")
    entry = {"kind": reader.u8(), "mode": reader.number("H"), "mtime": reader.number("q")}
    require(entry["mode"] <= 0o777, "permission bits")
    if entry["kind"] == 1:
        entry["size"], entry["sha256"], entry["form"] = reader.varint(), reader.sha(), reader.u8()
        require(entry["form"] in (1, 2), "a known form")
        entry["content"] = entry["sha256"] if entry["form"] == 1 else reader.sha()
    elif entry["kind"] == 3:
        entry["target"] = reader.any_text(4096)
        require(bool(entry["target"]) and b"\0" not in entry["target"] and entry["mode"] == 0o777, "a proper symlink")
    else:
        require(entry["kind"] == 2, "a known kind")
    return path, entry


def check_path(path: bytes, entries: dict) -> None:
    text = path.decode("utf-8")
    parts = text.split("/")
    require(len(path) <= 4096 and all(0 < len(p.encode()) <= 255 and "\0" not in p for p in parts), "components of 1 to 255 bytes")
    require(not any(p in (".", "..") or p.lower() == ".git" for p in parts) and parts[0].lower() != ".mikura", "allowed names")
    parent = "/".join(parts[:-1])
    require(not parent or entries.get(parent, {}).get("kind") == 2, "the directory before what is in it")


def read_chunk_list(data: bytes) -> dict:
    reader = Reader(data)
    reader.magic(b"MKCL")
    out = {"sha256": reader.sha(), "size": reader.number("Q")}
    out["chunks"] = [(reader.sha(), reader.number("I")) for _ in range(reader.varint(1 << 20))]
    reader.end()
    require(bool(out["chunks"]) and all(0 < size <= 16 << 20 for _, size in out["chunks"]), "sizes of chunks")
    require(sum(size for _, size in out["chunks"]) == out["size"], "sizes that add up")
    return out


def read_parted_list(data: bytes) -> dict:
    reader = Reader(data)
    reader.magic(b"MKCL", 2)
    out = {"sha256": reader.sha(), "size": reader.number("Q")}
    out["parts"] = [(reader.sha(), reader.number("I"), reader.number("Q")) for _ in range(reader.varint(1 << 20))]
    reader.end()
    require(bool(out["parts"]), "at least one part")
    require(all(0 < chunks <= 1024 and chunks <= size <= chunks << 24 for _, chunks, size in out["parts"]), "possible parts")
    require(sum(chunks for _, chunks, _ in out["parts"]) <= 1 << 20, "a number of chunks within the limit")
    require(sum(size for _, _, size in out["parts"]) == out["size"], "parts that add up")
    return out


def read_chunk_part(data: bytes, chunks: int, size: int) -> list:
    reader = Reader(data)
    reader.magic(b"MKCP")
    require(reader.number("I") == chunks, "the number of chunks that the list says")
    out = [(reader.sha(), reader.number("I")) for _ in range(chunks)]
    reader.end()
    require(all(0 < each <= 16 << 20 for _, each in out) and sum(each for _, each in out) == size, "chunks that add up")
    return out


def read_pack_entries(reader: Reader, room: int) -> list:
    entries = [(reader.sha(), reader.number("I"), reader.number("I")) for _ in range(reader.varint(16_384))]
    end = 0
    for _, offset, size in entries:
        require(offset >= end and size > 0, "blobs in order that do not overlap")
        end = offset + size
    require(bool(entries) and end <= room, "blobs within their pack")
    return entries


def read_pack_directory(data: bytes, room: int) -> list:
    reader = Reader(data)
    reader.magic(b"MKPD")
    entries = read_pack_entries(reader, room)
    reader.end()
    return entries


def read_catalog(data: bytes) -> dict:
    reader = Reader(data)
    reader.magic(b"MKCA")
    packs = {}
    for _ in range(reader.varint(4096)):
        name = "packs/" + reader.uuid()
        require(not packs or name > max(packs), "packs in order")
        packs[name] = read_pack_entries(reader, 16 << 20)
    reader.end()
    require(bool(packs) and sum(map(len, packs.values())) <= 262_144, "a number of blobs within the limit")
    return packs


# The checks


def golden(name: str) -> bytes:
    return (FOLDER / name).read_bytes()


def noise(seed: str, size: int) -> bytes:
    """What CountingRandom of the tests gives: SHA-256 of the seed and a counter, one after the other."""
    out = b""
    for counter in range(size // 32 + 1):
        out += sha256(f"{seed}{counter}".encode())
    return out[:size]


def object_name(content: bytes, name_key=None) -> str:
    digits = (hmac_sha256(name_key, content) if name_key else content).hex()
    return f"objects/{digits[:2]}/{digits}"


def check_blobs() -> None:
    require(open_sealed(golden("sealed-blob.bin"), EPOCH_KEY, BLOB_TYPE, BLOB, 1) == b"Hello, storehouse.", "the greeting")
    require(open_sealed(golden("sealed-blob-segments.bin"), EPOCH_KEY, BLOB_TYPE, BLOB, 1) == noise("payload", 70_000), "the noise")
    packed = open_sealed(golden("sealed-blob-zstd.bin"), EPOCH_KEY, BLOB_TYPE, BLOB, 1)
    require(packed in (None, b"k" * 100_000), "the row of k")


def check_slots() -> None:
    repository = golden("repository.bin")
    require(read_repository(repository)["id"] == REPOSITORY, "the repository's id")
    keyring = open_slot(golden("slot-key.bin"), SLOT, repository)
    require(list(keyring["epochs"]) == [1], "one epoch")
    rotated = open_slot(golden("slot-key-epochs.bin"), SLOT, repository)
    require(rotated["current"] == 7 and rotated["epochs"][2] == EPOCH_KEY, "three epochs")
    locked = open_slot(golden("slot-passphrase.bin"), SLOT, repository)
    require(locked in (None, keyring), "the same keyring behind a passphrase")
    content = sha256(b"hello")
    names = f"{object_name(content, keyring['name'])}\n{object_name(content)}\n"
    require(golden("object-names.txt").decode() == names, "names of contents")


def check_structures() -> None:
    require(read_head(golden("head.bin"))["generation"] == 3, "three versions")
    require(read_head(golden("head-empty.bin"))["generation"] == 0, "no version")
    require(len(read_log_segment(golden("log-segment.bin"))) == 3, "three records")
    index = read_index(golden("index.bin"))
    segments = {sha256(data): data for data in (golden(f"index-segment-{i}.bin") for i in (0, 1))}
    segmented = read_index(golden("index-root.bin"), lambda digest: segments[digest])
    require(segmented["entries"] == index["entries"] and len(segmented["segments"]) == 2, "the same version in segments")
    require(read_head(golden("head-segments.bin"))["least"] == 3, "format 3 with segments")
    require(index["message"] == "第一版" and index["entries"]["link"]["target"] == b"a/x.txt", "what the index holds")
    require(len(read_chunk_list(golden("chunk-list.bin"))["chunks"]) == 2, "two chunks")
    parted = read_parted_list(golden("chunk-list-parts.bin"))
    digest, chunks, size = parted["parts"][0]
    require(len(parted["parts"]) == 3 and sha256(golden("chunk-part.bin")) == digest, "the part that the list names")
    require(read_chunk_part(golden("chunk-part.bin"), chunks, size) == read_chunk_list(golden("chunk-list.bin"))["chunks"], "the same two chunks")
    require(len(read_head(golden("head-catalogs.bin"))["catalogs"]) == 2, "two catalogs")
    require(read_pack_directory(golden("pack-directory.bin"), 328)[1][1:] == (100, 228), "the second blob of the pack")
    require(golden("pack-footer.bin") == struct.pack("<I", 0x01020304) + b"MKPK", "the end of a pack")
    require([len(entries) for entries in read_catalog(golden("catalog.bin")).values()] == [2, 1], "two packs")


def check_store() -> None:
    require(walk_store("store") == (5, 7), "all files")


def check_packed_store() -> None:
    require(walk_store("store-packs") == (20, 21), "all files, most of them from a pack")


def check_segmented_store() -> None:
    require(walk_store("store-segments") == (20, 21), "all files of a version in segments")


def walk_store(folder: str) -> tuple:
    """The way of a client, from its key to the bytes of every file. Answers the numbers of files and entries."""

    def read(name: str) -> bytes:
        return golden(folder + "/" + name.replace("/", "+"))

    keyring = open_slot(read(SLOT), SLOT, read("repository"))

    packed = {}

    def open_object(name: str, kind: int):
        data = packed.get(name) or read(name)
        epoch = struct.unpack("<I", data[8:12])[0]
        payload = open_sealed(data, keyring["epochs"][epoch], kind, name, epoch)
        if payload is None:
            raise LeftOut
        return payload

    def open_content(content: bytes, kind: int) -> bytes:
        data = open_object(object_name(content, keyring["name"]), kind)
        require(sha256(data) == content, "the content that was asked for")
        return data

    head = read_head(open_object("HEAD", HEAD))
    for catalog in head["catalogs"]:
        for pack, entries in read_catalog(open_object(catalog, CATALOG)).items():
            whole = read(pack)
            size, magic = struct.unpack("<I4s", whole[-8:])
            require(magic == b"MKPK", "the end of a pack")
            sealed = whole[-8 - size : -8]
            epoch = struct.unpack("<I", sealed[8:12])[0]
            directory = open_sealed(sealed, keyring["epochs"][epoch], PACK_DIRECTORY, pack, epoch)
            if directory is not None:
                require(read_pack_directory(directory, len(whole) - 8 - size) == entries, "a catalog that repeats the directory")
            for content, offset, length in entries:
                packed[object_name(content, keyring["name"])] = whole[offset : offset + length]

    for generation, version, digest in head["log"]:
        name = "indexes/" + str(uuid.UUID(bytes=version))
        encoded = open_object(name, INDEX)
        require(sha256(encoded) == digest, "the index that the log names")
        index = read_index(encoded, lambda digest: open_content(digest, INDEX_SEGMENT))
        require(head["least"] >= 3 or not index["segments"], "format 3 with segments")
        require("indexes/" + index["version"] == name and index["generation"] == generation, "an index under its own name")
    files = 0
    for path, entry in index["entries"].items():
        if entry["kind"] != 1:
            continue
        if entry["form"] == 1:
            content = open_content(entry["content"], BLOB_TYPE)
        else:
            chunks = read_chunk_list(open_content(entry["content"], CHUNK_LIST))
            require(chunks["sha256"] == entry["sha256"] and chunks["size"] == entry["size"], "the list of this file")
            content = b"".join(open_content(digest, BLOB_TYPE) for digest, _ in chunks["chunks"])
        require(len(content) == entry["size"] and sha256(content) == entry["sha256"], f"the content of {path}")
        files += 1
    return files, len(index["entries"])


def check_that_damage_is_noticed() -> None:
    """A check that cannot fail would prove nothing."""
    good = golden("sealed-blob.bin")
    for i in range(len(good)):
        bad = good[:i] + bytes([good[i] ^ 1]) + good[i + 1 :]
        try:
            open_sealed(bad, EPOCH_KEY, BLOB_TYPE, BLOB, 1)
        except (Damaged, InvalidTag):
            continue
        raise Damaged(f"byte {i} does not matter")


def main() -> int:
    for check in (check_blobs, check_slots, check_structures, check_store, check_packed_store, check_segmented_store, check_that_damage_is_noticed):
        try:
            check()
        except LeftOut:
            left_out.add(check.__name__.removeprefix("check_") + " from there on")
    for what in sorted(left_out):
        print("NOT CHECKED:", what)
    print("the golden files read as docs/format.md says")
    return 0


if __name__ == "__main__":
    sys.exit(main())
