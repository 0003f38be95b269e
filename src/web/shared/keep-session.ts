import { keepStored, type Session } from './session-store.ts';
import { type LaunchApp, renewSession } from './smart-launch.ts';

/** A session that renews itself before its token ends, for as long as the sign-in lasts. */
export interface KeptSession {
  /** The token of now. */
  readonly accessToken: string;
  /** Asks for the next token; false when there is none to be had. Asked for several times at once, it asks once. */
  renew(): Promise<boolean>;
  /** Renews by itself, and tells whether the session has ended, until the returned function is called. */
  watch(tell: (ended: boolean) => void): () => void;
}

const aheadMs = 5 * 60_000;
const againMs = 30_000;
/** How long a tab that has renewed holds the others back, for them to hear of it. */
const heardMs = 250;

export function keepSession(app: LaunchApp, first: Session): KeptSession {
  const name = `careweave.session.${app.clientId}`;
  let session = first;
  let tell: (ended: boolean) => void = () => {};
  let channel: BroadcastChannel | undefined;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let renewing: Promise<boolean> | undefined;

  function plan(): void {
    clearTimeout(timer);
    const left = session.expiresAt - Date.now();
    const canRenew = session.refreshToken !== undefined;
    const after = canRenew ? Math.max(left - aheadMs, left / 2) : left;
    timer = setTimeout(() => (canRenew ? void renew() : tell(true)), Math.max(0, after));
  }

  function take(next: Session): void {
    session = next;
    tell(false);
    plan();
  }

  async function ask(): Promise<boolean> {
    const answer = await renewSession(app, session);
    if ('session' in answer) {
      channel?.postMessage({ was: session.refreshToken, session: answer.session });
      take(answer.session);
      return true;
    }
    if (answer.failed === 'refused') {
      const { refreshToken: _spent, ...rest } = session;
      session = rest;
    }
    const isOver = answer.failed === 'refused' || session.expiresAt <= Date.now();
    if (isOver) tell(true);
    clearTimeout(timer);
    if (answer.failed === 'unreachable') timer = setTimeout(() => void renew(), againMs);
    return false;
  }

  /** A tab that was duplicated holds the same refresh token, which is good once: one tab asks, the others take what it was given. */
  async function inTurn(): Promise<boolean> {
    const before = session;
    if (before.refreshToken === undefined) return false;
    if (!('locks' in navigator)) return ask();
    return navigator.locks.request(name, async () => {
      if (session !== before) return true;
      const renewed = await ask();
      await new Promise((resolve) => setTimeout(resolve, heardMs));
      return renewed;
    });
  }

  function renew(): Promise<boolean> {
    renewing ??= inTurn().finally(() => {
      renewing = undefined;
    });
    return renewing;
  }

  return {
    get accessToken() {
      return session.accessToken;
    },
    renew,
    watch(next) {
      tell = next;
      channel = new BroadcastChannel(name);
      channel.onmessage = ({ data }: MessageEvent<{ was?: string; session: Session }>) => {
        if (data.was === undefined || data.was !== session.refreshToken) return;
        keepStored(app.clientId, data.session);
        take(data.session);
      };
      plan();
      return () => {
        tell = () => {};
        clearTimeout(timer);
        channel?.close();
        channel = undefined;
      };
    },
  };
}
