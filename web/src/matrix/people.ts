/** Finding people: in the directory as far as the server shows it, and by their exact name. */

import type { MatrixClient } from "matrix-js-sdk";

export interface Found {
  userId: string;
  name: string;
  picture?: string;
}

const MOST = 12;
const LOCALPART = /^@?([a-z0-9._=/+-]+)$/i;
const WHOLE = /^@[^:\s]+:\S+$/;

/** People whose name begins so, and whoever is called exactly so. */
export async function find(client: MatrixClient, term: string): Promise<Found[]> {
  const asked = term.trim();
  if (!asked) return [];
  const [listed, exact] = await Promise.all([inDirectory(client, asked), called(client, asked)]);
  const all = exact ? [exact, ...listed.filter((one) => one.userId !== exact.userId)] : listed;
  return all.filter((one) => one.userId !== client.getUserId());
}

async function inDirectory(client: MatrixClient, term: string): Promise<Found[]> {
  const { results } = await client.searchUserDirectory({ term, limit: MOST });
  return results.map((one) => found(one.user_id, one.display_name, one.avatar_url));
}

async function called(client: MatrixClient, term: string): Promise<Found | undefined> {
  const localpart = LOCALPART.exec(term)?.[1];
  const userId = WHOLE.test(term) ? term : localpart && `@${localpart.toLowerCase()}:${client.getDomain()}`;
  if (!userId) return undefined;
  try {
    const profile = await client.getProfileInfo(userId);
    return found(userId, profile.displayname, profile.avatar_url);
  } catch {
    return undefined; // nobody is called so
  }
}

function found(userId: string, name?: string, picture?: string): Found {
  return { userId, name: name || userId.slice(1).split(":")[0] || userId, ...(picture && { picture }) };
}
