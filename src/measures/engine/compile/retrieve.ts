import type { CodeWatch } from '../model/code-watch.ts';
import { FhirElement } from '../model/element.ts';
import { fhirHelpers } from '../model/fhir-helpers.ts';
import { profileFilter } from '../model/profiles.ts';
import { Code, Concept, ValueSet } from '../values/code.ts';
import { Interval } from '../values/interval.ts';
import type { Value } from '../values/types.ts';
import { constantValue } from './constant.ts';
import { nodeOf, nodesOf, textOf } from './elm.ts';
import { Refusal } from './refusal.ts';
import { type NodeCompiler, type Site, withName } from './site.ts';
import type { Compiled, ElmNode, Frame } from './types.ts';

const fhirPrefix = '{http://hl7.org/fhir}';
const baseProfile = 'http://hl7.org/fhir/StructureDefinition/';
const loinc = 'http://loinc.org';

type Find = (frame: Frame) => readonly FhirElement[];

/**
 * The child's records of a type, by code, profile and date. Whether a record names the profile does not matter: see profiles.ts. Each retrieve tells the
 * definition it stands in what it can see.
 */
export const retrieve: NodeCompiler = (node, site) => {
  const dataType = textOf(node, 'dataType') ?? '';
  const type = dataType.startsWith(fhirPrefix) ? dataType.slice(fhirPrefix.length) : '';
  const refuse = (text: string): never => {
    throw new Refusal(`Retrieve of ${type || dataType} ${text}.`, site.place, node.locator);
  };
  if (!site.program.model.resource(type)) refuse('is of no resource type of FHIR R4');
  if (site.context !== 'Patient') refuse('is outside of the Patient context: a measure looks at one child at a time');
  for (const part of ['include', 'codeFilter', 'dateFilter', 'otherFilter'])
    if (nodesOf(node, part).length > 0) refuse(`has a ${part}, which is not supported`);
  if (nodeOf(node, 'context')) refuse('has a context of its own, which is not supported');

  const path = textOf(node, 'codeProperty');
  const codes = nodeOf(node, 'codes');
  const dateRange = nodeOf(node, 'dateRange');
  const profile = textOf(node, 'templateId');
  const isPlain = profile === undefined || profile === `${baseProfile}${type}`;

  let find: Find = ({ run }) => run.view.all(type);
  let wanted: ValueSet | undefined;
  if (codes) {
    if (path === undefined) return refuse('has codes but no element to look for them');
    const code = site.compile(codes, site);
    const constant = constantValue(code);
    wanted = constant === undefined ? undefined : (codesOf(constant) ?? refuse('has codes that are none'));
    find = byCode(site.program.vocabulary.watch(type, path), code, wanted);
  }
  if (!isPlain) find = byProfile(type, profile, find, site);
  if (dateRange) {
    const datePath = textOf(node, 'dateProperty');
    if (datePath === undefined) return refuse('has a date range but no element to look at');
    find = byDate(datePath, dateRange, site, find);
  }

  const profileCodes = isPlain ? undefined : profileFilter(profile)?.loinc?.map((code) => `${loinc}|${code}`);
  const keys = wanted ? wanted.codes.map(({ key }) => key) : profileCodes;
  site.reach.needs.push({
    type,
    ...(codes || profileCodes ? { path: path ?? 'code' } : {}),
    ...(keys ? { codes: new Set(keys) } : {}),
    ...(isPlain ? {} : { profile }),
    ...(wanted?.id ? { valueSets: [wanted.id] } : {}),
    ...(dateRange ? { datePath: textOf(node, 'dateProperty') ?? '' } : {}),
  });
  // A prescription may name its medicine by a reference, so the medicine is looked at as well.
  if (codes && path?.startsWith('medication')) site.reach.needs.push({ type: 'Medication' });
  return find;
};

/** What a retrieve may be given as codes: a value set, codes, concepts, or texts for elements of type `code`. */
function codesOf(value: Value): ValueSet | undefined {
  if (value instanceof ValueSet) return value;
  const codes: Code[] = [];
  for (const item of Array.isArray(value) ? value.flat() : [value]) {
    if (item instanceof Code) codes.push(item);
    else if (item instanceof Concept) codes.push(...item.codes);
    else if (item instanceof ValueSet) codes.push(...item.codes);
    else if (typeof item === 'string') codes.push(new Code(item));
    else if (item !== null) return undefined;
  }
  return new ValueSet('', null, codes);
}

function byCode(watch: CodeWatch, code: Compiled, constant: ValueSet | undefined): Find {
  if (constant) return withCodes(watch, constant);
  return (frame) => {
    const value = code(frame);
    const codes = value === null ? undefined : codesOf(value);
    return codes ? frame.run.view.codedBy(watch, codes) : [];
  };
}

function withCodes(watch: CodeWatch, set: ValueSet): Find {
  const number = watch.numberOf(set);
  return number === undefined ? ({ run }) => run.view.codedBy(watch, set) : ({ run }) => run.view.coded(watch, number);
}

function byProfile(type: string, url: string, find: Find, site: Site): Find {
  const filter = profileFilter(url);
  if (!filter) return find;
  const { path, values } = filter;
  if (filter.loinc) {
    const codes = new ValueSet(
      '',
      null,
      filter.loinc.map((code) => new Code(code, loinc)),
    );
    const withOne = withCodes(site.program.vocabulary.watch(type, path), codes);
    return (frame) => {
      const fitting = new Set(withOne(frame));
      return find(frame).filter((record) => fitting.has(record));
    };
  }
  return (frame) =>
    find(frame).filter((record) => {
      const element = record.get(path);
      const value = element instanceof FhirElement ? element.value : null;
      return values?.some((each) => each === value) === true;
    });
}

/** Records whose date, or whole period, is in the range: CQL's `during`. */
function byDate(path: string, range: ElmNode, site: Site, find: Find): Find {
  const { site: inner, slot } = withName(site, '$date');
  const date: ElmNode = { type: 'AliasRef', name: '$date' };
  const isIn = inner.compile({ type: 'In', operand: [date, range] }, inner);
  const isIncluded = inner.compile({ type: 'IncludedIn', operand: [date, range] }, inner);
  const { units } = site.around;
  return (frame) =>
    find(frame).filter((record) => {
      let values: readonly Value[] = [record];
      for (const step of path.split('.'))
        values = values.flatMap((value) => (value instanceof FhirElement ? value.each(step) : []));
      return values.some((element) => {
        if (!(element instanceof FhirElement)) return false;
        const value = element.type.isPrimitive ? element.value : (fhirHelpers.ToInterval?.(element, units) ?? null);
        frame.locals[slot] = value;
        return (value instanceof Interval ? isIncluded(frame) : isIn(frame)) === true;
      });
    });
}
