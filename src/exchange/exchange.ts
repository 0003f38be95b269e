import type { Clock } from '../base/clock.ts';
import type { Module } from '../module.ts';
import { careManagementService } from './cds/care-management-service.ts';
import { sharedPlanService } from './cds/shared-plan-service.ts';

export interface ExchangeDeps {
  /** Where people reach this server, without a slash at the end. */
  publicUrl: string;
  clock: Clock;
}

/** The CDS Hooks services that the edge serves under `/cds-services`. */
export function createExchange({ publicUrl, clock }: ExchangeDeps): { module: Module } {
  return {
    module: { name: 'exchange', hooks: [sharedPlanService(publicUrl, clock), careManagementService(publicUrl)] },
  };
}
