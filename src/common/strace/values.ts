/** A value as strace prints it, before anybody knows what it means. */
export type StraceValue =
  | { kind: 'number'; value: number | bigint; note: string | null }
  /** `isCut`: strace printed the beginning only. */
  | { kind: 'string'; bytes: Uint8Array; isCut: boolean; isAbstract: boolean }
  /** `SOCK_STREAM|SOCK_CLOEXEC|0x40`, a single constant or number with names. */
  | { kind: 'flags'; parts: string[] }
  | { kind: 'struct'; fields: StraceField[]; isCut: boolean }
  | { kind: 'list'; items: StraceValue[]; isCut: boolean }
  /** `htons(80)`, `inet_addr("127.0.0.1")`. */
  | { kind: 'function'; name: string; args: StraceValue[] }
  /** `128 => 16`: what the kernel made of it. */
  | { kind: 'change'; before: StraceValue; after: StraceValue }
  /** `&sin6_addr`: the field that a function fills. */
  | { kind: 'reference'; name: string }
  | { kind: 'null' }
  /** What strace did not look into: a pointer, or a form that is not known here. */
  | { kind: 'opaque' };

export interface StraceField {
  /** Empty where strace prints none. */
  name: string;
  value: StraceValue;
}

/** Fields in which strace prints hardware addresses without quotation marks. */
const hardwareFields: ReadonlySet<string> = new Set(['mr_address', 'sa_data', 'sll_addr']);
const opaque: StraceValue = { kind: 'opaque' };
/** Bytes as strace prints those of hardware addresses: `00:00:00:00:00:00`, or nothing where there are none. */
const hardware = /(?:[0-9a-f]{2}(?::[0-9a-f]{2})+)?(?=[,}])/y;
/** Deeper than strace ever goes. */
const mostDepth = 40;

const word = /[A-Za-z_][A-Za-z0-9_]*/y;
const number = /-?(?:0x[0-9a-fA-F]+|\d+)(?:\.\d+)?/y;
const fieldName = /[a-z_][A-Za-z0-9_]*(?:\[[^\]]*\])?=/y;
const comment = /\s*\/\*[^*]*\*\//y;
const blank = /\s*/y;

/** A text that is not what strace prints. The message is for the list of problems. */
export class StraceSyntaxError extends Error {
  constructor(
    message: string,
    readonly offset: number,
  ) {
    super(message);
  }
}

/** Reads the values of a line one after the other. */
export class ValueReader {
  private depth = 0;

  constructor(
    readonly text: string,
    public at = 0,
  ) {}

  get isAtEnd(): boolean {
    return this.at >= this.text.length;
  }

  /** Takes a text where it comes next, behind blanks. */
  take(text: string): boolean {
    const before = this.at;
    this.match(blank);
    if (!this.text.startsWith(text, this.at)) {
      this.at = before;
      return false;
    }
    this.at += text.length;
    return true;
  }

  /** Takes what a sticky pattern fits. */
  match(pattern: RegExp): string | undefined {
    pattern.lastIndex = this.at;
    const found = pattern.exec(this.text)?.[0];
    this.at += found?.length ?? 0;
    return found;
  }

  /**
   * The arguments up to the closing parenthesis.
   * @returns Them, and whether the text goes that far: a call that has not returned ends in the middle of them.
   * @throws StraceSyntaxError
   */
  arguments(): { args: StraceField[]; isWhole: boolean } {
    const args: StraceField[] = [];
    for (;;) {
      this.match(blank);
      if (this.take(')')) {
        return { args, isWhole: true };
      }
      if (this.isAtEnd) {
        return { args, isWhole: false };
      }
      const start = this.at;
      try {
        args.push(this.field());
      } catch (error) {
        if (error instanceof StraceSyntaxError && error.offset >= this.text.length) {
          // The last one is printed up to here.
          return { args, isWhole: false };
        }
        throw error;
      }
      this.match(blank);
      if (!this.take(',') && !this.isAtEnd && this.text[this.at] !== ')' && this.at === start) {
        throw new StraceSyntaxError('value', this.at);
      }
    }
  }

