/** How the page looks, as the person chose it: kept in this browser, put on the root element. */

export interface Look {
  theme: "system" | "light" | "dark";
  text: "normal" | "large" | "larger";
  contrast: "normal" | "high";
}

const CHOICE = "look";
const USUAL: Look = { theme: "system", text: "normal", contrast: "normal" };

/** What was chosen. */
export function chosenLook(): Look {
  try {
    return { ...USUAL, ...(JSON.parse(localStorage.getItem(CHOICE) ?? "{}") as Partial<Look>) };
  } catch {
    return USUAL;
  }
}

/** Choose, and show it. */
export function chooseLook(look: Look): void {
  localStorage.setItem(CHOICE, JSON.stringify(look));
  showLook(look);
}

/** Put it on the page. */
export function showLook({ theme, text, contrast }: Look = chosenLook()): void {
  Object.assign(document.documentElement.dataset, { theme, text, contrast });
}
