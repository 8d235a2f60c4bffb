import { makers } from '../../common/rows/rowLayout.js';
import type { AutomaticMode, Automation } from '../../common/socket.js';

/** Who made a record, as it says. */
export function makerOf({ mode }: Pick<Automation, 'mode'>): string {
  return `auto-${mode}`;
}

const codeOf = (maker: (typeof makers)[number]) => makers.indexOf(maker);

/** By the mode, because this is looked up for every row; those that accept are records of another form. */
const codes: Readonly<Record<AutomaticMode, number>> = {
  accept: 0,
  receive: codeOf('auto-receive'),
  echo: codeOf('auto-echo'),
  discard: codeOf('auto-discard'),
  reply: codeOf('auto-reply'),
};

/** The same, as rows of moved payload have it; 0 where a row has none for it. */
export function makerCode(automation: Pick<Automation, 'mode'> | null): number {
  return automation ? codes[automation.mode] : 0;
}
