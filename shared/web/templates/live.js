// Fetches the page that is open again and again, and shows the part of it that changes. Without this script the page
// is the same, and a reload brings the newest.
(() => {
  const fresh = document.getElementById("fresh");
  const button = document.createElement("button");
  let paused = false;
  button.type = "button";
  button.className = "small";
  button.textContent = "Pause updates";
  button.addEventListener("click", () => {
    paused = !paused;
    button.textContent = paused ? "Go on" : "Pause updates";
  });
  fresh.after(button);

  const show = (page) => {
    const live = document.getElementById("live");
    // Whoever is in it with the keyboard keeps their place.
    if (live.contains(document.activeElement)) return;
    const said = document.getElementById("said"), now = page.getElementById("said").textContent;
    if (said.textContent !== now) said.textContent = now;
    live.replaceWith(document.adoptNode(page.getElementById("live")));
    fresh.textContent = page.getElementById("fresh").textContent;
  };

  const look = async () => {
    if (!paused && !document.hidden) {
      try {
        const answer = await fetch(location.href, {headers: {Accept: "text/html"}, cache: "no-store"});
        if (!answer.ok) throw new Error(answer.status);
        show(new DOMParser().parseFromString(await answer.text(), "text/html"));
      } catch {
        fresh.textContent = "Not up to date: load the page again";
      }
    }
    setTimeout(look, fresh.dataset.seconds * 1000);
  };
  setTimeout(look, fresh.dataset.seconds * 1000);
})();
