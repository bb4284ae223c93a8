/** The page begins here. */

import { StrictMode } from "react";
import { createRoot } from "react-dom/client";

import { showLook } from "./platform/look.ts";
import { beginWords } from "./platform/words.ts";
import { begin } from "./state/session.ts";
import { App } from "./views/App.tsx";
import "./views/tokens.css";

showLook();
const root = document.getElementById("root");
if (!root) throw new Error("no #root");
void begin();
await beginWords();
createRoot(root).render(
  <StrictMode>
    <App />
  </StrictMode>,
);
