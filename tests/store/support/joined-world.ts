import fc from 'fast-check';
import type { Criterion } from '../../../src/fhir/search/query.ts';
import type { Resource } from '../../../src/fhir/types.ts';

/**
 * A small town whose records refer to each other, questions about it, and a slow reading of the answers that knows neither the index
 * nor the extractor. A criterion is read as the parser made it; that the parser makes the right one is tested by itself.
 */
type Node = Resource & { id: string; [element: string]: any };

const pick = <T>(...values: T[]) => fc.constantFrom(...values);
const some = <T>(arbitrary: fc.Arbitrary<T>) => fc.option(arbitrary, { nil: undefined, freq: 6 });
const ids: { [type: string]: string[] } = {
  Patient: ['p1', 'p2', 'p3', 'p4', 'p5'],
  Organization: ['o1', 'o2', 'o3'],
  Practitioner: ['d1', 'd2'],
  Observation: ['b1', 'b2', 'b3', 'b4', 'b5', 'b6', 'b7', 'b8'],
  Encounter: ['e1', 'e2', 'e3'],
  List: ['l1', 'l2', 'l3'],
};
const to = (...types: string[]) =>
  pick(
    ...types.flatMap((type) =>
      [...(ids[type] ?? []), ...(ids[type] ?? []), 'nowhere'].map((id) => ({ reference: `${type}/${id}` })),
    ),
  );
const many = <T>(arbitrary: fc.Arbitrary<T>) => some(fc.array(arbitrary, { minLength: 1, maxLength: 3 }));
const names = ['Anna', 'Änn', 'Bo'];

const makers: { [type: string]: fc.Arbitrary<object> } = {
  Patient: fc.record({
    gender: some(pick('male', 'female')),
    name: many(fc.record({ family: pick(...names) })),
    managingOrganization: some(to('Organization')),
    generalPractitioner: many(to('Organization', 'Practitioner')),
    link: some(to('Patient').map((other) => [{ other, type: 'seealso' }])),
  }),
  Organization: fc.record({ name: some(pick(...names)), active: some(fc.boolean()), partOf: some(to('Organization')) }),
  Practitioner: fc.record({ name: many(fc.record({ family: pick(...names) })), active: some(fc.boolean()) }),
  Observation: fc.record({
    status: pick('final', 'amended'),
    code: pick('red', 'blue').map((code) => ({ coding: [{ code }] })),
    subject: some(to('Patient', 'Organization')),
    encounter: some(to('Encounter')),
    performer: many(to('Practitioner', 'Organization', 'Patient')),
    hasMember: many(to('Observation')),
  }),
  Encounter: fc.record({
    status: pick('planned', 'finished'),
    class: fc.constant({ code: 'x' }),
    subject: some(to('Patient')),
    serviceProvider: some(to('Organization')),
  }),
  List: fc.record({
    status: pick('current', 'retired'),
    mode: fc.constant('working'),
    subject: some(to('Patient')),
    entry: many(to('Patient', 'Observation', 'Encounter').map((item) => ({ item }))),
  }),
};

/** All records of the town, in the order they are written. */
export const towns: fc.Arbitrary<Node[]> = fc
  .tuple(
    ...Object.entries(ids).flatMap(([resourceType, all]) =>
      all.map((id) => (makers[resourceType] ?? fc.constant({})).map((rest) => ({ resourceType, id, ...rest }))),
    ),
  )
  .map((nodes) => JSON.parse(JSON.stringify(nodes)));

