"""RocksDB's write-ahead log, record by record: to cut it, damage it, and change it unseen."""

import struct

BLOCK_BYTES = 32 * 1024
HEADER = struct.Struct("<IHB")  # masked CRC-32C of type and payload, payload size, type


def _table():
    for value in range(256):
        for _ in range(8):
            value = value >> 1 ^ (0x82F63B78 if value & 1 else 0)
        yield value


TABLE = list(_table())


def checksum(data):
    """CRC-32C, masked as LevelDB masks it."""
    crc = 0xFFFFFFFF
    for byte in data:
        crc = TABLE[(crc ^ byte) & 0xFF] ^ crc >> 8
    crc ^= 0xFFFFFFFF
    return ((crc >> 15 | crc << 17) + 0xA282EAD8) & 0xFFFFFFFF


def newest(store):
    """The log in use, or that was when it ended."""
    return max(store.glob("*.log"), key=lambda path: int(path.stem))


def records(path):
    """(offset, whole size) of each physical record."""
    data = path.read_bytes()
    offset, found = 0, []
    while offset + HEADER.size <= len(data):
        if BLOCK_BYTES - offset % BLOCK_BYTES < HEADER.size:
            offset += BLOCK_BYTES - offset % BLOCK_BYTES
            continue
        _, size, kind = HEADER.unpack_from(data, offset)
        if kind == 0:
            break
        found.append((offset, HEADER.size + size))
        offset += HEADER.size + size
    return found


def cut(path, size):
    with open(path, "r+b") as file:
        file.truncate(size)


def zero(path, offset):
    """What a power cut leaves of a log whose bytes were there before: zeroes from `offset` on."""
    with open(path, "r+b") as file:
        size = file.seek(0, 2)
        file.seek(offset)
        file.write(bytes(size - offset))


def flip(path, offset, count=1):
    """Inverts bytes."""
    with open(path, "r+b") as file:
        file.seek(offset)
        data = file.read(count)
        file.seek(offset)
        file.write(bytes(byte ^ 0xFF for byte in data))


def replace(path, old, new):
    """Puts `new` in the place of `old` in the one record that holds it, with a right checksum."""
    data = bytearray(path.read_bytes())
    place = data.index(old)
    offset, size = next(record for record in records(path)
                        if record[0] <= place < record[0] + record[1])
    data[place:place + len(old)] = new
    struct.pack_into("<I", data, offset, checksum(data[offset + 6:offset + size]))
    path.write_bytes(data)
