import { Emitter } from '../common/event.js';
import type { PanelEvents, PanelMethods, ViewMode } from '../common/protocol/panel.js';
import { packMessage, unpackMessage } from '../common/protocol/panelMessage.js';
import { RpcConnection, type Transport } from '../common/rpc.js';

/** What VS Code gives to a webview's page, once. */
interface VsCodeApi {
  postMessage(message: unknown): void;
  getState(): unknown;
  setState(state: unknown): void;
}

declare function acquireVsCodeApi(): VsCodeApi;

export type PanelConnection = RpcConnection<PanelMethods, PanelEvents>;

/** How the bytes of a record are shown. */
export type PayloadForm = 'hex' | 'text' | 'json';

/** What the page keeps over a reload of the window; anything else in it is ignored. */
export interface StoredView {
  isInspectorVisible?: boolean;
  isComposerCollapsed?: boolean;
  /** How the records are shown. */
  mode?: ViewMode;
  payloadForm?: PayloadForm;
  areCallsWhole?: boolean;
  areStripsFolded?: boolean;
  isLegendHidden?: boolean;
  /** The file of the recording that the page shows. */
  recording?: string;
  /** The log of strace that it shows. */
  trace?: { file: string; of: string };
  /** Widths of the table's columns in characters, of those that were changed. */
  columnWidths?: Readonly<Record<string, number | undefined>>;
  timeMode?: string;
  spanMode?: string;
}

const api = acquireVsCodeApi();

/** Opens this side of the hop to the extension. */
export function connect(): PanelConnection {
  const received = new Emitter<unknown>();
  window.addEventListener('message', (event: MessageEvent<unknown>) =>
    received.fire(unpackMessage(event.data)),
  );
  const transport: Transport = {
    send: (message) => api.postMessage(packMessage(message)),
    onDidReceive: received.event,
    // The page ends with the hop: it never sees it closed.
    onDidClose: new Emitter<void>().event,
  };
  return new RpcConnection<PanelMethods, PanelEvents>(transport);
}

export function readStoredView(): StoredView {
  const stored = api.getState();
  return typeof stored === 'object' && stored !== null ? stored : {};
}

/** Keeps this, and what was kept of the rest. */
export function storeView(view: StoredView): void {
  api.setState({ ...readStoredView(), ...view });
}
