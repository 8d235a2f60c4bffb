import { readdirSync } from 'node:fs';
import { networkInterfaces } from 'node:os';

/** The network interfaces of this machine: all that Linux lists, elsewhere those that have an address. */
export function interfaceNames(): string[] {
  try {
    return readdirSync('/sys/class/net').sort();
  } catch {
    return Object.keys(networkInterfaces());
  }
}
