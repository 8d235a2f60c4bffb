import { t } from '../../common/l10n.js';
import { printAddress } from '../../common/notation/printer.js';
import type { SocketAddress, SocketInfo } from '../../common/socket.js';
import {
  counterpartOf,
  defaultBacklog,
  defaultBindAddress,
  defaultPeerAddress,
  defaultReceiveLength,
  isConnectionSocket,
} from '../../common/usualArguments.js';
import { constantValue, names } from '../../common/tables/constants.js';
import { optionLevels } from '../../common/tables/optionLevels.js';
import { findOption, listOptions } from '../../common/tables/options.js';
import { type Parameter, signatureOf } from '../../common/tables/signatures.js';
import { platform } from '../platform.js';
import { readArgument } from './arguments.js';
import { partKeys } from './composed.js';
import {
  latestPath,
  pollQuestions,
  requestArgumentQuestions,
  requestQuestion,
} from './descriptorQuestions.js';
import { type Answers, type Choice, type Complaint, type Question, separator } from './flow.js';
import { complain, type QuestionContext, textQuestion } from './textQuestion.js';

/** An answer that stands for "I want to type it". */
const other = 'other';

/** Asked with the button on the question before. */
const askFlags = 'askFlags';

/** The questions for the arguments of a call, besides the socket. */
export function argumentQuestions(context: QuestionContext): Question[] {
  const { name, answers } = context;
  if (name === 'socket') {
    return socketQuestions(answers, kinds, 'socket');
  }
  if (name === 'socketpair') {
    return socketQuestions(answers, pairKinds, 'socketpair');
  }
  const questions = signatureOf(name).parameters.flatMap((parameter) => questionsFor(parameter, context));
  const flags = signatureOf(name).parameters.find(({ type }) => type === 'msgflags');
  const [first] = questions;
  if (flags && first && !answers.has(askFlags)) {
    first.button = {
      icon: 'settings-gear',
      tooltip: t('Choose flags'),
      press: () => answers.set(askFlags, 'yes'),
    };
  }
  return questions;
}

function questionsFor(parameter: Parameter, context: QuestionContext): Question[] {
  const { answers } = context;
  const key = parameter.name;
  switch (parameter.type) {
    case 'sockaddr':
      return [addressQuestion(parameter, context)];
    case 'data':
      return [dataQuestion(parameter, context)];
    case 'size':
      // The length of data follows from the data.
      return parameter.isOptional ? [] : [lengthQuestion(parameter, context)];
    case 'backlog':
      return [
        textQuestion(
          parameter,
          context,
          t('How many connections may wait for accept (backlog)'),
          String(defaultBacklog),
        ),
      ];
    case 'how':
      return [
        {
          kind: 'choice',
          key,
          prompt: t('Which direction to end (how)'),
          initial: 'SHUT_WR',
          choices: [
            { label: 'SHUT_RD', answer: 'SHUT_RD', detail: t('No more receiving.') },
            {
              label: 'SHUT_WR',
              answer: 'SHUT_WR',
              detail: t('No more sending: the peer reads the end of the stream, and may still answer.'),
            },
            { label: 'SHUT_RDWR', answer: 'SHUT_RDWR', detail: t('Neither receiving nor sending.') },
          ],
        },
      ];
    case 'level':
      return optionQuestions(context);
    case 'optval':
      return [optionValueQuestion(parameter, context)];
    case 'sockflags':
      return [
        {
          kind: 'flags',
          key,
          prompt: t('Flags of the accepted socket'),
          choices: ['SOCK_NONBLOCK', 'SOCK_CLOEXEC'].map((flag) => ({ label: flag, answer: flag })),
        },
      ];
    case 'msghdr':
      return answers.has(key) ? [] : messageQuestions(context);
    case 'msghdrOut':
      return answers.has(key) ? [] : [lengthQuestion({ name: partKeys.length, type: 'size' }, context)];
    case 'pollfds':
      return answers.has(key) ? [] : pollQuestions(context);
    case 'timeout':
      return [
        textQuestion(parameter, context, t('How long to wait, in ms; -1 is for ever, 0 not at all'), '-1'),
      ];
    case 'path':
      return [textQuestion(parameter, context, t('Path of the socket file to remove'), latestPath(context))];
    case 'fcntlcmd':
    case 'ioctlrequest':
      return [requestQuestion(parameter)];
    case 'fcntlarg':
    case 'ioctlarg':
      return requestArgumentQuestions(parameter, context);
    case 'msgflags':
      return answers.has(askFlags)
        ? [
            {
              kind: 'flags',
              key,
              prompt: t('Flags of the call'),
              choices: names('msgflags', platform).map((flag) => ({ label: flag, answer: flag })),
            },
          ]
        : [];
    default:
      return [];
  }
}

