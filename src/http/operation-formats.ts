import type { Request } from 'express';
import type { Resource } from '../fhir/types.ts';
import type { Operation } from '../module.ts';
import type { Route } from './route.ts';

/** The media types beside JSON in which the operation that a route names can answer. */
export function formatsOf(operations: readonly Operation[], route: Route): readonly string[] {
  if (route.name !== 'operation') return [];
  const { operation: name, type, id } = route;
  const named = operations.find(
    (one) =>
      one.name === name &&
      (one.level === 'system') === (type === undefined) &&
      (one.level === 'instance') === (id !== undefined) &&
      (one.resourceType === undefined || one.resourceType === type),
  );
  return named?.formats ?? [];
}

/**
 * Which of these media types the caller asks for: `_format` decides, else an Accept that names it alone. A browser, whose Accept names many,
 * gets JSON as everywhere. Undefined: none of them.
 */
export function formatAsked(
  { _format: format }: Request['query'],
  accept: string | undefined,
  offered: readonly string[],
): string | undefined {
  const wanted = format === undefined ? accept : String(format);
  const name = wanted?.split(';', 1)[0]?.trim().toLowerCase();
  return offered.find((one) => one === name);
}

/** The bytes of a Binary that an operation answers with where one of its formats was asked for. */
export function bytesOf(answer: Resource, format: string): { contentType: string; bytes: Buffer } | undefined {
  const { resourceType, contentType, data } = answer;
  if (resourceType !== 'Binary' || contentType !== format || typeof data !== 'string') return undefined;
  return { contentType, bytes: Buffer.from(data, 'base64') };
}
