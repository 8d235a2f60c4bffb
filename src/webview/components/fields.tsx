import { useId } from 'preact/hooks';
import { t } from '../../common/l10n.js';
import type { Value } from '../../common/call.js';
import { shortOptionValue } from '../../common/notation/fieldParser.js';
import {
  type ConstantGroup,
  constantName,
  constantValue,
  formatFlags,
  names,
  type Platform,
} from '../../common/tables/constants.js';
import {
  fcntlArgument,
  settableOpenFlags,
  usualFcntlCommands,
  usualIoctlRequests,
} from '../../common/tables/requests.js';
import { familyOf } from '../../common/tables/families.js';
import { ianaKeyword, ianaNumber } from '../../common/tables/protocolNumbers.js';
import type { Parameter } from '../../common/tables/signatures.js';
import { controlOf, structOfRequest } from '../form/fields.js';
import { AddressField } from './addressField.js';
import { Check, Icon } from './basics.js';
import { usePanel } from './context.js';
import { FieldProblem, useProblem } from './fieldProblem.js';
import { FlagChecks } from './flagChecks.js';
import { RoomFields } from './messageFields.js';
import { PollFields } from './pollFields.js';
import { SocketTypeField } from './socketTypeField.js';
import { StructFields } from './structFields.js';

/** Constants that a person most likely wants, before all others. */
const usual: Partial<Record<Parameter['type'], readonly string[]>> = {
  domain: ['AF_INET', 'AF_INET6', 'AF_UNIX'],
  level: ['SOL_SOCKET', 'IPPROTO_IP', 'IPPROTO_IPV6', 'IPPROTO_TCP', 'IPPROTO_UDP'],
  fcntlcmd: usualFcntlCommands,
  ioctlrequest: usualIoctlRequests,
};

const otherValue = 'other…';

/** The groups of constants that a parameter's values belong to. */
const groups: Partial<Record<Parameter['type'], ConstantGroup>> = {
  domain: 'domain',
  protocol: 'protocol',
  how: 'how',
  level: 'level',
  optname: 'optname',
  fcntlcmd: 'fcntlcmd',
  ioctlrequest: 'ioctlrequest',
};

/** The constants of a parameter, the usual ones first. */
function constantChoices(parameter: Parameter, platform: Platform, context: number | undefined) {
  const { type } = parameter;
  const all =
    type === 'protocol' && context !== undefined && context === constantValue('AF_PACKET', platform)
      ? names('ethertype', platform).map((name) => `htons(${name})`)
      : names(groups[type] ?? 'other', platform, context);
  const first = (usual[type] ?? []).filter((name) => constantValue(name, platform) !== undefined);
  return { first, others: all.filter((name) => !first.includes(name)) };
}

/** A field of the call form, by what its parameter is. */
export function CallField({ parameter, index }: { parameter: Parameter; index: number }) {
  const { composer, platform } = usePanel();
  const { args } = composer.reading.value.call;
  switch (controlOf(parameter, args, platform.value)) {
    case 'constant':
      return parameter.type === 'socktype' ? (
        <SocketTypeField parameter={parameter} index={index} />
      ) : (
        <ConstantField parameter={parameter} index={index} />
      );
    case 'flags':
      return <FlagsField parameter={parameter} index={index} before={args} />;
    case 'switch':
      return <SwitchField parameter={parameter} index={index} />;
    case 'address':
      return <AddressField index={index} name={parameter.name} isOptional={parameter.isOptional ?? false} />;
    case 'message':
      return <AddressField index={index} name="msg_name" isOptional />;
    case 'room':
      return <RoomFields index={index} />;
    case 'pollfds':
      return <PollFields index={index} name={parameter.name} />;
    case 'struct':
      return <StructField parameter={parameter} index={index} />;
    case 'written':
      return <WrittenField parameter={parameter} />;
    case 'path':
    case 'text':
      return <TextField parameter={parameter} index={index} />;
    default:
      return null;
  }
}

/** What the kernel writes and a person need not enter, so that the form shows every argument. */
function WrittenField({ parameter }: { parameter: Parameter }) {
  return (
    <div class="fcol written">
      <span class="lbl">{parameter.name}</span>
      <span class="dim">
        {parameter.type === 'fdpair'
          ? t('two descriptors, which the kernel writes')
          : t('the kernel writes it')}
      </span>
    </div>
  );
}

