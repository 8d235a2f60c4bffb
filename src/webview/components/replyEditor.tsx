import { useId, useLayoutEffect, useRef } from 'preact/hooks';
import { t } from '../../common/l10n.js';
import {
  replyLimits,
  type ReplyRule,
  type RuleCount,
  type RuleKind,
  ruleKinds,
} from '../../common/replyRules.js';
import type { SocketInfo } from '../../common/socket.js';
import { numberedTitle } from '../../common/socketText.js';
import { formatBytes } from '../text/format.js';
import { callKey, Icon, IconButton, Segments } from './basics.js';
import { usePanel } from './context.js';
import { FieldProblem } from './fieldProblem.js';

/** The rules by which the host replies on a socket, in the place of a call's form. */
export function ReplyEditor({ socket }: { socket: SocketInfo }) {
  const panel = usePanel();
  const { automatic } = panel;
  const rules = automatic.rules.value;
  const root = useRef<HTMLDivElement>(null);
  useLayoutEffect(() => root.current?.querySelector('input')?.focus(), []);
  const told = socket.automatic?.replies;
  // The counters are those of the rules that are on: a rule that was changed has none.
  const countOf = (rule: ReplyRule) =>
    told?.counts[told.rules.findIndex((one) => JSON.stringify(one) === JSON.stringify(rule))];
  const onKeyDown = (event: KeyboardEvent) => {
    const isEnter = event.code === 'Enter' || event.code === 'NumpadEnter';
    const isPlain = !event.isComposing && !event.ctrlKey && !event.metaKey && !event.altKey;
    if (isEnter && isPlain && event.target instanceof HTMLInputElement) {
      event.preventDefault();
      panel.forget(automatic.apply());
    }
  };
  const isStream = socket.type === 'SOCK_STREAM';
  const refusal = automatic.refusal.value;
  return (
    <div class="replies" role="group" aria-label={t('Reply by rule')} ref={root} onKeyDown={onKeyDown}>
      <div class="colhead">
        <b>{t('Reply by rule')}</b>
        <span class="dim">{numberedTitle(socket)}</span>
        {isStream && (
          <Segments
            label={t('What a rule looks at')}
            isSmall
            value={automatic.unit.value}
            onChange={(unit) => (automatic.unit.value = unit)}
            choices={[
              {
                value: 'receive',
                label: t('each receive'),
                title: t('A rule looks at what one recv call has delivered.'),
              },
              {
                value: 'line',
                label: t('each line'),
                title: t(
                  'A rule looks at one line, without its \\n or \\r\\n. What has no line end yet waits; {0} without one are a line.',
                  formatBytes(replyLimits.line),
                ),
              },
            ]}
          />
        )}
        <span class="grow" />
        <IconButton icon="close" label={t('Close the rules')} isSmall onClick={() => automatic.close()} />
      </div>
      <ol class="rules">
        {rules.map((rule, index) => (
          <Rule key={index} rule={rule} index={index} count={countOf(rule)} />
        ))}
      </ol>
      <p class="varhelp">
        {t(
          'The first rule that matches replies. $0 is what has matched, $1 to $9 are the groups of a regex; escapes and variables are those of a payload.',
        )}
      </p>
      <div class="rulesend">
        <button
          type="button"
          class="btn add"
          disabled={rules.length >= replyLimits.rules}
          onClick={() => automatic.add()}
        >
          <Icon name="add" />
          {t('Add a rule')}
        </button>
        {refusal !== null && <FieldProblem id="reply-refusal" problem={{ message: refusal, offset: null }} />}
        <span class="grow" />
        <button
          type="button"
          class="btn primary callbtn"
          aria-disabled={!automatic.canApply}
          onClick={() => panel.forget(automatic.apply())}
        >
          <span>{told ? t('Use these rules') : t('Start replying')}</span>
          <span class="key">{callKey}</span>
        </button>
      </div>
    </div>
  );
}

function kindText(kind: RuleKind): string {
  switch (kind) {
    case 'contains':
      return t('contains');
    case 'startsWith':
      return t('starts with');
    case 'equals':
      return t('equals');
    case 'regex':
      return t('matches the regex');
  }
}

function Rule({ rule, index, count }: { rule: ReplyRule; index: number; count: RuleCount | undefined }) {
  const { automatic } = usePanel();
  const id = useId();
  const problem = automatic.problems.value[index];
  const field = (name: 'pattern' | 'reply', label: string, maxLength: number) => (
    <span class={`field part wide${problem?.field === name ? ' invalid' : ''}`}>
      <input
        aria-label={label}
        value={rule[name]}
        maxLength={maxLength}
        spellcheck={false}
        autocomplete="off"
        placeholder={name === 'pattern' ? t('anything') : t('nothing is sent')}
        aria-invalid={problem?.field === name}
        aria-describedby={`${id}-problem`}
        onInput={(event) => automatic.change(index, { [name]: event.currentTarget.value })}
      />
    </span>
  );
  return (
    <li class="rule">
      <span class="select kind">
        <select
          aria-label={t('How rule {0} compares', index + 1)}
          value={rule.kind}
          onChange={(event) => automatic.change(index, { kind: event.currentTarget.value as RuleKind })}
        >
          {ruleKinds.map((kind) => (
            <option key={kind} value={kind}>
              {kindText(kind)}
            </option>
          ))}
        </select>
        <Icon name="chevron-down" />
      </span>
      {field('pattern', t('Pattern of rule {0}', index + 1), replyLimits.pattern)}
      <Icon name="arrow-right" />
      {field('reply', t('Reply of rule {0}', index + 1), replyLimits.reply)}
      <span class="num lbl" title={t('Replies by this rule')}>
        {count ? count.replies : ''}
      </span>
      <IconButton
        icon="arrow-up"
        label={t('Move rule {0} up', index + 1)}
        isSmall
        onClick={() => automatic.moveUp(index)}
      />
      <IconButton
        icon="close"
        label={t('Remove rule {0}', index + 1)}
        isSmall
        onClick={() => automatic.remove(index)}
      />
      <FieldProblem id={`${id}-problem`} problem={problem} />
      {count?.problem && (
        <p class="problem">
          <Icon name="warning" />
          <span>{t('{0} failed. The last one: {1}', count.failures, count.problem)}</span>
        </p>
      )}
    </li>
  );
}
