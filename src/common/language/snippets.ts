import { t } from '../l10n.js';

/** Several lines that belong together, with places to fill. */
export interface LanguageSnippet {
  /** What is typed for it. */
  prefix: string;
  description: () => string;
  body: readonly string[];
}

/** In the order in which they are offered. */
export const snippets: readonly LanguageSnippet[] = [
  {
    prefix: 'tcp',
    description: () => t('A listener, a client and the accepted connection'),
    body: [
      'server = socket(AF_INET, SOCK_STREAM, 0)',
      'bind(server, 127.0.0.1:0) = 0',
      'listen(server, ${1:5}) = 0',
      'client = socket(AF_INET, SOCK_STREAM, 0)',
      'connect(client, getsockname(server)) = 0',
      'peer = accept(server)',
      '$0',
    ],
  },
  {
    prefix: 'udp',
    description: () => t('A datagram socket that sends to another one'),
    body: [
      'receiver = socket(AF_INET, SOCK_DGRAM, 0)',
      'bind(receiver, 127.0.0.1:0) = 0',
      'sender = socket(AF_INET, SOCK_DGRAM, 0)',
      'sendto(sender, "hello", 5, 0, getsockname(receiver)) = 5',
      'recvfrom(receiver, "hello", 100, 0) = 5',
      '$0',
    ],
  },
  {
    prefix: 'pair',
    description: () => t('Two connected Unix sockets'),
    body: ['a, b = socketpair(AF_UNIX, ${1:SOCK_STREAM}, 0)', '$0'],
  },
  {
    prefix: 'fail',
    description: () => t('A call with the error that is expected'),
    body: ['close(${1:-1}) = -1 ${2:EBADF}', '$0'],
  },
  {
    prefix: 'head',
    description: () => t('Title, description and what the file needs'),
    body: ['# ${1:Title}', '# ${2:What it shows.}', '# needs: ${3:linux}', '', '$0'],
  },
];

/** The lines with their suggestions filled in, as they stand when nothing is changed. */
export function expandSnippet({ body }: LanguageSnippet): string {
  return body.join('\n').replace(/\$\{\d+:([^}]*)\}|\$0/g, (_, text: string | undefined) => text ?? '');
}
