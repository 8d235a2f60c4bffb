import type { Platform } from '../common/tables/constants.js';

/** The platform whose tables name numbers: the extension host's own, where the sockets are made. */
export const platform: Platform =
  process.platform === 'darwin' || process.platform === 'win32' ? process.platform : 'linux';
