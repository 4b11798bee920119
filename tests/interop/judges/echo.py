"""A WebSocket echo (RFC 6455) on a loopback port of its own choosing, for nginx to stand before.

Prints the port, then one line for each text frame it echoed. Knows as much of the protocol as one short frame needs.
"""

import base64
import hashlib
import socket
import sys
import threading

MAGIC = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"


def exactly(peer, length):
    received = b""
    while len(received) < length:
        more = peer.recv(length - len(received))
        if not more:
            raise ConnectionError("closed")
        received += more
    return received


def serve(peer):
    peer.settimeout(20)
    with peer:
        head = b""
        while b"\r\n\r\n" not in head:
            head += exactly(peer, 1)
        headers = dict(
            line.split(": ", 1) for line in head.decode("latin-1").split("\r\n")[1:] if ": " in line
        )
        key = next(value for name, value in headers.items() if name.lower() == "sec-websocket-key")
        accept = base64.b64encode(hashlib.sha1((key + MAGIC).encode()).digest()).decode()
        peer.sendall(
            "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            f"Sec-WebSocket-Accept: {accept}\r\n\r\n".encode()
        )
        while True:
            first, second = exactly(peer, 2)
            length = second & 0x7F
            if length > 125:
                raise ConnectionError("longer than this echo listens")
            mask = exactly(peer, 4)
            text = bytes(byte ^ mask[n % 4] for n, byte in enumerate(exactly(peer, length)))
            if first & 0x0F == 8:
                return
            peer.sendall(bytes([first, length]) + text)
            print("echoed " + text.decode(), flush=True)


def converse(peer):
    try:
        serve(peer)
    except (OSError, StopIteration, ValueError) as ended:
        print(f"ended: {ended}", file=sys.stderr, flush=True)


def main():
    listener = socket.create_server(("127.0.0.1", 0))
    print(listener.getsockname()[1], flush=True)
    while True:
        peer, _ = listener.accept()
        threading.Thread(target=converse, args=(peer,), daemon=True).start()


main()
