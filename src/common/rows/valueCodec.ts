import type { Value } from '../call.js';
import { ipv4Number, ipv4Text } from '../ipAddress.js';
import type { Named, SocketAddress } from '../socket.js';
import { type ByteReader, type ByteWriter, DamagedBytesError } from './bytes.js';

/** The first byte of a value. The numbers are part of the file format: only add to them. */
const tag = {
  null: 0,
  int32: 1,
  number: 2,
  bigint: 3,
  data: 4,
  struct: 5,
  list: 6,
  inout: 7,
  any: 8,
  inet: 16,
  inet6: 17,
  unix: 18,
  netlink: 19,
  packet: 20,
  vsock: 21,
  can: 22,
  raw: 23,
  /** AF_INET whose address is four numbers: nearly every one. */
  ipv4: 24,
} as const;

/** Structures within structures, at most: a foreign file must not exhaust the stack. */
const deepest = 64;

/** One argument, as bytes. */
export function writeValue(writer: ByteWriter, value: Value): void {
  if (value === null) {
    writer.u8(tag.null);
  } else if (typeof value === 'number') {
    writeNumber(writer, value);
  } else if (typeof value === 'bigint') {
    writer.u8(tag.bigint);
    writer.text(value.toString());
  } else if ('family' in value) {
    writeAddress(writer, value);
  } else {
    switch (value.kind) {
      case 'data':
        writer.u8(tag.data);
        writer.f64(value.length);
        writer.data(value.bytes);
        return;
      case 'struct':
        writer.u8(tag.struct);
        writer.u32(value.fields.length);
        for (const field of value.fields) {
          writer.text(field.name);
          writeValue(writer, field.value);
        }
        return;
      case 'list':
        writer.u8(tag.list);
        writeValues(writer, value.items);
        return;
      case 'inout':
        writer.u8(tag.inout);
        writer.f64(value.value);
        writeValue(writer, value.result);
        return;
      case 'any':
        writer.u8(tag.any);
        return;
    }
  }
}

/** Writes the arguments of a call, their number first. */
export function writeValues(writer: ByteWriter, values: readonly Value[]): void {
  writer.u32(values.length);
  for (const value of values) {
    writeValue(writer, value);
  }
}

/** @throws DamagedBytesError */
export function readValue(reader: ByteReader, depth = 0): Value {
  if (depth > deepest) {
    throw new DamagedBytesError('The values are nested too deeply.');
  }
  const kind = reader.u8();
  switch (kind) {
    case tag.null:
      return null;
    case tag.int32:
      return reader.i32();
    case tag.number:
      return reader.f64();
    case tag.bigint:
      return readBigint(reader);
    case tag.data: {
      const length = reader.f64();
      return { kind: 'data', bytes: reader.data(), length };
    }
    case tag.struct: {
      const fields = Array.from({ length: reader.items(5) }, () => ({
        name: reader.text(),
        value: readValue(reader, depth + 1),
      }));
      return { kind: 'struct', fields };
    }
    case tag.list:
      return { kind: 'list', items: readValues(reader, depth + 1) };
    case tag.inout: {
      const value = reader.f64();
      const result = readValue(reader, depth + 1);
      if (result !== null && typeof result !== 'number') {
        throw new DamagedBytesError('A length is not a number.');
      }
      return { kind: 'inout', value, result };
    }
    case tag.any:
      return { kind: 'any' };
    default:
      return readAddress(reader, kind);
  }
}

/** @throws DamagedBytesError */
export function readValues(reader: ByteReader, depth = 0): Value[] {
  return Array.from({ length: reader.items(1) }, () => readValue(reader, depth));
}

function writeNumber(writer: ByteWriter, value: number): void {
  if (Object.is(value | 0, value)) {
    writer.u8(tag.int32);
    writer.i32(value);
  } else {
    writer.u8(tag.number);
    writer.f64(value);
  }
}

