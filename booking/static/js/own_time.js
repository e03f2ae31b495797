// Keeps a time that is typed and the list of times apart: typing chooses "Another time", choosing another one empties it.
"use strict";

const typed = document.getElementById("other_time");
const choice = document.getElementById("start-other");

typed.addEventListener("input", () => {
  choice.checked = true;
});
choice.addEventListener("change", () => typed.focus());
typed.form.addEventListener("change", (event) => {
  if (event.target.name === "start" && event.target !== choice) typed.value = "";
});
