import type { LoadRequest } from '../load/job.ts';
import { creatingBundle } from '../mix/bundle.ts';
import { chartOf, chartSize, type Named, patientId } from '../mix/chart.ts';

/** One kind of load. */
export interface LoadKind {
  name: string;
  requests: readonly LoadRequest[];
  /** Of the machine, not of the server. */
  bare?: boolean;
  /** Resources a request writes. */
  resources?: number;
}

/** Children in the store when the loads begin. */
export const children = 200;

const get = (path: string): LoadRequest => ({ method: 'GET', path });
const charts = Array.from({ length: children }, (_, n) => chartOf(n));
const ofEachChild = (path: (patient: string) => string) => charts.map((_, n) => get(path(patientId(n))));
/** Not in the order they were written, so that neighbours on disk are not asked for one after the other. */
const observations = charts.flat().filter(({ resourceType }) => resourceType === 'Observation');
const mixed = observations
  .map((_, at) => observations[(at * 7919) % observations.length])
  .filter((one) => one !== undefined);

const code = encodeURIComponent('http://loinc.org|8302-2');

const withoutId = ({ id: _id, ...resource }: Named) => resource;
/** Differs each time it is sent, because writing what is there already writes nothing. */
const changing = (resource: object) => JSON.stringify({ ...resource, note: [{ text: 'Measurement @n@' }] });

/** The loads of one round, each bare limit right before what is compared with it. */
export const kinds: readonly LoadKind[] = [
  { name: 'bare read', bare: true, requests: mixed.map(({ id }) => get(`/read/Observation/${id}`)) },
  { name: 'read', requests: mixed.map(({ id }) => get(`/fhir/Observation/${id}`)) },
  {
    name: 'search patient+code',
    requests: ofEachChild((id) => `/fhir/Observation?patient=Patient/${id}&code=${code}`),
  },
  {
    name: 'search patient+category newest 10',
    requests: ofEachChild((id) => `/fhir/Observation?patient=${id}&category=vital-signs&_sort=-date&_count=10`),
  },
  {
    name: 'search population code+date',
    requests: Array.from({ length: 15 }, (_, year) =>
      get(`/fhir/Observation?code=${code}&date=ge${2009 + year}-03-01&date=lt${2009 + year}-06-01`),
    ),
  },
  {
    name: 'bare insert',
    bare: true,
    requests: mixed.slice(0, 200).map((one) => ({ method: 'POST', path: '/insert', body: changing(withoutId(one)) })),
  },
  {
    name: 'create',
    requests: mixed
      .slice(0, 200)
      .map((one) => ({ method: 'POST', path: '/fhir/Observation', body: changing(withoutId(one)) })),
  },
  {
    name: 'update',
    requests: mixed.map((one) => ({ method: 'PUT', path: `/fhir/Observation/${one.id}`, body: changing(one) })),
  },
  {
    name: 'transaction of 100',
    resources: 2 * chartSize,
    requests: Array.from({ length: 20 }, (_, at) => {
      const body = creatingBundle([...chartOf(10_000 + 2 * at), ...chartOf(10_001 + 2 * at)]);
      return { method: 'POST', path: '/fhir', body };
    }),
  },
];
