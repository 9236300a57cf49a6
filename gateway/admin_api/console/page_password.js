// One's own password.

import { h } from "./dom.js";
import { t } from "./i18n.js";
import { toast } from "./notice.js";
import { reload } from "./router.js";
import { passwordForm } from "./sign_in.js";

export function show(view) {
  view.heading(t("nav.password"), { intro: t("password.intro") });
  const form = passwordForm({
    onDone: () => {
      toast(t("password.changed"));
      reload();
    },
  });
  view.append(h("section", { class: "card narrow" }, form.element));
}
