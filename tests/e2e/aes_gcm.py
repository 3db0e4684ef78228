"""AES-256-GCM encryption, slow and small: for a payload of a few bytes that a test server wants encrypted."""


def _sbox() -> list:
    box, p, q = [0] * 256, 1, 1
    while True:
        p ^= ((p << 1) ^ (0x1B if p & 0x80 else 0)) & 0xFF
        q ^= q << 1
        q ^= q << 2
        q ^= q << 4
        q &= 0xFF
        if q & 0x80:
            q ^= 0x09
        rotated = q
        value = q
        for _ in range(4):
            rotated = ((rotated << 1) | (rotated >> 7)) & 0xFF
            value ^= rotated
        box[p] = value ^ 0x63
        if p == 1:
            break
    box[0] = 0x63
    return box


_SBOX = _sbox()


def _double(x: int) -> int:
    return ((x << 1) ^ (0x1B if x & 0x80 else 0)) & 0xFF


def _round_keys(key: bytes) -> list:
    words, rcon = [list(key[i:i + 4]) for i in range(0, 32, 4)], 1
    for i in range(8, 60):
        word = list(words[i - 1])
        if i % 8 == 0:
            word = [_SBOX[b] for b in word[1:] + word[:1]]
            word[0] ^= rcon
            rcon = _double(rcon)
        elif i % 8 == 4:
            word = [_SBOX[b] for b in word]
        words.append([a ^ b for a, b in zip(words[i - 8], word)])
    return [sum(words[i:i + 4], []) for i in range(0, 60, 4)]


def _encrypt_block(keys: list, block: bytes) -> bytes:
    state = [a ^ b for a, b in zip(block, keys[0])]
    for number in range(1, 15):
        state = [_SBOX[state[(i + 4 * (i % 4)) % 16]] for i in range(16)]  # with the rows shifted
        if number < 14:
            mixed = []
            for column in (state[i:i + 4] for i in range(0, 16, 4)):
                whole = column[0] ^ column[1] ^ column[2] ^ column[3]
                mixed += [column[i] ^ whole ^ _double(column[i] ^ column[(i + 1) % 4]) for i in range(4)]
            state = mixed
        state = [a ^ b for a, b in zip(state, keys[number])]
    return bytes(state)


def _multiply(x: int, y: int) -> int:
    product = 0
    for bit in range(127, -1, -1):
        if x >> bit & 1:
            product ^= y
        y = (y >> 1) ^ (0xE1 << 120 if y & 1 else 0)
    return product


def seal(key: bytes, nonce: bytes, plain: bytes, associated: bytes) -> bytes:
    """Ciphertext and tag, for a nonce of 12 bytes."""
    keys = _round_keys(key)
    h = int.from_bytes(_encrypt_block(keys, bytes(16)), "big")
    stream = b"".join(_encrypt_block(keys, nonce + (i + 2).to_bytes(4, "big")) for i in range((len(plain) + 15) // 16))
    sealed = bytes(a ^ b for a, b in zip(plain, stream))
    pad = lambda data: data + bytes(-len(data) % 16)
    digest = 0
    hashed = pad(associated) + pad(sealed) + (8 * len(associated)).to_bytes(8, "big") + (8 * len(sealed)).to_bytes(8, "big")
    for i in range(0, len(hashed), 16):
        digest = _multiply(digest ^ int.from_bytes(hashed[i:i + 16], "big"), h)
    first = _encrypt_block(keys, nonce + (1).to_bytes(4, "big"))
    return sealed + (digest ^ int.from_bytes(first, "big")).to_bytes(16, "big")
