import type { System } from './system.js';

export const win32: System = {
  platform: 'win32',
  isSupported: false,
  sockaddr: {
    hasLengthByte: false,
    families: { AF_UNSPEC: 0, AF_UNIX: 1, AF_INET: 2, AF_INET6: 23 },
    pathSize: 108,
    hasAbstractNames: false,
  },
};
