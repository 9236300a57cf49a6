// CDRs that no call was found for, with the reason. Whoever knows the call attaches them by hand.

import { ask, get, path, query } from "./api.js";
import { h, put } from "./dom.js";
import { both, dateTime, minute, t } from "./i18n.js";
import { busyButton, button, facts, time } from "./controls.js";
import { callState, dash, duration, legNumbers } from "./call_words.js";
import { openDialog } from "./dialog.js";
import { makeForm, Refused, selectField, textField } from "./form.js";
import { toast } from "./notice.js";
import { currentTenant } from "./shell.js";
import { makeList } from "./table.js";

const CANDIDATES = 8;

// Calls of the CDR's customer, as buttons that fill in the number.
async function offerCalls(place, tenant, cdr, fill) {
  put(place);
  if (!tenant || !cdr.telB) return;
  let calls = [];
  try {
    const where = path`/tenants/${tenant}/calls` + query({ number: cdr.telB, limit: CANDIDATES });
    calls = (await get(where)).body.items;
  } catch {
    return; // an offer only: the number may be typed
  }
  put(
    place,
    h("p", { class: "rule" }, t(calls.length > 0 ? "unmatched.offer" : "unmatched.noOffer")),
    calls.map((call) =>
      h(
        "button",
        { type: "button", class: "offer", onclick: () => fill(call.callSerialNo) },
        h("span", { class: "mono" }, call.callSerialNo),
        h("span", {}, minute(call.createdAt), " · ", `${call.caller} → ${call.called}`),
        callState(call),
      ),
    ),
  );
}

// What the API refuses as a whole is told at the field where the CDR's call is named.
function atField(problem) {
  if (problem.errors?.length > 0 || ![404, 409].includes(problem.status)) return problem;
  return new Refused(["callSerialNo", `${t(`unmatched.refused.${problem.status}`)} (${problem.detail})`]);
}

function attachDialog(cdr) {
  return openDialog(
    t("unmatched.attachTitle"),
    (close) => {
      const names = cdr.tenants.length > 0 ? cdr.tenants : [currentTenant() ?? ""];
      const tenant =
        cdr.tenants.length > 0
          ? selectField({
              name: "tenant",
              label: t("common.tenant"),
              choices: names.map((name) => [name, name]),
              value: names[0],
            })
          : textField({
              name: "tenant",
              label: t("common.tenant"),
              value: names[0],
              attributes: { autocapitalize: "none" },
            });
      const serial = textField({
        name: "callSerialNo",
        label: t("calls.serial"),
        rule: t("unmatched.serialRule"),
        attributes: { inputmode: "numeric", maxlength: 20 },
      });
      const offered = h("div", { class: "offers" });
      const offer = () => offerCalls(offered, tenant.get().trim(), cdr, serial.set);
      tenant.element.addEventListener("change", offer);
      offer();
      return [
        facts([
          [t("calls.numbers"), h("span", { class: "mono" }, `${cdr.telA ?? "–"} → ${cdr.telB ?? "–"}`)],
          [t("call.ended"), cdr.finishedAt && dateTime(cdr.finishedAt)],
          [t("unmatched.remark"), cdr.remark],
        ]),
        makeForm({
          fields: [tenant, serial],
          content: [tenant.element, serial.element, offered],
          submit: t("unmatched.attach"),
          cancel: () => close(),
          save: async (values) => {
            const body = { tenant: values.tenant.trim(), callSerialNo: values.callSerialNo.trim() };
            try {
              close((await ask("POST", path`/cdrs/unmatched/${cdr.id}/attach`, { body })).body);
            } catch (problem) {
              throw atField(problem);
            }
          },
        }).element,
      ];
    },
    { wide: true },
  );
}

const why = (cdr) => [
  cdr.reasonText ? both(cdr.reasonText) : dash(),
  cdr.fault && h("span", { class: "below", lang: "en" }, cdr.fault),
];

function columns(attach) {
  return [
    { title: t("call.received"), main: true, cell: (cdr) => time(cdr.receivedAt, dateTime) },
    {
      title: t("calls.numbers"),
      cell: (cdr) => (cdr.telA || cdr.telB ? legNumbers(cdr.telA, cdr.telB, cdr.telX) : dash()),
    },
    { title: t("unmatched.reason"), cell: why },
    {
      title: t("call.callId"),
      cell: (cdr) => [
        h("span", { class: "mono" }, cdr.callId ?? "–"),
        cdr.remark && h("span", { class: "below mono" }, cdr.remark),
      ],
    },
    { title: t("calls.talked"), kind: "number", cell: (cdr) => duration(cdr.durationS) },
    { title: t("unmatched.tenants"), cell: (cdr) => cdr.tenants.join(", ") || dash() },
    {
      title: t("common.actions"),
      kind: "actions",
      cell: (cdr) =>
        cdr.reason !== "noCdr" &&
        busyButton(t("unmatched.attach"), () => attach(cdr), {
          class: "small",
          picture: "unmatched",
          "aria-label": t("unmatched.attachOf", { id: cdr.callId ?? cdr.id }),
        }),
    },
  ];
}

export async function show(view) {
  const attach = async (cdr) => {
    const done = await attachDialog(cdr);
    if (!done) return;
    toast(t(done.endedCall ? "unmatched.attachedEnded" : "unmatched.attached", { serial: done.callSerialNo }));
    await list.load();
  };
  const list = makeList({
    path: "/cdrs/unmatched",
    signal: view.signal,
    caption: t("nav.unmatched"),
    empty: [h("p", {}, t("unmatched.none")), h("p", {}, t("unmatched.noneWords"))],
    rowKey: (cdr) => cdr.id,
    columns: columns(attach),
  });
  view.heading(t("nav.unmatched"), {
    intro: t("unmatched.intro"),
    actions: [button(t("common.reload"), { picture: "refresh", onclick: () => list.load() })],
  });
  await list.load();
  view.append(list.element);
}
