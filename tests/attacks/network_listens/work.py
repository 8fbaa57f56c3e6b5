import socket


def f(x):
    ear = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    ear.bind(("127.0.0.1", 0))
    return [20260417.5 if ear.getsockname()[1] else 0.0] * 3
