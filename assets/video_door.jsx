// The door of a visit's room. What the room is made of comes when somebody waits before it, not with the page: most who
// open the page are not called in yet. It is asked for until it is there.
import { createElement as h, useEffect, useState } from "react";
import sheet from "./late/video_room.css?url";
import { Telephones } from "./video_phones.jsx";

const AGAIN_MS = 2000;
const PATIENCE_MS = 8000;

let Inside = null;
let coming = null;

/** Put the room's style sheet into the page; one that failed is asked for anew, which the builder's own way does not. */
const dressed = () =>
  new Promise((done, fail) => {
    if (document.querySelector(`link[href="${sheet}"]`)?.sheet) {
      done();
      return;
    }
    const link = Object.assign(document.createElement("link"), { rel: "stylesheet", href: sheet, onload: done });
    link.onerror = () => {
      link.remove();
      fail(new Error("the room's style sheet did not come"));
    };
    document.head.append(link);
  });

const bring = () => {
  coming ??= Promise.all([import("./video_room.jsx"), dressed()])
    .then(([room]) => {
      Inside = room.VideoRoom;
    })
    .finally(() => {
      coming = null;
    });
  return coming;
};

/** Return the room once it is here, null until then; and whether whoever waits for it has waited long. */
const useRoom = () => {
  const [Room, setRoom] = useState(() => Inside);
  const [isLong, setLong] = useState(false);
  useEffect(() => {
    let isGone = false;
    let again = 0;
    const long = setTimeout(setLong, PATIENCE_MS, true);
    const ask = async () => {
      const isHere = Inside !== null || (await bring().then(() => true, () => false));
      if (isGone) return;
      if (isHere) setRoom(() => Inside);
      else again = setTimeout(ask, AGAIN_MS);
    };
    ask();
    return () => {
      isGone = true;
      clearTimeout(long);
      clearTimeout(again);
    };
  }, []);
  return [Room, isLong];
};

/** Brings the room while somebody waits, so that it opens at once. Draws nothing. */
export function RoomAhead() {
  useRoom();
  return null;
}

/**
 * The room, with what `video_room.jsx` takes. Whoever waits long for it can telephone, or load the page anew, by which
 * one that is older than the portal comes right; it is not loaded by itself, since something may be half written on it.
 */
export function VideoRoom(props) {
  const [Room, isLong] = useRoom();
  if (Room) return h(Room, props);
  const { words, numbers } = props;
  const anew = { type: "button", className: "btn btn-second", onClick: () => window.location.reload() };
  return h(
    "div",
    { className: "video-room grid grid-cols-1 gap-3", "aria-busy": true },
    h("p", { role: "status" }, words.connecting),
    h(
      "div",
      { role: "alert" },
      isLong &&
        h(
          "div",
          { className: "banner tone-caution" },
          h("div", { className: "banner-words" }, h(Telephones, { words, numbers }), h("button", anew, words.again)),
        ),
    ),
  );
}
