/** What stands in a field of a structure. */
export type FieldType =
  | 'u8'
  | 'u16'
  | 'i32'
  | 'u32'
  | 'i64'
  | 'u64'
  /** An address as its bytes in network order. */
  | 'in_addr'
  | 'in6_addr'
  /** `sockaddr_storage` with an AF_INET or AF_INET6 address. */
  | 'sockaddr'
  /** `sockaddr_in6` */
  | 'sockaddr6'
  /** `sockaddr` with an AF_INET address. */
  | 'sockaddr16'
  /** A name that ends with NUL, of an interface. */
  | 'name16'
  | 'bytes6'
  | 'bytes8'
  | 'pad1'
  | 'pad3'
  | 'pad4'
  | 'pad6'
  | 'pad8'
  | 'pad16'
  | 'pad20'
  | 'pad22'
  /** A pointer to BPF instructions: given as their list, which has memory of its own. */
  | 'filter';

/** A field that is padding has no name. */
export type Field = readonly [name: string, type: FieldType];

export const fieldSizes: Readonly<Record<FieldType, number>> = {
  u8: 1,
  u16: 2,
  i32: 4,
  u32: 4,
  i64: 8,
  u64: 8,
  in_addr: 4,
  in6_addr: 16,
  sockaddr: 128,
  sockaddr6: 28,
  sockaddr16: 16,
  name16: 16,
  bytes6: 6,
  bytes8: 8,
  pad1: 1,
  pad3: 3,
  pad4: 4,
  pad6: 6,
  pad8: 8,
  pad16: 16,
  pad20: 20,
  pad22: 22,
  filter: 8,
};

/** Bytes of a structure with these fields, one behind the other. */
export function structSize(fields: readonly Field[]): number {
  return fields.reduce((sum, [, type]) => sum + fieldSizes[type], 0);
}