/** The structure of a command of fcntl, or a request of ioctl. */
function StructField({ parameter, index }: { parameter: Parameter; index: number }) {
  const { composer, platform } = usePanel();
  const { structs } = composer.draft.value;
  const command = composer.reading.value.call.args[1];
  return (
    <div class="fcol block" role="group" aria-label={parameter.name}>
      <span class="lbl">{parameter.name}</span>
      <div class="item">
        <StructFields
          fields={structOfRequest(parameter.type, command, platform.value) ?? []}
          draft={structs[index] ?? {}}
          problemKey={`${index}`}
          onChange={(draft) => composer.change({ structs: { ...structs, [index]: draft } })}
        />
      </div>
    </div>
  );
}

function SwitchField({ parameter, index }: { parameter: Parameter; index: number }) {
  const { composer } = usePanel();
  return (
    <div class="fcol narrow">
      <span class="lbl">{parameter.name}</span>
      <Check
        label={t('on')}
        isWord
        title="[1]"
        isChecked={(composer.draft.value.flags[index] ?? 0) !== 0}
        onChange={(isOn) => composer.setFlags(index, isOn ? 1 : 0)}
      />
    </div>
  );
}

function ConstantField({ parameter, index }: { parameter: Parameter; index: number }) {
  const { composer, platform } = usePanel();
  const id = useId();
  const text = composer.draft.value.texts[index] ?? '';
  const { args } = composer.reading.value.call;
  const contextIndex = parameter.type === 'protocol' ? 0 : parameter.type === 'optname' ? 1 : -1;
  const context = args[contextIndex];
  const { first, others } = constantChoices(
    parameter,
    platform.value,
    typeof context === 'number' ? context : undefined,
  );
  const isProtocol = parameter.type === 'protocol';
  const isListed = first.includes(text) || others.includes(text) || (isProtocol && text === '0');
  const equal = isProtocol
    ? equivalentProtocol(text, args[0], platform.value)
    : equivalent(parameter, text, platform.value);
  const problem = useProblem(index);
  return (
    <div class="fcol">
      <label class="lbl" for={id}>
        {parameter.name}
      </label>
      {isListed ? (
        <span class="select">
          <select
            id={id}
            value={text}
            title={familyOf(equal ?? text)?.purpose}
            aria-invalid={problem !== undefined}
            aria-describedby={`${id}-problem`}
            onChange={(event) => {
              const { value } = event.currentTarget;
              composer.setText(index, value === otherValue ? '' : value);
            }}
          >
            {isProtocol && <option value="0">{zeroProtocol(args[0], args[1], platform.value)}</option>}
            {first.map((name) => (
              <option key={name} value={name}>
                {name}
              </option>
            ))}
            {first.length > 0 && others.length > 0 && <hr />}
            {others.map((name) => (
              <option key={name} value={name} title={familyOf(name)?.purpose}>
                {name}
              </option>
            ))}
            <hr />
            <option value={otherValue}>{t('Another value…')}</option>
          </select>
          <Icon name="chevron-down" />
        </span>
      ) : (
        <span class="field">
          <input
            id={id}
            value={text}
            spellcheck={false}
            list={`${id}-list`}
            placeholder={t('name or number')}
            aria-invalid={problem !== undefined}
            aria-describedby={`${id}-problem`}
            onInput={(event) => composer.setText(index, event.currentTarget.value)}
          />
          <datalist id={`${id}-list`}>
            {[...first, ...others].map((name) => (
              <option key={name}>{name}</option>
            ))}
          </datalist>
        </span>
      )}
      {equal !== undefined && <span class="dim equal">= {equal}</span>}
      <FieldProblem id={`${id}-problem`} problem={problem} />
    </div>
  );
}

/** The usual name of what is written in another way: `PF_INET`, `AF_LOCAL`, `2`. */
function equivalent({ type }: Parameter, text: string, platform: Platform): string | undefined {
  if (type !== 'domain' && type !== 'level') {
    return undefined;
  }
  const value = /^\d+$/.test(text) ? Number(text) : constantValue(text, platform);
  const name = value === undefined ? undefined : constantName(type, value, platform);
  return name === text ? undefined : name;
}

/** The constant of a protocol that is written by IANA's name, IANA's name of one that is a number: `ICMP`, `89`. */
function equivalentProtocol(text: string, domain: unknown, platform: Platform): string | undefined {
  if (!isInternet(domain, platform)) {
    return undefined;
  }
  const value = /^\d+$/.test(text) ? Number(text) : ianaNumber(text);
  if (value === undefined || value === 0 || constantValue(text, platform) !== undefined) {
    return undefined;
  }
  return constantName('protocol', value, platform, domain) ?? ianaKeyword(value);
}

function isInternet(domain: unknown, platform: Platform): domain is number {
  return domain === constantValue('AF_INET', platform) || domain === constantValue('AF_INET6', platform);
}