function readBigint(reader: ByteReader): bigint {
  const text = reader.text();
  if (!/^-?\d{1,40}$/.test(text)) {
    throw new DamagedBytesError('A number is not a number.');
  }
  return BigInt(text);
}

function writeAddress(writer: ByteWriter, address: SocketAddress): void {
  switch (address.family) {
    case 'AF_INET': {
      const number = ipv4Number(address.address);
      if (number >= 0) {
        writer.u8(tag.ipv4);
        writer.u32(number);
        writer.count(address.port);
        return;
      }
      writer.u8(tag.inet);
      writer.text(address.address);
      writer.f64(address.port);
      return;
    }
    case 'AF_INET6':
      writer.u8(tag.inet6);
      writer.text(address.address);
      writer.f64(address.port);
      writeOptional(writer, address.flowinfo);
      writeOptional(writer, address.scopeId);
      return;
    case 'AF_UNIX':
      writer.u8(tag.unix);
      writer.u8(address.isAbstract ? 1 : 0);
      writer.data(address.name);
      return;
    case 'AF_NETLINK':
      writer.u8(tag.netlink);
      writer.f64(address.pid);
      writer.f64(address.groups);
      return;
    case 'AF_PACKET':
      writer.u8(tag.packet);
      writeOptional(writer, address.interface);
      writeOptional(writer, address.protocol);
      return;
    case 'AF_VSOCK':
      writer.u8(tag.vsock);
      writer.f64(address.cid);
      writer.f64(address.port);
      return;
    case 'AF_CAN':
      writer.u8(tag.can);
      writeOptional(writer, address.interface);
      return;
    case 'raw':
      writer.u8(tag.raw);
      writer.data(address.bytes);
      return;
  }
}

function readAddress(reader: ByteReader, kind: number): SocketAddress {
  switch (kind) {
    case tag.ipv4:
      return { family: 'AF_INET', address: ipv4Text(reader.u32()), port: reader.count() };
    case tag.inet:
      return { family: 'AF_INET', address: reader.text(), port: reader.f64() };
    case tag.inet6: {
      const [address, port] = [reader.text(), reader.f64()];
      const [flowinfo, scopeId] = [readOptional(reader), readOptional(reader)];
      return {
        family: 'AF_INET6',
        address,
        port,
        ...(flowinfo === undefined ? {} : { flowinfo: Number(flowinfo) }),
        ...(scopeId === undefined ? {} : { scopeId }),
      };
    }
    case tag.unix: {
      const isAbstract = reader.u8() !== 0;
      return { family: 'AF_UNIX', name: reader.data(), isAbstract };
    }
    case tag.netlink:
      return { family: 'AF_NETLINK', pid: reader.f64(), groups: reader.f64() };
    case tag.packet:
      return { family: 'AF_PACKET', interface: readNamed(reader), protocol: readNamed(reader) };
    case tag.vsock:
      return { family: 'AF_VSOCK', cid: reader.f64(), port: reader.f64() };
    case tag.can:
      return { family: 'AF_CAN', interface: readNamed(reader) };
    case tag.raw:
      return { family: 'raw', bytes: reader.data() };
    default:
      throw new DamagedBytesError(`There is no value of kind ${kind}.`);
  }
}

function writeOptional(writer: ByteWriter, value: Named | undefined): void {
  if (value === undefined) {
    writer.u8(0);
  } else if (typeof value === 'number') {
    writer.u8(1);
    writer.f64(value);
  } else {
    writer.u8(2);
    writer.text(value);
  }
}

function readOptional(reader: ByteReader): Named | undefined {
  switch (reader.u8()) {
    case 0:
      return undefined;
    case 1:
      return reader.f64();
    case 2:
      return reader.text();
    default:
      throw new DamagedBytesError('A name is neither a text nor a number.');
  }
}

function readNamed(reader: ByteReader): Named {
  return readOptional(reader) ?? 0;
}
