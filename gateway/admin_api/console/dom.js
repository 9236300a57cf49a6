// Builds elements. Text always becomes a text node: nothing that comes from the API is ever read as markup.

const SVG = "http://www.w3.org/2000/svg";

function fill(element, attributes, children) {
  for (const [name, value] of Object.entries(attributes)) {
    if (value === undefined || value === null || value === false) continue;
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else if (name === "value" || name === "checked" || name === "selected") element[name] = value;
    else element.setAttribute(name, value === true ? "" : value);
  }
  element.append(
    ...children.flat(Infinity).filter((child) => child !== null && child !== undefined && child !== false),
  );
  return element;
}

// h("p", {class: "quiet"}, "text", element, ...): attributes that are null, undefined or false are left out,
// "onclick" and the like are listeners, children that are null or false are left out.
export function h(tag, attributes = {}, ...children) {
  return fill(document.createElement(tag), attributes, children);
}

export function svg(tag, attributes = {}, ...children) {
  return fill(document.createElementNS(SVG, tag), attributes, children);
}

let count = 0;

// An id that nothing else on the page has.
export function newId(word) {
  count += 1;
  return `${word}-${count}`;
}

// Makes an element's content what is given.
export function put(element, ...children) {
  element.replaceChildren();
  return fill(element, {}, children);
}
