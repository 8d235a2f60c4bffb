import { batch, computed, type ReadonlySignal, signal } from '@preact/signals';
import type { Call } from '../../common/call.js';
import type { CallTemplate } from '../../common/callTemplate.js';
import type { PanelCall } from '../../common/protocol/panel.js';
import type { SocketId, SocketInfo } from '../../common/socket.js';
import { expectedCalls, usualCall } from '../../common/socketCalls.js';
import {
  defaultCall,
  defaultFreeCall,
  isOpenSocket,
  type SuggestionContext,
} from '../../common/usualArguments.js';
import { type CallName, parameterIndex } from '../../common/tables/signatures.js';
import type { AddressDraft } from '../form/addressKinds.js';
import { type Draft, emptyDraft } from '../form/fields.js';
import type { FieldKey, Problem } from '../form/problem.js';
import {
  addressAt,
  draftOf,
  draftOfMade,
  type FormReading,
  readForm,
  templatesOf,
} from '../form/readForm.js';
import { CurrentDraw } from './draw.js';
import { KeptDrafts, type ShownForm } from './keptDrafts.js';
import { SocketNews } from './socketNews.js';
import { descriptorOf, type Target } from './target.js';

/** The form of the next call. What was typed stays with its call and socket: until the call was made, what is sent and the room to receive also after it. */
export class ComposerModel {
  readonly kept = new KeptDrafts();
  private readonly news: SocketNews;

  private readonly userActions = signal(0);
  /** The call that is shown was not chosen by the user: another may be as usual on another socket, or later. */
  private isSuggested = true;
  /** What sends, and was left for the other end because that is usual next. */
  private leftSend: { name: CallName; socketId: SocketId } | null = null;

  readonly name = signal<CallName>('socket');
  readonly target = signal<Target>({ kind: 'none' });
  readonly draft = signal<Draft>(emptyDraft);
  /** The answer of the extension or host, which refused the call before the kernel was asked. */
  readonly refusal = signal<{ argument: number | null; message: string } | null>(null);
  readonly isBusy = signal(false);
  /** Counts what somebody has chosen for the form, beside what it goes on to by itself. */
  readonly choices = signal(0);
  /** The user has changed the form since it was filled in. */
  readonly isTouched = signal(false);
  /** The form while a long paste into it is read: any change of it takes the place of the paste. */
  private readonly pasting = signal<{ draft: Draft; actions: number } | null>(null);
  /** Whether to show what is missing: not before the user tried. */
  readonly showsMissing = signal(false);
  /** Whether to show the fields that hardly anybody sets: asked for again with each call. */
  readonly showsAdvanced = signal(false);
  /** What the variables of its payload stand for in the call that is shown. */
  readonly draw = new CurrentDraw();
  readonly reading: ReadonlySignal<FormReading>;
  /** Its payloads that hold variables. */
  readonly templates: ReadonlySignal<readonly CallTemplate[]>;
  /** Everything that is wrong, by its field. */
  readonly problems: ReadonlySignal<ReadonlyMap<FieldKey, Problem>>;
  /** Our socket that the call is made on. */
  readonly socket: ReadonlySignal<SocketInfo | undefined>;

  constructor(
    private readonly sockets: ReadonlySignal<ReadonlyMap<SocketId, SocketInfo>>,
    private readonly context: () => SuggestionContext,
  ) {
    this.news = new SocketNews(sockets);
    this.socket = computed(() => {
      const target = this.target.value;
      return target.kind === 'socket' ? this.sockets.value.get(target.id) : undefined;
    });
    this.reading = computed(() =>
      readForm(this.name.value, this.draft.value, {
        target: descriptorOf(this.target.value, this.socket.value),
        domain: this.socket.value?.domain ?? undefined,
        platform: this.context().platform,
        values: this.draw.value.values(),
      }),
    );
    this.templates = computed(() => templatesOf(this.name.value, this.draft.value));
    this.problems = computed(() => {
      const { problems } = this.reading.value;
      const refusal = this.refusal.value;
      return refusal && refusal.argument !== null
        ? new Map<FieldKey, Problem>([
            ...problems,
            [refusal.argument, { message: refusal.message, offset: null }],
          ])
        : problems;
    });
  }

