// What users and API keys have in common: a role, and with it a tenant.

import { h } from "./dom.js";
import { t } from "./i18n.js";
import { choiceField, textField } from "./form.js";
import { currentTenant } from "./shell.js";

// The fields role and tenant; the tenant only shows for the role that has one.
export function roleFields() {
  const role = choiceField({
    name: "role",
    label: t("common.role"),
    value: "tenant-admin",
    choices: ["tenant-admin", "sysadmin"].map((each) => [each, t(`role.${each}`), t(`accounts.roleWords.${each}`)]),
  });
  const tenant = textField({
    name: "tenant",
    label: t("common.tenant"),
    value: currentTenant() ?? "",
    attributes: { autocapitalize: "none" },
  });
  role.element.addEventListener("change", () => {
    tenant.element.hidden = role.get() !== "tenant-admin";
  });
  return [role, tenant];
}

// The body that the API takes of these values: a system administrator has no tenant.
export const accountBody = ({ role, tenant, ...values }) => ({
  ...values,
  role,
  ...(role === "tenant-admin" ? { tenant: tenant.trim() } : {}),
});

export const roleCell = (item) =>
  h("span", {}, t(`role.${item.role}`), item.tenant && [" ", h("span", { class: "below" }, item.tenant)]);