  /** A value, with its name where one is printed. @throws StraceSyntaxError */
  field(): StraceField {
    this.match(blank);
    const name = this.match(fieldName)?.slice(0, -1) ?? '';
    const bytes = hardwareFields.has(name) ? this.match(hardware) : undefined;
    return { name, value: bytes === undefined ? this.value() : hardwareBytes(bytes) };
  }

  /** @throws StraceSyntaxError */
  value(): StraceValue {
    if (this.depth >= mostDepth) {
      throw new StraceSyntaxError('depth', this.at);
    }
    this.depth += 1;
    const before = this.operand();
    this.match(comment);
    const value: StraceValue = this.take('=>') ? { kind: 'change', before, after: this.value() } : before;
    this.match(comment);
    this.depth -= 1;
    return value;
  }

  /** `<…>` behind a descriptor or a process, without the angles; null where there is none. */
  note(): string | null {
    if (this.text[this.at] !== '<') {
      return null;
    }
    // An address pair has an arrow, and a device another pair of angles: `<char 136:0 </dev/pts/0>>`.
    let depth = 0;
    for (let at = this.at; at < this.text.length; at++) {
      const char = this.text[at];
      if (char === '"') {
        at = this.endOfString(at) - 1;
      } else if (char === '<') {
        depth += 1;
      } else if (char === '>' && this.text[at - 1] !== '-') {
        depth -= 1;
        if (depth === 0) {
          const note = this.text.slice(this.at + 1, at);
          this.at = at + 1;
          return note;
        }
      }
    }
    throw new StraceSyntaxError('note', this.text.length);
  }

  private operand(): StraceValue {
    this.match(blank);
    switch (this.text[this.at]) {
      case undefined:
        throw new StraceSyntaxError('value', this.text.length);
      case '"':
        return this.string(false);
      case '@':
        this.at += 1;
        return this.string(true);
      case '{':
        this.at += 1;
        return this.struct();
      case '[':
        this.at += 1;
        return this.list();
      case '~':
        this.at += 1;
        return this.operand();
      case '&':
        this.at += 1;
        return { kind: 'reference', name: this.match(word) ?? '' };
      default:
        return this.term();
    }
  }

  /** Numbers and names, joined as C joins them. */
  private term(): StraceValue {
    if (this.text.startsWith('...', this.at)) {
      this.at += 3;
      return opaque;
    }
    const parts: string[] = [];
    let note: string | null = null;
    let isFlags = true;
    do {
      const digits = this.match(number);
      if (digits !== undefined) {
        parts.push(digits);
        note ??= this.note();
        continue;
      }
      const name = this.match(word);
      if (name === undefined) {
        if (this.text[this.at] === '{' && parts.length > 0) {
          // `WSTOPSIG{…}` and the like.
          this.operand();
          return opaque;
        }
        throw new StraceSyntaxError('value', this.at);
      }
      if (this.text[this.at] === '(') {
        this.at += 1;
        const { args, isWhole } = this.arguments();
        if (!isWhole) {
          throw new StraceSyntaxError('value', this.text.length);
        }
        if (parts.length === 0 && this.text[this.at] !== '|') {
          return { kind: 'function', name, args: args.map(({ value }) => value) };
        }
        isFlags = false;
        continue;
      }
      parts.push(name);
      this.match(comment);
    } while (this.operator());
    const [first = '0'] = parts;
    if (!isFlags) {
      return opaque;
    }
    if (parts.length > 1 || /^[A-Za-z_]/.test(first)) {
      return first === 'NULL' && parts.length === 1 ? { kind: 'null' } : { kind: 'flags', parts };
    }
    return { kind: 'number', value: numberOf(first), note };
  }

  private operator(): boolean {
    if (this.text[this.at] === '|') {
      this.at += 1;
      return true;
    }
    return false;
  }

  private struct(): StraceValue {
    const fields: StraceField[] = [];
    let isCut = false;
    while (!this.take('}')) {
      this.mustGoOn();
      if (this.take('...')) {
        isCut = true;
      } else {
        fields.push(this.field());
      }
      this.separator('}');
    }
    return { kind: 'struct', fields, isCut };
  }

