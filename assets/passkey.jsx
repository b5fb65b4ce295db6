// A form that a passkey fills in: it fetches a question, has the device answer it, and sends the answer as any form.
import { createElement, useEffect, useRef, useState } from "react";

const RENEW_MS = 240_000; // questions are good for five minutes

const bytes = (text) =>
  Uint8Array.from(atob(text.replace(/-/g, "+").replace(/_/g, "/")), (character) => character.charCodeAt(0));
const written = (buffer) =>
  buffer &&
  btoa(String.fromCharCode(...new Uint8Array(buffer))).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");
const credentials = (list) => (list || []).map((one) => ({ ...one, id: bytes(one.id) }));

/** Ask our server for a question; null once the browser was sent elsewhere, as to sign in first, or asked to prove more. */
const fetchQuestion = async (address, onNeeded) => {
  const answer = await fetch(address, { method: "POST", cache: "no-store" });
  const asked = await answer.json();
  if (answer.ok) return asked;
  if (onNeeded && asked.problem === "step_up_needed") {
    onNeeded();
    return null;
  }
  if (!asked.leave) throw new Error(asked.problem);
  window.location.assign(asked.leave);
  return null;
};

const make = async (asked) => {
  const user = { ...asked.user, id: bytes(asked.user.id) };
  const excludeCredentials = credentials(asked.excludeCredentials);
  const publicKey = { ...asked, challenge: bytes(asked.challenge), user, excludeCredentials };
  const made = await navigator.credentials.create({ publicKey });
  const { clientDataJSON, attestationObject } = made.response;
  const transports = made.response.getTransports?.() || [];
  return asJson(made, {
    clientDataJSON: written(clientDataJSON),
    attestationObject: written(attestationObject),
    transports,
  });
};

const use = async (asked, more) => {
  const allowCredentials = credentials(asked.allowCredentials);
  const publicKey = { ...asked, challenge: bytes(asked.challenge), allowCredentials };
  const used = await navigator.credentials.get({ publicKey, ...more });
  const { clientDataJSON, authenticatorData, signature, userHandle } = used.response;
  return asJson(used, {
    clientDataJSON: written(clientDataJSON),
    authenticatorData: written(authenticatorData),
    signature: written(signature),
    ...(userHandle && { userHandle: written(userHandle) }),
  });
};

const asJson = (credential, response) =>
  JSON.stringify({ id: credential.id, rawId: written(credential.rawId), type: credential.type, response });

/**
 * @param {string} question the address of the server's question
 * @param {boolean} makes whether the answer is a new passkey
 * @param {boolean} fills whether passkeys are offered in the page's e-mail field too (conditional mediation)
 * @param {boolean} stays whether the answer is sent without leaving the page; `onProved` hears that it was taken
 * @param {string} again changes when a fresh proof was given, for which `onNeeded` had asked
 * @param {string} unsupported, cancelled, known, failed what to say in each case; "" for unsupported draws nothing
 */
export function PasskeyForm({
  question, makes, fills, stays, again, unsupported, cancelled, known, failed, onProved, onNeeded, children, ...rest
}) {
  const form = useRef(null);
  const offered = useRef(null);
  const [said, say] = useState("");
  const [works, setWorks] = useState(true);

  useEffect(() => setWorks(Boolean(window.PublicKeyCredential && navigator.credentials)), []);

  const waits = useRef(false);

  const send = async (answer) => {
    form.current.elements.answer.value = answer;
    if (!stays) {
      // A form sent by a script tells nobody; the shell is to know that the page is on its way.
      document.dispatchEvent(new Event("submit"));
      form.current.submit();
      return;
    }
    const body = new URLSearchParams(new FormData(form.current));
    const reply = await fetch(rest.action, { method: "POST", body, cache: "no-store" });
    const told = await reply.json();
    if (told.leave) window.location.assign(told.leave);
    else if (reply.ok) onProved();
    else throw new Error(told.problem);
  };

  const ask = async (event) => {
    event?.preventDefault();
    offered.current?.abort();
    say("");
    try {
      waits.current = false;
      const needed = onNeeded && (() => (waits.current = true) && onNeeded());
      const asked = await fetchQuestion(question, needed);
      if (asked) await send(await (makes ? make(asked) : use(asked)));
    } catch (error) {
      const words = { NotAllowedError: cancelled, AbortError: cancelled, InvalidStateError: known };
      say(words[error.name] || failed);
    }
  };

  useEffect(() => {
    if (again && waits.current) ask();
  }, [again]);

  useEffect(() => {
    if (!fills) return undefined;
    const offer = async () => {
      if (document.visibilityState !== "visible") return;
      if (!(await window.PublicKeyCredential?.isConditionalMediationAvailable?.())) return;
      offered.current?.abort();
      const mine = new AbortController();
      offered.current = mine;
      try {
        const asked = await fetchQuestion(question);
        if (asked && !mine.signal.aborted) send(await use(asked, { mediation: "conditional", signal: mine.signal }));
      } catch {
        // Nobody chose a passkey there; the button is still on the page.
      }
    };
    offer();
    const timer = setInterval(offer, RENEW_MS);
    return () => {
      clearInterval(timer);
      offered.current?.abort();
    };
  }, [fills, question]);

  if (!works) return unsupported ? createElement("p", null, unsupported) : null;
  return createElement(
    "form",
    { ...rest, ref: form, onSubmit: ask },
    createElement("input", { type: "hidden", name: "answer", defaultValue: "" }),
    children,
    createElement("p", { role: "status" }, said),
  );
}
