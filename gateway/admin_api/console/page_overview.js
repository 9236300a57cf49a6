// The dashboard of all tenants together, for system administrators.

import { t } from "./i18n.js";
import { statsBoard } from "./stats.js";

export async function show(view) {
  view.heading(t("nav.overview"), { intro: t("dashboard.introAll") });
  const board = statsBoard(view, "/stats");
  await board.load();
  view.append(board.element);
}
