import { useState } from 'react';
import type { Answer, Ask, Trouble } from '../shared/fhir-client.ts';
import { useDesk } from './desk.ts';
import { troubleText } from './words.ts';

export interface Writing {
  isWriting: boolean;
  /** What became of the last write that needs no more of the reader; to be shown where it stays when the list is read again. */
  said: string;
  /** Writes, then reads again. Answers what is in the way, for the form to show; somebody who was first is told by `said`. */
  write: (request: Ask, done: string) => Promise<Trouble | undefined>;
  /** Several writes as one: all of them or none. */
  writeAll: (requests: readonly Ask[], done: string) => Promise<Trouble | undefined>;
}

/** Writes of one part of the page. `reload`: reads the part again. */
export function useWrite(reload: () => Promise<void>): Writing {
  const { client } = useDesk();
  const [isWriting, setWriting] = useState(false);
  const [said, setSaid] = useState('');
  async function carryOut(ask: () => Promise<Answer<unknown> | undefined>, done: string): Promise<Trouble | undefined> {
    setWriting(true);
    setSaid('');
    const answer = await ask();
    setWriting(false);
    const trouble = answer?.ok === false ? answer.trouble : undefined;
    if (trouble && trouble.kind !== 'conflict') return trouble;
    await reload();
    setSaid(trouble ? troubleText(trouble) : done);
    return undefined;
  }
  return {
    isWriting,
    said,
    write: (request, done) => carryOut(async () => (await client.ask([request]))[0], done),
    writeAll: (requests, done) => carryOut(() => client.transact(requests), done),
  };
}
