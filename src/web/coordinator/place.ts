import { useCallback, useEffect, useState } from 'react';

/** Where the reader is. It is kept in the history of this tab and never in an address: an address would name a child. */
export type Place = { kind: 'home'; view: HomeView } | { kind: 'child'; patientId: string; tab: ChildTab };
export const homeViews = ['queue', 'caseload', 'proposals', 'measures'] as const;
export type HomeView = (typeof homeViews)[number];
export const childTabs = ['plan', 'work', 'needs', 'contacts', 'team', 'reconcile', 'proposals', 'measures'] as const;
export type ChildTab = (typeof childTabs)[number];

const start: Place = { kind: 'home', view: 'queue' };

function placeIn(state: unknown): Place {
  const place = typeof state === 'object' && state !== null && 'place' in state ? (state.place as Place) : undefined;
  return place?.kind === 'home' || place?.kind === 'child' ? place : start;
}

/** Going back and reloading work as everywhere. */
export function usePlace(): [Place, (place: Place) => void] {
  const [place, setPlace] = useState<Place>(() => placeIn(window.history.state));
  useEffect(() => {
    const moved = (event: PopStateEvent) => setPlace(placeIn(event.state));
    window.addEventListener('popstate', moved);
    return () => window.removeEventListener('popstate', moved);
  }, []);
  const go = useCallback((next: Place) => {
    window.history.pushState({ place: next }, '', '/coordinator/');
    setPlace(next);
    window.scrollTo(0, 0);
  }, []);
  return [place, go];
}
