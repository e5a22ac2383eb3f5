#pragma once

namespace labelbeam::eval {

/// Sorts the tables of a report by a click on a column's title. The page is complete without it.
inline constexpr const char* kReportScript = R"js(
"use strict";
for (const table of document.querySelectorAll("table.sortable")) {
  const body = table.tBodies[0];
  const heads = [...table.tHead.rows[0].cells];
  const textOf = (row, column) => row.cells[column].textContent.trim();
  heads.forEach((head, column) => {
    const button = document.createElement("button");
    button.type = "button";
    button.append(...head.childNodes);
    head.append(button);
    button.addEventListener("click", () => {
      const direction = head.getAttribute("aria-sort") === "descending" ? 1 : -1;
      heads.forEach((other) => other.removeAttribute("aria-sort"));
      head.setAttribute("aria-sort", direction < 0 ? "descending" : "ascending");
      const rows = [...body.rows].sort((a, b) => {
        const left = textOf(a, column), right = textOf(b, column);
        const x = parseFloat(left), y = parseFloat(right);
        if (!head.classList.contains("number")) return -direction * left.localeCompare(right);
        if (isNaN(x) || isNaN(y)) return isNaN(x) - isNaN(y);
        return direction * (x - y);
      });
      body.append(...rows);
    });
  });
}
)js";

/// SHA-256 of the script, in Base64: the only script that the page's policy lets run.
inline constexpr const char* kReportScriptHash = "bRXkwf/N4xyicmauFdduqkgxGQu4daev3tkv/8sHRK8=";

}  // namespace labelbeam::eval