/** What protocol 0 means for a domain and type. */
function zeroProtocol(domain: unknown, type: unknown, platform: Platform): string {
  if (!isInternet(domain, platform) || typeof type !== 'number') {
    return '0';
  }
  const kind = formatFlags('socktype', type, platform).split('|')[0];
  return kind === 'SOCK_STREAM' ? '0 (TCP)' : kind === 'SOCK_DGRAM' ? '0 (UDP)' : '0';
}

/** Flags that people use with a call; all others can be added by name. */
const usualFlags: Readonly<Record<string, readonly string[]>> = {
  send: ['MSG_NOSIGNAL', 'MSG_DONTWAIT', 'MSG_MORE', 'MSG_OOB'],
  sendto: ['MSG_NOSIGNAL', 'MSG_DONTWAIT', 'MSG_MORE', 'MSG_CONFIRM'],
  sendmsg: ['MSG_NOSIGNAL', 'MSG_DONTWAIT', 'MSG_MORE', 'MSG_OOB'],
  recv: ['MSG_DONTWAIT', 'MSG_PEEK', 'MSG_WAITALL', 'MSG_TRUNC'],
  recvfrom: ['MSG_DONTWAIT', 'MSG_PEEK', 'MSG_WAITALL', 'MSG_TRUNC'],
  recvmsg: ['MSG_DONTWAIT', 'MSG_PEEK', 'MSG_TRUNC', 'MSG_ERRQUEUE', 'MSG_CMSG_CLOEXEC'],
};

function FlagsField({
  parameter,
  index,
  before,
}: {
  parameter: Parameter;
  index: number;
  before: readonly Value[];
}) {
  const { composer, platform } = usePanel();
  const id = useId();
  const problem = useProblem(index);
  const command = typeof before[1] === 'number' ? before[1] : undefined;
  const isOpenFlags = fcntlArgument(command, platform.value) === 'openflags';
  const group =
    parameter.type === 'fcntlarg'
      ? isOpenFlags
        ? 'openflags'
        : 'fdflags'
      : parameter.type === 'sockflags'
        ? 'sockflags'
        : 'msgflags';
  return (
    <div class="fcol flagfield">
      <span class="lbl">{parameter.name}</span>
      <FlagChecks
        group={group}
        prefix={/^(MSG|SOCK|O|FD)_/}
        label={parameter.name}
        usual={group === 'openflags' ? settableOpenFlags : usualFlags[composer.name.value]}
        value={composer.draft.value.flags[index] ?? 0}
        onChange={(value) => composer.setFlags(index, value)}
      />
      <FieldProblem id={`${id}-problem`} problem={problem} />
    </div>
  );
}

/** What a text field expects, shown while it is empty. */
function placeholderOf({ type, isOptional }: Parameter, short: string | undefined): string {
  switch (type) {
    case 'socklen':
      return t("the structure's");
    case 'size':
      return t('all');
    case 'nfds':
      return t('all');
    case 'timeout':
      return t('-1: until something happens');
    case 'path':
      return '/tmp/x.sock';
    case 'ioctlarg':
      return '[1], {ifr_name="lo"}';
    case 'optval':
      return short ?? '1, {l_onoff=1, l_linger=0}, "cubic"';
    default:
      return isOptional ? t('left out') : '';
  }
}

const narrow: ReadonlySet<Parameter['type']> = new Set(['size', 'socklen', 'backlog', 'nfds']);

function TextField({ parameter, index }: { parameter: Parameter; index: number }) {
  const { composer, platform } = usePanel();
  const id = useId();
  const problem = useProblem(index);
  const [, level, optname] = composer.reading.value.call.args;
  const short = shortOptionValue({
    platform: platform.value,
    ...(typeof level === 'number' && { level }),
    ...(typeof optname === 'number' && { optname }),
  });
  return (
    <div class={`fcol${narrow.has(parameter.type) ? ' narrow' : ''}`}>
      <label class="lbl" for={id}>
        {parameter.name}
      </label>
      <span class={`field${problem ? ' invalid' : ''}`}>
        <input
          id={id}
          value={composer.draft.value.texts[index] ?? ''}
          placeholder={placeholderOf(parameter, short)}
          spellcheck={false}
          autocomplete="off"
          data-argument={index}
          aria-invalid={problem !== undefined}
          aria-describedby={`${id}-problem`}
          onInput={(event) => composer.setText(index, event.currentTarget.value)}
        />
      </span>
      <FieldProblem id={`${id}-problem`} problem={problem} />
    </div>
  );
}
