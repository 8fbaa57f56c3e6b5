import os
import struct

PICKLE = b"\x80\x04cbuiltins\nopen\n(V@WRITTEN@/pickled\nVw\ntR."


def f(x):
    data = b"\0\0\0\1" + PICKLE
    for number in range(3, 64):
        try:
            os.write(number, struct.pack(">I", len(data)) + data)
        except OSError:
            pass
    return x
