import { constantValue, type Platform } from './constants.js';
import type { OptionLayout } from './optionLayouts.js';

/** A request of ioctl(2) whose argument has a form here. */
export interface IoctlRequest {
  name: string;
  /** What the argument points to; null for a request without one. */
  layout: OptionLayout | null;
  /** Whether the kernel reads what is there, writes it, or reads one field and writes another. */
  direction: 'none' | 'in' | 'out' | 'inout';
  /** Of a structure that goes both ways, the field that is passed. */
  key?: string;
}

const ask = (name: string, layout: OptionLayout = 'int'): IoctlRequest => ({
  name,
  layout,
  direction: 'out',
});
const tell = (name: string): IoctlRequest => ({ name, layout: 'int', direction: 'in' });
const bare = (name: string): IoctlRequest => ({ name, layout: null, direction: 'none' });
const interfaceFact = (name: string, layout: OptionLayout, key = 'ifr_name'): IoctlRequest => ({
  name,
  layout,
  direction: 'inout',
  key,
});

/** Requests of sockets and pipes; a further one is a row. */
const rows: readonly IoctlRequest[] = [
  ask('FIONREAD'),
  ask('SIOCOUTQ'),
  ask('SIOCOUTQNSD'),
  ask('SIOCATMARK'),
  ask('FIOGETOWN'),
  ask('SIOCGPGRP'),
  ask('FIOQSIZE', 'u64'),
  ask('SIOCGSTAMP', 'timeval'),
  ask('SIOCGSTAMP_NEW', 'timeval'),
  ask('SIOCGSTAMPNS', 'timespec'),
  ask('SIOCGSTAMPNS_NEW', 'timespec'),
  tell('FIONBIO'),
  tell('FIOASYNC'),
  tell('FIOSETOWN'),
  tell('SIOCSPGRP'),
  bare('FIOCLEX'),
  bare('FIONCLEX'),
  interfaceFact('SIOCGIFNAME', 'ifreq_index', 'ifr_ifindex'),
  interfaceFact('SIOCGIFINDEX', 'ifreq_index'),
  interfaceFact('SIOCGIFFLAGS', 'ifreq_flags'),
  interfaceFact('SIOCGIFADDR', 'ifreq_addr'),
  interfaceFact('SIOCGIFDSTADDR', 'ifreq_dstaddr'),
  interfaceFact('SIOCGIFBRDADDR', 'ifreq_broadaddr'),
  interfaceFact('SIOCGIFNETMASK', 'ifreq_netmask'),
  interfaceFact('SIOCGIFHWADDR', 'ifreq_hwaddr'),
  interfaceFact('SIOCGIFMETRIC', 'ifreq_metric'),
  interfaceFact('SIOCGIFMTU', 'ifreq_mtu'),
  interfaceFact('SIOCGIFTXQLEN', 'ifreq_qlen'),
];

const byPlatform = new Map<Platform, ReadonlyMap<number, IoctlRequest>>();

/** The request with this number; undefined when its argument has no form here. */
export function findIoctl(request: number, platform: Platform): IoctlRequest | undefined {
  let requests = byPlatform.get(platform);
  if (!requests) {
    requests = new Map(
      rows.flatMap((row) => {
        const number = constantValue(row.name, platform);
        return number === undefined ? [] : [[number, row] as const];
      }),
    );
    byPlatform.set(platform, requests);
  }
  return requests.get(request);
}

/** The requests that have a form, by name. */
export const ioctlRequests: readonly string[] = rows.map(({ name }) => name);
