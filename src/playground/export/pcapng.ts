/** The packets begin with the IP header: of either version, and nothing is made up of a link. */
const linkTypeRaw = 101;

const blocks = { section: 0x0a0d0d0a, interface: 1, statistics: 5, packet: 6 } as const;
const byteOrderMagic = 0x1a2b3c4d;
const options = { comment: 1, application: 4, name: 2, description: 3, timeResolution: 9, flags: 2 } as const;
/** The length of an option has 16 bits. */
const longestText = 60_000;

/** What is written of one packet. */
export interface CapturedPacket {
  /** In nanoseconds since 1970. */
  time: bigint;
  /** From the IP header on; cut where the rest is not known. */
  bytes: Uint8Array;
  /** As long as it was. */
  length: number;
  isInbound: boolean;
  comment: string | null;
}

/** The blocks of a pcapng file (draft-ietf-opsawg-pcapng) with one interface, times in nanoseconds. */
export const pcapng = {
  header(comment: string, application: string): Uint8Array {
    const section = new Block(blocks.section);
    section.u32(byteOrderMagic);
    section.u16(1);
    section.u16(0);
    // The length of the section is not given.
    section.u32(0xffff_ffff);
    section.u32(0xffff_ffff);
    section.text(options.comment, comment);
    section.text(options.application, application);
    const device = new Block(blocks.interface);
    device.u16(linkTypeRaw);
    device.u16(0);
    device.u32(0);
    device.text(options.name, 'sockets');
    device.option(options.timeResolution, Uint8Array.of(9));
    return joined([section.finish(), device.finish()]);
  },

  packet({ time, bytes, length, isInbound, comment }: CapturedPacket): Uint8Array {
    const packet = new Block(blocks.packet, bytes.length + (comment?.length ?? 0) * 3 + 64);
    packet.u32(0);
    packet.u32(Number(time >> 32n));
    packet.u32(Number(time & 0xffff_ffffn));
    packet.u32(bytes.length);
    packet.u32(length);
    packet.padded(bytes);
    if (comment !== null) {
      packet.text(options.comment, comment);
    }
    packet.option(options.flags, Uint8Array.of(isInbound ? 1 : 2, 0, 0, 0));
    return packet.finish();
  },

  /** What is to be said when all packets are there. */
  end(time: bigint, comment: string): Uint8Array {
    const statistics = new Block(blocks.statistics);
    statistics.u32(0);
    statistics.u32(Number(time >> 32n));
    statistics.u32(Number(time & 0xffff_ffffn));
    statistics.text(options.comment, comment);
    return statistics.finish();
  },
};

/** A block as it grows: type and length, the body, options, and the length again. Little endian, in words of 32 bits. */
class Block {
  private bytes: Buffer;
  private end = 8;
  private hasOptions = false;

  constructor(type: number, room = 512) {
    // Of the pool: one buffer for each of a million blocks costs more than all that is written into them.
    this.bytes = Buffer.allocUnsafe(room);
    this.bytes.writeUInt32LE(type, 0);
  }

  u16(value: number): void {
    this.grow(2);
    this.bytes.writeUInt16LE(value, this.end);
    this.end += 2;
  }

  u32(value: number): void {
    this.grow(4);
    this.bytes.writeUInt32LE(value, this.end);
    this.end += 4;
  }

  padded(bytes: Uint8Array): void {
    this.grow(bytes.length + 3);
    this.bytes.set(bytes, this.end);
    const end = this.end + bytes.length;
    this.end += (bytes.length + 3) & ~3;
    this.bytes.fill(0, end, this.end);
  }

  option(code: number, value: Uint8Array): void {
    this.hasOptions = true;
    this.u16(code);
    this.u16(value.length);
    this.padded(value);
  }

  text(code: number, text: string): void {
    this.option(code, cut(Buffer.from(text)));
  }

  finish(): Uint8Array {
    if (this.hasOptions) {
      this.u32(0);
    }
    this.u32(this.end + 4);
    this.bytes.writeUInt32LE(this.end, 4);
    return this.bytes.subarray(0, this.end);
  }

  private grow(count: number): void {
    if (this.end + count > this.bytes.length) {
      const larger = Buffer.allocUnsafe(2 * (this.end + count));
      larger.set(this.bytes.subarray(0, this.end));
      this.bytes = larger;
    }
  }
}

/** Cut where a character ends. */
function cut(utf8: Uint8Array): Uint8Array {
  let end = Math.min(utf8.length, longestText);
  while (end < utf8.length && (utf8[end]! & 0xc0) === 0x80) {
    end--;
  }
  return utf8.subarray(0, end);
}

function joined(parts: readonly Uint8Array[]): Uint8Array {
  const bytes = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let offset = 0;
  for (const part of parts) {
    bytes.set(part, offset);
    offset += part.length;
  }
  return bytes;
}
