// Diagnostics of the whole gateway: each thing it needs, whether it is as it should be, and what to do where it is not.

import { get } from "./api.js";
import { h, put } from "./dom.js";
import { dateTime, t } from "./i18n.js";
import { busyButton } from "./controls.js";
import { announce } from "./notice.js";
import { diagnosis } from "./settings_test.js";

export async function show(view) {
  const place = h("div", { class: "stack" });

  async function run() {
    const { body } = await get("/diagnostics", { signal: view.signal });
    put(
      place,
      diagnosis(body),
      h("p", { class: "muted" }, t("common.stale", { time: dateTime(new Date(), { timeStyle: "medium" }) })),
    );
    return body;
  }

  view.heading(t("nav.diagnostics"), {
    intro: t("diagnostics.intro"),
    actions: [
      busyButton(t("diagnostics.again"), async () => announce(t(`test.${(await run()).result}`)), {
        picture: "refresh",
        class: "primary",
      }),
    ],
  });
  await run();
  view.append(place);
}
