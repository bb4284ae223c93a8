/**
 * How hard a password is to guess: zxcvbn's score, with dictionaries that hold the passwords which
 * every breach has. Loaded when somebody begins to type one.
 */

/** 0 to 4; from 3 on a password is taken. */
export interface Strength {
  score: 0 | 1 | 2 | 3 | 4;
}

export const LEAST_SCORE = 3;
export const LEAST_LENGTH = 10;

type Judge = (password: string, about: string[]) => Strength;
let judge: Promise<Judge> | undefined;

async function load(): Promise<Judge> {
  const [core, common, english] = await Promise.all([
    import("@zxcvbn-ts/core"),
    import("@zxcvbn-ts/language-common"),
    import("@zxcvbn-ts/language-en"),
  ]);
  const factory = new core.ZxcvbnFactory({
    graphs: common.adjacencyGraphs,
    dictionary: { ...common.dictionary, ...english.dictionary },
  });
  return (password, about) => ({ score: factory.check(password, about).score });
}

/** Judge a password. `about`: words that are easy to guess for this person, their name say. */
export async function strengthOf(password: string, about: string[]): Promise<Strength> {
  judge ??= load();
  if (password.length < LEAST_LENGTH) return { score: password.length < LEAST_LENGTH / 2 ? 0 : 1 };
  return (await judge)(password.slice(0, 100), about);
}
