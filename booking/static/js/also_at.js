// Keeps the location that is chosen out of the further ones.
"use strict";

const chosen = document.getElementById("location");
const further = document.querySelectorAll("[name=further_locations]");

function offerTheOthers() {
  for (const box of further) {
    box.disabled = box.value === chosen.value;
    box.closest(".choice").hidden = box.disabled;
  }
}

chosen.addEventListener("change", offerTheOthers);
offerTheOthers();
