// How much of what this device sends to the practice's video hub comes back: a mirror of a few seconds, seen by nobody.
const WITHIN_MS = 6000;
const LASTS_MS = 3000;
const FEWEST = 30; // packets by which a share can be told

const until = (target, name, signal) =>
  new Promise((resolve, reject) => {
    target.addEventListener(name, resolve, { once: true });
    signal.addEventListener("abort", () => reject(signal.reason), { once: true });
  });

/** Count what was lost: on the way there the repetitions asked for, on the way back what never came. */
const lost = (stats) => {
  const of = (type, kind) => stats.find((one) => one.type === type && one.kind === kind) || {};
  const shares = ["video", "audio"].map((kind) => {
    const sent = of("outbound-rtp", kind);
    const back = of("inbound-rtp", kind);
    const first = (sent.packetsSent || 0) - (sent.retransmittedPacketsSent || 0);
    const expected = (back.packetsReceived || 0) + Math.max(0, back.packetsLost || 0);
    if (first < FEWEST) return null;
    if (!expected) return 1;
    return Math.max((sent.retransmittedPacketsSent || 0) / first, (back.packetsLost || 0) / expected, 0);
  });
  const known = shares.filter((one) => one !== null);
  return known.length ? String(Math.round(100 * Math.min(1, Math.max(...known)))) : "";
};

/**
 * Measure the line to the hub with the picture and sound of a stream.
 * @returns {Promise<object>} loss in percent and round trip, as text; nothing where the hub did not answer
 */
export const look = async (address, stream, ended) => {
  const signal = AbortSignal.any ? AbortSignal.any([ended, AbortSignal.timeout(WITHIN_MS + LASTS_MS)]) : ended;
  const socket = new WebSocket(new URL(address, window.location.href).href.replace(/^http/, "ws"));
  const heard = {};
  let pc = null;
  try {
    const told = (name) => heard[name] || until(socket, name, signal).then(() => heard[name]);
    socket.onmessage = ({ data }) => {
      const words = JSON.parse(data);
      heard[words.do] = words;
      socket.dispatchEvent(new Event(words.do));
    };
    const way = await told("go");
    pc = new RTCPeerConnection({ iceServers: heard.welcome?.servers || [], bundlePolicy: "max-bundle" });
    stream.getTracks().forEach((track) => pc.addTransceiver(track, { direction: "sendrecv" }));
    await pc.setLocalDescription();
    socket.send(JSON.stringify({ do: "offer", call: way.call, token: way.token, sdp: pc.localDescription.sdp }));
    const answer = await told("answer");
    await pc.setRemoteDescription({ type: "answer", sdp: answer.sdp });
    const isUp = await Promise.race([
      new Promise((resolve) => (pc.onconnectionstatechange = () => pc.connectionState === "connected" && resolve(true))),
      new Promise((resolve) => setTimeout(() => resolve(false), WITHIN_MS)),
    ]);
    if (!isUp) return { loss_percent: "100" }; // the hub answers, but no packet gets through
    await new Promise((resolve) => setTimeout(resolve, LASTS_MS));
    const stats = [...(await pc.getStats()).values()];
    const trip = stats.find((one) => one.type === "candidate-pair" && one.nominated)?.currentRoundTripTime;
    return { loss_percent: lost(stats), ...(trip === undefined ? {} : { round_trip_ms: String(Math.round(trip * 1000)) }) };
  } finally {
    pc?.close();
    socket.close();
  }
};
