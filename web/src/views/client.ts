import type { MatrixClient } from "matrix-js-sdk";
import { createContext, useContext } from "react";

export const ClientContext = createContext<MatrixClient | undefined>(undefined);

/** The client of who is in. */
export function useClient(): MatrixClient {
  const client = useContext(ClientContext);
  if (!client) throw new Error("nobody is in");
  return client;
}
