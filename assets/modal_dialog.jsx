import { createElement, useEffect, useRef } from "react";

// A native dialog. The browser keeps the focus inside, closes it on Escape and gives the focus back.
export function ModalDialog({ isOpen, onDismiss, children, ...rest }) {
  const dialog = useRef(null);
  useEffect(() => {
    const element = dialog.current;
    if (isOpen && !element.open) element.showModal();
    if (!isOpen && element.open) element.close();
  }, [isOpen]);
  return createElement("dialog", { ...rest, ref: dialog, onClose: () => onDismiss?.() }, children);
}
