import type { StructDraft, StructField } from '../form/structFields.js';
import { Combo } from './combo.js';

/** The fields of a structure to pass; what is left empty is 0. */
export function StructFields(props: {
  fields: readonly StructField[];
  draft: StructDraft;
  /** The key of the structure; a field's problem has its name behind it. */
  problemKey: `${number}` | `${number}.${string}`;
  onChange: (draft: StructDraft) => void;
}) {
  const { fields, draft, problemKey, onChange } = props;
  return (
    <>
      {fields.map(({ name, type, choices }) => (
        <Combo
          key={name}
          label={name}
          value={draft[name] ?? ''}
          choices={choices}
          placeholder={placeholders[type] ?? '0'}
          isNarrow={choices.length === 0 && /^[iu](8|16|32)$/.test(type)}
          problemKey={`${problemKey}.${name}` as `${number}.${string}`}
          onInput={(text) => onChange({ ...draft, [name]: text })}
        />
      ))}
    </>
  );
}

/** What an empty field would hold. */
const placeholders: Partial<Record<StructField['type'], string>> = {
  name16: 'lo',
  in_addr: '0.0.0.0',
  in6_addr: '::',
  sockaddr: '127.0.0.1:0',
  sockaddr16: '127.0.0.1:0',
  sockaddr6: '[::1]:0',
  pointer: '_',
};
