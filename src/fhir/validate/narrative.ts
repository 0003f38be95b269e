/** Elements and attributes with behavior, and links that run code. Pages show narrative, so it may hold none of them. */
const active =
  /<\s*\/?\s*(script|style|iframe|frame|frameset|object|embed|applet|form|input|button|textarea|select|link|meta|base|svg|math)\b|<[^>]*\son[a-z]+\s*=|\b(javascript|vbscript)\s*:|data\s*:\s*text\/html/i;

/**
 * What is wrong with `Narrative.div`: it must be one XHTML div without active content (FHIR R4, narrative.html, txt-1 and
 * txt-2). This is a refusal of what is dangerous, not a full XHTML check; whoever shows narrative still sanitizes it.
 */
export function narrativeProblem(div: string): string | undefined {
  if (!/^\s*<div[\s>/]/.test(div) || !/(<\/div>|\/>)\s*$/.test(div)) return 'Narrative must be one XHTML div element.';
  if (active.test(div))
    return 'Narrative must not have scripts, forms, frames, event handlers or other active content.';
  return /[^\s<>]|<img\b/.test(div.replace(/<(?!img\b)[^>]*>/g, '')) ? undefined : 'Narrative must have some content.';
}
