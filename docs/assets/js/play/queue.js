/* MoCo's queue, step by step: which batch wrote each place, which place is next, and how far the key
   encoder stands behind the query encoder, for a momentum of one's choice. */
(() => {
  "use strict";
  /* One weight of the query encoder moves by 1 a step; the key encoder follows as ema_update does.
     Returns for each step the key encoder's weight, and the queue: the weight that made each key. */
  const follow = (momentum, size, batch, steps) => {
    let key = 0;
    let pointer = 0;
    const queue = new Array(size).fill(null);
    const weights = [];
    for (let step = 1; step <= steps; step += 1) {
      key = momentum * key + (1 - momentum) * step;
      weights.push(key);
      for (let i = 0; i < batch; i += 1) queue[(pointer + i) % size] = { made: step, key };
      pointer = (pointer + batch) % size;
    }
    return { weights, queue, pointer };
  };

  const SIZE = 10; /* as on the page, where the third batch wraps around */
  const BATCH = 4;
  const WIDE = 340;

  const mount = (box, { draw, make, slider, button, recall, keep, within }) => {
    const kept = recall("queue", 2) ?? [3, 0.9];
    let steps = within(Math.round(kept[0]), 0, 400);
    let momentum = within(kept[1], 0, 0.999);
    const slots = Array.from({ length: SIZE }, (_, i) => draw("rect", {
      x: 6 + 66 * (i % 5), y: 8 + 44 * Math.floor(i / 5), width: 62, height: 38, rx: 4,
      fill: "var(--fig-1)", stroke: "var(--fig-fg)",
    }));
    const names = slots.map((_, i) => draw("text", {
      x: 37 + 66 * (i % 5), y: 32 + 44 * Math.floor(i / 5), "text-anchor": "middle", class: "play-text",
    }));
    const next = draw("path", { fill: "var(--fig-2)" });
    const picture = draw("svg", { viewBox: `0 0 ${WIDE} 112`, "aria-hidden": "true" }, ...slots, ...names, next);
    const summary = make("p", { className: "play-summary" });
    summary.setAttribute("role", "status");
    const update = () => {
      const { weights, queue, pointer } = follow(momentum, SIZE, BATCH, steps);
      queue.forEach((entry, i) => {
        const age = entry ? steps - entry.made : null;
        slots[i].setAttribute("fill-opacity", entry ? 0.65 - (0.6 * age) / (SIZE / BATCH) : 0);
        slots[i].setAttribute("stroke-dasharray", entry ? "none" : "3 3");
        names[i].textContent = entry ? entry.made : "·";
        names[i].setAttribute("font-weight", age === 0 ? "bold" : "normal");
      });
      const [x, y] = [37 + 66 * (pointer % 5), 8 + 44 * Math.floor(pointer / 5)];
      next.setAttribute("d", `M${x - 6} ${y + 50} h12 l-6 -10 z`);
      const keys = queue.filter(Boolean).map((entry) => entry.key);
      const spread = keys.length ? Math.max(...keys) - Math.min(...keys) : 0;
      const behind = steps ? steps - weights.at(-1) : 0;
      summary.textContent = `Step ${steps}, batches of ${BATCH}. The key encoder is ${behind.toFixed(2)} steps ` +
        `behind the query encoder; the encoders of the oldest and the newest key are ${spread.toFixed(2)} apart.`;
    };
    const controls = make("div", { className: "play-controls" });
    slider(controls, {
      name: "Momentum m", min: 0, max: 0.999, step: 0.001, value: momentum,
      shown: (x) => x.toFixed(3), changed: (x) => { momentum = x; update(); },
    });
    const buttons = make("p", { className: "play-buttons" });
    [1, 10, 100].forEach((by) => button(buttons, by === 1 ? "One step" : `${by} steps`, () => {
      steps = Math.min(steps + by, 400);
      update();
    }));
    button(buttons, "Start again", () => { steps = 0; update(); });
    box.append(picture, controls, buttons, summary);
    keep(box, "queue", () => [steps, momentum]);
    update();
  };
  globalThis.bookPlay.widgets.queue = { core: { follow }, mount };
})();