function lengthQuestion(parameter: Parameter, context: QuestionContext): Question {
  return textQuestion(
    parameter,
    context,
    t('Length of the buffer to receive into, in bytes'),
    String(defaultReceiveLength),
  );
}

/** The data, and to whom: each message of an unconnected datagram socket has its own address. */
function messageQuestions(context: QuestionContext): Question[] {
  const { socket } = context;
  const isConnected = socket !== undefined && (isConnectionSocket(socket) || socket.state === 'connected');
  return [
    dataQuestion({ name: partKeys.data, type: 'data' }, context),
    ...(isConnected ? [] : [addressQuestion({ name: partKeys.address, type: 'sockaddr' }, context)]),
  ];
}

const kinds: readonly { domain: string; type: string; title: () => string }[] = [
  { domain: 'AF_INET', type: 'SOCK_STREAM', title: () => t('TCP over IPv4') },
  { domain: 'AF_INET6', type: 'SOCK_STREAM', title: () => t('TCP over IPv6') },
  { domain: 'AF_INET', type: 'SOCK_DGRAM', title: () => t('UDP over IPv4') },
  { domain: 'AF_INET6', type: 'SOCK_DGRAM', title: () => t('UDP over IPv6') },
  { domain: 'AF_UNIX', type: 'SOCK_STREAM', title: () => t('Unix stream') },
  { domain: 'AF_UNIX', type: 'SOCK_DGRAM', title: () => t('Unix datagram') },
  { domain: 'AF_UNIX', type: 'SOCK_SEQPACKET', title: () => t('Unix sequenced packets') },
];

/** Only these can be made in pairs. */
const pairKinds = kinds.filter(({ domain }) => domain === 'AF_UNIX');

function socketQuestions(answers: Answers, usual: typeof kinds, call: 'socket' | 'socketpair'): Question[] {
  const isGiven = answers.has('domain') || answers.has('type') || answers.has('protocol');
  const kind = answers.get('family');
  const [domain, type] = kind?.split(' ') ?? [];
  if (domain !== undefined && type !== undefined) {
    return [kindQuestion(usual, call)];
  }
  const rest = [
    constantQuestion('domain', t('Family of addresses (domain)'), names('domain', platform)),
    constantQuestion('type', t('Type, with SOCK_NONBLOCK or SOCK_CLOEXEC added if wanted'), [
      ...names('socktype', platform),
      'SOCK_STREAM|SOCK_NONBLOCK',
      'SOCK_DGRAM|SOCK_NONBLOCK',
    ]),
    constantQuestion('protocol', t('Protocol: 0 is the usual one'), [
      '0',
      ...names('protocol', platform, constantValue(answers.get('domain') ?? 'AF_INET', platform)),
    ]),
  ];
  return isGiven ? rest : [kindQuestion(usual, call), ...(kind === other ? rest : [])];
}

function kindQuestion(usual: typeof kinds, call: string): Question {
  return {
    kind: 'choice',
    key: 'family',
    prompt: call === 'socket' ? t('Which socket to create') : t('Which pair to create'),
    choices: [
      ...usual.map(({ domain, type, title }) => ({
        label: title(),
        description: `${call}(${domain}, ${type}, 0)`,
        answer: `${domain} ${type}`,
      })),
      separator(''),
      { label: t('Another domain, type or protocol…'), answer: other },
    ],
  };
}

function constantQuestion(key: string, prompt: string, constants: readonly string[]): Question {
  return {
    kind: 'choice',
    key,
    prompt,
    choices: constants.map((name) => {
      const value = constantValue(name, platform);
      return { label: name, answer: name, ...(value === undefined ? {} : { description: String(value) }) };
    }),
  };
}

function dataQuestion(parameter: Parameter, context: QuestionContext): Question {
  return textQuestion(
    parameter,
    context,
    t('Data to send: text with \\n, \\r, \\0 and \\xHH, or hex("48 69"), or base64("SGk=")'),
    'hello\\n',
  );
}