  /** Counts what the user did to the form: what is suggested late must not undo it. */
  get actions(): number {
    return this.userActions.value;
  }

  /** Whether the call sends one payload. */
  get sendsPayload(): boolean {
    return parameterIndex(this.name.peek(), 'data') >= 0;
  }

  /** Whether a call that sends was chosen, not only suggested. */
  get isChosenSend(): boolean {
    return this.sendsPayload && !this.isSuggested;
  }

  get isComplete(): boolean {
    return this.reading.value.problems.size === 0 && !this.isPasting;
  }

  /** What was pasted is still being read: nobody knows yet what would be called. */
  get isPasting(): boolean {
    const pasting = this.pasting.value;
    return pasting !== null && pasting.draft === this.draft.value && pasting.actions === this.actions;
  }

  /** A long paste begins to be read. Tells whether it is still wanted; and ends it. */
  beginPaste(): { isWanted: () => boolean; end: () => void } {
    this.noteAction();
    const pasting = { draft: this.draft.peek(), actions: this.actions };
    const isLast = () => this.pasting.peek() === pasting;
    this.pasting.value = pasting;
    return {
      isWanted: () => isLast() && this.isPasting,
      end: () => {
        if (isLast()) {
          this.pasting.value = null;
        }
      },
    };
  }

  /** What the extension is asked to do for the form as it stands. */
  request(): PanelCall {
    const { call, hostName } = this.reading.peek();
    const templates = this.templates.peek();
    return {
      call,
      ...(hostName ? { hostName } : {}),
      ...(templates.length > 0 ? { templates: [...templates] } : {}),
    };
  }

  /** Shows a call in the form. */
  prepare(call: Call, socketId: SocketId | null): void {
    this.keepDraft();
    const socketTarget = this.targetOf(call, socketId);
    this.show(call.name, socketTarget, draftOf(call, this.context().platform, this.kept.base()));
    this.noteChoice();
  }

  /** Shows the call that is usual next: with what was sent by it before, and the room it was given, for what is usual. */
  suggest(call: Call, socketId: SocketId | null): void {
    this.keepDraft();
    const target = this.targetOf(call, socketId);
    const draft = draftOf(call, this.context().platform);
    const { targetId, sendsPayload } = this;
    const leftSend =
      sendsPayload && targetId !== null && targetId !== socketId
        ? { name: this.name.peek(), socketId: targetId }
        : null;
    this.show(call.name, target, this.kept.withKept(call.name, target, draft));
    this.leftSend = leftSend;
  }

  /** Our socket that the call is made on; null for a call without one, or on a number of the user's. */
  get targetId(): SocketId | null {
    const target = this.target.value;
    return this.takesTarget && target.kind === 'socket' ? target.id : null;
  }

  /** Fills the form with a call that was made before, for the socket at hand. */
  reuse(made: PanelCall): void {
    const { name } = made.call;
    this.noteAction();
    this.keepDraft();
    const socket = this.socket.value ?? this.news.latest();
    const target: Target =
      parameterIndex(name, 'fd') < 0
        ? this.target.value
        : socket
          ? { kind: 'socket', id: socket.id }
          : this.targetOf(made.call, null);
    batch(() => {
      this.show(name, target, draftOfMade(made, this.context().platform, emptyDraft));
      this.isSuggested = false;
      this.isTouched.value = true;
    });
    this.noteChoice();
  }

