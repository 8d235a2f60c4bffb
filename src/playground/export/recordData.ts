import { type CallRecord, type DataValue, isData, isOfKind, type Value } from '../../common/call.js';

/** The record with all that is kept of its data, of which it carries the beginning; a message has it in several buffers. */
export function withData(record: CallRecord, payload: Uint8Array | undefined): CallRecord {
  if (!payload) {
    return record;
  }
  let at = 0;
  const fill = (value: DataValue): DataValue => {
    const bytes = payload.subarray(at, at + value.length);
    at += value.length;
    return bytes.length > value.bytes.length ? { ...value, bytes } : value;
  };
  const filled = (value: Value, name: string): Value => {
    if (isData(value)) {
      return name === 'iov_base' ? fill(value) : value;
    }
    if (name === 'msg_iov' && isOfKind(value, 'list')) {
      return { ...value, items: value.items.map((item) => filled(item, '')) };
    }
    return isOfKind(value, 'struct')
      ? {
          ...value,
          fields: value.fields.map((field) => ({ ...field, value: filled(field.value, field.name) })),
        }
      : value;
  };
  return { ...record, args: record.args.map((value) => (isData(value) ? fill(value) : filled(value, ''))) };
}

/** Whether something in a value is data that is longer than what is there of it. */
export function isCut(value: Value): boolean {
  if (isData(value)) {
    return value.bytes.length < value.length;
  }
  return isOfKind(value, 'struct')
    ? value.fields.some((field) => isCut(field.value))
    : isOfKind(value, 'list') && value.items.some(isCut);
}
