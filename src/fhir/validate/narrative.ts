import { nextTag, type Tag } from './narrative-tags.ts';

/** Elements with behavior. Pages show narrative, so it may hold none of them. */
const activeElements: ReadonlySet<string> = new Set([
  ...['script', 'style', 'link', 'meta', 'base', 'template', 'svg', 'math', 'audio', 'video'],
  ...['iframe', 'frame', 'frameset', 'noframes', 'object', 'embed', 'applet', 'portal'],
  ...['form', 'input', 'button', 'textarea', 'select'],
]);
/** Links that run code, once references are resolved and blanks are taken out, as browsers do. */
const activeLink = /(?:java|vb)script:|data:text\/html/i;

const notOneDiv = 'Narrative must be one XHTML div element.';
const isActive = 'Narrative must not have scripts, forms, frames, event handlers or other active content.';

/**
 * What is wrong with `Narrative.div`: it must be one XHTML div without active content (FHIR R4, narrative.html, txt-1 and
 * txt-2). This is a refusal of what is dangerous, not a full XHTML check; whoever shows narrative still sanitizes it. Reads the text
 * once, whatever it holds: the time does not grow faster than the text.
 */
export function narrativeProblem(div: string): string | undefined {
  const whole = div.trim();
  if (!/^<div[\s>/]/.test(whole) || !/(?:<\/div>|\/>)$/.test(whole)) return notOneDiv;
  let hasContent = false;
  for (let at = 0; at < whole.length; ) {
    const opens = whole.indexOf('<', at);
    const text = whole.slice(at, opens < 0 ? undefined : opens);
    hasContent ||= text.trim() !== '';
    if (opens < 0) break;
    const tag = nextTag(whole, opens);
    if (!tag) return notOneDiv;
    if (runsCode(tag)) return isActive;
    hasContent ||= tag.name === 'img';
    at = tag.end;
  }
  return hasContent ? undefined : 'Narrative must have some content.';
}

function runsCode({ name, attributes }: Tag): boolean {
  if (activeElements.has(name)) return true;
  return attributes.some((attribute) => attribute.name.startsWith('on') || activeLink.test(attribute.value));
}