  /**
   * Chooses a call for the socket at hand: with what was typed for it before, else with the usual arguments. Who sends again
   * does so from the socket of the last time, not from the other end that the form has gone to.
   */
  choose(name: CallName): void {
    this.noteAction();
    this.keepDraft();
    const { leftSend } = this;
    const sender = leftSend?.name === name ? this.sockets.peek().get(leftSend.socketId) : undefined;
    if (sender && isOpenSocket(sender) && !this.isTouched.peek()) {
      this.target.value = { kind: 'socket', id: sender.id };
    }
    const socket = this.socket.value ?? this.news.latest();
    const target: Target =
      parameterIndex(name, 'fd') < 0
        ? this.target.value
        : this.target.value.kind === 'none' && socket
          ? { kind: 'socket', id: socket.id }
          : this.target.value;
    this.show(name, target, this.kept.get(name, target) ?? this.usual(name, socket));
    this.isSuggested = false;
    this.noteChoice();
  }

  /**
   * Chooses what the call is made on; a call that was not touched gets the usual arguments for it. One that was only
   * suggested gives way to what is usual there.
   */
  chooseTarget(target: Target): void {
    this.moveTo(target);
    this.noteChoice();
  }

  private moveTo(target: Target): void {
    this.noteAction();
    const wasTouched = this.isTouched.value;
    this.keepDraft();
    const socket = target.kind === 'socket' ? this.sockets.value.get(target.id) : undefined;
    const staysCall =
      target.kind === 'none' ||
      (wasTouched ? this.takesTarget : this.suits(socket) && !(socket && this.isSuggested));
    const name = staysCall ? this.name.value : socket ? usualCall(socket) : 'getsockname';
    const stays = wasTouched || !socket;
    const draft =
      name === this.name.value && stays
        ? this.draft.value
        : (this.kept.get(name, target) ?? this.usual(name, socket));
    const isSuggested = this.isSuggested || !staysCall;
    this.show(name, target, draft);
    this.isSuggested = isSuggested;
  }

  setText(index: number, text: string): void {
    const { draft } = this;
    this.touch({ ...draft.value, texts: { ...draft.value.texts, [index]: text } });
  }

  setFlags(index: number, flags: number): void {
    const { draft } = this;
    this.touch({ ...draft.value, flags: { ...draft.value.flags, [index]: flags } });
  }

  /** The address of a parameter as the form shows it: of the socket's own family where nobody has chosen. */
  address(index: number): AddressDraft {
    return addressAt(this.draft.value, index, this.socket.value?.domain ?? undefined);
  }

  setAddress(index: number, address: AddressDraft): void {
    const { value } = this.draft;
    const texts = { ...value.texts };
    delete texts[index];
    this.touch({ ...value, texts, addresses: { ...value.addresses, [index]: address } });
  }

  /** Changes parts of the form that belong to no single parameter. */
  change(change: Partial<Pick<Draft, 'payload' | 'message' | 'room' | 'fds' | 'structs'>>): void {
    this.touch({ ...this.draft.value, ...change });
  }

  /** The form as it stands: what is called when it is. */
  get shown(): ShownForm {
    const { actions } = this;
    return { name: this.name.peek(), target: this.target.peek(), draft: this.draft.peek(), actions };
  }

  /** The call was made that the form showed then: what was written since is still to be called. */
  commit(made: ShownForm = this.shown): void {
    const { name, draft, actions } = made;
    this.kept.commit(made);
    batch(() => {
      if (actions === this.actions) {
        this.isTouched.value = false;
        // What has ended one socket ends no other one: only a person says so.
        this.isSuggested ||= name === 'close';
      }
      this.draw.again(templatesOf(name, draft).length > 0 ? 1 : 0);
    });
  }

  refuse(argument: number | null, message: string): void {
    this.refusal.value = { argument, message };
  }