function addressQuestion(parameter: Parameter, context: QuestionContext): Question {
  const { socket } = context;
  const initial = defaultAddress(context);
  return {
    ...textQuestion(parameter, context, addressPrompt(context), initial),
    ...(hasCounterpart(context) ? { initial } : {}),
    validate: (text) => complain(text, parameter) ?? warnOfFamily(text, parameter, socket),
  };
}

function addressPrompt({ name, socket }: QuestionContext): string {
  const example =
    socket?.domain === 'AF_UNIX'
      ? 'unix:/tmp/x.sock, unix:@abstract'
      : socket?.domain === 'AF_INET6'
        ? '[::1]:4000, localhost:4000'
        : '127.0.0.1:4000, localhost:4000';
  return name === 'bind'
    ? t('Own address, for example {0}. Port 0 lets the kernel choose.', example)
    : t('Address of the peer, for example {0}', example);
}

/** What most people would want: a free port of this machine, or the newest socket of ours that can be reached. */
function defaultAddress({ name, socket, sockets }: QuestionContext): string {
  if (!socket) {
    return '';
  }
  const address =
    name === 'bind'
      ? defaultBindAddress(socket)
      : defaultPeerAddress(socket, { sockets: new Map(sockets.map((info) => [info.id, info])), platform });
  return printAddress(address, 'short');
}

/** Whether the address is one of ours and so better than what was typed for another socket. */
function hasCounterpart({ name, socket, sockets }: QuestionContext): boolean {
  const all = new Map(sockets.map((info) => [info.id, info]));
  return (
    name !== 'bind' && socket !== undefined && counterpartOf(socket, { sockets: all, platform }) !== undefined
  );
}

function warnOfFamily(
  text: string,
  parameter: Parameter,
  socket: SocketInfo | undefined,
): Complaint | undefined {
  const reading = readArgument(text, parameter);
  if (!socket || 'message' in reading || reading.hostName) {
    return undefined;
  }
  const family = (reading.value as SocketAddress | null)?.family;
  return family === undefined || family === 'raw' || socket.domain === null || family === socket.domain
    ? undefined
    : {
        message: t(
          'This address is {0} and the socket {1}: the kernel will refuse it. Press Enter to see how.',
          family,
          socket.domain,
        ),
        isWarning: true,
      };
}

function optionQuestions({ name, socket, answers }: QuestionContext): Question[] {
  if (answers.has('level') && answers.has('optname') && !answers.has('option')) {
    return [];
  }
  const isSet = name === 'setsockopt';
  const levels = optionLevels(socket);
  const choices: Choice[] = [];
  for (const level of levels) {
    const found = listOptions(platform, constantValue(level, platform)).filter((option) =>
      isSet ? option.canSet : option.canGet,
    );
    if (found.length > 0) {
      choices.push(separator(level));
    }
    for (const option of found) {
      choices.push({
        label: option.name,
        detail: option.description,
        answer: `${option.level} ${option.name}`,
      });
    }
  }
  return [{ kind: 'choice', key: 'option', prompt: t('Which option'), choices }];
}

function optionValueQuestion(parameter: Parameter, context: QuestionContext): Question {
  const { level, optname } = optionOf(context.answers);
  const option = findOption(
    constantValue(level, platform) ?? Number.NaN,
    constantValue(optname, platform) ?? Number.NaN,
    platform,
  );
  const prompt = option ? `${optname}: ${option.description}` : t('Value of the option');
  if (option?.layout === 'bool') {
    return {
      kind: 'choice',
      key: parameter.name,
      prompt,
      choices: [
        { label: t('on'), description: '1', answer: '1' },
        { label: t('off'), description: '0', answer: '0' },
      ],
    };
  }
  const initial =
    option?.layout === 'linger'
      ? '{l_onoff=1, l_linger=0}'
      : option?.layout === 'timeval'
        ? '{tv_sec=1, tv_usec=0}'
        : option?.layout === 'string'
          ? '""'
          : '1';
  return { ...textQuestion(parameter, context, prompt, initial), initial };
}

/** Level and name of the chosen option, by its question or given apart. */
export function optionOf(answers: Answers): { level: string; optname: string } {
  const [level, optname] = answers.get('option')?.split(' ') ?? [];
  return {
    level: level ?? answers.get('level') ?? '',
    optname: optname ?? answers.get('optname') ?? '',
  };
}
