import { type Call, isData, itemsOf, type Value } from '../../common/call.js';
import { t } from '../../common/l10n.js';
import type { SocketId, SocketInfo } from '../../common/socket.js';
import {
  type CallName,
  type Parameter,
  parameterIndex,
  signatureOf,
} from '../../common/tables/signatures.js';
import type { Playground } from '../../playground/playground.js';
import { addressLabel } from '../views/socketText.js';
import { readArgument } from './arguments.js';
import type { CallOutcome, Calls } from './calls.js';
import { composedArgument } from './composed.js';
import { type Answers, type ChoiceQuestion, runFlow, sayNothingToDo } from './flow.js';
import { socketChoices } from './descriptorQuestions.js';
import { argumentQuestions, optionOf } from './questions.js';

/** The key of the question for the socket; its answer is the socket's id. */
export const socketKey = 'socketId';

interface ReadCall {
  call: Call;
  hostName?: { host: string; port: number };
}

/** Which sockets can be chosen, and what to say and offer when there is none. */
interface Among {
  fits: (socket: SocketInfo) => boolean;
  missing: string;
  command: string;
}

function anySocket(): Among {
  return {
    fits: () => true,
    missing: t('There is no open socket for this call.'),
    command: 'socketPlayground.socket',
  };
}

/** Makes a call out of questions and answers, as the palette and the tree do. */
export class CallFlow {
  /** What was last used for each argument of each call. */
  private readonly memory = new Map<string, string>();

  constructor(
    private readonly playground: Playground,
    private readonly calls: Calls,
  ) {}

  /**
   * Asks for what the answers do not say, and makes the call. A refusal leads back to its question.
   * @returns undefined when the user left or nothing could be done.
   */
  async run(
    name: CallName,
    answers: Answers,
    selected?: SocketId,
  ): Promise<(CallOutcome & { kind: 'started' }) | undefined> {
    const needsSocket = parameterIndex(name, 'fd') >= 0;
    if (needsSocket && !this.canChooseSocket(answers)) {
      return undefined;
    }
    const socketName = answers.get('name');
    const questions = (given: Answers) => {
      const socket = this.socketOf(given);
      const asked = needsSocket ? [this.socketQuestion(name, selected)] : [];
      return [
        ...asked,
        ...argumentQuestions({
          name,
          socket,
          sockets: this.playground.openSockets,
          answers: given,
          remembered: (parameter) => this.memory.get(memoryKey(name, parameter, socket)),
        }),
      ];
    };
    let complaint: { key: string; message: string } | undefined;
    for (;;) {
      const isDone = await runFlow(
        {
          title: (given) => titleOf(name, this.socketOf(given)),
          questions,
          draftName: (key, given) => `${name} ${key} ${given.get(socketKey)}`,
        },
        answers,
        complaint,
      );
      if (!isDone) {
        return undefined;
      }
      const { call, hostName } = this.read(name, answers);
      const outcome = await this.calls.make(call, {
        ...(hostName ? { hostName } : {}),
        ...(socketName === undefined ? {} : { socketName }),
      });
      if (outcome.kind === 'started') {
        this.remember(name, answers);
        return outcome;
      }
      if (outcome.kind === 'dismissed') {
        return undefined;
      }
      const key =
        outcome.argument === null ? undefined : signatureOf(name).parameters[outcome.argument]?.name;
      if (key === undefined || !questions(answers).some((question) => question.key === key)) {
        sayNothingToDo(outcome.message);
        return undefined;
      }
      complaint = { key, message: outcome.message };
    }
  }

  /** Asks which socket, where there is more than one. */
  async chooseSocket(
    title: string,
    answers: Answers,
    selected?: SocketId,
    among: Among = anySocket(),
  ): Promise<SocketInfo | undefined> {
    if (!this.canChooseSocket(answers, among)) {
      return undefined;
    }
    const question = this.socketQuestion(undefined, selected, among);
    return (await runFlow({ title: () => title, questions: () => [question] }, answers))
      ? this.socketOf(answers)
      : undefined;
  }

