/** Icons, drawn in the colour of the text around them; the lighthouse has its own colours. */

const SVG = "http://www.w3.org/2000/svg";

const ICONS = {
  phone: "M5.5 3.5h3l1.7 4.3-2.1 1.6a12.5 12.5 0 0 0 6.5 6.5l1.6-2.1 4.3 1.7v3a2 2 0 0 1-2.2 2A17 17 0 0 1 3.5 5.7a2 2 0 0 1 2-2.2z",
  web: "M12 3a9 9 0 1 0 0 18 9 9 0 0 0 0-18zM3 12h18M12 3c5.3 5 5.3 13 0 18M12 3c-5.3 5-5.3 13 0 18",
  place: "M12 21.5c-4.7-5-7-8.5-7-11.6a7 7 0 0 1 14 0c0 3.1-2.3 6.6-7 11.6zM12 7.5a2.5 2.5 0 1 0 0 5 2.5 2.5 0 0 0 0-5z",
  out: "M8 6h10v10M18 6 6 18",
  person: "M12 3.8a4.2 4.2 0 1 0 0 8.4 4.2 4.2 0 0 0 0-8.4zM4 20.5c.8-4.2 3.9-6 8-6s7.2 1.8 8 6",
  bin: "M4 6.5h16M9 6.5v-3h6v3M6.5 6.5l.9 14h9.2l.9-14M10.2 10.5v6M13.8 10.5v6",
  send: "M12 20V5M5.5 11 12 4.5 18.5 11",
  alert: "M12 3.5 22 20.5H2zM12 10v5M12 17.6v.4",
  shield: "M12 3l7.5 2.5V11c0 5-3 8.3-7.5 10-4.5-1.7-7.5-5-7.5-10V5.5zM8.5 12l2.5 2.5 4.5-5",
  book: "M6 3.5h9l4 4v13H6zM15 3.5v4h4M9 12h7M9 16h7",
  close: "M5.5 5.5l13 13M18.5 5.5l-13 13",
  menu: "M4 6.5h16M4 12h16M4 17.5h16",
  back: "M20 12H5M11 5.5 4.5 12l6.5 6.5",
  up: "M7 10.5v10H3.5v-10zM7 11l4.5-7.5c1.6 0 2.6 1.2 2.3 2.8l-.6 3.2h5.3c1.3 0 2.2 1.1 1.9 2.4l-1.5 6.8c-.2 1-1 1.8-2.1 1.8H7",
  down: "M7 13.5v-10H3.5v10zM7 13l4.5 7.5c1.6 0 2.6-1.2 2.3-2.8l-.6-3.2h5.3c1.3 0 2.2-1.1 1.9-2.4L18.9 5.3c-.2-1-1-1.8-2.1-1.8H7",
  copy: "M8.5 8.5h11v12h-11zM15.5 8.5v-5h-11v12h4",
  save: "M12 3.5v11M7 10l5 5 5-5M4.5 16.5v4h15v-4",
  again: "M19.5 12a7.5 7.5 0 1 1-2.4-5.5M19.5 3.5v4.5H15",
  door: "M13.5 3.5h-8v17h8M9.5 12h11M16.5 8l4 4-4 4",
  clock: "M12 3a9 9 0 1 0 0 18 9 9 0 0 0 0-18zM12 7v5.2l3.5 2.3",
};

const LIGHTHOUSE = {
  light: "M28 18.5 0 8v21zM36 18.5 64 8v21zM27 14h10v9H27z",
  tower: "M32 5.5a1.5 1.5 0 0 1 1.5 1.5v.7a7 7 0 0 1 5.5 6.3H25a7 7 0 0 1 5.5-6.3V7A1.5 1.5 0 0 1 32 5.5zM23.5 23h17v3.5h-17zM26.5 26.5h11L41 56H23z",
  band: "M25.8 32.5h12.4l.8 6.5H25zM24.2 45.5h15.6l.8 6.5H23.4z",
  sea: "M0 54c5.3-4 10.7-4 16 0s10.7 4 16 0 10.7-4 16 0 10.7 4 16 0v10H0z",
};

function draw(viewBox, className, paths) {
  const svg = document.createElementNS(SVG, "svg");
  svg.setAttribute("viewBox", viewBox);
  svg.setAttribute("class", className);
  svg.setAttribute("aria-hidden", "true");
  for (const [name, d] of Object.entries(paths)) {
    const path = document.createElementNS(SVG, "path");
    path.setAttribute("d", d);
    if (name) path.setAttribute("class", name);
    svg.append(path);
  }
  return svg;
}

export const icon = (name) => draw("0 0 24 24", "icon", { "": ICONS[name] });
export const lighthouse = () => draw("0 4 64 60", "logo", LIGHTHOUSE);

export function wave() {
  const svg = draw("0 0 1200 14", "wave", { line: "M0 7c100-9 200-9 300 0s200 9 300 0 200-9 300 0 200 9 300 0v7H0z" });
  svg.setAttribute("preserveAspectRatio", "none");
  return svg;
}
