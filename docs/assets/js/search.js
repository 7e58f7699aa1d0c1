/* The theme asks for the index of its search on every page; here it waits until search is opened.
   A page that was found is the exception: the words searched for are marked on it. */
(() => {
  "use strict";
  const { open, send } = XMLHttpRequest.prototype;
  const later = new WeakSet();
  XMLHttpRequest.prototype.open = function (method, address, ...more) {
    if (String(address).endsWith("search/search_index.json")) later.add(this);
    return open.call(this, method, address, ...more);
  };
  XMLHttpRequest.prototype.send = function (...body) {
    const toggle = document.getElementById("__search");
    if (!later.has(this) || !toggle || toggle.checked || location.search.includes("h=")) {
      return send.apply(this, body);
    }
    toggle.addEventListener("change", () => send.apply(this, body), { once: true });
  };
})();
