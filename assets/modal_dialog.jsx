import { createElement, useEffect, useRef } from "react";

// A native dialog. The browser keeps the focus inside, closes it on Escape and gives the focus back.
// Only a person's closing is told; when the server closes it, the server knows.
export function ModalDialog({ isOpen, onDismiss, children, ...rest }) {
  const dialog = useRef(null);
  useEffect(() => {
    const element = dialog.current;
    if (isOpen && !element.open) element.showModal();
    if (!isOpen && element.open) element.close();
  }, [isOpen]);
  return createElement("dialog", { ...rest, ref: dialog, onClose: () => isOpen && onDismiss?.() }, children);
}
