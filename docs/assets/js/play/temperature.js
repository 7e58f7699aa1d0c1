/* Three logits and a temperature: the softmax, its entropy, and the rows of the lesson's table. */
(() => {
  "use strict";
  const softmax = (logits, temperature) => {
    const highest = Math.max(...logits);
    const parts = logits.map((logit) => Math.exp((logit - highest) / temperature));
    const sum = parts.reduce((total, part) => total + part, 0);
    return parts.map((part) => part / sum);
  };
  const entropy = (probabilities) =>
    -probabilities.reduce((total, p) => total + (p > 0 ? p * Math.log(p) : 0), 0);

  const START = [2, 1, 0.5, 1];
  const PRESETS = [0.5, 1, 2, 5];
  const WIDE = 340;
  const HIGH = 150;

  const mount = (box, { draw, make, slider, button, recall, keep, within }) => {
    const start = recall("temperature", 4) ?? START;
    const state = [...start.slice(0, 3).map((x) => within(x, -4, 4)), within(start[3], 0.05, 20)];
    const bars = [0, 1, 2].map((index) =>
      draw("rect", { width: 60, x: 40 + 100 * index, fill: `var(--fig-${index + 1})` }));
    const labels = [0, 1, 2].map((index) =>
      draw("text", { x: 70 + 100 * index, "text-anchor": "middle", class: "play-text" }));
    const names = [0, 1, 2].map((index) =>
      draw("text", { x: 70 + 100 * index, y: HIGH + 18, "text-anchor": "middle", class: "play-text" }));
    const picture = draw("svg", { viewBox: `0 0 ${WIDE} ${HIGH + 26}`, "aria-hidden": "true" },
      draw("line", { x1: 20, x2: WIDE - 20, y1: HIGH, y2: HIGH, class: "play-axis" }),
      ...bars, ...labels, ...names);
    const summary = make("p", { className: "play-summary" });
    summary.setAttribute("role", "status");
    const update = () => {
      const p = softmax(state.slice(0, 3), state[3]);
      p.forEach((share, index) => {
        const height = share * (HIGH - 24);
        bars[index].setAttribute("height", height);
        bars[index].setAttribute("y", HIGH - height);
        labels[index].setAttribute("y", HIGH - height - 6);
        labels[index].textContent = share.toFixed(4);
        names[index].textContent = `logit ${state[index].toFixed(1)}`;
      });
      summary.textContent = `Probabilities ${p.map((x) => x.toFixed(4)).join(", ")}. ` +
        `Entropy ${entropy(p).toFixed(4)} of at most ${Math.log(3).toFixed(4)}.`;
    };
    const controls = make("div", { className: "play-controls" });
    const temperature = slider(controls, {
      name: "Temperature T", min: -1.3, max: 1.3, step: 0.01, value: Math.log10(state[3]),
      shown: (x) => (10 ** x).toFixed(2), changed: (x) => { state[3] = 10 ** x; update(); },
    });
    [0, 1, 2].forEach((index) => slider(controls, {
      name: `Logit ${index + 1}`, min: -4, max: 4, step: 0.1, value: state[index],
      shown: (x) => x.toFixed(1), changed: (x) => { state[index] = x; update(); },
    }));
    const presets = make("p", { className: "play-buttons" });
    PRESETS.forEach((T) => button(presets, `T = ${T}`, () => {
      temperature.set(Math.log10(T));
      state[3] = T;
      update();
    }));
    box.append(picture, controls, presets, summary);
    keep(box, "temperature", () => state);
    update();
  };
  globalThis.bookPlay.widgets.temperature = { core: { softmax, entropy }, mount };
})();
