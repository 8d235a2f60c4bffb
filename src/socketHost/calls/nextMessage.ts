import { controlType, messageFlag, option } from '../sys/linux.js';
import { Memory } from '../sys/memory.js';
import * as sys from '../sys/syscall.js';
import { splitControl } from './controlData.js';
import { Header } from './messageHeader.js';

/** Room for the credentials and no descriptor: those that there are stay where they are. */
const room = 28;

/** What the stream of a Unix socket with SO_PASSCRED goes on with. */
export interface NextMessage {
  /** Who wrote it. */
  writer: string;
  hasDescriptors: boolean;
}

/** Looks at what comes next without taking it; null when nothing is there. */
export function nextMessage(handle: number): NextMessage | null {
  const control = new Memory(room);
  const header = new Header([1]);
  header.name(null, 0);
  header.buffers(new Memory(1), 0, 0, 1);
  header.control(control, room);
  if (sys.recvmsg(handle, header.memory, messageFlag.MSG_PEEK) <= 0) {
    return null;
  }
  const length = Number(header.view.getBigUint64(40, true));
  const credentials = splitControl(control.bytes.subarray(0, length)).find(
    ({ level, type }) => level === option.SOL_SOCKET && type === controlType.SCM_CREDENTIALS,
  );
  return {
    writer: credentials?.data.join() ?? '',
    hasDescriptors: (header.view.getInt32(48, true) & messageFlag.MSG_CTRUNC) !== 0,
  };
}
