// Stands in for @emotion/react in the bundle: everything is styled by class names, so only its `jsx` is left.
import { createElement } from "react";

export const jsx = createElement;
