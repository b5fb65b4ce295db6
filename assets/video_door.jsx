// The door of a visit's room. What the room is made of comes when somebody waits before it, not with the page: most who
// open the page are not called in yet. It is asked for until it is there.
import { createElement as h, useEffect, useState } from "react";

const AGAIN_MS = 2000;
const LOADED_ANEW = "sala-room-anew";
const LOADED_ANEW_MS = 60000;

let VideoRoomItself = null;
let coming = null;

/** Load the page anew where the portal answers and the room still does not come: the page is older than the portal. */
const loadAnew = async () => {
  const answered = await fetch(window.location.href, { method: "HEAD", redirect: "manual" }).catch(() => null);
  const last = Number(sessionStorage.getItem(LOADED_ANEW)) || 0;
  if (!answered || answered.status >= 500 || Date.now() - last < LOADED_ANEW_MS) return;
  sessionStorage.setItem(LOADED_ANEW, String(Date.now()));
  window.location.reload();
};

const bring = () => {
  coming ??= import("./video_room.jsx")
    .then((room) => {
      VideoRoomItself = room.VideoRoom;
    })
    .finally(() => {
      coming = null;
    });
  return coming;
};

/** Return the room once it is here, null until then; asked for as long as somebody waits for it. */
const useRoom = () => {
  const [, redraw] = useState(0);
  useEffect(() => {
    if (VideoRoomItself) return undefined;
    let timer = 0;
    let isGone = false;
    let tries = 0;
    const ask = async () => {
      try {
        await bring();
        if (!isGone) redraw((count) => count + 1);
      } catch {
        tries += 1;
        if (!isGone && tries > 1) await loadAnew();
        if (!isGone) timer = setTimeout(ask, AGAIN_MS);
      }
    };
    ask();
    return () => {
      isGone = true;
      clearTimeout(timer);
    };
  }, []);
  return VideoRoomItself;
};

/** Brings the room while somebody waits, so that it opens at once. Draws nothing. */
export function RoomAhead() {
  useRoom();
  return null;
}

/** The room, with what `video_room.jsx` takes. */
export function VideoRoom(props) {
  const Room = useRoom();
  if (Room) return h(Room, props);
  return h("div", { className: "video-room", "aria-busy": true }, h("p", { role: "status" }, props.words.connecting));
}