  /**
   * The target is gone or lost: the form falls back to a new socket. A socket that was made elsewhere (the tree, a
   * scenario) becomes the target of a form that has none and was not touched; what is done elsewhere to the target, or
   * comes to it, brings the call that is usual then, and a connection that it accepts takes its place.
   * @param isAtHand The user is in the form, or about to press something there: what it calls stays as it is, and what
   * has come is looked at with the next news.
   */
  followSockets(isAtHand = false): void {
    const target = this.target.peek();
    const socket = target.kind === 'socket' ? this.sockets.peek().get(target.id) : undefined;
    const { before } = this.news;
    const isIdle = !this.isTouched.peek() && !this.isBusy.peek();
    if (target.kind === 'socket' && (!socket || socket.isLost)) {
      this.reset();
      return;
    }
    if (isAtHand) {
      return;
    }
    if (socket?.state === 'closed' && before?.state !== 'closed' && isIdle && this.takesTarget) {
      // It was closed elsewhere: its number may soon be another's.
      this.reset();
      return;
    }
    const latest = this.news.latest();
    const isNew = latest !== undefined && this.news.isNew(latest);
    const taken = isNew && socket?.automatic === null ? this.news.acceptedSince(socket) : undefined;
    if (target.kind === 'none' && isNew && isIdle) {
      this.moveTo({ kind: 'socket', id: latest.id });
    } else if (taken && isIdle && this.isSuggested) {
      this.show('recv', { kind: 'socket', id: taken.id }, this.usual('recv', taken));
    } else if (socket && before?.id === socket.id && isIdle && this.takesTarget) {
      const name = usualCall(socket);
      const isOvertaken = before.state !== socket.state && !this.suits(socket);
      const wasUsual = this.isSuggested && this.name.peek() === usualCall(before);
      if (isOvertaken || (wasUsual && name !== this.name.peek())) {
        this.show(name, target, this.usual(name, socket));
      }
    }
    this.news.note(this.target.peek());
  }

  /** The form of a fresh page. */
  reset(): void {
    this.show('socket', { kind: 'none' }, this.usual('socket', undefined));
  }

  private usual(name: CallName, socket: SocketInfo | undefined): Draft {
    const context = this.context();
    const call = socket ? defaultCall(name, socket, context) : defaultFreeCall(name, context);
    const target: Target = socket ? { kind: 'socket', id: socket.id } : { kind: 'none' };
    return this.kept.withKept(name, target, draftOf(call, context.platform));
  }

  private get takesTarget(): boolean {
    return parameterIndex(this.name.value, 'fd') >= 0;
  }

  /** Whether the call is one that programs make on this socket now. */
  private suits(socket: SocketInfo | undefined): boolean {
    return this.takesTarget && (!socket || expectedCalls(socket).has(this.name.peek()));
  }

  private show(name: CallName, target: Target, draft: Draft): void {
    batch(() => {
      if (name !== this.name.value) {
        this.showsAdvanced.value = false;
      }
      this.name.value = name;
      this.target.value = target;
      this.draft.value = draft;
      this.refusal.value = null;
      this.isTouched.value = false;
      this.showsMissing.value = false;
    });
    this.isSuggested = true;
    this.leftSend = null;
    this.news.note(this.target.peek());
  }

  private noteAction(): void {
    this.userActions.value = this.userActions.peek() + 1;
  }

  private noteChoice(): void {
    this.choices.value = this.choices.peek() + 1;
  }

  private touch(draft: Draft): void {
    this.noteAction();
    batch(() => {
      this.draft.value = draft;
      this.refusal.value = null;
      this.isTouched.value = true;
    });
  }

  private keepDraft(): void {
    if (this.isTouched.value) {
      this.kept.keep(this.name.value, this.target.value, this.draft.value);
    }
  }

  private targetOf(call: Call, socketId: SocketId | null): Target {
    if (socketId !== null) {
      return { kind: 'socket', id: socketId };
    }
    const index = parameterIndex(call.name, 'fd');
    const fd = index < 0 ? undefined : call.args[index];
    if (typeof fd !== 'number') {
      const { socket } = this;
      return socket.value && !isOpenSocket(socket.value) ? { kind: 'none' } : this.target.value;
    }
    const socket = [...this.sockets.value.values()].find((one) => one.fd === fd && isOpenSocket(one));
    return socket ? { kind: 'socket', id: socket.id } : { kind: 'number', text: String(fd) };
  }
}
