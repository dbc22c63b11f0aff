// Rows that are chosen for one form, and the question before something that cannot be undone.
const update = (form) => {
  const boxes = [...form.querySelectorAll("tbody input[type=checkbox]")];
  const chosen = boxes.filter((box) => box.checked).length;
  const all = form.querySelector("thead input[type=checkbox]");
  if (all) {
    all.checked = chosen > 0 && chosen === boxes.length;
    all.indeterminate = chosen > 0 && chosen < boxes.length;
  }
  for (const bar of form.querySelectorAll(".selection")) bar.hidden = chosen === 0;
  for (const count of form.querySelectorAll(".chosen")) count.textContent = String(chosen);
};

export const selections = () => {
  document.addEventListener("change", (event) => {
    const form = event.target.closest("form[data-selection]");
    if (!form || event.target.type !== "checkbox") return;
    if (event.target.closest("thead")) {
      for (const box of form.querySelectorAll("tbody input[type=checkbox]")) {
        box.checked = event.target.checked;
      }
    }
    update(form);
  });
  for (const form of document.querySelectorAll("form[data-selection]")) update(form);
};

// Airflow's frame allows no windows of the browser: the question is an element of the page.
export const confirmations = () => {
  document.addEventListener("click", (event) => {
    const opener = event.target.closest("button[data-opens]");
    if (opener) document.getElementById(opener.dataset.opens).showModal();
    const closer = event.target.closest("button[data-closes]");
    if (closer) closer.closest("dialog").close();
  });
};
