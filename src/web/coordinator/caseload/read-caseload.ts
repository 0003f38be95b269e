import { ofType } from '../../../fhir/of-type.ts';
import type { r4 } from '../../../fhir/types.ts';
import type { Answer, FhirClient } from '../../shared/fhir-client.ts';
import { type Names, readNames } from '../../shared/names.ts';
import { type Parts, partsOf } from '../../shared/parameters.ts';

const capUrl = 'http://careweave.org/fhir/StructureDefinition/caseload-cap';

export interface Load {
  /** The care manager, `Practitioner/id` or `PractitionerRole/id`. */
  who: string;
  children: number;
  onHold: number;
  /** The most children that somebody has said they can have. */
  cap?: number;
}

/** One role of the reader in one program. */
export interface Caseload {
  program: string;
  loads: Load[];
  /** The children of the reader, as `$panel` tells them. */
  members: Parts[];
}

export interface Caseloads {
  caseloads: Caseload[];
  names: Names;
}

/** The reader's roles, for each the program's caseload and the reader's own panel. */
export async function readCaseloads(client: FhirClient, me: string): Promise<Answer<Caseloads>> {
  const found = await client.all(`PractitionerRole?practitioner=${me}&active=true&_count=50`);
  if (!found.ok) return found;
  const roles = ofType(found.value, 'PractitionerRole');
  const places = roles.flatMap((role) =>
    (role.healthcareService ?? []).flatMap(({ reference }) =>
      reference?.startsWith('HealthcareService/') ? [{ role, program: reference }] : [],
    ),
  );
  const caseloads: Caseload[] = [];
  for (const { role, program } of places) {
    const [panel, loads] = await client.ask([
      { method: 'GET', url: `PractitionerRole/${role.id}/$panel` },
      { method: 'GET', url: `${program}/$caseload` },
    ]);
    const colleagues = await client.all(`PractitionerRole?service=${program}&_count=100`);
    if (panel?.ok === false) return panel;
    if (loads?.ok === false) return loads;
    const caps = capsOf(colleagues.ok ? ofType(colleagues.value, 'PractitionerRole') : roles);
    caseloads.push({
      program,
      loads: partsOf(loads?.value)
        .all('manager')
        .map((manager) => loadOf(manager, caps)),
      members: partsOf(panel?.value).all('member'),
    });
  }
  const named = caseloads.flatMap(({ program, loads, members }) => [
    program,
    ...loads.map(({ who }) => who),
    ...members.map((member) => member.text('patient')),
  ]);
  return { ok: true, value: { caseloads, names: await readNames(client, [me, ...named]) } };
}

function loadOf(manager: Parts, caps: ReadonlyMap<string, number>): Load {
  const who = manager.text('who') ?? '';
  const cap = caps.get(who);
  return {
    who,
    children: manager.number('children') ?? 0,
    onHold: manager.number('onHold') ?? 0,
    ...(cap !== undefined && { cap }),
  };
}

/** The cap stands on the role; a child's manager may be named by the role or by the person. */
function capsOf(roles: readonly r4.PractitionerRole[]): Map<string, number> {
  return new Map(
    roles.flatMap((role): [string, number][] => {
      const cap = role.extension?.find(({ url }) => url === capUrl)?.valuePositiveInt;
      if (cap === undefined) return [];
      const person = role.practitioner?.reference;
      return [
        [`PractitionerRole/${role.id}`, cap],
        ...(person === undefined ? [] : [[person, cap] as [string, number]]),
      ];
    }),
  );
}