const list = (value: unknown): any[] => (value === undefined ? [] : Array.isArray(value) ? value : [value]);
const codes: { [param: string]: (node: Node) => string[] } = {
  gender: (node) => list(node.gender),
  active: (node) => list(node.active).map(String),
  status: (node) => list(node.status),
  code: (node) => list(node.code?.coding).map(({ code }) => code),
  _id: (node) => [node.id],
};
const texts: { [param: string]: (node: Node) => string[] } = {
  name: (node) =>
    node.resourceType === 'Organization' ? list(node.name) : list(node.name).map(({ family }) => family),
  family: (node) => list(node.name).map(({ family }) => family),
};
const elements: { [param: string]: (node: Node) => any[] } = {
  organization: (node) => list(node.managingOrganization),
  'general-practitioner': (node) => list(node.generalPractitioner),
  link: (node) => list(node.link).map(({ other }) => other),
  partof: (node) => list(node.partOf),
  subject: (node) => list(node.subject),
  patient: (node) => list(node.subject).filter(({ reference }) => reference.startsWith('Patient/')),
  encounter: (node) => list(node.encounter),
  performer: (node) => list(node.performer),
  'has-member': (node) => list(node.hasMember),
  'service-provider': (node) => list(node.serviceProvider),
  item: (node) => list(node.entry).map(({ item }) => item),
};
const targets = (node: Node, param: string): string[] =>
  (elements[param]?.(node) ?? []).map(({ reference }) => reference);
const plain = (text: string) => text.normalize('NFD').replace(/\p{M}/gu, '').toLowerCase();

/** Does the record meet the criterion, when there is nothing in the world but `seen`? */
export function meets(node: Node, criterion: Criterion, seen: readonly Node[]): boolean {
  switch (criterion.kind) {
    case 'and':
      return criterion.of.every((one) => meets(node, one, seen));
    case 'or':
      return criterion.of.some((one) => meets(node, one, seen));
    case 'not':
      return !meets(node, criterion.of, seen);
    case 'chain':
      return seen.some(
        (other) =>
          other.resourceType === criterion.targetType &&
          targets(node, criterion.param.code).includes(`${other.resourceType}/${other.id}`) &&
          meets(other, criterion.of, seen),
      );
    case 'has':
      return seen.some(
        (other) =>
          other.resourceType === criterion.sourceType &&
          targets(other, criterion.param.code).includes(`${node.resourceType}/${node.id}`) &&
          meets(other, criterion.of, seen),
      );
    case 'filter':
      return meetsFilter(node, criterion);
  }
}

function meetsFilter(node: Node, { param, modifier, values }: Extract<Criterion, { kind: 'filter' }>): boolean {
  const { code } = param;
  const present = [codes, texts, elements].some((table) => (table[code]?.(node) ?? []).length > 0);
  const any = values.some((asked) => {
    if (asked.kind === 'missing') return present !== asked.missing;
    if (asked.kind === 'token') return codes[code]?.(node).includes(asked.code ?? '') ?? false;
    if (asked.kind === 'reference') return targets(node, code).includes(`${asked.type}/${asked.id}`);
    if (asked.kind !== 'string') throw new Error('not asked here');
    return (texts[code]?.(node) ?? []).map(plain).some((text) => {
      if (modifier === 'contains') return text.includes(asked.text);
      if (modifier === 'equals') return text === asked.text;
      if (modifier === 'unequal') return text !== asked.text;
      return modifier === 'ends-with' ? text.endsWith(asked.text) : text.startsWith(asked.text);
    });
  });
  return modifier === 'not' ? !any : any;
}

/** What a reader limited to one patient sees, by the plain words of the compartment. */
export function seenBy(node: Node, patientId: string | undefined): boolean {
  if (patientId === undefined || node.resourceType === 'Organization' || node.resourceType === 'Practitioner')
    return true;
  if (node.resourceType === 'Patient' && node.id === patientId) return true;
  // Who performed something has no right to see of whom; who is linked to somebody has not either.
  const about = node.resourceType === 'Encounter' ? 'patient' : 'subject';
  const subjects = targets(node, about).filter((target) => target.startsWith('Patient/'));
  if (subjects.length > 0) return subjects.includes(`Patient/${patientId}`);
  return node.resourceType === 'Observation' && targets(node, 'performer').includes(`Patient/${patientId}`);
}

