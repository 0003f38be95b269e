import { createElement, Fragment, type ReactNode } from 'react';

/** What a narrative (FHIR R4, Narrative) may bring along; of everything else only its text is shown. */
const kept = new Set([
  'ul',
  'ol',
  'li',
  'p',
  'span',
  'strong',
  'em',
  'b',
  'i',
  'q',
  'br',
  'table',
  'thead',
  'tbody',
  'tr',
  'th',
  'td',
]);

/** The XHTML of a narrative as elements of the page: no attribute but our own two classes, so nothing in it can act. */
export function Narrative({ div }: { div: string }) {
  const parsed = new DOMParser().parseFromString(div, 'text/html');
  return <>{childrenOf(parsed.body)}</>;
}

function childrenOf(node: Node): ReactNode[] {
  return [...node.childNodes].map((child, at) => nodeOf(child, at));
}

function nodeOf(node: Node, key: number): ReactNode {
  if (node.nodeType === Node.TEXT_NODE) return node.textContent;
  if (!(node instanceof Element)) return null;
  const name = node.localName;
  if (name === 'script' || name === 'style') return null;
  if (!kept.has(name)) return createElement(Fragment, { key }, ...childrenOf(node));
  const className = ['source', 'closed'].find((one) => node.classList.contains(one));
  return createElement(name, { key, className }, ...(name === 'br' ? [] : childrenOf(node)));
}
