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
  /**
   * Makes something new, all of it or nothing. That replaces nothing that was read, so whatever is in the way is for the form to show, with what was
   * typed into it.
   */
  create: (requests: readonly Ask[], done: string) => Promise<Trouble | undefined>;
}

/** Writes of one part of the page. `reload`: reads the part again. */
export function useWrite(reload: () => Promise<void>): Writing {
  const { client } = useDesk();
  const [isWriting, setWriting] = useState(false);
  const [said, setSaid] = useState('');
  async function carryOut(ask: () => Promise<Answer<unknown> | undefined>): Promise<Trouble | undefined> {
    setWriting(true);
    setSaid('');
    const answer = await ask();
    setWriting(false);
    return answer?.ok === false ? answer.trouble : undefined;
  }
  async function readAgain(said: string): Promise<undefined> {
    await reload();
    setSaid(said);
  }
  return {
    isWriting,
    said,
    async write(request, done) {
      const trouble = await carryOut(async () => (await client.ask([request]))[0]);
      if (trouble && trouble.kind !== 'conflict') return trouble;
      return readAgain(trouble ? troubleText(trouble) : done);
    },
    async create(requests, done) {
      const isOne = requests.length === 1;
      const trouble = await carryOut(async () => (isOne ? (await client.ask(requests))[0] : client.transact(requests)));
      return trouble ?? readAgain(done);
    },
  };
}
