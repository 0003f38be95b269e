import { useCallback, useEffect, useRef, useState } from 'react';
import type { Answer, Trouble } from './fhir-client.ts';

/** Something that is read from the server: under way, there, or in trouble. What was there stays to be seen while it is read again. */
export interface Loaded<T> {
  value?: T;
  trouble?: Trouble;
  isLoading: boolean;
  reload: () => Promise<void>;
}

/** Reads when `key` changes, and again on `reload`. An answer that comes after a newer question is dropped. */
export function useAnswer<T>(key: string, read: () => Promise<Answer<T>>): Loaded<T> {
  const [state, setState] = useState<{ key: string; value?: T; trouble?: Trouble; isLoading: boolean }>({
    key,
    isLoading: true,
  });
  const asked = useRef(0);
  const current = useRef(read);
  current.current = read;
  const reload = useCallback(async () => {
    asked.current += 1;
    const turn = asked.current;
    setState((before) => (before.key === key ? { ...before, isLoading: true } : { key, isLoading: true }));
    const answer = await current.current();
    if (turn !== asked.current) return;
    setState(
      answer.ok ? { key, value: answer.value, isLoading: false } : { key, trouble: answer.trouble, isLoading: false },
    );
  }, [key]);
  useEffect(() => {
    reload();
    return () => {
      asked.current += 1;
    };
  }, [reload]);
  // Of another question nothing is shown, not even for a moment.
  return state.key === key ? { ...state, reload } : { isLoading: true, reload };
}
