import { createContext } from "react";

/** Goes back to the step that was put off. */
export const PostponedContext = createContext<() => void>(() => undefined);
