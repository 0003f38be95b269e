/** One row of a bar plot. */
export interface Bar {
  label: string;
  value: number;
  /** What the value is held against, e.g. a cap; drawn as a mark. */
  limit?: number;
  tone?: 'warn' | 'calm';
  /** Said beside the bar, e.g. `12 of 30`. */
  text: string;
}

const width = 100;
const height = 12;

/** Horizontal bars. The numbers stand beside them in words, so the drawing is decoration to whoever cannot see it. */
export function Bars({ title, bars }: { title: string; bars: readonly Bar[] }) {
  const most = Math.max(1, ...bars.map(({ value, limit }) => Math.max(value, limit ?? 0)));
  return (
    <figure className="bars">
      <figcaption>{title}</figcaption>
      <ul>
        {bars.map(({ label, value, limit, tone, text }) => (
          <li key={label}>
            <span className="bar-label">{label}</span>
            <svg
              viewBox={`0 0 ${width} ${height}`}
              preserveAspectRatio="none"
              aria-hidden="true"
              className={tone ?? 'plain'}
            >
              <rect className="track" width={width} height={height} />
              <rect className="value" width={(value / most) * width} height={height} />
              {limit !== undefined && (
                <rect className="limit" x={Math.min((limit / most) * width, width - 0.8)} width="0.8" height={height} />
              )}
            </svg>
            <span className="bar-text">{text}</span>
          </li>
        ))}
      </ul>
    </figure>
  );
}
