// Where there is no line, a telephone is the way: the patient's own, the practice's, or for staff the patient's.
import { createElement as h, Fragment } from "react";

export const Telephone = ({ label, number }) =>
  h("a", { className: "btn btn-second", href: `tel:${number}` }, label, " ", h("bdi", null, number));

/** Say that there is no line, and name the telephones. */
export const Telephones = ({ words, numbers }) =>
  h(
    Fragment,
    null,
    h("p", null, words.noLine),
    numbers.own && h("p", null, words.weCallYou, " ", h("bdi", null, numbers.own)),
    numbers.practice && h(Telephone, { label: words.callUs, number: numbers.practice }),
    numbers.theirs && h(Telephone, { label: words.callThem, number: numbers.theirs }),
  );
