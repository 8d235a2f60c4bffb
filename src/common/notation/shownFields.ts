import { isAddress, isData, isOfKind, type StructValue, type Value } from '../call.js';
import { alignControl } from '../tables/controlMessages.js';
import { addressLength } from './lengths.js';
import type { PrintStyle } from './text.js';

type Fields = StructValue['fields'];

/** The fields of a structure that a style prints where it is the argument of a call. */
export function shownFields(fields: Fields, type: string, style: PrintStyle): Fields {
  switch (type) {
    case 'pollfds':
      return asked(fields);
    case 'msghdr':
    case 'msghdrOut':
      return messageFields(fields, style, type === 'msghdrOut');
    default:
      return fields;
  }
}

/** Of a message what the style leaves out: in strace's what is not there, in the short one what is obvious. */
function messageFields(fields: Fields, style: PrintStyle, isReceived: boolean): Fields {
  const isEmptyList = (value: Value) =>
    typeof value === 'object' && value !== null && 'items' in value && value.items.length === 0;
  if (style === 'strace') {
    return fields
      .filter(({ name, value }) => !(name === 'msg_control' && isEmptyList(value)))
      .map(({ name, value }) =>
        name === 'msg_controllen' && isOfKind(value, 'inout')
          ? { name, value: value.result ?? value.value }
          : { name, value },
      );
  }
  const field = (name: string) => fields.find((each) => each.name === name)?.value;
  return fields.filter(({ name, value }) => {
    switch (name) {
      case 'msg_name':
        return value !== null;
      case 'msg_iovlen': {
        const buffers = field('msg_iov');
        return value !== (isOfKind(buffers, 'list') ? buffers.items.length : 0);
      }
      case 'msg_namelen':
        return isOfKind(value, 'inout')
          ? value.value !== usualNameRoom
          : value !== nameLength(field('msg_name'));
      case 'msg_controllen':
        return isOfKind(value, 'inout')
          ? value.value !== usualControlRoom
          : value !== controlLength(field('msg_control'));
      case 'msg_flags':
        return isReceived && value !== 0;
      default:
        return true;
    }
  });
}

function nameLength(name: Value | undefined): number {
  return name !== undefined && isAddress(name) ? addressLength(name) : 0;
}

function controlLength(control: Value | undefined): number {
  if (!isOfKind(control, 'list')) {
    return control !== undefined && isData(control) ? control.length : 0;
  }
  const lengths = control.items.map((item) => isOfKind(item, 'struct') && item.fields[0]?.value);
  return lengths.reduce<number>((sum, length) => sum + alignControl(Number(length)), 0);
}

/** Room that a message to receive has where nothing else is said. */
const usualNameRoom = 128;
const usualControlRoom = 256;

/** What poll answers stands behind its result. */
function asked(fields: Fields): Fields {
  return fields.some(({ name }) => name === 'events')
    ? fields.filter(({ name }) => name !== 'revents')
    : fields;
}