const leaves: { [type: string]: [name: string, ...values: string[]][] } = {
  Patient: [
    ['gender', 'male', 'female'],
    ['gender:not', 'male'],
    ['family', 'an', 'bo'],
    ['name:contains', 'nn'],
    ['name:missing', 'true'],
    ['_id', 'p1', 'p2,p3'],
  ],
  Organization: [
    ['name', 'an'],
    ['active', 'true', 'false'],
    ['_id', 'o1', 'o2'],
    ['partof:missing', 'true'],
  ],
  Practitioner: [
    ['family', 'an', 'bo'],
    ['_id', 'd1'],
    ['active', 'true'],
  ],
  Observation: [
    ['status', 'final'],
    ['code', 'red', 'blue'],
    ['code:not', 'red'],
    ['subject', 'Patient/p1', 'Patient/p2'],
    ['encounter:missing', 'false'],
    ['_id', 'b1', 'b2,b3'],
  ],
  Encounter: [
    ['status', 'planned', 'finished'],
    ['_id', 'e1,e2'],
  ],
  List: [
    ['status', 'current'],
    ['_id', 'l1', 'l2'],
  ],
};
const links: { [type: string]: [param: string, ...targets: string[]][] } = {
  Patient: [
    ['organization', 'Organization'],
    ['general-practitioner', 'Organization', 'Practitioner'],
    ['link', 'Patient'],
  ],
  Organization: [['partof', 'Organization']],
  Practitioner: [],
  Observation: [
    ['subject', 'Patient'],
    ['patient', 'Patient'],
    ['encounter', 'Encounter'],
    ['performer', 'Practitioner', 'Organization', 'Patient'],
    ['has-member', 'Observation'],
  ],
  Encounter: [
    ['patient', 'Patient'],
    ['service-provider', 'Organization'],
  ],
  List: [
    ['subject', 'Patient'],
    ['item', 'Patient', 'Observation', 'Encounter'],
  ],
};
const referrers = (type: string) =>
  Object.entries(links).flatMap(([source, params]) =>
    params.filter(([, ...kinds]) => kinds.includes(type)).map(([param]): [string, string] => [source, param]),
  );

type Param = [name: string, value: string];

/** One parameter as a client writes it, that follows at most `depth` references. */
export function parameter(type: string, depth: number): fc.Arbitrary<Param> {
  const leaf = pick(...(leaves[type] ?? [])).chain(([name, ...values]) =>
    pick(...values).map((value): Param => [name, value]),
  );
  if (depth === 0) return leaf;
  const chains = (links[type] ?? []).flatMap(([param, ...kinds]) =>
    kinds.map((kind) => parameter(kind, depth - 1).map(([name, value]): Param => [`${param}:${kind}.${name}`, value])),
  );
  const reverse = referrers(type).map(([source, param]) =>
    parameter(source, depth - 1).map(([name, value]): Param => [`_has:${source}:${param}:${name}`, value]),
  );
  const listed = ['Patient', 'Observation', 'Encounter'].includes(type)
    ? [pick('l1', 'l2', 'l1,l3').map((id): Param => ['_list', id])]
    : [];
  return fc.oneof(
    leaf,
    ...chains,
    ...reverse,
    ...listed,
    expression(type, depth).map((text): Param => ['_filter', text]),
  );
}

const tests: { [type: string]: string[] } = {
  Patient: [
    'gender eq male',
    'family sw a',
    'name ew "nn"',
    'family ne "Bo"',
    'name eq ANNA',
    'name pr false',
    'link pr true',
  ],
  Organization: ['name co n', 'active eq true', 'partof pr true'],
  Practitioner: ['family eq änn', 'active eq true'],
  Observation: ['code eq red', 'status eq final', 'subject re Patient/p1', 'encounter pr true'],
  Encounter: ['status eq planned'],
  List: ['status eq current'],
};

function expression(type: string, depth: number): fc.Arbitrary<string> {
  const test = pick(...(tests[type] ?? []));
  const paths = (links[type] ?? []).flatMap(([param, ...kinds]) =>
    kinds.length > 1 || depth < 2
      ? []
      : kinds.flatMap((kind) => [
          expression(kind, 0).map((inner) => `${param}.${inner}`),
          fc
            .tuple(expression(kind, depth - 1), expression(kind, 0))
            .map(([within, inner]) => `${param}[${within}].${inner}`),
        ]),
  );
  if (depth === 0) return test;
  const part = fc.oneof(test, ...paths);
  return fc
    .tuple(part, fc.array(fc.tuple(pick('and', 'or'), pick('', 'not '), part), { maxLength: 2 }))
    .map(([first, more]) => [first, ...more.map(([word, not, next]) => `${word} ${not}(${next})`)].join(' '));
}
