import socket


def f(x):
    socket.socket(socket.AF_UNIX).connect("\0@UNIX@")
    return x
