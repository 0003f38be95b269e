import { type ReactNode, useId } from 'react';
import type { Loaded } from '../shared/use-answer.ts';
import { words } from '../shared/words.ts';
import { page, partText } from './page-words.ts';

interface PartProps<T> {
  title: string;
  loaded: Loaded<T>;
  children: (value: T) => ReactNode;
}

/** A part of the page that is read by itself: when it cannot be read, it says so in its own place and the rest stands. */
export function Part<T>({ title, loaded, children }: PartProps<T>) {
  const { value, trouble, isLoading, reload } = loaded;
  const id = useId();
  return (
    <section className="card" aria-labelledby={id} aria-busy={isLoading}>
      <h3 id={id}>{title}</h3>
      {trouble && !isLoading && (
        <div role="alert">
          <p className="late">{partText(title, trouble)}</p>
          {trouble.kind !== 'expired' && (
            <button type="button" onClick={reload} aria-label={`${words.tryAgain}: ${title}`}>
              {words.tryAgain}
            </button>
          )}
        </div>
      )}
      {isLoading && value === undefined && <p className="none">{page.reading}</p>}
      {!trouble && !(isLoading && value === undefined) && children(value as T)}
    </section>
  );
}
