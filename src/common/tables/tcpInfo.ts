import { constantName, formatFlags, type Platform } from './constants.js';
import { type TcpInfoField, tcpInfoRows, type TcpInfoType } from './tcpInfoRows.js';

export type { TcpInfoField } from './tcpInfoRows.js';

const sizes: Readonly<Record<TcpInfoType, number>> = { u8: 1, u16: 2, u32: 4, u64: 8 };

/** What the bytes of a `struct tcp_info` say. */
export interface TcpInfo {
  /** By their names (`tcpi_rtt`), as many as the bytes hold; a bigint beyond 2^53. */
  fields: Record<string, number | bigint>;
  /** What follows the fields that are known here: a newer kernel's, or part of one that was cut. */
  rest: Uint8Array;
}

/** The fields of `struct tcp_info` as many as the bytes hold, and the bytes behind them. */
export function decodeTcpInfo(bytes: Uint8Array): TcpInfo {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const fields: TcpInfo['fields'] = {};
  let offset = 0;
  for (const row of tcpInfoRows) {
    if (offset + sizes[row.type] > bytes.length) {
      break;
    }
    const value = readNumber(view, offset, row.type);
    offset += sizes[row.type];
    for (const { name, bit, width } of row.fields) {
      fields[name] =
        bit === undefined || width === undefined ? value : (Number(value) >> bit) & ((1 << width) - 1);
    }
  }
  return { fields, rest: bytes.slice(offset) };
}

function readNumber(view: DataView, offset: number, type: TcpInfoType): number | bigint {
  switch (type) {
    case 'u8':
      return view.getUint8(offset);
    case 'u16':
      return view.getUint16(offset, true);
    case 'u32':
      return view.getUint32(offset, true);
    case 'u64': {
      const value = view.getBigUint64(offset, true);
      return value <= Number.MAX_SAFE_INTEGER ? Number(value) : value;
    }
  }
}

const byName = new Map(tcpInfoRows.flatMap(({ fields }) => fields.map((field) => [field.name, field])));

/** The field of this name (`tcpi_rtt`). */
export function tcpInfoField(name: string): TcpInfoField | undefined {
  return byName.get(name);
}

/** All fields that are known here, in the structure's order. */
export function tcpInfoFields(): TcpInfoField[] {
  return [...byName.values()];
}

/** What a field's number is called: `TCP_ESTABLISHED` of tcpi_state 1; undefined where it has no name. */
export function tcpInfoValueName(
  name: string,
  value: number | bigint,
  platform: Platform,
): string | undefined {
  if (typeof value === 'bigint') {
    return undefined;
  }
  return name === 'tcpi_options'
    ? value === 0
      ? undefined
      : formatFlags('optvalue:tcpi_options', value, platform)
    : constantName(`optvalue:${name}`, value, platform);
}
