import { spawnSync } from 'node:child_process';

/** What tshark writes on standard error for reasons of its own. */
const ownWarnings = /^(Running as user .*|\s*)$/;

/** All that Wireshark has to complain about: damage, checksums, and what its analysis of TCP finds odd. */
const complaints =
  'tcp.analysis.flags || _ws.malformed || _ws.short || ip.checksum.status == 0 || tcp.checksum.status == 0 || udp.checksum.status == 0';

const checked = ['ip', 'tcp', 'udp'].flatMap((protocol) => ['-o', `${protocol}.check_checksum:TRUE`]);

/** Runs tshark on a file and gives what it writes. Throws where it has anything to say on standard error. */
export function tshark(file: string, ...args: string[]): string {
  const { status, stdout, stderr, error } = spawnSync('tshark', ['-n', '-r', file, ...checked, ...args], {
    encoding: 'utf8',
    maxBuffer: 1 << 28,
  });
  const messages = (stderr ?? '').split('\n').filter((line) => !ownWarnings.test(line));
  if (error || status !== 0 || messages.length > 0) {
    throw error ?? new Error(`tshark ${args.join(' ')}: ${status}\n${messages.join('\n')}`);
  }
  return stdout;
}

/** Fields of every packet. */
export function fieldsOf(file: string, fields: readonly string[], filter?: string): string[][] {
  const output = tshark(
    file,
    ...(filter === undefined ? [] : ['-Y', filter]),
    ...['-T', 'fields', '-E', 'separator=|'],
    ...fields.flatMap((field) => ['-e', field]),
  );
  return output
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => line.split('|'));
}

/** The packets that Wireshark complains about, a line each. */
export function complaintsAbout(file: string): string {
  return tshark(file, '-Y', complaints);
}
