import * as v from 'valibot';
import type * as vscode from 'vscode';
import { withCall } from '../../common/callHistory.js';
import type { PanelCall } from '../../common/protocol/panel.js';
import { decodeMessage, encodeMessage } from '../../common/protocol/panelMessage.js';
import { platform } from '../platform.js';
import { panelSchemas } from './messages.js';

const key = 'callHistory';

/** What is stored of one call, at most: larger ones are offered again only until the window ends. */
const maxStored = 16 * 1024;

/** The calls that were made by hand in the panel of this workspace, the latest first. */
export class CallHistory {
  private history: readonly PanelCall[];
  /** What is stored of each, nothing of a large one: it is not written down again for every call after it. */
  private readonly texts = new WeakMap<PanelCall, string[]>();

  constructor(private readonly storage: Pick<vscode.Memento, 'get' | 'update'>) {
    this.history = storage
      .get<unknown[]>(key, [])
      .map(fromStored)
      .filter((call) => call !== undefined);
  }

  get calls(): readonly PanelCall[] {
    return this.history;
  }

  add(made: PanelCall): void {
    this.history = withCall(this.history, made, platform);
    void this.storage.update(
      key,
      this.history.flatMap((call) => this.storedOf(call)),
    );
  }

  private storedOf(call: PanelCall): string[] {
    const stored = this.texts.get(call) ?? [toStored(call)].filter(({ length }) => length <= maxStored);
    this.texts.set(call, stored);
    return stored;
  }
}

/** JSON has no bytes: they are kept as Base64. */
function toStored(call: PanelCall): string {
  return JSON.stringify(encodeMessage(call), (_key, value: unknown) =>
    value instanceof Uint8Array ? { $bytes: Buffer.from(value).toString('base64') } : value,
  );
}

/** What is stored may be of another version, or changed by somebody: it is checked like what the page sends. */
function fromStored(text: unknown): PanelCall | undefined {
  try {
    const value: unknown = JSON.parse(String(text), (_key, part: unknown) =>
      typeof part === 'object' && part !== null && '$bytes' in part
        ? new Uint8Array(Buffer.from(String(part.$bytes), 'base64'))
        : part,
    );
    const parsed = v.safeParse(panelSchemas.call, decodeMessage(value));
    return parsed.success ? parsed.output : undefined;
  } catch {
    return undefined;
  }
}
