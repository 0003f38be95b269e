import { type FormEvent, useId, useState } from 'react';
import { isOfType } from '../../fhir/of-type.ts';
import type { Resource } from '../../fhir/types.ts';
import { dayText } from '../shared/dates.ts';
import type { Trouble } from '../shared/fhir-client.ts';
import { nameOf } from '../shared/names.ts';
import { useDesk } from './desk.ts';
import { TroubleNote } from './states.tsx';
import { findWords } from './words.ts';

/** As many as are shown; who has more like them types more of the name. */
const most = 20;

/** A child by name, out of those that this person may see. The name travels in a body, not in an address. */
export function FindChild() {
  const { client, openChild } = useDesk();
  const field = useId();
  const [found, setFound] = useState<{ children: Resource[]; more: boolean }>();
  const [trouble, setTrouble] = useState<Trouble>();

  async function search(event: FormEvent<HTMLFormElement>) {
    event.preventDefault();
    const name = String(new FormData(event.currentTarget).get('name') ?? '').trim();
    if (name === '') return;
    const answer = await client.get(`Patient?name=${encodeURIComponent(name)}&_sort=family&_count=${most + 1}`);
    setTrouble(answer.ok ? undefined : answer.trouble);
    const { entry = [] } = (answer.ok ? answer.value : {}) as { entry?: { resource?: Resource }[] };
    const children = entry.flatMap(({ resource }) => (resource ? [resource] : []));
    setFound(answer.ok ? { children: children.slice(0, most), more: children.length > most } : undefined);
  }
  return (
    <search className="find">
      <form onSubmit={search}>
        <label htmlFor={field}>{findWords.label}</label>
        <input id={field} name="name" type="search" autoComplete="off" />
        <button type="submit">{findWords.find}</button>
      </form>
      {trouble && <TroubleNote trouble={trouble} />}
      <div role="status">
        {found && found.children.length === 0 && <p className="none">{findWords.nobody}</p>}
        {found && found.children.length > 0 && (
          <ul className="lines">
            {found.children.map((child) => (
              <li key={child.id}>
                <button type="button" className="link" onClick={() => openChild(child.id ?? '')}>
                  {nameOf(child) ?? findWords.noName}
                </button>{' '}
                {isOfType(child, 'Patient') &&
                  child.birthDate !== undefined &&
                  findWords.born(dayText(child.birthDate))}
              </li>
            ))}
          </ul>
        )}
        {found?.more && <p className="none">{findWords.more(most)}</p>}
      </div>
    </search>
  );
}
