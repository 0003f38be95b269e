import { createContext, useContext } from 'react';
import { isOfType } from '../../fhir/of-type.ts';
import type { PlanView } from '../../fhir/plan-view.ts';
import type { Resource } from '../../fhir/types.ts';
import { dayText } from '../shared/dates.ts';
import type { FhirClient } from '../shared/fhir-client.ts';
import type { Session } from '../shared/smart-launch.ts';
import { type Language, localeIn, wordsIn } from './language.ts';
import type { Words } from './words/en.ts';

/** What every part of the page knows: who is signed in, what was read, and in which language it speaks. */
export interface Family {
  session: Session;
  client: FhirClient;
  language: Language;
  planId: string;
  view: PlanView;
  resources: readonly Resource[];
  /** As whom this person speaks about this child: `RelatedPerson/…` or `Patient/…`; undefined when that is not known. */
  me: string | undefined;
  /** Today here, `YYYY-MM-DD`. */
  today: string;
  /** Reads everything anew. What is on the screen stays until it is read. */
  reload: () => Promise<void>;
  show: (page: Page) => void;
  /** Emergency plans as they were last read, by what was asked: for when there is no network. In memory alone, until the person leaves. */
  sheets: Map<string, KeptSheet>;
  /** Says what came of something that was sent; stays until it is put away. */
  tell: (...sentences: readonly (string | undefined | false)[]) => void;
}

export interface KeptSheet {
  html: string;
  readAt: Date;
}

export type Page = 'plan' | 'goals' | 'wishes' | 'emergency' | 'sharing' | 'forms';

export const LanguageContext = createContext<Language>('en');

/** Words and dates in the reader's language. */
export function useWords(): {
  words: Words;
  language: Language;
  locale: string;
  day: (date: string | undefined) => string;
} {
  const language = useContext(LanguageContext);
  const locale = localeIn[language];
  return { words: wordsIn[language], language, locale, day: (date) => dayText(date, locale) };
}

export const FamilyContext = createContext<Family | undefined>(undefined);

/** Only under a plan that was read. */
export function useFamily(): Family {
  const family = useContext(FamilyContext);
  if (!family) throw new Error('there is no family here');
  return family;
}

/**
 * As whom the person speaks. Somebody with one account for several children (a Person) is the RelatedPerson of this one, which is the only one that a
 * family is told of.
 */
export function voiceOf(fhirUser: string | undefined, resources: readonly Resource[]): string | undefined {
  if (!fhirUser?.startsWith('Person/')) return fhirUser;
  const own = resources.filter((one) => isOfType(one, 'RelatedPerson'));
  return own.length === 1 ? `RelatedPerson/${own[0]?.id}` : undefined;
}
