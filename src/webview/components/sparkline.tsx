import { t } from '../../common/l10n.js';
import { formatDuration } from '../text/format.js';

export interface Point {
  /** In ms. */
  time: number;
  value: number;
}

const [width, height] = [148, 26];
/** Nobody looked for this long, in ms: the line is broken there. */
const gap = 3000;

/** A small history: what it is, its latest value, and a line of what was seen. Values are held until the next one. */
export function Sparkline(props: {
  label: string;
  points: readonly Point[];
  format: (value: number) => string;
}) {
  const { label, points, format } = props;
  const last = points.at(-1);
  if (!last) {
    return null;
  }
  const values = points.map(({ value }) => value);
  const [lowest, highest] = [Math.min(...values), Math.max(...values)];
  const span = formatDuration((last.time - points[0]!.time) * 1e6);
  const text = t(
    '{0}: {1}; from {2} to {3} in {4}',
    label,
    format(last.value),
    format(lowest),
    format(highest),
    span,
  );
  const lines = linesOf(points, lowest, highest);
  return (
    <div class="spark" title={text}>
      <div class="h">
        <span>{label}</span>
        <b>{format(last.value)}</b>
      </div>
      <svg viewBox={`0 0 ${width} ${height}`} preserveAspectRatio="none" role="img" aria-label={text}>
        {lines.map(({ line, from, to }) => (
          <g key={from}>
            <path class="area" d={`${line} V${height} H${from} Z`} />
            <path class="ln" d={to > from ? line : `${line} h1`} />
          </g>
        ))}
      </svg>
    </div>
  );
}

/** A step for every change; the lowest value stands above the bottom, so that it is seen. */
function linesOf(points: readonly Point[], lowest: number, highest: number) {
  const [start, end] = [points[0]!.time, points.at(-1)!.time];
  const x = (time: number) => round(((time - start) / (end - start)) * width);
  const y = (value: number) =>
    round(
      highest === lowest ? height / 2 : height - 4 - ((value - lowest) / (highest - lowest)) * (height - 6),
    );
  if (start === end) {
    return [{ line: `M0 ${height / 2} H${width}`, from: 0, to: width }];
  }
  const lines: { line: string; from: number; to: number }[] = [];
  points.forEach(({ time, value }, index) => {
    const before = points[index - 1];
    const current = lines.at(-1);
    if (!current || !before || time - before.time > gap) {
      lines.push({ line: `M${x(time)} ${y(value)}`, from: x(time), to: x(time) });
    } else {
      current.line += value === before.value ? ` H${x(time)}` : ` H${x(time)} V${y(value)}`;
      current.to = x(time);
    }
  });
  return lines;
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}
