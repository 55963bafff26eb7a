//! What the tables have as words of the program, in the language of the page. One that is not known here is shown as it
//! is.

use super::look::Look;

/// A word of the program, in Chinese and in English.
type Words = (&'static str, &'static str, &'static str);

fn find<'a>(look: &Look, words: &'static [Words], word: &'a str) -> &'a str {
    let known = words.iter().find(|(known, ..)| *known == word);
    known.map_or(word, |(_, chinese, english)| look.of(chinese, english))
}

/// What operators do.
pub(super) const STATES: &[Words] = &[
    ("available", "空闲", "Available"),
    ("reserved", "振铃中", "Being rung"),
    ("talking", "通话中", "Talking"),
    ("wrap-up", "整理中", "Wrap-up"),
    ("away", "离开", "Away"),
];

const REASONS: &[Words] = &[
    ("no-answer", "未接", "did not answer"),
    ("declined", "拒接", "declined"),
    ("busy", "占线", "busy"),
    ("failed", "无法接通", "could not be rung"),
    ("logged-in", "刚登录", "logged in"),
    ("break", "休息", "break"),
    ("lunch", "午餐", "lunch"),
    ("training", "培训", "training"),
    ("paperwork", "处理文书", "paperwork"),
    ("gone", "页面断开", "the page was gone"),
    ("restart", "系统重启后尚未连上", "not back since the server was started again"),
];

const RECORDINGS: &[Words] = &[
    ("talk", "与坐席的通话", "Talk with an operator"),
    ("message", "留言", "Message"),
    ("statement", "投诉陈述", "Statement"),
    ("reason", "评分原因", "Reason of a score"),
];

const CAUSES: &[Words] = &[
    ("finished", "流程结束", "Finished"),
    ("caller-hung-up", "来电者挂机", "The caller hung up"),
    ("handed-over", "已转接", "Handed over"),
    ("refused", "线路忙", "Refused"),
    ("too-long", "超过最长时间", "Too long"),
    ("lost", "失去联系", "Lost"),
    ("our-fault", "系统故障", "Our fault"),
    ("provider-fault", "线路商故障", "The provider's fault"),
    ("unknown", "不明通话", "Unknown"),
];

const OUTCOMES: &[Words] = &[
    ("served", "已接待", "served"),
    ("overflow", "转外线", "sent to the outside number"),
    ("abandoned", "放弃", "abandoned"),
    ("left", "离开排队", "left the queue"),
    ("message", "留言", "left a message"),
    ("called-back", "已回拨", "called back"),
    ("not-reached", "回拨未接通", "not reached"),
    ("too-long", "等候过久", "it took too long"),
    ("", "尚未结束", "not over"),
];

/// What an operator wrote down as the result.
const RESULTS: &[Words] = &[
    ("solved", "已解答", "answered"),
    ("forwarded", "已转办", "forwarded"),
    ("outlet", "请到网点办理", "sent to an outlet"),
    ("follow-up", "需跟进", "to be followed up"),
    ("not-verified", "未能核实身份", "identity not proved"),
    ("wrong-number", "打错电话", "wrong number"),
    ("dropped", "通话中断", "line dropped"),
    ("abusive", "骚扰", "abusive"),
];

/// How a dial came out.
const DIALS: &[Words] = &[
    ("talked", "已通话", "they talked"),
    ("busy", "占线", "busy"),
    ("no-answer", "无人接听", "no answer"),
    ("declined", "拒接", "declined"),
    ("failed", "无法接通", "it failed"),
    ("abandoned", "来电者先挂机", "the caller hung up first"),
];

/// What is on record, in the order of the list to choose from.
pub(super) const ACTIONS: &[Words] = &[
    ("logged-in", "登录", "logged in"),
    ("logged-out", "退出", "logged out"),
    ("password-changed", "修改密码", "changed the password"),
    ("looked-up", "查询记录", "looked up records"),
    ("revealed", "显示完整信息", "saw a field in full"),
    ("noted", "写通话记录", "wrote a note"),
    ("transferred", "转接", "passed a caller on"),
    ("transfer-taken-back", "取消转接", "took a transfer back"),
    ("called-back", "回拨", "called back"),
    ("ticket-taken", "受理工单", "took a ticket"),
    ("ticket-read", "打开工单", "opened a ticket"),
    ("ticket-changed", "更新工单", "changed a ticket"),
    ("listened", "听录音", "listened to a recording"),
    ("looked-at-call", "查看通话", "looked at a call"),
    ("replayed-call", "重放通话", "replayed a call"),
    ("exported", "下载表格", "downloaded a table"),
    ("switched", "操作开关", "set a switch"),
    ("operator-added", "添加账号", "added an account"),
    ("operator-role", "更改角色", "changed a role"),
    ("operator-reset", "重设密码", "reset a password"),
    ("operator-disabled", "停用账号", "disabled an account"),
    ("operator-enabled", "启用账号", "enabled an account"),
];

const LANGUAGES: &[Words] = &[("zh-CN", "中文", "Chinese"), ("en", "英文", "English")];

const ROLES: &[Words] =
    &[("operator", "坐席", "operator"), ("supervisor", "主管", "supervisor"), ("admin", "管理员", "admin")];

impl Look {
    pub(super) fn state<'a>(&self, state: &'a str) -> &'a str {
        find(self, STATES, state)
    }

    pub(super) fn reason<'a>(&self, reason: &'a str) -> &'a str {
        find(self, REASONS, reason)
    }

    pub(super) fn cause<'a>(&self, cause: &'a str) -> &'a str {
        find(self, CAUSES, cause)
    }

    pub(super) fn outcome<'a>(&self, outcome: &'a str) -> &'a str {
        find(self, OUTCOMES, outcome)
    }

    pub(super) fn result<'a>(&self, result: &'a str) -> &'a str {
        find(self, RESULTS, result)
    }

    pub(super) fn recording<'a>(&self, kind: &'a str) -> &'a str {
        find(self, RECORDINGS, kind)
    }

    pub(super) fn dial<'a>(&self, outcome: &'a str) -> &'a str {
        find(self, DIALS, outcome)
    }

    pub(super) fn action<'a>(&self, action: &'a str) -> &'a str {
        find(self, ACTIONS, action)
    }

    /// Every action that can be on record: the word and what it is.
    pub(super) fn actions(&self) -> Vec<(&'static str, &'static str)> {
        ACTIONS.iter().map(|(action, chinese, english)| (*action, self.of(chinese, english))).collect()
    }

    pub(super) fn language<'a>(&self, tag: &'a str) -> &'a str {
        find(self, LANGUAGES, tag)
    }

    pub(super) fn role<'a>(&self, role: &'a str) -> &'a str {
        find(self, ROLES, role)
    }

    /// Every role: the word and what it is.
    pub(super) fn roles(&self) -> Vec<(&'static str, &'static str)> {
        ROLES.iter().map(|(role, chinese, english)| (*role, self.of(chinese, english))).collect()
    }
}
