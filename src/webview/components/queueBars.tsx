/** A queue: how much is in it, of how much that fits. */
export interface QueueBar {
  label: string;
  value: number;
  /** Null where nothing is known of it. */
  limit: number | null;
  /** The class of its colour. */
  tone: string;
  limitText: string;
}

export function QueueBars({ bars }: { bars: readonly QueueBar[] }) {
  return (
    <div class="in">
      {bars.map(({ label, value, limit, tone, limitText }) => (
        <div class={`q ${tone}`} key={label}>
          <span>{label}</span>
          <span class="bar">
            <i style={{ width: barWidth(value, limit ?? 0) }} />
          </span>
          <span class="v">
            <b>{value}</b> / {limitText}
          </span>
        </div>
      ))}
    </div>
  );
}

/** What is not empty is always seen. */
function barWidth(value: number, limit: number): string {
  if (value === 0 || limit === 0) {
    return '0';
  }
  return `max(4px, ${Math.min(100, (value / limit) * 100)}%)`;
}
