// What a device needs to take readings by itself: in the memory of this tab alone, and gone with it.
import { ask } from "./reading_queue.js";

const NO_LONGER = [401, 403, 404];
let sheet = null;

/** What was brought last, null before. */
export const carriedSheet = () => sheet;

/** Ask for it anew; without a line the one that is here stays, and whoever may no longer have it has none. */
export const bringSheet = async (locale) => {
  const { status, told } = await ask("/vitals/carried", locale);
  if (status === 200) sheet = told;
  if (NO_LONGER.includes(status)) sheet = null;
  return sheet;
};
