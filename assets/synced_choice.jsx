import { createElement, useEffect, useRef } from "react";

// A radio or check box that shows a tap before the server has answered, and what the server says afterwards.
export function SyncedChoice({ isChosen, moment, onChoose, ...rest }) {
  const input = useRef(null);
  useEffect(() => {
    input.current.checked = Boolean(isChosen);
  }, [isChosen, moment]);
  return createElement("input", {
    ...rest,
    ref: input,
    defaultChecked: Boolean(isChosen),
    onChange: (event) => onChoose?.(event.target.value),
  });
}
