import { describe, expect, it } from 'vitest';
import { differences } from './comparison.js';
import { callsOnOwnSockets, readTrace, readTranscript } from './kernelView.js';

const start = String.raw`7 recvmsg(3, {msg_iov=[{iov_base="\17o\"\4type\"\7request\"\2idI\2\"\6method\"\5start\10argument", iov_len=9}]}, 0) = 9`;
const socket = '7 socket(AF_INET, SOCK_STREAM|SOCK_CLOEXEC|SOCK_NONBLOCK, IPPROTO_IP) = 19';

function compare(trace: string, transcript: string): string[] {
  const [calls] = callsOnOwnSockets(readTrace(`${start}\n${socket}\n${trace}`));
  return differences(calls!, readTranscript(`socket(AF_INET, SOCK_STREAM, IPPROTO_IP) = 19\n${transcript}`));
}

describe('agrees', () => {
  it.each([
    ['a plain call', '7 listen(19, 5) = 0', 'listen(19, 5) = 0'],
    [
      'a call that strace had to interrupt',
      '7 listen(19, 5 <unfinished ...>\n8 close(4) = 0\n7 <... listen resumed>) = 0',
      'listen(19, 5) = 0',
    ],
    [
      'tries, and a call on the dup of a socket that was closed meanwhile',
      '7 accept4(19, 0x7ffd1234, [128], SOCK_CLOEXEC|SOCK_NONBLOCK) = -1 EAGAIN (Resource temporarily unavailable)\n' +
        '7 fcntl(19, F_DUPFD_CLOEXEC, 900) = 900\n7 close(19) = 0\n' +
        '7 accept4(900, NULL, NULL, SOCK_CLOEXEC|SOCK_NONBLOCK) = 19\n7 close(900) = 0',
      'close(19) = 0\n[b] accept(19, NULL, NULL) = 19',
    ],
    [
      'the parts of one send',
      '7 sendto(19, "abcdef", 6, 0, NULL, 0) = 4\n7 sendto(19, "ef", 2, 0, NULL, 0) = -1 EAGAIN (…)\n7 sendto(19, "ef", 2, 0, NULL, 0) = 2',
      'send(19, "abcdef", 6, 0) = 6',
    ],
    [
      'what is asked of a full buffer',
      '7 sendto(19, "ab", 2, 0, NULL, 0) = -1 EAGAIN (…)\n7 getsockopt(19, SOL_SOCKET, SO_SNDBUF, [4608], [4]) = 0\n' +
        '7 ioctl(19, TIOCOUTQ, [8448]) = 0\n7 sendto(19, "ab", 2, 0, NULL, 0) = 2',
      'send(19, "ab", 2, 0) = 2',
    ],
    ["descriptors that are not the file's", '7 getsockname(3, {sa_family=AF_UNIX}, [128 => 2]) = 0', ''],
  ])('%s', (_name, trace, transcript) => {
    expect(compare(trace, transcript)).toEqual([]);
  });
});

describe('tells', () => {
  it.each([
    ['a call that the transcript leaves out', '7 getsockname(19, {sa_family=AF_INET}, [16]) = 0', ''],
    ['a call that was not made', '', 'listen(19, 5) = 0'],
    ['another result', '7 listen(19, 5) = -1 EINVAL (Invalid argument)', 'listen(19, 5) = 0'],
    ['another argument', '7 listen(19, 6) = 0', 'listen(19, 5) = 0'],
    ['parts that do not add up', '7 sendto(19, "abcdef", 6, 0, NULL, 0) = 4', 'send(19, "abcdef", 6, 0) = 6'],
    [
      'parts of other bytes',
      '7 sendto(19, "abcdef", 6, 0, NULL, 0) = 4\n7 sendto(19, "xx", 2, 0, NULL, 0) = 2',
      'send(19, "abcdef", 6, 0) = 6',
    ],
    ['what is asked of a buffer without a reason', '7 ioctl(19, TIOCOUTQ, [8448]) = 0', ''],
    ['a change of flags', '7 fcntl(19, F_SETFL, O_RDWR) = 0', ''],
    ['a wait without a try', '', 'recv(19, _, 9, 0) = -1 EAGAIN (Resource temporarily unavailable)'],
  ])('%s', (_name, trace, transcript) => {
    expect(compare(trace, transcript)).not.toEqual([]);
  });
});
