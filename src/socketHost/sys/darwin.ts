import type { System } from './system.js';

export const darwin: System = {
  platform: 'darwin',
  isSupported: false,
  sockaddr: {
    hasLengthByte: true,
    families: { AF_UNSPEC: 0, AF_UNIX: 1, AF_INET: 2, AF_INET6: 30 },
    pathSize: 104,
    hasAbstractNames: false,
  },
};
