import type { Response } from 'express';
import type { GuardedFetch } from '../../base/guarded-fetch.ts';
import type { Jwk } from '../../base/jwt.ts';
import { sendPage } from '../page.ts';
import type { AuthRoom } from '../room.ts';
import type { EhrLaunchSites } from '../types.ts';
import type { Words } from '../words/en.ts';
import { wordsOf } from '../words/language.ts';
import type { Logins } from './logins.ts';

/** What the two steps of a launch from a hospital work with. */
export interface LaunchRoom extends AuthRoom {
  logins: Logins;
  sites: EhrLaunchSites;
  guardedFetch: GuardedFetch;
  clientKey: Jwk;
}

export function callbackUrl(room: LaunchRoom): string {
  return `${room.publicUrl}/launch/callback`;
}

/** The path of a cookie, under whatever path we are reached at. */
export function cookiePath(publicUrl: string, path: string): string {
  return `${new URL(publicUrl).pathname.replace(/\/$/, '')}${path}`;
}

/** Why a launch ends: what the person reads (`words/`, errors), and what the log says. */
export interface Ending {
  status: number;
  title: keyof Words['errors'];
  text: keyof Words['errors'];
  reason: string;
  issuer?: string;
}

/** Ends a launch with a page; `issuer` (a configured one) is whose record system may show it in a frame. */
export function endLaunch(response: Response, room: LaunchRoom, end: Ending): void {
  room.log.info({ reason: end.reason }, 'launch ended');
  const frameAncestors = end.issuer === undefined ? undefined : `'self' ${new URL(end.issuer).origin}`;
  const { errors } = wordsOf(response);
  sendPage(response, { status: end.status, title: errors[end.title], text: errors[end.text], frameAncestors });
}
