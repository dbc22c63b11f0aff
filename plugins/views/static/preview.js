// A preview that is made when it is first asked for may turn out to be impossible: say why instead.
const explain = async (image) => {
  const answer = await fetch(image.src);
  if (answer.ok) return;
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  const reason = page.querySelector(".notice:not(.stale-notice)");
  if (reason) image.replaceWith(document.adoptNode(reason));
};

for (const image of document.querySelectorAll("img.preview")) {
  const isBroken = () => image.complete && image.naturalWidth === 0;
  if (isBroken()) explain(image);
  else image.addEventListener("error", () => explain(image), { once: true });
}
