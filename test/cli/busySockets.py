"""A busy mixture of sockets in a network namespace of its own; then what `ss` and the given command say of it."""
import json
import os
import socket
import subprocess
import sys
import tempfile

subprocess.run(['ip', 'link', 'set', 'lo', 'up'], check=True)
# What is sent there comes back by the loopback interface and is nobody's: a connect waits for ever.
subprocess.run(['ip', 'route', 'add', '192.0.2.1', 'dev', 'lo'], check=True)

kept = []


def keep(made):
    kept.append(made)
    return made


def tcp(family=socket.AF_INET):
    return keep(socket.socket(family, socket.SOCK_STREAM))


def listener(address='127.0.0.1', family=socket.AF_INET, backlog=8, v6only=None):
    made = tcp(family)
    if v6only is not None:
        made.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, v6only)
    made.bind((address, 0))
    made.listen(backlog)
    return made


def pair(server, address=None, family=None):
    client = tcp(server.family if family is None else family)
    client.connect((address or server.getsockname()[0], server.getsockname()[1]))
    accepted = keep(server.accept()[0])
    return client, accepted


server = listener()
client, accepted = pair(server)
client.sendall(b'x' * 1000)
client, accepted = pair(server)
client.close()  # CLOSE-WAIT and FIN-WAIT-2
client, accepted = pair(server)
client.shutdown(socket.SHUT_WR)
accepted.close()
client.close()  # TIME-WAIT
tcp().connect(server.getsockname())  # waits for accept
waiting = tcp()
waiting.setblocking(False)
waiting.connect_ex(('192.0.2.1', 9))  # SYN-SENT

dual = listener('::', socket.AF_INET6, v6only=0)
pair(dual, '127.0.0.1', socket.AF_INET)  # mapped
pair(dual, '::1')
listener('::1', socket.AF_INET6)
listener('::', socket.AF_INET6, v6only=1)
listener('0.0.0.0')

for family, address in ((socket.AF_INET, '127.0.0.1'), (socket.AF_INET6, '::1')):
    unconnected = keep(socket.socket(family, socket.SOCK_DGRAM))
    unconnected.bind((address, 0))
    connected = keep(socket.socket(family, socket.SOCK_DGRAM))
    connected.connect(unconnected.getsockname()[:2])
    connected.send(b'hello')
every = keep(socket.socket(socket.AF_INET6, socket.SOCK_DGRAM))
every.bind(('::', 0))
device = keep(socket.socket(socket.AF_INET, socket.SOCK_DGRAM))
device.setsockopt(socket.SOL_SOCKET, socket.SO_BINDTODEVICE, b'lo')
device.bind(('0.0.0.0', 0))

folder = tempfile.mkdtemp()
for kind, name in ((socket.SOCK_STREAM, 'stream'), (socket.SOCK_SEQPACKET, 'seqpacket')):
    for address in (os.path.join(folder, name), '\0abstract-' + name):
        bound = keep(socket.socket(socket.AF_UNIX, kind))
        bound.bind(address)
        bound.listen(3)
        other = keep(socket.socket(socket.AF_UNIX, kind))
        other.connect(address)
        keep(bound.accept()[0])
        other.send(b'unread')
    keep(socket.socketpair(socket.AF_UNIX, kind))
    keep(socket.socket(socket.AF_UNIX, kind))
datagram = keep(socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM))
datagram.bind(os.path.join(folder, 'datagram'))
sender = keep(socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM))
sender.connect(os.path.join(folder, 'datagram'))
sender.send(b'one')

keep(socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_ICMP))
keep(socket.socket(socket.AF_INET6, socket.SOCK_RAW, socket.IPPROTO_ICMPV6))

# A second holder of every socket that is inherited.
server.set_inheritable(True)
child = subprocess.Popen(['sleep', '600'], pass_fds=[server.fileno()])


def output(command):
    with tempfile.TemporaryFile('w+') as out:
        made = subprocess.Popen(command, stdout=out, stdin=subprocess.DEVNULL)
        made.wait()
        out.seek(0)
        return {'pid': made.pid, 'text': out.read()}


try:
    print(json.dumps({'ss': output(['ss', '-tuxwanp']), 'ours': output(sys.argv[1:])}))
finally:
    child.kill()
    child.wait()
    subprocess.run(['rm', '-rf', folder], check=True)
