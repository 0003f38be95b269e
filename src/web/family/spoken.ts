import { useEffect, useMemo, useState } from 'react';
import { isOfType } from '../../fhir/of-type.ts';
import type { Resource, r4 } from '../../fhir/types.ts';
import { type Designations, designationsOf, readDesignations } from '../shared/designations.ts';
import type { FhirClient } from '../shared/fhir-client.ts';
import type { Language } from './language.ts';
import { kin } from './words/kin.ts';

/**
 * The records with roles and kinships said in the reader's language: by their codes, where a record says no more than its code. What people
 * wrote stands as they wrote it.
 */
export function spokenIn(resources: readonly Resource[], { of }: Designations): Resource[] {
  const said = (concept: r4.CodeableConcept): r4.CodeableConcept => {
    const words = of(concept);
    return words === undefined ? concept : { ...concept, text: words };
  };
  return resources.map((one): Resource => {
    if (isOfType(one, 'RelatedPerson') && one.relationship)
      return { ...one, relationship: one.relationship.map(said) } as Resource;
    if (!isOfType(one, 'CareTeam') || !one.participant) return one;
    const participant = one.participant.map((member) => ({
      ...member,
      ...(member.role && { role: member.role.map(said) }),
    }));
    return { ...one, participant } as Resource;
  });
}

/** The records in the reader's language, as soon as its words are there. */
export function useSpoken(resources: readonly Resource[], client: FhirClient, language: Language): readonly Resource[] {
  const [spoken, setSpoken] = useState<{ language: Language; designations: Designations }>();
  useEffect(() => {
    if (language === 'en') return undefined;
    let current = true;
    readDesignations(client, 'care-team-role', language).then((roles) => {
      if (current) setSpoken({ language, designations: designationsOf([...kin[language], ...roles]) });
    });
    return () => {
      current = false;
    };
  }, [client, language]);
  return useMemo(
    () => (language !== 'en' && spoken?.language === language ? spokenIn(resources, spoken.designations) : resources),
    [resources, spoken, language],
  );
}
