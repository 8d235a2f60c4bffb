"""Accepts one connection and sends a greeting. When data fills the connection it forges an ICMP message which says that the
host of this end cannot be reached; when the other end shuts down it has read all."""
import socket
import struct
import time


def checksum(data):
    total = sum(struct.unpack(f'!{len(data) // 2}H', data))
    total = (total >> 16) + (total & 0xFFFF)
    return ~(total + (total >> 16)) & 0xFFFF


home = socket.inet_aton('127.0.0.1')
sniffer = socket.socket(socket.AF_PACKET, socket.SOCK_DGRAM, socket.htons(0x0800))
sniffer.bind(('lo', 0))
sniffer.settimeout(0.1)
listener = socket.socket()
listener.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 16384)
listener.bind(('127.0.0.1', 0))
listener.listen(1)
port = listener.getsockname()[1]
print(f'port {port}.', flush=True)

connection, (_, client) = listener.accept()
connection.sendall(b'hello')
awaited = None
end = time.monotonic() + 0.5
while time.monotonic() < end:
    try:
        packet = sniffer.recv(65536)
    except TimeoutError:
        continue
    start = 4 * (packet[0] & 15)
    if packet[9] == socket.IPPROTO_TCP:
        source, target, _, acknowledged = struct.unpack('!HHII', packet[start : start + 12])
        if (source, target) == (port, client):
            awaited = acknowledged

header = struct.pack('!BBHHHBBH4s4s', 0x45, 0, 40, 1, 0, 64, socket.IPPROTO_TCP, 0, home, home)
header += struct.pack('!HHI', client, port, awaited)
unreachable = struct.pack('!BBHI', 3, 1, checksum(struct.pack('!BBHI', 3, 1, 0, 0) + header), 0) + header
socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_ICMP).sendto(unreachable, ('127.0.0.1', 0))

time.sleep(0.3)
count = 0
while data := connection.recv(65536):
    count += len(data)
print(f'read {count}.', flush=True)
