/** The only ways in which a string becomes part of the page or a script's address. */

import DOMPurify from "dompurify";

/** As the browser has it; where it does not, strings are what they are. */
interface Policy {
  createHTML(html: string): string;
  createScriptURL(url: string): string;
}

interface Factory {
  createPolicy(name: string, rules: Policy): Policy;
}

const RULES: Policy = { createHTML: (html) => html, createScriptURL: ownScript };
const factory = (globalThis as { trustedTypes?: Factory }).trustedTypes;
const policy = factory ? factory.createPolicy("privity", RULES) : RULES;

function ownScript(url: string): string {
  const whole = new URL(url, location.origin);
  if (whole.origin !== location.origin) throw new TypeError("Scripts are this server's own.");
  return whole.href;
}

/** HTML that was cleaned with these allowances, as `dangerouslySetInnerHTML` takes it. */
export function cleaned(html: string, allowed: { tags: string[]; attributes: string[] }): string {
  const clean = DOMPurify.sanitize(html, {
    ALLOWED_TAGS: allowed.tags,
    ALLOWED_ATTR: allowed.attributes,
    ALLOW_DATA_ATTR: false,
    ALLOW_ARIA_ATTR: false,
  });
  return policy.createHTML(clean);
}

/** The address of a script of this server. */
export function scriptUrl(path: string): string {
  return policy.createScriptURL(path);
}
