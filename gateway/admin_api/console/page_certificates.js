// Certificates: what is trusted of ITAs and AICCs. A file is checked by the gateway before it takes effect.

import { ask, get, path } from "./api.js";
import { h, put } from "./dom.js";
import { both, relative, t } from "./i18n.js";
import { badge, copyButton, facts, time } from "./controls.js";
import { choiceField, fileField, makeForm, Refused } from "./form.js";
import { notice, toast } from "./notice.js";

const NAMES = ["CERT_ITA", "CERT_AICC"]; // those there are, by the contract
const FILE_MAX = 64 * 1024; // as the API takes

function certificateCard(item) {
  return h(
    "section",
    { class: "card", "aria-label": item.name },
    h(
      "div",
      { class: "card-head" },
      h("h2", {}, item.name),
      item.warnings.length > 0
        ? badge(t(`certificates.${item.warnings[0].rule}`), item.warnings[0].rule === "expired" ? "failed" : "warning")
        : badge(t("certificates.good"), "ok"),
    ),
    item.warnings.map(({ rule, detail }) =>
      notice(rule === "expired" ? "failed" : "warning", both(detail), h("p", {}, t("certificates.replaceWords"))),
    ),
    facts([
      [t("certificates.subject"), h("span", { class: "mono" }, item.subject)],
      [t("certificates.issuer"), h("span", { class: "mono" }, item.issuer)],
      [t("certificates.names"), item.subjectAlternativeNames],
      [t("certificates.from"), time(item.notBefore)],
      [
        t("certificates.until"),
        item.notAfter &&
          h("span", {}, time(item.notAfter), h("span", { class: "muted" }, ` · ${relative(item.notAfter)}`)),
      ],
      [
        t("certificates.fingerprint"),
        h(
          "span",
          { class: "with-copy" },
          h("code", {}, item.sha256Fingerprint),
          copyButton(item.sha256Fingerprint, t("certificates.fingerprint")),
        ),
      ],
      [t("certificates.installed"), time(item.installedAt)],
    ]),
  );
}

function uploadForm(onDone) {
  const name = choiceField({
    name: "name",
    label: t("certificates.name"),
    value: NAMES[0],
    choices: NAMES.map((each) => [each, each, t(`certificates.of.${each}`)]),
  });
  const file = fileField({
    name: "file",
    label: t("certificates.file"),
    rule: t("certificates.fileRule"),
    accept: ".der,.cer,.crt,.pem",
  });
  return makeForm({
    fields: [name, file],
    submit: t("certificates.upload"),
    save: async (values) => {
      if (!values.file) throw new Refused(["file", t("certificates.fileNeeded")]);
      if (values.file.size > FILE_MAX) throw new Refused(["file", t("problem.413")]);
      const { body } = await ask("PUT", path`/certificates/${values.name}`, {
        body: await values.file.arrayBuffer(),
        type: "application/octet-stream",
      });
      file.set();
      toast(t("certificates.uploaded"));
      onDone(body.items);
    },
  }).element;
}

export async function show(view) {
  const place = h("div", { class: "stack" });
  const fill = (items) =>
    put(
      place,
      items.length > 0
        ? items.map(certificateCard)
        : notice("info", t("certificates.none"), h("p", {}, t("certificates.noneWords"))),
    );
  view.heading(t("nav.certificates"), { intro: t("certificates.intro") });
  fill((await get("/certificates", { signal: view.signal })).body.items);
  view.append(place, h("section", { class: "card" }, h("h2", {}, t("certificates.uploadTitle")), uploadForm(fill)));
}
