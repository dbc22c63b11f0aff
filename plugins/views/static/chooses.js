// A field that chooses which others matter: those of the other choices are hidden.
export const choices = () => {
  for (const chooser of document.querySelectorAll("select[data-chooses]")) {
    const update = () => {
      for (const field of chooser.form.querySelectorAll("[data-for]")) {
        field.hidden = field.dataset.for !== chooser.value;
      }
    };
    chooser.addEventListener("change", update);
    update();
  }
};
