import { t } from '../../common/l10n.js';
import type { SocketId, SocketInfo } from '../../common/socket.js';
import { expectedCalls, receivingCalls, waitsFor } from '../../common/socketCalls.js';
import { endpointText, sizeText, socketIcon } from '../../common/socketText.js';
import { constantValue, names } from '../../common/tables/constants.js';
import {
  fcntlArgument,
  ioctlArgument,
  settableOpenFlags,
  usualFcntlCommands,
  usualIoctlRequests,
} from '../../common/tables/requests.js';
import { findPointerRequest, requestExample } from '../../common/tables/pointerRequests.js';
import type { CallName, Parameter } from '../../common/tables/signatures.js';
import { escapeIcons } from '../icons.js';
import { platform } from '../platform.js';
import { socketDescription, socketLabel } from '../views/socketText.js';
import { partKeys } from './composed.js';
import { type Choice, type ChoiceQuestion, type Question, separator } from './flow.js';
import { complain, type QuestionContext, textQuestion } from './textQuestion.js';

/** Which descriptors to poll, and for what. */
export function pollQuestions({ sockets, answers }: QuestionContext): Question[] {
  const open = [...sockets].reverse();
  return [
    {
      kind: 'flags',
      key: partKeys.polled,
      prompt: t('Which descriptors to poll'),
      choices: open.map((socket) => descriptorChoice(socket)),
    },
    ...(answers.get(partKeys.polled) === '0'
      ? []
      : [
          {
            kind: 'flags',
            key: partKeys.events,
            prompt: t('What to wait for'),
            choices: ['POLLIN', 'POLLOUT', 'POLLPRI', 'POLLRDHUP'].map((event) => ({
              label: event,
              answer: event,
            })),
          } as const,
        ]),
  ];
}

/** An open descriptor as a choice; the answer is its id. */
export function descriptorChoice(socket: SocketInfo): Choice {
  return {
    label: `$(${socketIcon(socket)}) ${escapeIcons(socketLabel(socket))}`,
    description: escapeIcons(socketDescription(socket)),
    answer: String(socket.id),
  };
}

/**
 * Our sockets as the choices for a call, the latest first; in front of them those on which there is something for it to
 * take. The one that is selected is marked, unless the call would wait there and not on another.
 */
export function socketChoices(
  name: CallName | undefined,
  sockets: readonly SocketInfo[],
  selected: SocketId | undefined,
): Pick<ChoiceQuestion, 'choices' | 'initial'> {
  const waits = (socket: SocketInfo) => (name === undefined ? 0 : waitsFor(name, socket));
  const fits = (socket: SocketInfo) => name === undefined || expectedCalls(socket).has(name);
  const open = sockets.toReversed();
  const expected = open.filter(fits);
  const ready = expected.filter((socket) => waits(socket) > 0);
  const choice = (socket: SocketInfo): Choice => {
    const shown = descriptorChoice(socket);
    // How many wait to be accepted stands there anyway.
    return receivingCalls.has(name ?? '') && waits(socket) > 0
      ? {
          ...shown,
          description: `${t('{0} wait to be received', sizeText(waits(socket)))} · ${shown.description}`,
        }
      : shown;
  };
  const choices = [...ready, ...expected.filter((socket) => !ready.includes(socket))].map(choice);
  const unexpected = open.filter((socket) => !fits(socket));
  if (unexpected.length > 0) {
    choices.push(
      separator(t('Unusual in this state: call it to see what the kernel says')),
      ...unexpected.map(choice),
    );
  }
  const isSelectedReady = ready.length === 0 || ready.some(({ id }) => id === selected);
  const initial = isSelectedReady ? selected : ready[0]!.id;
  return { choices, ...(initial === undefined ? {} : { initial: String(initial) }) };
}

/** The socket file that was bound last. */
export function latestPath({ sockets }: QuestionContext): string {
  const bound = sockets.findLast(
    ({ local }) => local?.family === 'AF_UNIX' && !local.isAbstract && local.name.length > 0,
  )?.local;
  return bound ? endpointText(bound) : '/tmp/playground.sock';
}

/** The commands of `fcntl(2)`, or the requests of `ioctl(2)`: the usual ones first. */
export function requestQuestion({ name, type }: Parameter): Question {
  const group = type === 'fcntlcmd' ? 'fcntlcmd' : 'ioctlrequest';
  const usual = group === 'fcntlcmd' ? usualFcntlCommands : usualIoctlRequests;
  const rest = names(group, platform).filter((each) => !usual.includes(each));
  const choice = (label: string): Choice => ({ label, answer: label });
  return {
    kind: 'choice',
    key: name,
    prompt: group === 'fcntlcmd' ? t('Which command') : t('Which request'),
    choices: [...usual.map(choice), separator(''), ...rest.map(choice)],
  };
}

/** What the command or the request takes: flags, a number, a switch, or nothing. */
export function requestArgumentQuestions(parameter: Parameter, context: QuestionContext): Question[] {
  const isFcntl = parameter.type === 'fcntlarg';
  const command = context.answers.get(isFcntl ? 'cmd' : 'request') ?? '';
  const number = constantValue(command, platform) ?? (Number(command) || undefined);
  const key = parameter.name;
  switch ((isFcntl ? fcntlArgument : ioctlArgument)(number, platform)) {
    case 'none':
    case 'written':
      return [];
    case 'switch':
      return [
        {
          kind: 'choice',
          key,
          prompt: command,
          choices: [
            { label: t('on'), description: '[1]', answer: '[1]' },
            { label: t('off'), description: '[0]', answer: '[0]' },
          ],
        },
      ];
    case 'openflags':
    case 'fdflags': {
      const flags = command === 'F_SETFL' ? settableOpenFlags : ['FD_CLOEXEC'];
      return [
        {
          kind: 'flags',
          key,
          prompt: command,
          choices: flags.map((flag) => ({ label: flag, answer: flag })),
        },
      ];
    }
    default: {
      const request = number === undefined ? undefined : findPointerRequest(parameter.type, number, platform);
      const example = request ? requestExample(request) : isFcntl ? '0' : '[0]';
      const question = textQuestion(parameter, context, t('Argument of {0}', command), example);
      return [{ ...question, validate: (text) => complain(text, parameter, number) }];
    }
  }
}
