import type { NextFunction, RequestHandler } from 'express';

/**
 * Several handlers as one: each goes on to the next by `next()`. To express they are one layer; each layer of its own matches the path again.
 */
export function inTurn(handlers: readonly RequestHandler[]): RequestHandler {
  return (request, response, last) => {
    const from = (at: number): NextFunction => {
      return (fault?: unknown) => {
        const handler = fault === undefined ? handlers[at] : undefined;
        // What an asynchronous one throws reaches express by its promise.
        return handler ? handler(request, response, from(at + 1)) : last(fault);
      };
    };
    return from(0)();
  };
}
