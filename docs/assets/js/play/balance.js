/* Centering against sharpening on outputs that share an offset: two sliders, and a map of how much a
   target still says about its image, from no centering (left) to all, from hot (top) to cold. */
(() => {
  "use strict";
  /* The teacher's probabilities, rows images, columns prototypes: softmax((output - share of the
     mean) / temperature), its mean entropy H, and the information: entropy of the mean minus H. */
  const targets = (outputs, share, temperature) => {
    const mean = outputs[0].map((_, k) => outputs.reduce((sum, row) => sum + row[k], 0) / outputs.length);
    const rows = outputs.map((row) => {
      const logits = row.map((x, k) => (x - share * mean[k]) / temperature);
      const highest = Math.max(...logits);
      const parts = logits.map((logit) => Math.exp(logit - highest));
      const sum = parts.reduce((total, part) => total + part, 0);
      return parts.map((part) => part / sum);
    });
    const entropy = (p) => -p.reduce((sum, x) => sum + (x > 0 ? x * Math.log(x) : 0), 0);
    const each = rows.reduce((sum, row) => sum + entropy(row), 0) / rows.length;
    const average = rows[0].map((_, k) => rows.reduce((sum, row) => sum + row[k], 0) / rows.length);
    return { rows, entropy: each, information: entropy(average) - each };
  };

  /* Eight images and six prototypes; every image shares a strong liking for the second one. */
  const OFFSET = [0.4, 1.9, -0.8, 0.1, -1.2, 0.7];
  const OUTPUTS = Array.from({ length: 8 }, (_, i) =>
    OFFSET.map((x, k) => x + 0.35 * Math.sin(1 + 2.3 * i + 1.7 * k + 0.9 * i * k)));
  const LOW = Math.log(0.02);
  const HIGH = Math.log(2);
  const GRID = 16;
  const MAP = 200;

  const mount = (box, { draw, make, slider, recall, keep, within }) => {
    const kept = recall("balance", 2) ?? [1, 0.04];
    let share = within(kept[0], 0, 1);
    let temperature = within(kept[1], 0.02, 2);
    const cells = OUTPUTS.map((row) => row.map(() => draw("rect", { fill: "var(--fig-1)" })));
    const picture = draw("svg", { viewBox: "-2 -2 184 244", "aria-hidden": "true" },
      draw("rect", { width: 180, height: 240, fill: "none", class: "play-axis" }), ...cells.flat());
    const place = () => [MAP * share, (MAP * (HIGH - Math.log(temperature))) / (HIGH - LOW)];
    const shade = [];
    for (let i = 0; i < GRID; i += 1) for (let j = 0; j < GRID; j += 1) {
      const { information } = targets(OUTPUTS, (i + 0.5) / GRID, Math.exp(HIGH - ((j + 0.5) / GRID) * (HIGH - LOW)));
      shade.push(draw("rect", {
        x: (MAP / GRID) * i, y: (MAP / GRID) * j, width: MAP / GRID + 0.3, height: MAP / GRID + 0.3,
        fill: "var(--fig-3)", "fill-opacity": Math.max(0, information) / Math.log(OFFSET.length),
      }));
    }
    const here = draw("circle", { r: 7, fill: "none", stroke: "var(--fig-2)", "stroke-width": 3 });
    const map = draw("svg", { viewBox: "-4 -4 210 210", "aria-hidden": "true" }, ...shade,
      draw("rect", { width: MAP, height: MAP, fill: "none", class: "play-axis" }), here);
    const summary = make("p", { className: "play-summary" });
    summary.setAttribute("role", "status");
    const update = () => {
      const now = targets(OUTPUTS, share, temperature);
      now.rows.forEach((row, i) => row.forEach((p, k) => {
        const side = 28 * Math.sqrt(p); /* the area is the probability */
        Object.entries({ x: 15 + 30 * k - side / 2, y: 15 + 30 * i - side / 2, width: side, height: side })
          .forEach(([name, value]) => cells[i][k].setAttribute(name, value));
      }));
      const [x, y] = place();
      here.setAttribute("cx", x);
      here.setAttribute("cy", y);
      const most = Math.log(OFFSET.length);
      const state = now.information > 0.3 ? "The images differ"
        : now.entropy > 0.6 * most ? "Collapse: every image gets the uniform answer"
          : "Collapse: every image gets one and the same prototype";
      summary.textContent = `${state}. Entropy of a target ${now.entropy.toFixed(3)} of at most ${most.toFixed(3)}; ` +
        `what it says about its image: ${now.information.toFixed(3)} nats, drawn in green over both sliders.`;
    };
    const controls = make("div", { className: "play-controls" });
    slider(controls, {
      name: "Share of the center taken off", min: 0, max: 1, step: 0.01, value: share,
      shown: (x) => x.toFixed(2), changed: (x) => { share = x; update(); },
    });
    slider(controls, {
      name: "Teacher's temperature", min: LOW, max: HIGH, step: 0.01, value: Math.log(temperature),
      shown: (x) => Math.exp(x).toFixed(3), changed: (x) => { temperature = Math.exp(x); update(); },
    });
    box.append(make("div", { className: "play-pair play-halves" }, picture, map), controls, summary);
    keep(box, "balance", () => [share, temperature]);
    update();
  };
  globalThis.bookPlay.widgets.balance = { core: { targets, OUTPUTS }, mount };
})();
