import socket


def f(x):
    socket.create_connection(("127.0.0.1", @PORT@), timeout=1).close()
    return x
