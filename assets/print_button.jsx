// Prints the page; the style sheets say what of it goes on paper.
import { createElement } from "react";

export function PrintButton(props) {
  return createElement("button", { ...props, onClick: () => window.print() });
}
