import { type Call, type CallRecord, dataValue, type Value } from '../../src/common/call.js';
import type { SocketAddress } from '../../src/common/socket.js';
import type { Playground } from '../../src/playground/playground.js';

export const any: Value = { kind: 'any' };

export function data(text: string): Value {
  return dataValue(new TextEncoder().encode(text));
}

const AF_INET = 2;
const SOCK_STREAM = 1;
const MSG_DONTWAIT = 0x40;

export interface Traffic {
  listener: number;
  client: number;
  peer: number;
  make: (name: Call['name'], ...args: Value[]) => Promise<CallRecord>;
}

/** A listener and a connection to it, both ends ours. */
export async function makePair(playground: Playground): Promise<Traffic> {
  const make = (name: Call['name'], ...args: Value[]) => playground.call({ name, args }).returned;
  const listener = (await make('socket', AF_INET, SOCK_STREAM, 0)).result!;
  await make('bind', listener, { family: 'AF_INET', address: '127.0.0.1', port: 0 });
  await make('listen', listener, 5);
  const address = (await make('getsockname', listener, any)).args[1] as SocketAddress;
  const client = (await make('socket', AF_INET, SOCK_STREAM, 0)).result!;
  await make('connect', client, address);
  const peer = (await make('accept', listener)).result!;
  return { listener, client, peer, make };
}

/** Requests and answers, two sends that one recv takes, an answer that is none, and a failure. */
export async function makeTraffic(playground: Playground): Promise<Traffic> {
  const traffic = await makePair(playground);
  const { client, peer, make } = traffic;
  const json = '{"op":"subscribe","topics":["orders","stock"],"since":"2025-01-04T09:12:44Z","min":2}';
  await make('send', client, data('POST /v1/items HTTP/1.1\r\nHost: 127.0.0.1:8080\r\n\r\n'), 49, 0);
  await make('recv', peer, any, 4096, 0);
  await make('send', peer, data('HTTP/1.1 201 Created\r\nContent-Length: 41\r\n\r\n'), 44, 0);
  await make('recv', client, any, 4096, 0);
  await make('send', client, data(json), json.length, 0);
  await make('recv', peer, any, 4096, 0);
  await make('send', client, data('GET /a\n'), 7, 0);
  await make('send', client, data('GET /b\n'), 7, 0);
  await make('recv', peer, any, 4096, 0);
  await make('recv', client, any, 4096, MSG_DONTWAIT);
  await make('bind', client, { family: 'AF_INET', address: '127.0.0.1', port: 0 });
  return traffic;
}
