import { computed, type ReadonlySignal, signal } from '@preact/signals';
import type { AutomateAnswer } from '../../common/protocol/panel.js';
import { t } from '../../common/l10n.js';
import type { SocketAddress, SocketId, SocketInfo } from '../../common/socket.js';
import { endpointText } from '../../common/socketText.js';
import {
  type DirectionFaults,
  type FaultName,
  type FaultRow,
  faultComplaint,
  faultRows,
  type TapDirection,
  type TapFaults,
  seedComplaint,
} from '../../common/tap/faults.js';
import type { SocketTap, TapId } from '../../common/tap/tap.js';
import { isOpenSocket } from '../../common/usualArguments.js';
import type { Problem } from '../form/problem.js';

/** What the form of a tap needs of the page around it. */
export interface TapSurroundings {
  socket(id: SocketId): SocketInfo | undefined;
  /** The socket that the composer is about. */
  target(): SocketInfo | undefined;
  setFaults(request: { id: TapId; faults: TapFaults }): Promise<AutomateAnswer>;
  say(text: string): void;
}

/** One field of the form. */
export type FaultField = `${TapDirection}.${FaultName}` | 'seed';

/** The socket at which a tap listens, with what it is to the tap. */
export type TapListener = SocketInfo & { tap: SocketTap };

/** The faults of a tap while they are edited: texts until they are used. */
export class TapModel {
  private readonly editing = signal<SocketId | null>(null);
  private readonly texts = signal<Partial<Record<FaultField, string>>>({});
  /** Why the host did not take them, for people. */
  readonly refusal = signal<string | null>(null);
  /** The tap whose faults the composer shows in the place of a call's form. */
  readonly edited: ReadonlySignal<TapListener | undefined>;
  /** What is wrong with each field. */
  readonly problems: ReadonlySignal<ReadonlyMap<FaultField, Problem>>;

  constructor(private readonly page: TapSurroundings) {
    this.edited = computed(() => {
      const socket = page.target();
      return socket && this.editing.value === socket.id && isListener(socket) ? socket : undefined;
    });
    this.problems = computed(() => {
      const problems = new Map<FaultField, Problem>();
      for (const [field, text = ''] of Object.entries(this.texts.value) as [FaultField, string][]) {
        const message = complaint(field, text);
        if (message !== undefined) {
          problems.set(field, { message, offset: null });
        }
      }
      return problems;
    });
  }

  /** Shows the faults of the tap that listens at a socket as they are. */
  edit(socketId: SocketId): void {
    const socket = this.page.socket(socketId);
    if (!socket || !isListener(socket)) {
      return;
    }
    const { seed, ...directions } = socket.tap.faults;
    const texts: Partial<Record<FaultField, string>> = { seed: String(seed) };
    for (const direction of ['toServer', 'toClient'] as const) {
      for (const [name, value] of Object.entries(directions[direction]) as [FaultName, number][]) {
        texts[`${direction}.${name}`] = String(value);
      }
    }
    this.texts.value = texts;
    this.refusal.value = null;
    this.editing.value = socketId;
  }

  close(): void {
    this.editing.value = null;
  }

  text(field: FaultField): string {
    return this.texts.value[field] ?? '';
  }

  change(field: FaultField, text: string): void {
    this.refusal.value = null;
    this.texts.value = { ...this.texts.value, [field]: text };
  }

  /** Empties every field but the seed. */
  clear(): void {
    this.refusal.value = null;
    this.texts.value = { seed: this.text('seed') };
  }

  /** What the fields say; null while something is wrong with one. */
  get faults(): TapFaults | null {
    if (this.problems.value.size > 0) {
      return null;
    }
    const direction = (its: TapDirection): DirectionFaults =>
      Object.fromEntries(
        faultRows
          .map(({ name }) => [name, Number(this.text(`${its}.${name}`))] as const)
          .filter(([, value]) => value > 0),
      );
    return {
      seed: Number(this.text('seed')),
      toServer: direction('toServer'),
      toClient: direction('toClient'),
    };
  }

  /** Lets the tap disturb what it passes on by the fields as they stand. */
  async apply(): Promise<void> {
    const { faults } = this;
    const socket = this.edited.value;
    if (!socket || !faults) {
      return;
    }
    const answer = await this.page.setFaults({ id: socket.tap.id, faults });
    if (answer.kind === 'refused') {
      this.refusal.value = answer.message;
      this.page.say(answer.message);
    }
  }
}

export function isListener(socket: SocketInfo): socket is TapListener {
  return socket.tap?.side === 'listener' && isOpenSocket(socket);
}

/** Where the tap listens that a socket is of: the pairs of its clients' connections are its own, too. */
export function listenerOf(
  socket: SocketInfo | undefined,
  sockets: ReadonlyMap<SocketId, SocketInfo>,
): TapListener | undefined {
  const id = socket?.tap?.id;
  return id === undefined
    ? undefined
    : [...sockets.values()].find((one): one is TapListener => isListener(one) && one.tap.id === id);
}

/** What a tap is for, with the address to give to clients. */
export function tapSentence(listen: SocketAddress, target: SocketAddress): string {
  return t('Clients connect to {0}: everything goes on to {1}.', endpointText(listen), endpointText(target));
}

/** The faults that there are for what a tap relays. */
export function rowsOf({ tap }: TapListener): readonly FaultRow[] {
  return faultRows.filter(({ kinds }) => kinds.includes(tap.kind));
}

function complaint(field: FaultField, text: string): string | undefined {
  const trimmed = text.trim();
  const value = /^\d+$/.test(trimmed) ? Number(trimmed) : Number.NaN;
  if (field === 'seed') {
    return seedComplaint(value);
  }
  const row = faultRows.find(({ name }) => field.endsWith(`.${name}`))!;
  return trimmed === '' ? undefined : faultComplaint(row, value);
}
