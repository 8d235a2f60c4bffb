import type { ComponentChildren } from 'preact';
import { useId, useLayoutEffect, useRef } from 'preact/hooks';
import { t } from '../../common/l10n.js';
import { names, type Platform } from '../../common/tables/constants.js';
import { endpointText, socketIcon, socketTitle } from '../../common/socketText.js';
import { addressedSockets, reachableAddress } from '../../common/usualArguments.js';
import { addressDraftOf, convertedAddress, splitAddress, usualKind } from '../form/address.js';
import {
  type AddressDraft,
  type AddressField as Field,
  addressFields,
  type AddressKind,
  addressKindLabel,
  addressKinds,
} from '../form/addressKinds.js';
import { Icon } from './basics.js';
import { usePanel } from './context.js';
import { FieldProblem, useProblem } from './fieldProblem.js';
import { MenuButton } from './menu.js';

/**
 * An address: what kind it is, and the fields of that kind. A whole address typed or pasted into the first field
 * (`127.0.0.1:80`) goes to the fields that it belongs to.
 */
export function AddressField(props: {
  /** Of the parameter; of a message's `msg_name` the message's. */
  index: number;
  name: string;
  isOptional: boolean;
}) {
  const { index, name } = props;
  const { composer, platform } = usePanel();
  const id = useId();
  const row = useRef<HTMLDivElement>(null);
  /** The field that goes on where the text of another one ended. */
  const next = useRef<string | null>(null);
  const draft = composer.address(index);
  useLayoutEffect(() => {
    if (next.current !== null) {
      const field = row.current?.querySelector<HTMLInputElement>(`[data-part="${next.current}"]`);
      next.current = null;
      field?.focus();
      field?.select();
    }
  });
  const problem = useProblem(index);
  const fields = addressFields(draft.kind);
  const shown = fields.filter((field) => composer.showsAdvanced.value || !isHidden(field, draft));
  const set = (field: Field, text: string) => {
    // A colon before the port was typed to get here.
    const value = field.name === 'port' ? text.replace(/^:/, '') : text;
    const split = field === fields[0] ? splitAddress(value, draft, platform.value) : undefined;
    if (split) {
      const rest = addressFields(split.kind);
      next.current = split.kind === draft.kind || 'port' in split.fields ? 'port' : (rest[0]?.name ?? null);
    }
    composer.setAddress(index, split ?? { ...draft, fields: { ...draft.fields, [field.name]: value } });
  };
  return (
    <div class="fcol address" role="group" aria-label={t('Address {0}', name)}>
      <label class="lbl" for={shown.length > 0 ? id : `${id}-kind`}>
        {name}
      </label>
      <div class="parts" ref={row}>
        <span class="select kind">
          <select
            id={`${id}-kind`}
            aria-label={t('Kind of address: {0}', name)}
            value={draft.kind}
            onChange={(event) => {
              const kind = event.currentTarget.value as AddressKind;
              composer.setAddress(index, convertedAddress(draft, kind, platform.value));
            }}
          >
            {sortedKinds(composer.socket.value?.domain ?? undefined).map((kind) => (
              <option key={kind} value={kind}>
                {addressKindLabel(kind)}
              </option>
            ))}
          </select>
          <Icon name="chevron-down" />
        </span>
        {shown.map((field, place) => (
          <Part
            // The first one stays whatever the kind becomes, and with it the focus on its button.
            key={place === 0 ? '' : field.name}
            id={place === 0 ? id : `${id}-${field.name}`}
            field={field}
            label={place === 0 ? name : field.label()}
            hasPrefix={place > 0}
            placeholder={
              props.isOptional && place === 0 ? t('connected peer') : (field.placeholder?.() ?? '')
            }
            text={draft.fields[field.name] ?? ''}
            problemKey={draft.kind === 'text' ? index : `${index}.${field.name}`}
            argument={place === 0 ? index : undefined}
            onInput={(text) => set(field, text)}
          >
            {place === 0 && composer.name.value !== 'bind' && <OwnAddresses index={index} />}
          </Part>
        ))}
        {shown.length === 0 && <span class="dim">{t('no name')}</span>}
      </div>
      {draft.kind !== 'text' && <FieldProblem id={`${id}-problem-whole`} problem={problem} />}
      {shown.map((field) => (
        <PartProblem
          key={field.name}
          id={`${id}-${field.name}-problem`}
          problemKey={draft.kind === 'text' ? index : `${index}.${field.name}`}
        />
      ))}
    </div>
  );
}

