/** What this browser is called in the list of sessions: "Firefox on Linux". */

const BROWSERS: [RegExp, string][] = [
  [/Edg\//, "Edge"],
  [/Firefox\//, "Firefox"],
  [/OPR\//, "Opera"],
  [/Chrome\//, "Chrome"],
  [/Safari\//, "Safari"],
];
const SYSTEMS: [RegExp, string][] = [
  [/Android/, "Android"],
  [/iPhone|iPad/, "iOS"],
  [/Windows/, "Windows"],
  [/Mac OS/, "macOS"],
  [/CrOS/, "ChromeOS"],
  [/Linux/, "Linux"],
];

function first(among: [RegExp, string][], agent: string, otherwise: string): string {
  return among.find(([pattern]) => pattern.test(agent))?.[1] ?? otherwise;
}

/** The name, from what the browser says of itself. */
export function deviceName(agent = navigator.userAgent): string {
  return `${first(BROWSERS, agent, "Browser")} (${first(SYSTEMS, agent, "?")})`;
}
