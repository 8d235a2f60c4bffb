/** `127.0.0.1` as a number; -1 when the text is no IPv4 address in that form. Without an object: recordings ask very often. */
export function ipv4Number(text: string): number {
  let sum = 0;
  let dots = 0;
  let part = -1;
  for (let index = 0; index < text.length; index++) {
    const digit = text.charCodeAt(index) - 48;
    if (digit >= 0 && digit <= 9) {
      part = part < 0 ? digit : part === 0 ? 256 : 10 * part + digit;
    } else if (text[index] === '.' && part >= 0) {
      sum = 256 * sum + part;
      part = -1;
      dots++;
    } else {
      return -1;
    }
    if (part > 255) {
      return -1;
    }
  }
  return dots === 3 && part >= 0 ? 256 * sum + part : -1;
}

/** The four bytes of `127.0.0.1`; undefined when the text is no IPv4 address in that form. */
export function parseIPv4(text: string): Uint8Array | undefined {
  const number = ipv4Number(text);
  return number < 0 ? undefined : Uint8Array.of(number >>> 24, number >>> 16, number >>> 8, number);
}

/** The address that {@link ipv4Number} makes a number of. */
export function ipv4Text(number: number): string {
  return `${number >>> 24}.${(number >>> 16) & 255}.${(number >>> 8) & 255}.${number & 255}`;
}

/** The first four bytes as an address, such as `127.0.0.1`. */
export function formatIPv4(bytes: Uint8Array): string {
  return bytes.subarray(0, 4).join('.');
}

/** The sixteen bytes of an IPv6 address as inet_pton(3) reads it, without a zone; undefined when it is none. */
export function parseIPv6(text: string): Uint8Array | undefined {
  const halves = text.split('::');
  if (halves.length > 2) {
    return undefined;
  }
  const head = groupsOf(halves[0]!, halves.length === 1);
  const tail = halves.length === 2 ? groupsOf(halves[1]!, true) : [];
  if (!head || !tail) {
    return undefined;
  }
  const missing = 8 - head.length - tail.length;
  if (halves.length === 2 ? missing < 1 : missing !== 0) {
    return undefined;
  }
  const groups = [...head, ...Array<number>(missing).fill(0), ...tail];
  return Uint8Array.from(groups.flatMap((group) => [group >> 8, group & 255]));
}

/** The groups of one side of `::`; the last may be an IPv4 address where the text ends there. */
function groupsOf(text: string, isEnd: boolean): number[] | undefined {
  if (text === '') {
    return [];
  }
  const groups: number[] = [];
  const parts = text.split(':');
  for (const [index, part] of parts.entries()) {
    if (isEnd && index === parts.length - 1 && part.includes('.')) {
      const bytes = parseIPv4(part);
      if (!bytes) {
        return undefined;
      }
      groups.push((bytes[0]! << 8) | bytes[1]!, (bytes[2]! << 8) | bytes[3]!);
    } else if (/^[0-9a-f]{1,4}$/i.test(part)) {
      groups.push(Number.parseInt(part, 16));
    } else {
      return undefined;
    }
  }
  return groups;
}

/** Whether what is sent to an address may reach several sockets: it is that of a group, or may be one of a broadcast. */
export function mayReachSeveral(host: string): boolean {
  const first = Number.parseInt(host, 10);
  return host.includes(':') ? /^ff/i.test(host) : (first >= 224 && first <= 239) || host.endsWith('.255');
}

/** An IPv6 address as inet_ntop(3) writes it. */
export function formatIPv6(bytes: Uint8Array): string {
  const groups = Array.from({ length: 8 }, (_, index) => (bytes[2 * index]! << 8) | bytes[2 * index + 1]!);
  const zeros = longestZeros(groups);
  const isMapped = zeros.start === 0 && (zeros.length === 6 || (zeros.length === 5 && groups[5] === 0xffff));
  const texts = groups.map((group) => group.toString(16));
  if (isMapped) {
    texts.splice(6, 2, formatIPv4(bytes.subarray(12)));
  }
  if (zeros.length < 2) {
    return texts.join(':');
  }
  return `${texts.slice(0, zeros.start).join(':')}::${texts.slice(zeros.start + zeros.length).join(':')}`;
}

function longestZeros(groups: number[]): { start: number; length: number } {
  let best = { start: 0, length: 0 };
  let start = 0;
  groups.forEach((group, index) => {
    if (group !== 0) {
      start = index + 1;
    } else if (index + 1 - start > best.length) {
      best = { start, length: index + 1 - start };
    }
  });
  return best;
}