/** The addresses of our own sockets that the call can reach; nothing where there are none. */
function OwnAddresses({ index }: { index: number }) {
  const panel = usePanel();
  const { composer, platform } = panel;
  const socket = composer.socket.value;
  const own = socket ? addressedSockets(socket, panel.context()) : [];
  if (own.length === 0) {
    return null;
  }
  return (
    <MenuButton
      class="ibtn sm"
      label={t('Addresses of the sockets here')}
      items={own.map((other) => {
        const address = reachableAddress(other)!;
        return {
          id: String(other.id),
          icon: socketIcon(other),
          label: endpointText(address),
          detail: `${socketTitle(other)}, fd ${other.fd}`,
          run: () => composer.setAddress(index, addressDraftOf(address, platform.value)),
        };
      })}
    />
  );
}

/** Whether the address has fields that are shown only when they are asked for. */
export function hasHiddenFields(draft: AddressDraft): boolean {
  return addressFields(draft.kind).some((field) => isHidden(field, draft));
}

function isHidden(field: Field, draft: AddressDraft): boolean {
  return field.isAdvanced === true && (draft.fields[field.name] ?? '') === '' && !isScoped(draft);
}

/** A link-local address means nothing without its interface. */
function isScoped({ kind, fields }: AddressDraft): boolean {
  return kind === 'AF_INET6' && /^(fe[89ab]|ff.[12])/i.test(fields['address'] ?? '');
}

/** The kinds of the socket's own family first. */
function sortedKinds(domain: Parameters<typeof usualKind>[0]): AddressKind[] {
  const usual = usualKind(domain);
  const isOwn = (kind: AddressKind) => kind === usual || (usual === 'unixPath' && kind.startsWith('unix'));
  return [...addressKinds.filter(isOwn), ...addressKinds.filter((kind) => !isOwn(kind))];
}

function PartProblem({ id, problemKey }: { id: string; problemKey: Parameters<typeof useProblem>[0] }) {
  return <FieldProblem id={id} problem={useProblem(problemKey)} />;
}

function Part(props: {
  id: string;
  field: Field;
  label: string;
  hasPrefix: boolean;
  placeholder: string;
  text: string;
  problemKey: Parameters<typeof useProblem>[0];
  /** Of the first field: the parameter's index. */
  argument: number | undefined;
  onInput: (text: string) => void;
  /** What stands at its end. */
  children?: ComponentChildren;
}) {
  const { id, field } = props;
  const { platform, interfaces } = usePanel();
  const problem = useProblem(props.problemKey);
  const choices = choicesOf(field, platform.value, interfaces);
  return (
    <span class={`field part${field.isWide ? ' wide' : ''}${problem ? ' invalid' : ''}`}>
      {props.hasPrefix && <span class="pre">{props.label}</span>}
      <input
        id={id}
        aria-label={props.hasPrefix ? props.label : undefined}
        value={props.text}
        placeholder={props.placeholder}
        spellcheck={false}
        autocomplete="off"
        list={choices.length > 0 ? `${id}-list` : undefined}
        data-part={field.name}
        data-argument={props.argument}
        aria-invalid={problem !== undefined}
        aria-describedby={`${id}-${field.name}-problem`}
        onInput={(event) => props.onInput(event.currentTarget.value)}
      />
      {choices.length > 0 && (
        <datalist id={`${id}-list`}>
          {choices.map((choice) => (
            <option key={choice}>{choice}</option>
          ))}
        </datalist>
      )}
      {props.children}
    </span>
  );
}

function choicesOf({ choices }: Field, platform: Platform, interfaces: readonly string[]): readonly string[] {
  switch (choices) {
    case undefined:
      return [];
    case 'interfaces':
      return interfaces;
    case 'ethertypes':
      return names('ethertype', platform);
    default:
      return choices;
  }
}
