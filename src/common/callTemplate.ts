import { type Call, dataValue, fieldOf, isData, itemsOf, type StructValue, type Value } from './call.js';
import { t } from './l10n.js';
import {
  expandTemplate,
  parseTemplate,
  type PayloadTemplate,
  type TemplateProblem,
  type TemplateSource,
  type TemplateValues,
} from './payloadTemplate.js';

/** Where bytes of a call come from: of an argument, or of one buffer of the message that it is. */
export interface CallTemplate {
  argument: number;
  /** The index in `msg_iov`; null where the argument is the data itself. */
  part: number | null;
  source: TemplateSource;
}

/** A call whose data is made anew each time that it is called. */
export class TemplatedCall {
  private readonly templates: readonly { place: CallTemplate; template: PayloadTemplate }[];

  /** @throws TemplateError where a template is none. */
  constructor(
    private readonly call: Call,
    templates: readonly CallTemplate[],
  ) {
    this.templates = templates.map((place) => {
      const template = parseTemplate(place.source);
      if ('message' in template) {
        throw new TemplateError(template);
      }
      const arg = call.args[place.argument];
      const fits = place.part === null ? isData(arg) : itemsOf(fieldOf(arg, 'msg_iov')).length > place.part;
      if (!fits) {
        throw new TemplateError({ message: t('The call has no data in this place.'), offset: 0 });
      }
      return { place, template };
    });
  }

  /** @throws TemplateError where a value does not fit. */
  fill(values: TemplateValues): Call {
    const args = [...this.call.args];
    for (const { place, template } of this.templates) {
      const bytes = expandTemplate(template, values);
      if ('message' in bytes) {
        throw new TemplateError(bytes);
      }
      if (place.part === null) {
        replaceData(args, place.argument, bytes);
      } else {
        args[place.argument] = withPart(args[place.argument], place.part, bytes);
      }
    }
    return { ...this.call, args };
  }
}

/** A payload whose variables cannot be filled in, and where. */
export class TemplateError extends Error {
  readonly offset: number;

  constructor({ message, offset }: TemplateProblem) {
    super(message);
    this.name = 'TemplateError';
    this.offset = offset;
  }
}

/** A length that was that of the data goes on being it. */
function replaceData(args: Value[], index: number, bytes: Uint8Array): void {
  const before = args[index];
  args[index] = dataValue(bytes);
  if (isData(before) && args[index + 1] === before.length) {
    args[index + 1] = bytes.length;
  }
}

function withPart(message: Value | undefined, part: number, bytes: Uint8Array): Value {
  const buffer: StructValue = {
    kind: 'struct',
    fields: [
      { name: 'iov_base', value: dataValue(bytes) },
      { name: 'iov_len', value: bytes.length },
    ],
  };
  const items = itemsOf(fieldOf(message, 'msg_iov')).map((item, index) => (index === part ? buffer : item));
  const fields = (message as StructValue).fields.map((field) =>
    field.name === 'msg_iov' ? { name: field.name, value: { kind: 'list' as const, items } } : field,
  );
  return { kind: 'struct', fields };
}