  private canChooseSocket(answers: Answers, { fits, missing, command }: Among = anySocket()): boolean {
    const open = this.playground.openSockets.filter(fits);
    if (answers.has(socketKey)) {
      if (this.socketOf(answers)) {
        return true;
      }
      sayNothingToDo(t('This socket is closed already.'));
      return false;
    }
    const [only] = open;
    if (!only) {
      sayNothingToDo(missing, {
        title: command === 'socketPlayground.socket' ? t('Create Socket') : t('Create Socket Pair'),
        command,
      });
      return false;
    }
    if (open.length === 1) {
      answers.set(socketKey, String(only.id));
    }
    return true;
  }

  private socketOf(answers: Answers): SocketInfo | undefined {
    const id = Number(answers.get(socketKey));
    return this.playground.openSockets.find((socket) => socket.id === id);
  }

  private socketQuestion(
    name: CallName | undefined,
    selected: SocketId | undefined,
    among: Among = anySocket(),
  ): ChoiceQuestion {
    return {
      kind: 'choice',
      key: socketKey,
      prompt: t('Which socket'),
      ...socketChoices(name, this.playground.openSockets.filter(among.fits), selected),
    };
  }

  /** The answers as the call. They were validated when they were given. */
  private read(name: CallName, answers: Answers): ReadCall {
    const socket = this.socketOf(answers);
    const args: (Value | undefined)[] = [];
    let hostName: ReadCall['hostName'];
    for (const parameter of signatureOf(name).parameters) {
      if (parameter.type === 'fd') {
        args.push(socket?.fd ?? -1);
        continue;
      }
      const composed = composedArgument(parameter, answers, this.playground.openSockets);
      if (composed) {
        args.push(composed.value);
        hostName ??= composed.hostName;
        continue;
      }
      const text = answerFor(name, parameter, answers);
      const isRequest = parameter.type === 'ioctlarg' || parameter.type === 'fcntlarg';
      const request = isRequest && typeof args[1] === 'number' ? args[1] : undefined;
      const reading = text === undefined ? undefined : readArgument(text, parameter, request);
      if (reading && 'value' in reading) {
        args.push(reading.value);
        hostName ??= reading.hostName;
      } else {
        args.push(undefined);
      }
    }
    return { call: { name, args: withoutGaps(name, args) }, ...(hostName ? { hostName } : {}) };
  }

  private remember(name: CallName, answers: Answers): void {
    if (name === 'bind') {
      // The address is taken now.
      return;
    }
    for (const { name: parameter } of signatureOf(name).parameters) {
      const text = answers.get(parameter);
      if (text !== undefined) {
        this.memory.set(memoryKey(name, parameter, this.socketOf(answers)), text);
      }
    }
  }
}

/** An address of one family is no help with another. */
function memoryKey(name: CallName, parameter: string, socket: SocketInfo | undefined): string {
  return `${name} ${parameter} ${socket?.domain}`;
}

/** `connect(fd 22)`; the socket is named once it is chosen. */
function titleOf(name: CallName, socket: SocketInfo | undefined): string {
  return socket ? `${name}(fd ${socket.fd}) · ${addressLabel(socket)}` : `${name}()`;
}

function answerFor(name: CallName, parameter: Parameter, answers: Answers): string | undefined {
  if (name === 'socket' || name === 'socketpair') {
    const [domain, type] = answers.get('family')?.split(' ') ?? [];
    const fallback = { domain, type, protocol: domain === undefined ? undefined : '0' }[parameter.name];
    return answers.get(parameter.name) ?? fallback;
  }
  switch (parameter.type) {
    case 'level':
      return optionOf(answers).level;
    case 'optname':
      return optionOf(answers).optname;
    default:
      return answers.get(parameter.name);
  }
}

/** Arguments in front of the last one said are filled with the obvious values, those behind it are left out. */
function withoutGaps(name: CallName, args: readonly (Value | undefined)[]): Value[] {
  const last = args.findLastIndex((value) => value !== undefined);
  const data = args.find(isData);
  return args.slice(0, last + 1).map((value, index) => {
    if (value !== undefined) {
      return value;
    }
    switch (signatureOf(name).parameters[index]?.type) {
      case 'size':
        return data?.length ?? 0;
      case 'nfds':
        return itemsOf(args[index - 1]).length;
      case 'msgflags':
        return 0;
      default:
        return { kind: 'any' };
    }
  });
}
