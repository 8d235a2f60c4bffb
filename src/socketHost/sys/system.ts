import { darwin } from './darwin.js';
import { linux } from './linux.js';
import { win32 } from './win32.js';

/** What differs between kernels: layouts and numbers that the host itself works with. */
export interface System {
  platform: 'linux' | 'darwin' | 'win32';
  /** Whether this version makes calls there. */
  isSupported: boolean;
  sockaddr: SockaddrLayout;
}

export interface SockaddrLayout {
  /** BSD: one byte of length before one byte of family. */
  hasLengthByte: boolean;
  families: { AF_UNSPEC: number; AF_UNIX: number; AF_INET: number; AF_INET6: number };
  /** Size of `sun_path`. */
  pathSize: number;
  /** Whether an AF_UNIX name may begin with NUL and then is no path. */
  hasAbstractNames: boolean;
}

const systems: Readonly<Record<string, System>> = { linux, darwin, win32 };

/** The table of a platform; undefined for one that the product does not know at all. */
export function systemOf(platform: string): System | undefined {
  return systems[platform];
}
