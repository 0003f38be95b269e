import express, { type Router } from 'express';

/** What ops offers, as plain functions; the edge gives them addresses. */
export interface OperationsPages {
  live(): { status: number; body: object };
  ready(): Promise<{ status: number; body: object }>;
  metrics(): Promise<{ contentType: string; body: string }>;
}

/** `/health/live`, `/health/ready` and `/metrics`: open, and without anything about a person. */
export function operationsPages(pages: OperationsPages): Router {
  const router = express.Router();
  router.get('/health/live', (_request, response) => {
    const { status, body } = pages.live();
    response.status(status).json(body);
  });
  router.get('/health/ready', async (_request, response) => {
    const { status, body } = await pages.ready();
    response.status(status).json(body);
  });
  router.get('/metrics', async (_request, response) => {
    const { contentType, body } = await pages.metrics();
    response.type(contentType).send(body);
  });
  return router;
}
