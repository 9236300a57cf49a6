// Chinese. The same keys as texts_en.js; a page's texts stand under its own name.

export default {
  app: { name: "ITA 网关" },
  common: {
    cancel: "取消", save: "保存", edit: "编辑", remove: "删除", add: "添加", close: "关闭", never: "从未", yes: "是", no: "否",
    loading: "加载中…", tryAgain: "重试", reload: "重新加载", more: "显示更多", shown: { other: "已显示 {n} 条" },
    copyOf: "复制{label}", copied: "{label}已复制", copyByHand: "已选中,请用键盘复制", saved: "已保存",
    actions: "操作", state: "状态", created: "创建时间", name: "名称", tenant: "租户", role: "角色", on: "开", off: "关",
    allTimes: "时间均为 {zone}。", live: "实时", waiting: "正在重新连接", stale: "截至 {time}", search: "搜索", all: "全部",
  },
  shell: {
    skip: "跳到正文", menu: "菜单", navigation: "主导航", tenant: "租户", system: "系统", noTenant: "还没有租户",
    moreTenants: "更多…", language: "语言", signOut: "退出登录",
    colours: { auto: "颜色:跟随系统", light: "颜色:浅色", dark: "颜色:深色" },
  },
  nav: {
    dashboard: "仪表盘", calls: "呼叫", call: "呼叫", callbacks: "回调", xNumbers: "X 号码", bidirectionalCall: "双向呼叫",
    appKeys: "应用密钥", agentNumbers: "座席号码", tenants: "租户", users: "用户", apiKeys: "API 密钥", trustlist: "可信地址",
    certificates: "证书", unmatched: "未匹配话单", audit: "审计日志", diagnostics: "诊断", password: "修改密码",
  },
  role: { sysadmin: "系统管理员", "tenant-admin": "租户管理员" },
  problem: {
    0: "无法连接网关。请检查网关是否运行、本机是否联网。",
    400: "网关无法理解该请求。", 401: "您尚未登录。", 403: "您无权执行此操作。",
    404: "对象不存在(或已被删除)。", 409: "当前状态下无法执行。", 412: "内容已被他人修改。",
    413: "内容过大:最多 64 KiB。", 415: "不支持此类内容。", 422: "未被接受。",
    429: "尝试次数过多,请在 {seconds} 秒后重试。", 500: "网关内部故障。", 503: "网关繁忙,请稍后重试。",
    other: "网关返回了 {status}。", page: "页面出现故障。", notYet: "该网关不提供此功能,或对象已不存在。",
  },
  form: { optional: "可选", errors: { other: "有 {n} 处需要更正" } },
  unsaved: { title: "不保存就离开?", words: "您在此处的修改尚未保存,离开后将丢失。", leave: "离开", stay: "留下" },
  secret: {
    set: "已设置", notSet: "未设置", changed: "已设置,最后修改于 {time}", keeps: "留空则保留已设置的值。",
    once: "仅显示这一次", done: "我已妥善保存",
  },
  chart: { asTable: "以表格显示", time: "时间" },
  signIn: {
    title: "登录", user: "用户", password: "密码", submit: "登录", wrong: "用户或密码错误。",
    slowDown: "密码错误次数过多", wait: { other: "请在 {n} 秒后重试。" }, mayTry: "现在可以重试。",
    noCookie: "密码正确,但浏览器没有保存会话。请使用 https://,或换用在此地址上保存安全 Cookie 的浏览器。",
    againTitle: "重新登录", againWords: "会话已结束。登录后可在原处继续,已输入的内容不会丢失。",
    signedOut: "您已退出登录。",
  },
  password: {
    intro: "修改后,您的其他会话将结束。", firstTitle: "设置您的密码", firstWords: "一次性密码仅用于本次登录。",
    old: "当前密码", new: "新密码", again: "再次输入新密码", rule: "12 到 128 个字符。几个好记的词胜过一个带符号的词。",
    differs: "两次输入不一致。", save: "修改密码", changed: "密码已修改",
  },
};