  private list(): StraceValue {
    const items: StraceValue[] = [];
    let isCut = false;
    while (!this.take(']')) {
      this.mustGoOn();
      if (this.take('...')) {
        isCut = true;
      } else {
        items.push(this.field().value);
      }
      this.separator(']');
    }
    return { kind: 'list', items, isCut };
  }

  private mustGoOn(): void {
    this.match(blank);
    if (this.isAtEnd) {
      throw new StraceSyntaxError('value', this.text.length);
    }
  }

  /** A comma, or the blank that stands between signals and between bits of a set. */
  private separator(end: string): void {
    const before = this.at;
    if (this.take(',')) {
      return;
    }
    this.match(blank);
    if (this.at === before && !this.text.startsWith(end, this.at)) {
      this.mustGoOn();
      throw new StraceSyntaxError('separator', this.at);
    }
  }

  private string(isAbstract: boolean): StraceValue {
    if (this.text[this.at] !== '"') {
      throw new StraceSyntaxError('string', this.at);
    }
    const end = this.endOfString(this.at);
    if (end > this.text.length) {
      throw new StraceSyntaxError('string', this.text.length);
    }
    const bytes = bytesOf(this.text, this.at + 1, end - 1);
    this.at = end;
    const isCut = this.text.startsWith('...', end);
    this.at += isCut ? 3 : 0;
    return { kind: 'string', bytes, isCut, isAbstract };
  }

  /** Behind the closing quotation mark; behind the text where there is none. */
  private endOfString(start: number): number {
    let end = start;
    for (;;) {
      end = this.text.indexOf('"', end + 1);
      if (end < 0) {
        return this.text.length + 1;
      }
      let slashes = 0;
      while (this.text[end - 1 - slashes] === '\\') {
        slashes += 1;
      }
      if (slashes % 2 === 0) {
        return end + 1;
      }
    }
  }
}

function hardwareBytes(text: string): StraceValue {
  const bytes = Uint8Array.from(text.match(/[0-9a-f]{2}/g) ?? [], (digits) => Number.parseInt(digits, 16));
  return { kind: 'string', bytes, isCut: false, isAbstract: false };
}

function numberOf(text: string): number | bigint {
  const value = Number(text);
  if (Number.isSafeInteger(value) || text.includes('.')) {
    return value;
  }
  return text.startsWith('-') ? -BigInt(text.slice(1)) : BigInt(text);
}

const backslash = 0x5c;
const escapes: Readonly<Record<string, number>> = {
  n: 10,
  t: 9,
  r: 13,
  v: 11,
  f: 12,
  a: 7,
  b: 8,
  '"': 34,
  '\\': 92,
};

function isOctalDigit(code: number): boolean {
  return code >= 0x30 && code <= 0x37;
}

/** The value of a digit; negative for other characters. */
function hexDigit(code: number): number {
  if (code >= 0x30 && code <= 0x39) {
    return code - 0x30;
  }
  const letter = code | 0x20;
  return letter >= 0x61 && letter <= 0x66 ? letter - 0x57 : -1;
}

/** What stands between quotation marks; every character that is not escaped is a byte. */
export function bytesOf(text: string, start = 0, end = text.length): Uint8Array {
  const bytes = new Uint8Array(end - start);
  let length = 0;
  for (let at = start; at < end; at++) {
    const code = text.charCodeAt(at);
    if (code !== backslash) {
      bytes[length++] = code;
      continue;
    }
    at += 1;
    const char = text[at] ?? '';
    if (char === 'x') {
      let value = 0;
      const last = Math.min(end, at + 3);
      while (at + 1 < last && hexDigit(text.charCodeAt(at + 1)) >= 0) {
        at += 1;
        value = 16 * value + hexDigit(text.charCodeAt(at));
      }
      bytes[length++] = value;
    } else if (char >= '0' && char <= '7') {
      let value = text.charCodeAt(at) - 0x30;
      const last = Math.min(end, at + 3);
      while (at + 1 < last && isOctalDigit(text.charCodeAt(at + 1))) {
        at += 1;
        value = 8 * value + text.charCodeAt(at) - 0x30;
      }
      bytes[length++] = value;
    } else {
      bytes[length++] = escapes[char] ?? char.charCodeAt(0);
    }
  }
  return bytes.slice(0, length);
}
