import { t } from '../../common/l10n.js';
import type { SocketTone } from '../../common/socketText.js';
import type { CallName } from '../../common/tables/signatures.js';

/**
 * How a state is drawn: `visited` was seen, `inferred` follows from what was called or seen and was not seen itself,
 * `next` may come.
 */
export type Mark = 'current' | 'visited' | 'inferred' | 'next';

export interface DiagramState {
  id: string;
  label: string;
  tone: SocketTone;
  box: Box;
}

export interface DiagramEdge {
  from: string;
  to: string;
  /** As an SVG path. */
  path: string;
  label?: DiagramLabel;
}

export interface DiagramLabel {
  text: string;
  x: number;
  y: number;
  anchor?: 'start' | 'end';
}

/** What leads from the current state to another. */
export interface Step {
  to: string;
  /** What is written for it: `close()`, `FIN`. */
  by: string;
  /** The call that does it; null where the peer or the kernel does. */
  call: CallName | null;
}

/** A diagram as it is drawn for one socket. */
export interface StateDiagram {
  name: string;
  layout: Layout;
  marks: ReadonlyMap<string, Mark>;
  /** The current state follows from our calls only. */
  isInferred: boolean;
  steps: readonly Step[];
}

/** The states and edges of a diagram, which are the same for all sockets of a kind. */
export interface Layout {
  states: readonly DiagramState[];
  edges: readonly DiagramEdge[];
  /** What stands beside no edge. */
  labels: readonly DiagramLabel[];
  height: number;
}

export const diagramWidth = 316;
const boxHeight = 18;

/** Where a state stands. */
export class Box {
  readonly height = boxHeight;

  constructor(
    readonly left: number,
    readonly top: number,
    readonly width: number,
  ) {}

  get right(): number {
    return this.left + this.width;
  }

  get bottom(): number {
    return this.top + this.height;
  }

  get x(): number {
    return this.left + this.width / 2;
  }

  get y(): number {
    return this.top + this.height / 2;
  }
}

/** An arrow ends this far before its box. */
const arrowGap = 1.5;

/** A line from above down to a box. */
export function downTo(start: string, { top }: Box): string {
  return `${start} V${top - arrowGap}`;
}

/** A line from the left to a box. */
export function rightTo(start: string, { left }: Box): string {
  return `${start} H${left - arrowGap}`;
}

/** A line from the right to a box. */
export function leftTo(start: string, { right }: Box): string {
  return `${start} H${right + arrowGap}`;
}

/** Whether the socket went along an edge, or may do so next. */
export function edgeMark(diagram: StateDiagram, { from, to }: DiagramEdge): 'visited' | 'next' | undefined {
  const [start, end] = [diagram.marks.get(from), diagram.marks.get(to)];
  if (start === undefined || start === 'next' || end === undefined) {
    return undefined;
  }
  if (end === 'next') {
    return start === 'current' ? 'next' : undefined;
  }
  // Whoever is in the first state again went from there before.
  const isAgain = from === diagram.layout.states[0]?.id;
  return start === 'current' && !isAgain ? undefined : 'visited';
}

/** What a diagram shows, in sentences for a screen reader. */
export function diagramText(diagram: StateDiagram): string {
  const { layout, marks, isInferred, steps } = diagram;
  const label = (id: string) => layout.states.find((state) => state.id === id)?.label ?? id;
  const marked = (mark: Mark) =>
    layout.states.filter(({ id }) => marks.get(id) === mark).map((state) => state.label);
  const [current] = marked('current');
  const [visited, inferred] = [marked('visited'), marked('inferred')];
  return [
    `${diagram.name}.`,
    current === undefined
      ? t('No current state.')
      : isInferred
        ? t('Current state as the calls imply: {0}.', current)
        : t('Current state: {0}.', current),
    ...(visited.length > 0 ? [t('Visited: {0}.', visited.join(', '))] : []),
    ...(inferred.length > 0 ? [t('Visited, as the calls imply: {0}.', inferred.join(', '))] : []),
    ...(steps.length > 0
      ? [t('Next: {0}.', steps.map(({ by, to }) => t('{0} after {1}', label(to), by)).join(', '))]
      : []),
  ].join(' ');
}
