import { useId } from 'preact/hooks';
import { t } from '../../common/l10n.js';
import { formatFlags, names, constantValue, type Platform } from '../../common/tables/constants.js';
import type { Parameter } from '../../common/tables/signatures.js';
import { controlOf } from '../form/fields.js';
import type { Problem } from '../form/readForm.js';
import { Check, Icon } from './basics.js';
import { usePanel } from './context.js';

/** What a field shows below itself, tied to it for screen readers. */
export function FieldProblem({ id, problem }: { id: string; problem: Problem | undefined }) {
  return problem ? (
    <p class="problem" id={id}>
      <Icon name="error" />
      <span>
        {problem.offset === null
          ? problem.message
          : t('Column {0}: {1}', problem.offset + 1, problem.message)}
      </span>
    </p>
  ) : null;
}

/** Constants that a person most likely wants, before all others. */
const usual: Partial<Record<Parameter['type'], readonly string[]>> = {
  domain: ['AF_INET', 'AF_INET6', 'AF_UNIX'],
  socktype: [
    'SOCK_STREAM',
    'SOCK_DGRAM',
    'SOCK_SEQPACKET',
    'SOCK_RAW',
    'SOCK_STREAM|SOCK_NONBLOCK',
    'SOCK_DGRAM|SOCK_NONBLOCK',
  ],
  level: ['SOL_SOCKET', 'IPPROTO_IP', 'IPPROTO_IPV6', 'IPPROTO_TCP', 'IPPROTO_UDP'],
};

const otherValue = 'other…';

/** The constants of a parameter, the usual ones first. */
function constantChoices(parameter: Parameter, platform: Platform, context: number | undefined) {
  const { type } = parameter;
  const group =
    type === 'domain' ||
    type === 'socktype' ||
    type === 'protocol' ||
    type === 'how' ||
    type === 'level' ||
    type === 'optname' ||
    type === 'fcntlcmd' ||
    type === 'ioctlrequest'
      ? type
      : 'other';
  const all = names(group, platform, context);
  const first = (usual[type] ?? []).filter((name) =>
    name.split('|').every((part) => constantValue(part, platform) !== undefined),
  );
  return { first, others: all.filter((name) => !first.includes(name)) };
}

/** A field of the call form, by what its parameter is. */
export function CallField({ parameter, index }: { parameter: Parameter; index: number }) {
  switch (controlOf(parameter)) {
    case 'constant':
      return <ConstantField parameter={parameter} index={index} />;
    case 'flags':
      return <FlagsField parameter={parameter} index={index} />;
    case 'text':
      return <TextField parameter={parameter} index={index} />;
    default:
      return null;
  }
}

function useProblem(index: number): Problem | undefined {
  const { composer } = usePanel();
  const problem = composer.problems.value.get(index);
  const isMissing = problem?.offset === null && (composer.draft.value.texts[index] ?? '') === '';
  const isRefused = composer.refusal.value?.argument === index;
  return isMissing && !composer.showsMissing.value && !isRefused ? undefined : problem;
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
              <option key={name} value={name}>
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
      <FieldProblem id={`${id}-problem`} problem={problem} />
    </div>
  );
}

/** What protocol 0 means for a domain and type. */
function zeroProtocol(domain: unknown, type: unknown, platform: Platform): string {
  const isInternet =
    domain === constantValue('AF_INET', platform) || domain === constantValue('AF_INET6', platform);
  if (!isInternet || typeof type !== 'number') {
    return '0';
  }
  const kind = formatFlags('socktype', type, platform).split('|')[0];
  return kind === 'SOCK_STREAM' ? '0 (TCP)' : kind === 'SOCK_DGRAM' ? '0 (UDP)' : '0';
}

/** Flags that people use with a call; all others can be added by name. */
const usualFlags: Readonly<Record<string, readonly string[]>> = {
  send: ['MSG_NOSIGNAL', 'MSG_DONTWAIT', 'MSG_MORE', 'MSG_OOB'],
  sendto: ['MSG_NOSIGNAL', 'MSG_DONTWAIT', 'MSG_MORE', 'MSG_CONFIRM'],
  recv: ['MSG_DONTWAIT', 'MSG_PEEK', 'MSG_WAITALL', 'MSG_TRUNC'],
  recvfrom: ['MSG_DONTWAIT', 'MSG_PEEK', 'MSG_WAITALL', 'MSG_TRUNC'],
};

function FlagsField({ parameter, index }: { parameter: Parameter; index: number }) {
  const { composer, platform } = usePanel();
  const id = useId();
  const group = parameter.type === 'sockflags' ? 'sockflags' : 'msgflags';
  const value = composer.draft.value.flags[index] ?? 0;
  const all = names(group, platform.value);
  const offered = (usualFlags[composer.name.value] ?? all).filter((name) => all.includes(name));
  const isSet = (name: string) => {
    const bits = constantValue(name, platform.value) ?? 0;
    return bits !== 0 && (value & bits) === bits;
  };
  const shown = [...offered, ...all.filter((name) => !offered.includes(name) && isSet(name))];
  const rest = all.filter((name) => !shown.includes(name));
  const problem = useProblem(index);
  const set = (name: string, wanted: boolean) =>
    composer.setFlag(index, constantValue(name, platform.value) ?? 0, wanted);
  return (
    <div class="fcol flagfield" role="group" aria-labelledby={id}>
      <span class="lbl" id={id}>
        {parameter.name}
      </span>
      <div class="flags">
        {shown.map((name) => (
          <Check
            key={name}
            label={name.replace(/^(MSG|SOCK)_/, '')}
            title={name}
            isChecked={isSet(name)}
            onChange={(wanted) => set(name, wanted)}
          />
        ))}
        {rest.length > 0 && (
          <select
            class="more"
            value=""
            aria-label={t('Add a flag')}
            onChange={(event) => {
              set(event.currentTarget.value, true);
              event.currentTarget.value = '';
            }}
          >
            <option value="">{t('Add a flag…')}</option>
            {rest.map((name) => (
              <option key={name} value={name}>
                {name}
              </option>
            ))}
          </select>
        )}
      </div>
      <FieldProblem id={`${id}-problem`} problem={problem} />
    </div>
  );
}

/** What a text field expects, shown while it is empty. */
function placeholderOf({ type, isOptional }: Parameter): string {
  switch (type) {
    case 'sockaddr':
      return isOptional
        ? t('the connected peer')
        : '127.0.0.1:8080, [::1]:80, unix:/tmp/x.sock, localhost:80';
    case 'socklen':
      return t("the structure's");
    case 'size':
      return t('all');
    case 'optval':
      return '1, {l_onoff=1, l_linger=0}, "cubic"';
    default:
      return isOptional ? t('left out') : '';
  }
}

const narrow: ReadonlySet<Parameter['type']> = new Set(['size', 'socklen', 'backlog', 'nfds', 'timeout']);

function TextField({ parameter, index }: { parameter: Parameter; index: number }) {
  const { composer } = usePanel();
  const id = useId();
  const problem = useProblem(index);
  return (
    <div class={`fcol${narrow.has(parameter.type) ? ' narrow' : ''}`}>
      <label class="lbl" for={id}>
        {parameter.name}
      </label>
      <span class={`field${problem ? ' invalid' : ''}`}>
        <input
          id={id}
          value={composer.draft.value.texts[index] ?? ''}
          placeholder={placeholderOf(parameter)}
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
