import { t } from '../../common/l10n.js';
import { visibleLines } from '../text/bytes.js';
import { IconButton } from './basics.js';
import { usePanel } from './context.js';

/** Longer texts get no colours. */
const mostColoured = 64 * 1024;

const token = /("(?:\\.|[^"\\])*")(\s*:)?|(true|false|null|-?\d[\d.eE+-]*)/g;

/** What the bytes of a call say where they are JSON. */
export function Decoded({ json }: { json: string }) {
  const panel = usePanel();
  return (
    <div class="decoded">
      <div class="dhead">
        <h2 class="ttl">{t('Decoded')}</h2>
        <span class="lbl">JSON</span>
        <span class="grow" />
        <IconButton
          icon="go-to-file"
          label={t('Open in an editor')}
          isSmall
          onClick={() => panel.forget(panel.remote.openText({ text: json, language: 'json' }))}
        />
      </div>
      <JsonText json={json} />
    </div>
  );
}

/** JSON with names, texts and numbers in the colours of the debugger. */
export function JsonText({ json }: { json: string }) {
  const text = visibleLines(json);
  return (
    <pre class="hex wrap" tabIndex={0}>
      {text.length > mostColoured ? text : [...parts(text)]}
    </pre>
  );
}

function* parts(json: string) {
  let at = 0;
  for (const match of json.matchAll(token)) {
    const [all, text, colon, other] = match;
    yield json.slice(at, match.index);
    yield text === undefined ? (
      <span class="j-number">{other}</span>
    ) : (
      <>
        <span class={colon === undefined ? 'j-string' : 'j-name'}>{text}</span>
        {colon}
      </>
    );
    at = match.index + all.length;
  }
  yield json.slice(at);
}
