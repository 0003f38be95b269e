import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { routeOf } from '../../src/http/route.ts';

const knows = (type: string) => type === 'Patient' || type === 'Goal';
const at = (method: string, path: string) => routeOf(method, path.split('/').filter(Boolean), knows);

describe('refuses', () => {
  test.each([
    ['GET', 'Nonsense'],
    ['GET', 'Patient/1/2'],
    ['GET', 'Goal/1/Patient'],
    ['GET', 'Patient/1/Nonsense'],
    ['POST', 'Patient/1/_search/_search'],
    ['POST', 'Patient/1/Goal/_search/x'],
    ['GET', 'Patient/1/_history/2/3'],
    ['GET', 'Patient/bad id'],
    ['GET', 'Patient/_history/1'],
    ['GET', `Patient/${'x'.repeat(65)}`],
    ['GET', 'metadata/more'],
    ['GET', '$op/more'],
  ])('%s %s as not found', (method, path) => {
    expect(at(method, path)).toMatchObject({ ok: false, error: { kind: 'not-found' } });
  });
  test.each([
    ['PUT', ''],
    ['GET', '_search'],
    ['POST', 'Patient/1/Goal'],
    ['GET', 'Patient/1/Goal/_search'],
    ['PUT', 'metadata'],
    ['PATCH', 'Patient/1/_history'],
    ['POST', 'Patient/1'],
    ['DELETE', 'Patient/1/_history'],
    ['PUT', 'Patient/1/$op'],
  ])('%s %s as a method that is not offered there, and names those that are', (method, path) => {
    const route = at(method, path);
    expect(route).toMatchObject({ ok: false, error: { kind: 'not-allowed' } });
    expect(route.ok ? '' : route.error.issues[0]?.text).toMatch(/supports (GET|POST|PUT|DELETE)/);
  });
  test('whatever comes, without throwing', () => {
    fc.assert(
      fc.property(
        fc.constantFrom('GET', 'POST', 'PUT', 'X'),
        fc.array(fc.string(), { maxLength: 6 }),
        (method, path) => {
          const route = routeOf(method, path, knows);
          expect(typeof route.ok).toBe('boolean');
        },
      ),
    );
  });
});

test.each([
  ['GET', 'metadata', { name: 'capabilities' }],
  ['GET', '.well-known/smart-configuration', { name: 'smart-configuration' }],
  ['POST', '', { name: 'bundle' }],
  ['GET', 'Patient', { name: 'search', type: 'Patient' }],
  ['POST', 'Patient/_search', { name: 'search', type: 'Patient' }],
  ['POST', 'Patient', { name: 'create', type: 'Patient' }],
  ['PUT', 'Patient', { name: 'update', type: 'Patient' }],
  ['HEAD', 'Patient/1', { name: 'read', type: 'Patient', id: '1' }],
  ['PUT', 'Patient/1', { name: 'update', type: 'Patient', id: '1' }],
  ['DELETE', 'Goal/1', { name: 'delete', type: 'Goal', id: '1' }],
  ['GET', '', { name: 'search-system' }],
  ['POST', '_search', { name: 'search-system' }],
  ['GET', 'Patient/1/Goal', { name: 'search-compartment', compartment: { type: 'Patient', id: '1' }, type: 'Goal' }],
  ['GET', 'Patient/1/*', { name: 'search-compartment', compartment: { type: 'Patient', id: '1' } }],
  ['POST', 'Patient/1/_search', { name: 'search-compartment', compartment: { type: 'Patient', id: '1' } }],
  ['POST', 'Patient/1/*/_search', { name: 'search-compartment', compartment: { type: 'Patient', id: '1' } }],
  [
    'POST',
    'Patient/1/Goal/_search',
    { name: 'search-compartment', compartment: { type: 'Patient', id: '1' }, type: 'Goal' },
  ],
  ['GET', 'Patient/1/_history', { name: 'history', type: 'Patient', id: '1' }],
  ['GET', 'Patient/1/_history/2', { name: 'vread', type: 'Patient', id: '1', version: '2' }],
  ['POST', 'Patient/1/$compose', { name: 'operation', operation: 'compose', type: 'Patient', id: '1' }],
  ['GET', 'Goal/$op', { name: 'operation', operation: 'op', type: 'Goal' }],
  ['POST', '$op', { name: 'operation', operation: 'op' }],
])('%s %s', (method, path, route) => {
  expect(at(method, path)).toEqual({ ok: true, value: route });
});
