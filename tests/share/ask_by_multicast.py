"""Asks for NAME.local by multicast DNS (RFC 6762 5.1) and then for its page; tells each answer on a line.

Usage: ask_by_multicast.py NAME PORT
"""

import http.client
import socket
import struct
import sys

GROUP = "224.0.0.251"
PATIENCE = 3

name, port = sys.argv[1], int(sys.argv[2])
labels = [name.encode(), b"local"]
encoded = b"".join(bytes([len(label)]) + label for label in labels) + b"\0"

asker = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
asker.settimeout(1)
asker.bind(("", 5353))
asker.setsockopt(socket.IPPROTO_IP, socket.IP_ADD_MEMBERSHIP, struct.pack("=4sI", socket.inet_aton(GROUP), socket.INADDR_ANY))
question = struct.pack(">6H", 0, 0, 1, 0, 0, 0) + encoded + struct.pack(">2H", 1, 1)


def answer():
    """The address in the next answer for the name, None where there is none in a second."""
    try:
        while True:
            message, _ = asker.recvfrom(9000)
            at = message.find(encoded, 12)
            # An answer, and in it the name with a record of type A, whose last four octets are the address.
            if message[2] & 0x80 and at >= 0:
                record = message[at + len(encoded) :]
                if struct.unpack(">H", record[:2])[0] == 1:
                    return socket.inet_ntoa(record[10:14])
    except TimeoutError:
        return None


address = None
for _ in range(PATIENCE):
    # RFC 6762 5.2 and 6: whoever asks asks again after a second, and what was just said is not said anew.
    asker.sendto(question, (GROUP, 5353))
    address = answer()
    if address:
        break
print("address", address, flush=True)

for host in [f"{name}.local", "elsewhere.local"] if address else []:
    connection = http.client.HTTPConnection(address, port, timeout=PATIENCE)
    connection.request("GET", "/", headers={"Host": f"{host}:{port}"})
    print(host, connection.getresponse().status, flush=True)
