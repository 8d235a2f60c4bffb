import { controlHeaderSize } from '../../common/tables/controlMessages.js';
import { messageFlag, option, stampMoments } from '../sys/linux.js';
import { Memory } from '../sys/memory.js';
import * as sys from '../sys/syscall.js';
import { type ControlPart, joinControl } from './controlData.js';
import { Header } from './messageHeader.js';

/** Whether it says which times of its message are told. */
export function isStamping({ level, type, data }: ControlPart): boolean {
  const { SOL_SOCKET, SO_TIMESTAMPING, SO_TIMESTAMPING_NEW } = option;
  return (
    level === SOL_SOCKET && (type === SO_TIMESTAMPING || type === SO_TIMESTAMPING_NEW) && data.length >= 4
  );
}

/**
 * All but the last byte of what a blocking call sends over TCP, without time stamps. The kernel makes those of a call when it
 * ends, for its last byte; tried in parts, each would get its own.
 */
export class UnstampedPart {
  readonly length: number;
  private readonly header: Header;
  private readonly control: Memory;

  /** @param parts The control messages of the call's own. */
  constructor(
    private readonly data: Memory,
    length: number,
    parts: readonly ControlPart[],
  ) {
    this.length = length - 1;
    this.header = new Header([this.length]);
    this.control = new Memory(joinControl([noStamps, ...parts.map(withoutStamps)]));
  }

  /** Sends what is behind the first bytes; it leaves with the last one, unless it fills a segment. */
  send(handle: number, sent: number, flags: number): number {
    this.header.control(this.control, this.control.length);
    this.header.buffers(this.data, 0, sent, 1);
    return sys.sendmsg(handle, this.header.memory, flags | messageFlag.MSG_MORE);
  }
}

/** Instead of what the option says. */
const noStamps: ControlPart = {
  length: controlHeaderSize + 4,
  level: option.SOL_SOCKET,
  type: option.SO_TIMESTAMPING,
  data: new Uint8Array(4),
};

/** Bits that the kernel refuses stay. */
function withoutStamps(part: ControlPart): ControlPart {
  if (!isStamping(part)) {
    return part;
  }
  const data = part.data.slice();
  const view = new DataView(data.buffer);
  view.setUint32(0, view.getUint32(0, true) & ~stampMoments, true);
  return { ...part, data };
}
