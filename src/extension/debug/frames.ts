import { t } from '../../common/l10n.js';
import type { CallStatement, Statement } from '../../common/notation/ast.js';
import { printRecord } from '../../common/notation/printer.js';
import type { Platform } from '../../common/tables/constants.js';
import { parameterIndex } from '../../common/tables/signatures.js';
import type { StopReason, ThreadPlace } from '../../playground/scenarioDebugger.js';

const longestText = 100;

/** What the frame of a thread is called: the line that comes next, what it waits for, or what its call has come to. */
export function frameName(
  place: Exclude<ThreadPlace, { kind: 'ended' }>,
  { text, nowNs, platform }: { text: string; nowNs: number; platform: Platform },
): string {
  switch (place.kind) {
    case 'before':
      return place.lacks.length > 0 ? waitText(place.lacks) : statementText(place.statement, text);
    case 'in':
      return place.statement.kind === 'sleep'
        ? t('sleeping for {0} s', place.statement.seconds)
        : t('in {0}', statementText(place.statement, text));
    case 'waiting': {
      const { name, args } = place.call;
      // The line shows the rest, and there is little room.
      const fd = args[parameterIndex(name, 'fd')];
      const call = `${name}(${typeof fd === 'number' ? fd : '…'})`;
      return t('waiting in {0} for {1} s', call, ageText(nowNs - place.sinceNs));
    }
    case 'after':
      return shorten(printRecord(place.record, { style: 'short', platform, maxData: 32 }));
  }
}

/** What a thread lacks that lines of other threads have yet to give. */
function waitText(lacks: readonly CallStatement[]): string {
  const names = lacks.flatMap(({ targets }) => targets.map(({ name }) => name));
  return names.length > 0
    ? t('waiting for the value of {0}', [...new Set(names)].join(', '))
    : t('waiting for line {0}', lacks[0]!.line);
}

function ageText(ns: number): string {
  const seconds = Math.max(0, ns) / 1e9;
  return seconds < 10 ? seconds.toFixed(1) : String(Math.floor(seconds));
}

/** A line without its thread and its comment. */
function statementText({ range }: Statement, text: string): string {
  return shorten(text.slice(range.start, range.end).replace(/^\[[^\]]*\]\s*/, ''));
}

function shorten(text: string): string {
  return text.length > longestText ? `${text.slice(0, longestText)}…` : text;
}

/** Why a run has stopped: a word or two for the thread, and a sentence. */
export function stopTexts(reason: StopReason, platform: Platform): { description: string; text?: string } {
  switch (reason.kind) {
    case 'entry':
      return { description: t('Stopped before the first line') };
    case 'step':
      return { description: t('Stopped after a step') };
    case 'pause':
      return { description: t('Paused') };
    case 'breakpoint':
      return { description: t('Stopped at a breakpoint') };
    case 'unexpected':
      return {
        description: t('Stopped at an unexpected result'),
        text: t('Expected {0}, got {1}', reason.mismatch.expected, reason.mismatch.got),
      };
    case 'failed':
      return {
        description: t('Stopped at a call that failed'),
        text: shorten(printRecord(reason.record, { style: 'short', platform, maxData: 32 })),
      };
    case 'problem':
      return { description: t('Stopped before the run ends'), text: reason.problem.message };
  }
}
