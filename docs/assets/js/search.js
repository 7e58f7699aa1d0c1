/* What the theme does on every page, though few readers need it. It loads its search and the index of
   it; here both wait until search is opened. A page that was found is the exception: the words
   searched for are marked on it. And it sets the colors that a page already has, which styles each
   element four times more; the scheme of the root is a rule of book.css. */
(() => {
  "use strict";
  const { open, send } = XMLHttpRequest.prototype;
  const later = new WeakSet();
  const toggle = document.getElementById("__search");
  const opened = (then) => {
    if (!toggle || toggle.checked || location.search.includes("h=")) then();
    else toggle.addEventListener("change", then, { once: true });
  };
  XMLHttpRequest.prototype.open = function (method, address, ...more) {
    if (String(address).endsWith("search/search_index.json")) later.add(this);
    return open.call(this, method, address, ...more);
  };
  XMLHttpRequest.prototype.send = function (...body) {
    if (later.has(this)) opened(() => send.apply(this, body));
    else send.apply(this, body);
  };
  const Native = window.Worker;
  window.Worker = class extends EventTarget {
    #said = [];
    constructor(address) {
      super();
      opened(() => {
        const worker = new Native(address);
        worker.addEventListener("message", ({ data }) => {
          this.dispatchEvent(new MessageEvent("message", { data }));
        });
        for (const message of this.#said) worker.postMessage(message);
        this.#said = { push: (message) => worker.postMessage(message) };
      });
    }
    postMessage(message) { this.#said.push(message); }
  };
  document.body.setAttribute = function (name, value) {
    if (name === "data-md-color-switching" || this.getAttribute(name) === value) return;
    Element.prototype.setAttribute.call(this, name, value);
  };
  document.head.appendChild = function (node) {
    return node.name === "color-scheme" ? node : Node.prototype.appendChild.call(this, node);
  };
})();
