/** All words of this language, by the part of the client that says them. */

import arrive from "./arrive.json";
import emoji from "./emoji.json";
import files from "./files.json";
import rooms from "./rooms.json";
import safe from "./safe.json";
import sessions from "./sessions.json";
import settings from "./settings.json";
import talk from "./talk.json";

export default { ...arrive, ...emoji, ...files, ...rooms, ...safe, ...sessions, ...settings, ...talk };
